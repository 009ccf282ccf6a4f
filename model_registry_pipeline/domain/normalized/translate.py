"""A dump's documents as a listing: each offering once; what could not be read, or gave way, is told."""

from collections.abc import Sequence

import msgspec

from model_registry_pipeline.domain.normalized.measuring import Score, rivals_settled
from model_registry_pipeline.domain.normalized.mending import printable
from model_registry_pipeline.domain.normalized.paths import Paths
from model_registry_pipeline.domain.normalized.record import Flawed, Reading, Record, read_record
from model_registry_pipeline.domain.records import Rejection
from model_registry_pipeline.domain.source import Layout, RawRecord, Source

RULES_VERSION = 3
"""Raise it when a change of this folder gives other records for the same documents: every stored dump is read again."""


class Listing(msgspec.Struct, frozen=True):
    """The records of one dump."""

    records: list[Record]
    """One an offering."""
    rejections: list[Rejection]
    skipped: int
    """Entries that are no models, such as LiteLLM's `sample_spec`."""
    scores: list[Score] = []
    """Of a leaderboard, which has no records: what its rows say of the names in them."""
    paths: Paths = frozenset()
    """The JSON paths of all its records, those too that could not be read."""

    @property
    def size(self) -> int:
        """Offerings or, of a leaderboard, names."""
        return len(self.records) + len({score.subject for score in self.scores})


_Key = tuple[bytes, str, bytes]


class Memo:
    """The readings of one source's previous dump, so that what has not changed since is not read again."""

    def __init__(self) -> None:
        self._layout: Layout | None = None
        self._before: dict[_Key, Reading] = {}
        self._now: dict[_Key, Reading] = {}

    def __len__(self) -> int:
        return len(self._before) + len(self._now)

    def turn(self, layout: Layout) -> None:
        """Begin a dump: what the one before the last held is forgotten."""
        self._before = self._now if self._layout is layout else {}
        self._now = {}
        self._layout = layout

    def reading(self, record: RawRecord) -> Reading:
        """How a record reads."""
        assert self._layout is not None
        if record.parent_faults or record.fault or record.gave_way:
            return read_record(self._layout, record)
        key = (record.body, record.key, record.parent_body)
        found = self._before.get(key)
        if found is None:
            found = read_record(self._layout, record)
        self._now[key] = found
        return found


def parser_version(source: Source) -> str:
    """Which rules a listing was read with; listings of two versions are never compared."""
    return f"{RULES_VERSION}.{source.version}"


def read_listing(source: Source, documents: Sequence[bytes], memo: Memo | None = None) -> Listing:
    """Read a dump, all its pages. Raises UnreadableError when one of them is not this source's list."""
    found = _Found()
    if memo is not None:
        memo.turn(source.layout)
    for page, document in enumerate(documents, start=1):
        prefix = f"page {page}: " if len(documents) > 1 else ""
        for raw in source.layout.records(document):
            reading = read_record(source.layout, raw) if memo is None else memo.reading(raw)
            found.shapes.add(reading.paths)
            if isinstance(reading.found, Record):
                found.add(reading.found, prefix, raw)
            else:
                found.add_flawed(reading.found, prefix, raw)
    return found.listing()


class _Found:
    """What is read so far of one dump."""

    def __init__(self) -> None:
        self.shapes: set[Paths] = set()
        """Few: most records of a list hold the same paths."""
        self._records: dict[tuple[str, str], Record] = {}
        self._positions: dict[tuple[str, str], str] = {}
        self._rivals: dict[tuple[str, str], dict[bytes, tuple[Record, str]]] = {}
        self._rejections: list[Rejection] = []
        self._scores: list[tuple[Score, str]] = []
        self._skipped = 0

    def add(self, record: Record, prefix: str, raw: RawRecord) -> None:
        key = (record.provider_id, record.model_id)
        first = self._records.setdefault(key, record)
        if first is record:
            self._positions[key] = prefix + raw.position
        elif first.sha256 != record.sha256:
            rivals = self._rivals.setdefault(key, {first.sha256: (first, self._positions[key])})
            rivals.setdefault(record.sha256, (record, prefix + raw.position))

    def add_flawed(self, flawed: Flawed, prefix: str, raw: RawRecord) -> None:
        position = printable(prefix + raw.position)
        if flawed.refused is not None:
            self._rejections.append(
                Rejection(kind="record", position=position, reason=flawed.refused, model_id=flawed.model_id)
            )
        elif flawed.score is not None:
            self._scores.append((flawed.score, position))
        elif flawed.record is None:
            self._skipped += 1
        self._rejections += (
            Rejection(
                kind="field",
                position=position,
                reason=fault.reason,
                field=printable(fault.field),
                model_id=flawed.model_id,
            )
            for fault in flawed.faults
        )
        self._rejections += (
            Rejection(
                kind="duplicate",
                position=position,
                reason=reason,
                model_id=flawed.model_id,
            )
            for reason in flawed.repeated
        )
        if flawed.record is not None:
            self.add(flawed.record, prefix, raw)

    def listing(self) -> Listing:
        for key, rivals in self._rivals.items():
            winner, *losers = sorted(rivals.values(), key=lambda rival: _weight(rival[0]), reverse=True)
            self._records[key] = winner[0]
            self._rejections += (
                Rejection(
                    kind="duplicate",
                    position=printable(position),
                    reason=f"another record of this offering states other facts: {printable(winner[1])}",
                    model_id=record.model_id,
                )
                for record, position in losers
            )
        scores, losing = rivals_settled(self._scores)
        self._rejections += (
            Rejection(
                kind="duplicate",
                position=position,
                reason="another row measures this model under the same conditions",
                model_id=score.subject,
            )
            for score, position in losing
        )
        paths = frozenset[str]().union(*self.shapes)
        return Listing(list(self._records.values()), self._rejections, self._skipped, scores, paths)


def _weight(record: Record) -> tuple[int, bytes, bytes]:
    """The record that states most wins, whatever their order in the dump."""
    facts = msgspec.json.decode(record.facts)
    return len(facts.keys() - {"unread"}), record.facts, record.extra or b""
