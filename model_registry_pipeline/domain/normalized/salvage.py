"""A record's bytes as its wire model: whole where all is as declared, else field by field: nothing good is lost."""

import types
from collections.abc import Callable
from decimal import Context, Decimal
from functools import cache
from typing import Any, NamedTuple, TypeVar, Union, get_args, get_origin

import msgspec

from model_registry_pipeline.domain.normalized.days import stated_day
from model_registry_pipeline.domain.normalized.mending import unstorable
from model_registry_pipeline.domain.source import Fault, StatedDay, Wire

W = TypeVar("W", bound=Wire)

Extra = dict[str, object]
_Read = Callable[[bytes, str, list[Fault]], tuple[object, object]]
"""Reads a value at a path: what it is, and what in it nobody named (None: nothing). Raises ValidationError."""

_SHOWN = 60
_MAX_EXPONENT = 300
_EXACT = Context(prec=40, traps=[])

_NULL = msgspec.Raw(b"null")

_object = msgspec.json.Decoder(dict[str, msgspec.Raw])
_array = msgspec.json.Decoder(list[msgspec.Raw])


def _number(digits: str) -> int | Decimal | str:
    """One form for a number that nobody named: 128000.0 is 128000; one that no float holds stays a text."""
    number = Decimal(digits)
    if not -_MAX_EXPONENT < number.adjusted() < _MAX_EXPONENT:
        return digits
    return int(number) if number == number.to_integral_value(context=_EXACT) else number.normalize(_EXACT)


_anything = msgspec.json.Decoder(float_hook=_number)


class Salvaged(NamedTuple):
    """What could be read of a record."""

    model: Wire
    extra: Extra | None
    """The fields that nobody named, nested as they stood."""
    faults: tuple[Fault, ...]


@cache
def decoder(wire: type[W]) -> msgspec.json.Decoder[W]:
    """Reads a record that is all as declared, at full speed; raises ValidationError for every other."""
    return msgspec.json.Decoder(wire, dec_hook=_hook)


def salvage(wire: type[Wire], body: bytes) -> Salvaged:
    """Read a record field by field. Raises ValidationError when it is no object or lacks a required field."""
    faults: list[Fault] = []
    model, extra = _fields(wire, body, "", faults)
    return Salvaged(model, extra or None, tuple(faults))


def _fields(wire: type[Wire], body: bytes, path: str, faults: list[Fault]) -> tuple[Wire, Extra]:
    declared = _declared(wire)
    values: dict[str, object] = {}
    more: dict[str, object] = {}
    extra: Extra = {}
    found = len(faults)
    for name, raw in _object.decode(body).items():
        field = declared.get(name)
        here = f"{path}{name}"
        is_fact = field is not None or wire.understands(name)
        try:
            if field is not None:
                values[field.attribute], unnamed = field.read(bytes(raw), here, faults)
                if unnamed:
                    extra[name] = unnamed
            elif is_fact:
                more[name], _ = _more(wire)(bytes(raw), here, faults)
            else:
                extra[name] = _unnamed(name, bytes(raw))
        except msgspec.ValidationError as error:
            if field is not None and field.is_required:
                raise msgspec.ValidationError(f"{name}: {error}") from None
            if is_fact and raw == _NULL and not wire.is_whole:
                continue  # how most software writes that it states nothing
            is_price = is_fact and (_more_prices(wire) if field is None else field.is_price)
            faults.append(Fault(here, str(error), is_fact=is_fact, is_price=is_price))
    if wire.is_whole:
        inside = faults[found:]
        del faults[found:]
        _refuse(inside)
        if unknown := [name for name in extra if name not in declared]:
            raise msgspec.ValidationError(f"{unknown[0]}: nobody knows what it says of the others")
    if more:
        values["more"] = more
    if missing := [name for name, field in declared.items() if field.is_required and field.attribute not in values]:
        raise msgspec.ValidationError(f"{missing[0]}: missing")
    return wire(**values), extra


class _Field(NamedTuple):
    attribute: str
    read: _Read
    is_required: bool
    is_price: bool


@cache
def _declared(wire: type[Wire]) -> dict[str, _Field]:
    return {
        field.encode_name: _Field(field.name, _reader(field.type), field.required, holds_money(field.type))
        for field in msgspec.structs.fields(wire)
        if field.name != "more"
    }


@cache
def _more(wire: type[Wire]) -> _Read:
    (kind,) = (field.type for field in msgspec.structs.fields(wire) if field.name == "more")
    return _reader(get_args(kind)[1])


@cache
def _more_prices(wire: type[Wire]) -> bool:
    return any(field.name == "more" and holds_money(field.type) for field in msgspec.structs.fields(wire))


