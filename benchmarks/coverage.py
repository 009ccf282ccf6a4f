"""`python -m benchmarks.coverage`: what of every recorded payload is read, counted over all of them; docs/coverage.md.

Records: how many of the entries of each list are held. Fields: how many entries state each field, and how many are held
with it. What states a field is found out by taking paths away (ablation.py): the parsing code is not asked.
"""

import argparse
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from benchmarks import coverage_document
from benchmarks.ablation import KEY, SAMPLES, Entry, Feeds, amounts, is_number, leaves, read
from benchmarks.ablation import Path as Place
from benchmarks.recorded import DUMPS, answers
from model_registry_pipeline.domain.normalized.translate import Memo, read_listing
from model_registry_pipeline.domain.source import RawRecord, Source, UnreadableError
from model_registry_pipeline.sources import all_sources

TARGET = Path("docs/coverage.md")

Values = dict[Place, list[Any]]


@dataclass
class FieldCount:
    """One field over all entries of a source."""

    stated: int = 0
    """Held, and stated."""
    held: int = 0
    unread: int = 0
    """Stated in a form that can't be read: a field rejection tells it."""
    silent: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(path, value) that is present where the field is not held."""
    invented: Counter[str] = field(default_factory=Counter)
    """Values that are held though nothing states them."""
    zeros: int = 0
    """Held as 0 where no 0 is stated."""


@dataclass
class Count:
    """One source over all its recorded dumps."""

    source: Source
    feeds: Feeds
    held: set[str] = field(default_factory=set)
    """Every field that some entry has."""
    dumps: int = 0
    unreadable: list[str] = field(default_factory=list)
    entries: int = 0
    offered: int = 0
    """Entries that are read and are models."""
    skipped: int = 0
    rejections: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """(kind, field, reason)."""
    fields: defaultdict[str, FieldCount] = field(default_factory=lambda: defaultdict(FieldCount))
    paths: Counter[Place] = field(default_factory=Counter)
    """Entries in which something stands at a path."""
    unnamed: set[Place] = field(default_factory=set)
    """Paths that no wire model names."""
    strange: Counter[str] = field(default_factory=Counter)
    """Numbers that are held and stand nowhere in their entry."""

    def rejected(self, kind: str) -> int:
        """How many rejections of a kind there are."""
        return sum(count for (each, _, _), count in self.rejections.items() if each == kind)


def count(source: Source, dumps: Path) -> Count:
    """Read all recorded dumps of a source; then each distinct entry by itself."""
    done, memo = Count(source, Feeds(source)), Memo()
    times: Counter[tuple[str, bytes, bytes]] = Counter()
    raws: dict[tuple[str, bytes, bytes], RawRecord] = {}
    for answer in answers(source.name, dumps):
        done.dumps += 1
        try:
            listing = read_listing(source, answer.documents, memo)
        except UnreadableError as error:
            done.unreadable.append(f"{source.name} {answer.name}: {error}")
            continue
        done.skipped += listing.skipped
        done.rejections.update((each.kind, each.field or "", _general(each.reason)) for each in listing.rejections)
        for raw in (raw for document in answer.documents for raw in source.layout.records(document)):
            key = (raw.key, raw.body, raw.parent_body)
            raws.setdefault(key, raw)
            times[key] += 1
    done.entries = times.total()
    entries = [(read(source, raw), times[key]) for key, raw in raws.items()]
    read_entries = [entry for entry, _ in entries if entry.fields is not None]
    done.held = {name for entry in read_entries for name in entry.fields or ()}
    learn(done.feeds, read_entries)
    look_closer(done.feeds, read_entries)
    for entry, each in entries:
        take(done, entry, each)
    return done


def _general(reason: str) -> str:
    """A reason without the numbers and names of one record."""
    return re.sub(r"\d+", "N", reason.partition(": ")[0] if reason.startswith("another") else reason)


def learn(feeds: Feeds, entries: list[Entry]) -> None:
    """Take away each path, from records in which other values stand there, and from some that have each field."""
    samples: defaultdict[Place, dict[str, Entry]] = defaultdict(dict)
    seen: Counter[str] = Counter()
    for entry in entries:
        names = entry.fields or {}
        is_needed = any(seen[name] < 3 for name in names)
        seen.update(list(names) if is_needed else ())
        for path, value in leaves(entry.content):
            if value is not None and (is_needed or len(samples[path]) < SAMPLES):
                samples[path].setdefault(f"{value} {sorted(names) if is_needed else ''}", entry)
    for path, found in samples.items():
        feeds.learn(path, list(found.values()))
    if any(entry.raw.key for entry in entries[:1]):
        feeds.learn_key(entries[:SAMPLES])


def look_closer(feeds: Feeds, entries: list[Entry]) -> None:
    """Where a field is held and no known path states it, or a stated number is not held, take every path away from that
    very record; then try the items of lists."""
    looked: Counter[tuple[str, frozenset[Place], frozenset[str]]] = Counter()
    for entry in entries:
        values, fields = _values(entry), entry.fields or {}
        for name in set(fields).union(*(feeds.by_path.get(path, ()) for path in values)):
            shape = (name, frozenset(values), frozenset(fields))
            stating = _stating(feeds, name, values)
            is_lost = any(not _is_held(feeds, name, fields, path, value) for path, value in stating)
            is_strange = (name in fields and not stating) or (is_lost and is_number(name))
            if is_strange and looked[shape] < 2 and KEY not in feeds.paths(name):
                looked[shape] += 1
                for path in values:
                    feeds.learn(path, [entry])
                    feeds.learn_alone(path, entry)
    lists: defaultdict[Place, list[Entry]] = defaultdict(list)
    for entry in entries:
        for path, value in leaves(entry.content):
            if isinstance(value, list) and feeds.by_path[path]:
                lists[path].append(entry)
    for path, among in lists.items():
        feeds.learn_items(path, among)


def _values(entry: Entry) -> Values:
    values: Values = {}
    for path, value in leaves(entry.content):
        values.setdefault(path, []).append(value)
    return values


def _stating(feeds: Feeds, name: str, values: Values) -> list[tuple[Place, Any]]:
    paths = feeds.paths(name) & values.keys()
    return [(path, value) for path in sorted(paths) for value in values[path] if feeds.states(name, path, value)]


# -- counting --------------------------------------------------------------------------------------------------------


def take(done: Count, entry: Entry, times: int) -> None:
    """Count one entry, as often as it stands in the dumps."""
    values = _values(entry)
    done.paths.update({path: times for path, found in values.items() if any(value is not None for value in found)})
    done.unnamed.update(path for path, _ in leaves(entry.extra))
    if entry.fields is None:
        return
    done.offered += times
    unread = [name for kind, name, _ in entry.rejections if kind == "field" and name]
    for name in set(entry.fields) | done.held.intersection(
        name for path in values for name in done.feeds.by_path.get(path, ())
    ):
        _compare(done, name, entry.fields, values, unread, times)
    _look_up(done, entry, times)


def _compare(done: Count, name: str, fields: Any, values: Values, unread: list[str], times: int) -> None:
    counted, feeds, held = done.fields[name], done.feeds, fields.get(name)
    stating = _stating(feeds, name, values)
    lost = [(path, value) for path, value in stating if not _is_held(feeds, name, fields, path, value)]
    if held is None and any(_is_unread(path, unread) for path, _ in lost):
        counted.unread += times
    else:
        counted.silent.update({(shown(path), told(value)): times for path, value in lost})
    if held is None:
        return
    counted.held += times
    if stating or name in feeds.by_path.get(KEY, ()):
        counted.stated += times
    else:
        counted.invented[told(held)] += times
    if any(is_zero(each) for each in amounts(name, held)) and not any(is_zero(value) for _, value in stating):
        counted.zeros += times


def _is_held(feeds: Feeds, name: str, fields: Any, path: Place, value: Any) -> bool:
    """Whether a stated number is one of those that are held; of other fields it is enough that they are."""
    if not is_number(name):
        return name in fields
    fed = [each for each in feeds.by_path[path] if each in fields and is_number(each)]
    lines = {amount for each in fed for amount in amounts(each, fields[each])}
    numbers = _NUMBER.findall(str(value))
    return bool(lines) and (not numbers or any(_digits(number) in map(_digits, lines) for number in numbers))


def _is_unread(path: Place, unread: Iterable[str]) -> bool:
    place = ".".join(path).replace(".[]", "")
    return any(place == name or place.startswith(f"{name}.") for name in unread)


def is_zero(value: Any) -> bool:
    """A number 0, in any spelling."""
    try:
        return not isinstance(value, bool) and float(value) == 0
    except (TypeError, ValueError):
        return False


_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")


def _digits(number: str) -> str:
    """What two numbers have in common that differ by a power of ten."""
    mantissa = re.split("[eE]", number)[0]
    return re.sub(r"\D", "", mantissa).strip("0") or "0"


def _look_up(done: Count, entry: Entry, times: int) -> None:
    text = b" ".join((entry.raw.key.encode(), entry.raw.body, entry.raw.parent_body)).decode(errors="replace")
    there = set(map(_digits, _NUMBER.findall(text)))
    for name, held in (entry.fields or {}).items():
        for number in _numbers(name, held):
            if _digits(number) not in there:
                done.strange[f"{name} {number}"] += times


def _numbers(name: str, held: Any) -> Iterator[str]:
    """The numbers of a field; a day is none."""
    if is_number(name) or (isinstance(held, str) and held.isdigit()):
        yield from amounts(name, held)


def shown(path: Place) -> str:
    """`pricing.overrides[].prompt`."""
    return ".".join(path).replace(".[]", "[]")


def told(value: Any) -> str:
    """A value in a line."""
    text = (
        ", ".join(map(str, value))
        if isinstance(value, list | tuple)
        else str(value or "")
        if value == {}
        else str(value)
    )
    return text if len(text) <= 50 else f"{text[:50]}…"


def main() -> None:
    """Count all sources, or some; exit 1 where something is stated and not held, or held and not stated."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("only", nargs="*", help=f"sources; without any: all, and {TARGET} is written")
    parser.add_argument("--dumps", type=Path, default=DUMPS, help="recorded dumps, unpacked")
    options = parser.parse_args()
    chosen = [source for source in all_sources() if not options.only or source.name in options.only]
    counts = []
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("", total=len(chosen))
        for source in chosen:
            progress.update(task, description=f"Reading every dump of {source.name}")
            counts.append(count(source, options.dumps))
            progress.advance(task)
    document, findings = coverage_document.written(counts)
    if options.only:
        print(document)
    else:
        TARGET.write_text(document, encoding="utf-8")
    print("\n".join(findings) or "Everything that is stated is held, and nothing else.", file=sys.stderr)
    sys.exit(bool(findings))


if __name__ == "__main__":
    main()
