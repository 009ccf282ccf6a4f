"""Every source reads its recorded document as it did when it was recorded."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from model_registry_pipeline.domain.normalized.translate import parser_version, read_listing
from model_registry_pipeline.domain.source import Source, StatedDay, UnreadableError
from model_registry_pipeline.sources import UnknownSourceError, all_sources, source_named
from model_registry_pipeline.warehouse.providers import COLUMNS, provider_rows
from model_registry_pipeline_tests.sources.recording import (
    FIXTURES,
    fixture_of,
    measurements_of,
    offerings_of,
    reading_of,
)

SOURCES = pytest.mark.parametrize("source", all_sources(), ids=lambda source: source.name)

RECORD = "python -m model_registry_pipeline_tests.sources.recording"
LONGEST_FACT = 200


@SOURCES
def test_a_source_reads_its_recorded_document(source: Source) -> None:
    """The offerings and measurements of the fixture's document are the recorded ones, under the recorded version."""
    fixture = fixture_of(source)
    listing = reading_of(source, fixture.document)

    assert offerings_of(listing) == fixture.offerings, f"if that is meant, raise SOURCE.version, then `{RECORD}`"
    assert measurements_of(listing) == fixture.measurements, f"if that is meant, raise SOURCE.measures, then `{RECORD}`"
    assert [r.reason for r in listing.rejections] == [r["reason"] for r in fixture.rejections]
    assert parser_version(source) == fixture.parser_version, f"record again: `{RECORD}`"


@SOURCES
def test_a_fixture_holds_facts_only(source: Source) -> None:
    """No text in a fixture is long enough to be a provider's prose."""
    texts = list(_texts(fixture_of(source).document))

    assert max(map(len, texts)) <= LONGEST_FACT


@SOURCES
def test_a_source_serves_what_it_lists_or_is_a_register_of_others(source: Source) -> None:
    """It serves models where its list is of one provider, and that one is known to be no registry; what gathers the
    models of several, or none but figures, serves nothing."""
    kinds = {row[COLUMNS.index("provider_id")]: row[COLUMNS.index("kind")] for row in provider_rows()}
    listed = {each["provider_id"] for each in fixture_of(source).offerings}

    assert source.serves is (len(listed) == 1 and kinds[listed.pop()] not in {None, "registry"})


@SOURCES
def test_what_a_source_sends_has_types_that_can_be_read(source: Source) -> None:
    """msgspec's own, and the day: a field of any other type could only ever be refused."""
    wires = [source.layout.wire, getattr(source.layout, "parent_wire", source.layout.wire)]

    assert {kind for wire in wires for kind in _custom(msgspec.inspect.type_info(wire), set())} <= {StatedDay}


def _custom(kind: object, seen: set[type]) -> Iterator[type]:
    """The types inside a type that msgspec asks us to read."""
    match kind:
        case msgspec.inspect.CustomType(cls=cls):
            yield cls
        case msgspec.inspect.StructType(cls=cls, fields=fields) if cls not in seen:
            for field in fields:
                yield from _custom(field.type, seen | {cls})
        case msgspec.inspect.UnionType(types=inside):
            for one in inside:
                yield from _custom(one, seen)
        case msgspec.inspect.DictType(value_type=inside):
            yield from _custom(inside, seen)
        case msgspec.inspect.VarTupleType(item_type=inside) | msgspec.inspect.ListType(item_type=inside):
            yield from _custom(inside, seen)


@SOURCES
@pytest.mark.parametrize(
    "body",
    [
        '{"error": {"message": "Invalid API Key", "code": "invalid_api_key"}}',
        '{"error": "Invalid credentials in Authorization header"}',
        '{"error": "overloaded", "data": [{"id": "a"}], "models": [{"id": "a"}]}',
        '{"message": "invalid api token"}',
        '{"id": "30012d9a", "message": "invalid api token"}',
        '{"code": 401, "reason": "Unauthorized", "message": "Invalid authentication credentials"}',
        '{"detail": "Unauthorized"}',
        '{"success": false, "errors": [{"code": 10001, "message": "Unable to authenticate request"}]}',
        '{"success": false, "data": [], "models": []}',
        '{"type": "error", "error": {"type": "authentication_error", "message": "invalid x-api-key"}}',
    ],
)
def test_an_error_body_is_no_list(source: Source, body: str) -> None:
    """What a provider answers to a wrong key is unreadable for every source, and never an empty list."""
    with pytest.raises(UnreadableError, match=r"an error|not a success"):
        read_listing(source, [body.encode()])


def test_each_file_is_a_source_with_a_fixture() -> None:
    """The folder is the registry: each module has a source of its own name, and a recorded document."""
    names = [source.name for source in all_sources()]
    modules = sorted(path.stem for path in Path(_sources_folder()).glob("*.py") if path.stem != "__init__")

    assert names == modules
    assert {path.stem for path in FIXTURES.glob("*.json")} == set(names)


def test_an_unknown_name_is_told_with_the_nearest() -> None:
    """A misspelt source is answered with the one that was meant."""
    assert source_named("openrouter").label == "OpenRouter"
    with pytest.raises(UnknownSourceError, match=r"Did you mean openrouter\? There are: .*openrouter"):
        source_named("open_router")


def _sources_folder() -> str:
    import model_registry_pipeline.sources as folder  # noqa: PLC0415 (the module itself is asked where it lies)

    return folder.__path__[0]


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for key, item in value.items() for text in (key, *_texts(item))]
    return [text for item in value for text in _texts(item)] if isinstance(value, list) else [""]
