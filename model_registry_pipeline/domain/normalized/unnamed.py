"""What nobody named beside prices: it may be one, and then what is free by the others is not."""

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, get_args, get_origin

import msgspec

from model_registry_pipeline.domain.normalized.salvage import holds_money
from model_registry_pipeline.domain.source import Wire


def may_cost(wire: type[Wire], unnamed: Mapping[str, object]) -> bool:
    """Whether an object of prices inside a record holds something but 0 that nobody named."""
    kinds = _kinds(wire)
    return any(_costs(kinds.get(name), stated) for name, stated in unnamed.items())


def _costs(kind: Any, stated: object) -> bool:
    """Of what nobody named in a field's value: objects may stand in lists, and under names."""
    if isinstance(kind, type) and issubclass(kind, Wire):
        if not isinstance(stated, dict):
            return False
        beside = stated.keys() - _kinds(kind).keys() if _is_of_prices(kind) else ()
        return any(_is_something(stated[name]) for name in beside) or may_cost(kind, stated)
    parts: Iterable[object] = [stated]
    if isinstance(stated, list):
        parts = stated
    elif isinstance(stated, dict) and get_origin(kind) is dict:
        parts = stated.values()
    return any(_costs(inside, part) for inside in get_args(kind) for part in parts)


@cache
def _kinds(wire: type[Wire]) -> dict[str, Any]:
    return {field.encode_name: field.type for field in msgspec.structs.fields(wire)}


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
