"""What nobody named beside prices: it may be one, and then what is free by the others is not."""

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, get_args

import msgspec

from model_registry_pipeline.domain.normalized.salvage import holds_money
from model_registry_pipeline.domain.source import Wire


def may_cost(wire: type[Wire], unnamed: Mapping[str, object]) -> bool:
    """Whether an object of prices inside a record holds something but 0 that nobody named."""
    kinds = _kinds(wire)
    inside = ((kind, stated) for name, stated in unnamed.items() for kind in _wires(kinds.get(name)))
    return any(
        (_is_of_prices(kind) and any(_is_something(stated[name]) for name in stated.keys() - _kinds(kind).keys()))
        or may_cost(kind, stated)
        for kind, stated in inside
        if isinstance(stated, dict)
    )


@cache
def _kinds(wire: type[Wire]) -> dict[str, Any]:
    return {field.encode_name: field.type for field in msgspec.structs.fields(wire)}


def _wires(kind: Any) -> Iterator[type[Wire]]:
    """The objects that a field may be."""
    yield from (one for one in (kind, *get_args(kind)) if isinstance(one, type) and issubclass(one, Wire))


@cache
def _is_of_prices(wire: type[Wire]) -> bool:
    """Whether money stands right in it, or prices by their names."""
    return any(
        Decimal in {kind, *get_args(kind)} or (name == "more" and holds_money(kind))
        for name, kind in _kinds(wire).items()
    )


def _is_something(stated: object) -> bool:
    if isinstance(stated, str):
        try:
            return bool(Decimal(stated))
        except InvalidOperation:
            return bool(stated.strip())
    return bool(stated)
