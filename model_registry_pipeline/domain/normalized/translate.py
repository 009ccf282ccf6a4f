"""A dump's documents as a listing: each record by itself, content-addressed; a bad one costs itself alone."""

import hashlib
import re
from collections.abc import Sequence
from decimal import Decimal

import msgspec

from model_registry_pipeline.domain.normalized.measuring import Figures, Score, measured_by, rivals_settled
from model_registry_pipeline.domain.normalized.mending import printable, unstorable
from model_registry_pipeline.domain.normalized.plausible import plausible
from model_registry_pipeline.domain.normalized.repeated import repeated_names
from model_registry_pipeline.domain.normalized.salvage import decoder, salvage
from model_registry_pipeline.domain.records import Offering, PriceState, Rejection
from model_registry_pipeline.domain.source import Fault, Layout, RawRecord, Source

RULES_VERSION = 2
"""Raise it when a change of this folder gives other records for the same documents: every stored dump is read again."""

MAX_ID_LENGTH = 512
"""Characters; PostgreSQL's indexes refuse keys beyond 2,704 bytes."""

# A StatedDay is text; msgspec encodes exact strings only.
_facts = msgspec.json.Encoder(enc_hook=str)
_extra = msgspec.json.Encoder(order="sorted", decimal_format="number")
_SCIENTIFIC = re.compile(rb'(?<="usd":")\d[\d.]*E-?\d+(?=")')


class Record(msgspec.Struct, frozen=True, gc=False):
    """One model's normalized facts, addressed by their content."""

    provider_id: str
    model_id: str
    sha256: bytes
    """Of `facts` and `extra`."""
    facts: bytes
    """The Offering as JSON: what is not stated is left out, decimals are text without exponent or trailing zeros."""
    extra: bytes | None
    """What the source sent that nobody named, as a JSON object with sorted keys."""
    measured: Figures = ()
    """What stands beside the facts and is none of them."""


class Listing(msgspec.Struct, frozen=True):
    """The records of one dump."""

    records: list[Record]
    """One an offering."""
    rejections: list[Rejection]
    skipped: int
    """Entries that are no models, such as LiteLLM's `sample_spec`."""
    scores: list[Score] = []
    """Of a leaderboard, which has no records: what its rows say of the names in them."""

    @property
    def size(self) -> int:
        """Offerings or, of a leaderboard, names."""
        return len(self.records) + len({score.subject for score in self.scores})


class Memo:
    """The readings of one source's previous dump, so that what has not changed since is not read again."""

    def __init__(self) -> None:
        self._layout: Layout | None = None
        self._before: dict[_Key, _Reading] = {}
        self._now: dict[_Key, _Reading] = {}

    def __len__(self) -> int:
        return len(self._before) + len(self._now)

    def turn(self, layout: Layout) -> None:
        """Begin a dump: what the one before the last held is forgotten."""
        self._before = self._now if self._layout is layout else {}
        self._now = {}
        self._layout = layout

    def reading(self, record: RawRecord) -> "_Reading":
        """How a record reads."""
        assert self._layout is not None
        if record.parent_faults or record.fault or record.gave_way:
            return _reading(self._layout, record)
        key = (record.body, record.key, record.parent_body)
        found = self._before.get(key)
        if found is None:
            found = _reading(self._layout, record)
        self._now[key] = found
        return found


class _Flawed(msgspec.Struct, frozen=True):
    """A record with unreadable fields, or none at all."""

    record: Record | None = None
    score: Score | None = None
    faults: tuple[Fault, ...] = ()
    refused: str | None = None
    repeated: tuple[str, ...] = ()
    """What gave way to another value of the same name, in words."""
    model_id: str | None = None


_Key = tuple[bytes, str, bytes]
_Reading = Record | _Flawed
_NOT_A_MODEL = _Flawed()


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
            reading = _reading(source.layout, raw) if memo is None else memo.reading(raw)
            if isinstance(reading, Record):
                found.add(reading, prefix, raw)
            else:
                found.add_flawed(reading, prefix, raw)
    return found.listing()


class _Found:
    """What is read so far of one dump."""

    def __init__(self) -> None:
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

    def add_flawed(self, reading: _Flawed, prefix: str, raw: RawRecord) -> None:
        position = printable(prefix + raw.position)
        if reading.refused is not None:
            self._rejections.append(
                Rejection(kind="record", position=position, reason=reading.refused, model_id=reading.model_id)
            )
        elif reading.score is not None:
            self._scores.append((reading.score, position))
        elif reading.record is None:
            self._skipped += 1
        self._rejections += (
            Rejection(
                kind="field",
                position=position,
                reason=fault.reason,
                field=printable(fault.field),
                model_id=reading.model_id,
            )
            for fault in reading.faults
        )
        self._rejections += (
            Rejection(
                kind="duplicate",
                position=position,
                reason=reason,
                model_id=reading.model_id,
            )
            for reason in reading.repeated
        )
        if reading.record is not None:
            self.add(reading.record, prefix, raw)

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
        return Listing(list(self._records.values()), self._rejections, self._skipped, scores)


def _weight(record: Record) -> tuple[int, bytes, bytes]:
    """The record that states most wins, whatever their order in the dump."""
    facts = msgspec.json.decode(record.facts)
    return len(facts.keys() - {"unread"}), record.facts, record.extra or b""


