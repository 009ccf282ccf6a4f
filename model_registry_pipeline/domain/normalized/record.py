"""One record of a dump as what is kept of it, addressed by its content. What can't be read costs its field, or the
record, and is told."""

import hashlib
import re
from collections.abc import Sequence
from decimal import Decimal

import msgspec

from model_registry_pipeline.domain.normalized.measuring import Figures, Score, measured_by
from model_registry_pipeline.domain.normalized.mending import printable, unstorable
from model_registry_pipeline.domain.normalized.paths import Paths, shape_of
from model_registry_pipeline.domain.normalized.plausible import plausible
from model_registry_pipeline.domain.normalized.salvage import decoder, salvage
from model_registry_pipeline.domain.normalized.unnamed import may_cost
from model_registry_pipeline.domain.records import Offering, PriceState
from model_registry_pipeline.domain.source import Fault, Layout, RawRecord, Wire

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


class Flawed(msgspec.Struct, frozen=True):
    """A record with unreadable fields, or none at all."""

    record: Record | None = None
    score: Score | None = None
    faults: tuple[Fault, ...] = ()
    refused: str | None = None
    repeated: tuple[str, ...] = ()
    """What gave way to another value of the same name, in words."""
    model_id: str | None = None


class Reading(msgspec.Struct, frozen=True, gc=False):
    """How one record of a dump reads, wherever it stands."""

    found: Record | Flawed
    paths: Paths
    """Its JSON paths."""


_NOT_A_MODEL = Flawed()


def read_record(layout: Layout, raw: RawRecord) -> Reading:
    """How one record reads."""
    found, (paths, repeated) = _found(layout, raw), shape_of(raw.body)
    return Reading(_told_repeated(found, repeated) if repeated else found, paths)


def _found(layout: Layout, raw: RawRecord) -> Record | Flawed:
    if raw.gave_way:
        return Flawed(repeated=("another stands under the same name after it, and holds",))
    if raw.fault is not None:
        return Flawed(refused=raw.fault)
    unnamed: dict[str, object] | None = None
    faults: tuple[Fault, ...] = ()
    try:
        try:
            model = decoder(layout.wire).decode(raw.body)
        except msgspec.ValidationError:
            model, unnamed, faults = salvage(layout.wire, raw.body)
        offering = layout.offering(model, raw)
    except (ValueError, ArithmeticError, LookupError) as error:  # msgspec's are ValueErrors
        return Flawed(refused=str(error) or type(error).__name__)
    except RecursionError:
        return Flawed(refused="nested too deeply")
    measured, unmeasured = measured_by(layout, model, raw)
    if offering is None:
        return _scored(measured, faults, unmeasured)
    if reason := id_fault(offering.model_id) or id_fault(offering.provider_id):
        return Flawed(refused=f"its id {reason}")
    extra = {**(unnamed or {}), "parent": raw.parent_extra} if raw.parent_extra else unnamed
    found = _record(offering, extra, measured, faults, raw.parent_faults, wire=layout.wire, is_told=raw.is_first)
    return _told_beside(found, unmeasured) if unmeasured else found


def _told_repeated(found: Record | Flawed, names: Sequence[str]) -> Record | Flawed:
    """What was found, with the names that stand twice in its record; what is no model tells nothing."""
    if isinstance(found, Flawed) and found.record is None:
        return found
    reasons = tuple(f"{printable(name)!r} stands twice in one object: its last value holds" for name in names)
    if isinstance(found, Record):
        return Flawed(record=found, repeated=reasons, model_id=found.model_id)
    return msgspec.structs.replace(found, repeated=reasons)


def _scored(measured: Figures, faults: tuple[Fault, ...], unmeasured: tuple[Fault, ...]) -> Flawed:
    """A leaderboard's row; what has no figures of a subject of its own is no model."""
    subject = measured[0].subject if measured else None
    if subject is None:
        return Flawed(faults=faults + unmeasured) if unmeasured else _NOT_A_MODEL
    if reason := id_fault(subject):
        return Flawed(refused=f"its id {reason}")
    return Flawed(score=Score(subject, measured), faults=faults + unmeasured, model_id=subject)


def _told_beside(found: Record | Flawed, unmeasured: tuple[Fault, ...]) -> Flawed:
    """What was found, with what could not be measured; its facts stay as they are."""
    if isinstance(found, Record):
        return Flawed(record=found, faults=unmeasured, model_id=found.model_id)
    return msgspec.structs.replace(found, faults=found.faults + unmeasured)


def _record(
    offering: Offering,
    extra: dict[str, object] | None,
    measured: Figures,
    faults: tuple[Fault, ...],
    parent_faults: tuple[Fault, ...],
    *,
    wire: type[Wire],
    is_told: bool,
) -> Record | Flawed:
    offering, implausible = plausible(offering)
    faults += implausible
    if faults or parent_faults:
        offering = _marked(offering, parent_faults + faults)
    if extra and offering.price_state is PriceState.FREE and may_cost(wire, extra):
        offering = msgspec.structs.replace(offering, price_state=PriceState.UNKNOWN)
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
    return Flawed(record=record, faults=told, model_id=offering.model_id)


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
