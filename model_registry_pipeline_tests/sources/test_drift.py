"""A source that changes what it sends costs facts, and invents none: what is left was stated, and the change shows."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec
import pytest

from model_registry_pipeline.domain.normalized.paths import drift
from model_registry_pipeline.domain.normalized.translate import Listing, read_listing
from model_registry_pipeline.domain.source import Source, UnreadableError
from model_registry_pipeline.sources import all_sources
from model_registry_pipeline_tests.sources.recording import fixture_of
from model_registry_pipeline_tests.sources.test_robustness import encoded, hashes, records_of

SOURCES = pytest.mark.parametrize("source", all_sources(), ids=lambda source: source.name)

Path = tuple[str, ...]
Change = Callable[[Any], Any]
ITEMS = "[]"
RENAMED = "_renamed"


def in_an_object(value: Any) -> Any:
    return {"value": value}


def in_a_list(value: Any) -> Any:
    return [value]


def by_numbers(value: Any) -> Any:
    return {str(index): item for index, item in enumerate(value)} if isinstance(value, list) else value


def with_an_odd_item(value: Any) -> Any:
    return [*value, {"odd": 1}] if isinstance(value, list) else value


def as_text(value: Any) -> Any:
    return str(value) if _is_number(value) else value


def in_words(value: Any) -> Any:
    return f"about {value}" if _is_number(value) else value


def with_a_currency(value: Any) -> Any:
    return {"amount": value, "currency": "EUR"} if _is_number(value) else value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


NOTHING: set[bytes] = set()
CHANGES = [in_an_object, in_a_list, by_numbers, with_an_odd_item, as_text, in_words, with_a_currency]
"""Of a value; besides, each name becomes another."""

FROM_OTHERS = {
    ("cloudflare_workers_ai", "task"): "what a minute is counted of follows from the task; without it, from nothing",
    (
        "genai_prices",
        "prices.[].constraint",
    ): "a price ends where the next one begins; a constraint of no known kind ends none",
    ("google", "supportedGenerationMethods"): "that the limit of 1 is none, an embedding's methods say",
    ("mistral", "name"): "of two rows of one model the one that states more is held",
    ("models_dev", "cost.tiers"): "the same steps are stated again in context_over_200k, less exactly",
    ("vercel_ai_gateway", "type"): "that an embedding's limit is its window again, its type says",
}
"""Where another price or number is held when this can't be read, and is stated all the same."""


def paths_in(value: Any, path: Path = ()) -> Iterator[Path]:
    if isinstance(value, dict):
        for key, member in value.items():
            yield (*path, key)
            yield from paths_in(member, (*path, key))
    elif isinstance(value, list):
        for item in value:
            yield from paths_in(item, (*path, ITEMS))


def changed(value: Any, path: Path, change: Change | None) -> None:
    """Change what stands at a path, in place; None: its name."""
    head, *rest = path
    if head == ITEMS:
        for item in value if isinstance(value, list) else ():
            changed(item, tuple(rest), change)
    elif isinstance(value, dict) and head in value:
        if rest:
            changed(value[head], tuple(rest), change)
        elif change is None:
            value[f"{head}{RENAMED}"] = value.pop(head)
        else:
            value[head] = change(value[head])


def copied(value: Any) -> Any:
    """As deepcopy does, ten times as quickly."""
    return msgspec.json.decode(msgspec.json.encode(value))


def variants(source: Source) -> Iterator[tuple[str, bytes]]:
    """The fixture's document with one path changed in every record, one way after the other."""
    document = fixture_of(source).document
    records = records_of(source, document)
    for path in sorted({path for container, key in records for path in paths_in(container[key])}):
        for change in (None, *CHANGES):
            other = copied(document)
            for container, key in records_of(source, other):
                changed(container[key], path, change)
            if other != document:
                yield ".".join(path), encoded(other)


def facts_of(listing: Listing) -> dict[tuple[str, str], dict[str, Any]]:
    return {(one.provider_id, one.model_id): msgspec.json.decode(one.facts) for one in listing.records}


def invented(before: dict[str, Any], after: dict[str, Any]) -> Iterator[object]:
    """Price lines and numbers of a record that its whole form does not state, save what says the new name in words."""
    yield from (line for line in after.get("prices", ()) if line not in before.get("prices", ()) and not _tells(line))
    yield from (f"{name}: {value}" for name, value in after.items() if _is_number(value) and not _was(before, value))