def _reading(layout: Layout, raw: RawRecord) -> _Reading:
    """How one record reads, wherever it stands."""
    if raw.gave_way:
        return _Flawed(repeated=("another stands under the same name after it, and holds",))
    if raw.fault is not None:
        return _Flawed(refused=raw.fault)
    unnamed: dict[str, object] | None = None
    faults: tuple[Fault, ...] = ()
    try:
        try:
            model = decoder(layout.wire).decode(raw.body)
        except msgspec.ValidationError:
            model, unnamed, faults = salvage(layout.wire, raw.body)
        offering = layout.offering(model, raw)
    except (ValueError, ArithmeticError, LookupError) as error:  # msgspec's are ValueErrors
        return _Flawed(refused=str(error) or type(error).__name__)
    except RecursionError:
        return _Flawed(refused="nested too deeply")
    measured, unmeasured = measured_by(layout, model, raw)
    if offering is None:
        return _scored(measured, faults, unmeasured)
    if reason := id_fault(offering.model_id) or id_fault(offering.provider_id):
        return _Flawed(refused=f"its id {reason}")
    extra = {**(unnamed or {}), "parent": raw.parent_extra} if raw.parent_extra else unnamed
    reading = _record(offering, extra, measured, faults, raw.parent_faults, is_told=raw.is_first)
    if repeated := repeated_names(raw.body):
        reading = _told_repeated(reading, repeated)
    return _told_beside(reading, unmeasured) if unmeasured else reading


def _told_repeated(reading: _Reading, names: Sequence[str]) -> _Reading:
    reasons = tuple(f"{printable(name)!r} stands twice in one object: its last value holds" for name in names)
    if isinstance(reading, Record):
        return _Flawed(record=reading, repeated=reasons, model_id=reading.model_id)
    return msgspec.structs.replace(reading, repeated=reasons)


def _scored(measured: Figures, faults: tuple[Fault, ...], unmeasured: tuple[Fault, ...]) -> _Reading:
    """A leaderboard's row; what has no figures of a subject of its own is no model."""
    subject = measured[0].subject if measured else None
    if subject is None:
        return _Flawed(faults=faults + unmeasured) if unmeasured else _NOT_A_MODEL
    if reason := id_fault(subject):
        return _Flawed(refused=f"its id {reason}")
    return _Flawed(score=Score(subject, measured), faults=faults + unmeasured, model_id=subject)


def _told_beside(reading: _Reading, unmeasured: tuple[Fault, ...]) -> _Reading:
    """The reading with what could not be measured; its facts stay as they are."""
    if isinstance(reading, Record):
        return _Flawed(record=reading, faults=unmeasured, model_id=reading.model_id)
    return msgspec.structs.replace(reading, faults=reading.faults + unmeasured)


def _record(
    offering: Offering,
    extra: dict[str, object] | None,
    measured: Figures,
    faults: tuple[Fault, ...],
    parent_faults: tuple[Fault, ...],
    *,
    is_told: bool,
) -> _Reading:
    offering, implausible = plausible(offering)
    faults += implausible
    if faults or parent_faults:
        offering = _marked(offering, parent_faults + faults)
    facts = _facts.encode(offering)
    if b"\\u0000" in facts and (reason := unstorable(facts)):
        wrong = [Fault(name, reason) for name in _unstorable_facts(offering)]
        offering, faults = _marked(_without(offering, wrong), wrong), faults + tuple(wrong)
        facts = _facts.encode(offering)
    if b"E-" in facts:
        facts = _SCIENTIFIC.sub(_plain, facts)
    unnamed = _extra.encode(extra) if extra else None
    record = Record(
        offering.provider_id,
        offering.model_id,
        hashlib.sha256(facts + unnamed if unnamed else facts).digest(),
        facts,
        unnamed,
        measured,
    )
    if not faults and not parent_faults:
        return record
    told = (parent_faults if is_told else ()) + faults
    return _Flawed(record=record, faults=told, model_id=offering.model_id)


def _marked(offering: Offering, faults: Sequence[Fault]) -> Offering:
    """The offering with where it can't be read. What its prices amount to takes all of them: one that can't be read
    may be what keeps it from being free."""
    unread = {*offering.unread, *(fault.field for fault in faults if fault.is_fact)}
    state = PriceState.UNKNOWN if any(fault.is_price for fault in faults) else offering.price_state
    return msgspec.structs.replace(offering, unread=tuple(sorted(unread)), price_state=state)


def id_fault(stated: str) -> str | None:
    """Why a text can't name a model or a provider; every other is kept byte for byte."""
    if stated.isascii() and stated.isprintable() and 0 < len(stated) <= MAX_ID_LENGTH and not stated.isspace():
        return None
    if not stated.strip():
        return "is blank"
    if len(stated) > MAX_ID_LENGTH:
        return f"is longer than {MAX_ID_LENGTH} characters"
    if _CONTROL.search(stated):
        return "holds control characters"
    return None


_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def _plain(number: re.Match[bytes]) -> bytes:
    return f"{Decimal(number[0].decode()):f}".encode()


def _without(offering: Offering, faults: Sequence[Fault]) -> Offering:
    return msgspec.structs.replace(
        offering, **{fault.field: () if fault.field == "prices" else None for fault in faults}
    )


def _unstorable_facts(offering: Offering) -> list[str]:
    return [name for name in offering.__struct_fields__ if unstorable(_facts.encode(getattr(offering, name)))]
