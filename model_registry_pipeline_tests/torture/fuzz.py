"""Broken payloads of every source: nothing crashes, no good record of the same dump is lost, none is invented."""

import json
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from random import Random
from typing import Any

from model_registry_pipeline.domain.normalized.record import Record
from model_registry_pipeline.domain.normalized.translate import Listing, read_listing
from model_registry_pipeline.domain.source import Source, UnreadableError
from model_registry_pipeline.sources import all_sources
from model_registry_pipeline_tests.sources.recording import fixture_of
from model_registry_pipeline_tests.sources.test_robustness import places, records_of

PAYLOADS = 10_000
DEPTH = 3_000
DEEP = "@deep@"
"""Stands for a value nested far deeper than any decoder goes."""
RAW = "@raw@"
"""Stands for bytes that are no Unicode."""
HUGE = "@1e400@"

WORDS = (
    "",
    " ",
    "0",
    "false",
    "free",
    "NaN",
    "$0.5",
    "128K",
    "128,000",
    "a\0b",
    "\ud800",
    "🤖",
    "=1+1",
    "<b>",
    "%2F",
    "x" * 5_000,
)
NUMBERS = (0, 1, -1, 0.1, -0.5, 10**25, 1e-300, float("nan"), float("inf"), HUGE, 5 * 10**4_000)
OTHERS = (None, True, False, [], {}, [[]], [None], [{}], {"error": "x"}, {"models": []}, {"id": "other"}, DEEP, RAW)


@dataclass
class Told:
    """What came of it."""

    payloads: int = 0
    unreadable: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    """Rejections by kind."""
    faults: list[str] = field(default_factory=list)
    """What should not have happened."""

    def __str__(self) -> str:
        rejections = ", ".join(f"{count:,} {kind}" for kind, count in sorted(self.rejected.items()))
        return (
            f"{self.payloads:,} mutated payloads of {len(all_sources())} sources: {len(self.faults)} faults "
            f"({self.unreadable:,} refused whole, rejections: {rejections})"
        )


def fuzz(payloads: int = PAYLOADS, seed: int = 1, done: Callable[[int], None] = lambda _: None) -> Told:
    """Break payloads in turn, source by source; the same seed breaks them in the same way."""
    random, told = Random(seed), Told()  # noqa: S311 - to be repeatable is the point
    sources = all_sources()
    whole = {source.name: read_listing(source, [_encoded(fixture_of(source).document)]) for source in sources}
    for number in range(payloads):
        source = sources[number % len(sources)]
        _try_one(source, whole[source.name], random, told)
        told.payloads += 1
        done(number + 1)
    return told


def _try_one(source: Source, whole: Listing, random: Random, told: Told) -> None:
    document = deepcopy(fixture_of(source).document)
    broken = _break(source, document, random)
    body = _encoded(document)
    try:
        listing = read_listing(source, [body])
    except UnreadableError:
        told.unreadable += 1
        if RAW.encode() not in json.dumps(broken).encode() and DEEP not in json.dumps(broken):
            told.faults.append(f"{source.name}: one broken record cost the whole list: {_short(broken)}")
        return
    except Exception as error:
        told.faults.append(f"{source.name}: {type(error).__name__}: {error}: {_short(broken)}")
        return
    told.rejected.update(rejection.kind for rejection in listing.rejections)
    told.faults += (f"{source.name}: {fault}: {_short(broken)}" for fault in _faults(whole, listing, broken))


def _break(source: Source, document: Any, random: Random) -> list[Any]:
    """Change one to three records of a document in place; what they are now."""
    records = records_of(source, document)
    broken = []
    for container, key in random.sample(records, min(len(records), random.randint(1, 3))):
        inside = list(places(container[key]))
        if inside and random.random() < 0.9:
            place, name = random.choice(inside)
            _break_place(place, name, random)
        else:
            container[key] = _other(None, random)
        broken.append((key, container[key]))
    return broken


def _break_place(place: Any, name: Any, random: Random) -> None:
    match random.randrange(4):
        case 0 if isinstance(place, dict):
            del place[name]
        case 1 if isinstance(place, dict):
            place[f"{name}_renamed"] = place.pop(name)
        case 2:
            place[name] = [place[name]] if random.random() < 0.5 else {"value": place[name]}
        case _:
            place[name] = _other(place[name], random)


def _other(value: Any, random: Random) -> Any:
    """Another value, mostly of another type."""
    if isinstance(value, int | float) and not isinstance(value, bool) and random.random() < 0.3:
        return random.choice((str(value), value * 10**9, -value, f"{value} USD"))
    return deepcopy(random.choice(random.choice((WORDS, NUMBERS, OTHERS))))


def _faults(whole: Listing, listing: Listing, broken: list[Any]) -> list[str]:
    """Good records that are gone, and records that nobody stated."""
    faults = []
    good, now = _by_key(whole.records), _by_key(listing.records)
    lost = [key for key, record in good.items() if now.get(key) != record]
    if len(lost) > len(broken):
        faults.append(f"{len(broken)} broken records, {len(lost)} lost or changed: {lost[:4]}")
    said = json.dumps(broken)
    strangers = [key for key in now.keys() - good.keys() if json.dumps(key[1])[1:-1] not in said]
    if strangers:
        faults.append(f"nobody stated {strangers[:4]}")
    return faults


def _by_key(records: list[Record]) -> dict[tuple[str, str], bytes]:
    return {(record.provider_id, record.model_id): record.sha256 for record in records}


def _encoded(document: Any) -> bytes:
    body = json.dumps(document).replace(f'"{HUGE}"', "1e400").replace(f'"{DEEP}"', "[" * DEPTH + "]" * DEPTH)
    return body.encode().replace(RAW.encode(), b"\xff\xfe\x80")


def _short(value: Any) -> str:
    return json.dumps(value)[:300]