def _tells(line: dict[str, Any]) -> bool:
    return any(RENAMED.strip("_") in str(value) for value in line.values())


def _was(before: dict[str, Any], value: Any) -> bool:
    return value in before.values()


@SOURCES
def test_a_changed_field_invents_nothing_and_shows(source: Source) -> None:
    """Renamed, in an object, in a list, in words, with a currency: a price keeps its unit and all its conditions, or is
    not held, and no number is new. Where any fact is lost, paths came or went, or something is rejected; nothing but
    UnreadableError comes out."""
    whole = encoded(fixture_of(source).document)
    listing = read_listing(source, [whole])
    before, known = facts_of(listing), listing.paths
    found, silent = [], []
    for path, document in variants(source):
        try:
            changed_listing = read_listing(source, [document])
        except UnreadableError:
            continue
        after = facts_of(changed_listing)
        if not any(source.name == name and path.startswith(place) for name, place in FROM_OTHERS):
            found += [
                (path, key, wrong) for key in before.keys() & after for wrong in invented(before[key], after[key])
            ]
        is_told = drift(known, known, changed_listing.paths) or len(changed_listing.rejections) > len(
            listing.rejections
        )
        if after != before and not is_told:
            silent.append(path)

    assert found == []
    assert silent == []


@SOURCES
def test_null_states_what_is_left_out(source: Source) -> None:
    """A field of a record is null, or is not there: the facts are the same, and as much is told as unreadable."""
    document = fixture_of(source).document
    found = []
    for name in sorted({name for container, key in records_of(source, document) for name in fields_of(container[key])}):
        null, absent = copied(document), copied(document)
        for container, key in records_of(source, null):
            changed(container[key], (name,), lambda _: None)
        for container, key in records_of(source, absent):
            if name in fields_of(container[key]):
                del container[key][name]
        without = _facts_and_told(source, absent)
        if without is not None and _facts_and_told(source, null) != without:
            found.append(name)

    assert found == []


def fields_of(record: Any) -> list[str]:
    return list(record) if isinstance(record, dict) else []


def _facts_and_told(source: Source, document: Any) -> tuple[Any, int] | None:
    try:
        listing = read_listing(source, [encoded(document)])
    except UnreadableError:
        return None  # LiteLLM's map is known by the provider that its models name
    return facts_of(listing), len(listing.rejections)


@SOURCES
def test_a_changed_field_of_one_record_costs_no_other(source: Source) -> None:
    """Every path of every record, one record at a time: the others keep their facts."""
    document = fixture_of(source).document
    whole = hashes(read_listing(source, [encoded(document)]))
    costly = []
    for container, key in records_of(source, document):
        record = container[key]
        for path in sorted(set(paths_in(record))):
            container[key] = copied(record)
            changed(container[key], path, in_an_object)
            if len(whole - hashes(read_listing(source, [encoded(document)]))) > 1:
                costly.append((key, path))
        container[key] = record

    assert costly == []


@SOURCES
@pytest.mark.parametrize("name", ["data", "models", "result", "items", "value"])
def test_a_new_envelope_is_opened_or_refused(source: Source, name: str) -> None:
    """A document inside another object reads as it did, or nothing of it does, which is held: never a part of it."""
    document = fixture_of(source).document
    whole = hashes(read_listing(source, [encoded(document)]))

    for wrapped in ({name: document}, {name: document, "next": None}, {"meta": {"count": 1}, name: document}):
        assert _read(source, wrapped) in (whole, NOTHING, None)


@SOURCES
def test_a_list_that_becomes_an_object_is_read_or_refused(source: Source) -> None:
    """Records by their numbers where a list stood, or the other way round: all of them are read, or none."""
    document = fixture_of(source).document
    whole = hashes(read_listing(source, [encoded(document)]))
    for other in _turned(document):
        assert _read(source, other) in (whole, NOTHING, None)


def _turned(document: Any) -> Iterable[Any]:
    if isinstance(document, list):
        yield by_numbers(document)
    elif isinstance(document, dict):
        yield list(document.values())
        for key, value in document.items():
            if isinstance(value, list):
                yield {**document, key: by_numbers(value)}


def _read(source: Source, document: Any) -> set[bytes] | None:
    try:
        return hashes(read_listing(source, [encoded(document)]))
    except UnreadableError:
        return None