@cache
def holds_money(kind: Any) -> bool:
    """Whether a price may stand in a field: money is Decimal, wherever in it."""
    inside = get_args(kind)
    if isinstance(kind, type) and issubclass(kind, Wire):
        inside = tuple(field.type for field in msgspec.structs.fields(kind))
    return kind is Decimal or any(map(holds_money, inside))


def _refuse(faults: list[Fault]) -> None:
    """Give up what is read whole or not at all, for the first of its faults."""
    for field, reason, is_fact, _ in faults:
        if is_fact:
            raise msgspec.ValidationError(f"{field}: {reason}")


@cache
def _reader(kind: Any) -> _Read:
    """How a value of a type is read: what is inside an object or a list is read piece by piece."""
    is_union = get_origin(kind) in {Union, types.UnionType}
    alternatives = get_args(kind) if is_union else (kind,)
    inside = {first: read for one in alternatives for first, read in _readers_inside(one)}
    scalars = tuple(one for one in alternatives if not _readers_inside(one))
    whole = _scalar(Union[scalars]) if scalars else None  # noqa: UP007 (a tuple of types has no | form)

    def read(raw: bytes, path: str, faults: list[Fault]) -> tuple[object, object]:
        if piecewise := inside.get(raw[:1]):
            return piecewise(raw, path, faults)
        if whole is None:
            raise msgspec.ValidationError(f"Expected {_names(inside)}: {_shown(raw)}")
        return whole(raw), None

    return read


def _names(inside: dict[bytes, _Read]) -> str:
    return " or ".join({b"{": "an object", b"[": "a list"}[first] for first in sorted(inside))


def _readers_inside(kind: Any) -> list[tuple[bytes, _Read]]:
    origin, arguments = get_origin(kind), get_args(kind)
    if isinstance(kind, type) and issubclass(kind, Wire):
        return [(b"{", lambda raw, path, faults: _fields(kind, raw, f"{path}.", faults))]
    if origin in {list, tuple}:
        return [(b"[", _items(origin, arguments[0]))]
    if origin is dict:
        return [(b"{", _entries(arguments[1]))]
    return []


def _items(sequence: type, kind: Any) -> _Read:
    """A list without one of its items would say something else: it is read whole or not at all."""

    def read(raw: bytes, path: str, faults: list[Fault]) -> tuple[object, object]:
        item = _reader(kind)
        values, unnamed = [], []
        for position, one in enumerate(_array.decode(raw)):
            value, extra = _whole(item, bytes(one), f"[{position}]", faults)
            values.append(value)
            if extra:
                unnamed.append(extra)
        return sequence(values), unnamed

    return read


def _entries(kind: Any) -> _Read:
    def read(raw: bytes, path: str, faults: list[Fault]) -> tuple[object, object]:
        entry = _reader(kind)
        values, unnamed = {}, {}
        for name, one in _object.decode(raw).items():
            values[name], extra = _whole(entry, bytes(one), name, faults)
            if extra:
                unnamed[name] = extra
        return values, unnamed

    return read


def _whole(read: _Read, raw: bytes, place: str, faults: list[Fault]) -> tuple[object, object]:
    """Read a value without a fault, or raise ValidationError, which says in what place it has one."""
    inside: list[Fault] = []
    try:
        value, extra = read(raw, place, inside)
    except msgspec.ValidationError as error:
        raise msgspec.ValidationError(f"{place}: {error}") from None
    _refuse(inside)
    faults += inside
    return value, extra


def _scalar(kind: Any) -> Callable[[bytes], object]:
    """A number may be quoted or written as 1.28e5, a boolean may be 0 or 1; but "false" is a word, not a boolean."""
    strict = msgspec.json.Decoder(kind, dec_hook=_hook)
    accepts = set(get_args(kind)) or {kind}
    lax = msgspec.json.Decoder(kind, dec_hook=_hook, strict=False) if int in accepts else None

    def read(raw: bytes) -> object:
        try:
            return strict.decode(raw)
        except msgspec.ValidationError as error:
            if bool in accepts and raw in {b"0", b"1"}:
                return raw == b"1"
            if lax is not None:
                try:
                    return lax.decode(raw)
                except msgspec.ValidationError:
                    pass
            raise msgspec.ValidationError(f"{error}: {_shown(raw)}") from None

    return read


def _unnamed(name: str, raw: bytes) -> object:
    if reason := unstorable(msgspec.json.encode(name) + raw):
        raise msgspec.ValidationError(reason)
    return _anything.decode(raw)


def _shown(raw: bytes) -> str:
    shown = raw.decode(errors="replace")
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"


def _hook(_: type[StatedDay], stated: object) -> StatedDay:
    """Reads the only type on the wire that is not msgspec's own: of another, msgspec refuses the day."""
    return stated_day(stated)
