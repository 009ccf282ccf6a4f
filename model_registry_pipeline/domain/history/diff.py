"""What changed between two sets of an offering's facts, field by field."""

from collections.abc import Mapping
from typing import Any

import msgspec

TEXT_FIELDS = frozenset({"description"})
"""Re-wording them is a change of kind `text`, which alerts nobody."""

Facts = Mapping[str, Any]
"""The decoded JSON of a record's facts; an absent key is not stated."""

Step = tuple[str, Any, Any]
"""(field, before, after); None: not stated."""


def diff(before: Facts, after: Facts) -> list[Step]:
    """The fields that differ, sorted by name; each price line counts as a field of its own."""
    old, new = _flat(before), _flat(after)
    return [
        (field, old.get(field), new.get(field))
        for field in sorted(old.keys() | new.keys())
        if old.get(field) != new.get(field)
    ]


def kind_of(field: str) -> str:
    """`text` for re-worded prose, `changed` for the rest."""
    return "text" if field in TEXT_FIELDS else "changed"


def _flat(facts: Facts) -> dict[str, Any]:
    flat = {field: value for field, value in facts.items() if field != "prices"}
    for line in facts.get("prices", ()):
        flat[price_field(line)] = line["usd"]
    return flat


def price_field(line: Mapping[str, Any]) -> str:
    """A price line's name: `input_usd_per_mtok`, with its conditions: `input_usd_per_mtok[above_tokens=200000]`."""
    conditions = ",".join(f"{name}={line[name]}" for name in sorted(line) if name not in {"meter", "unit", "usd"})
    name = f"{line['meter']}_usd_per_{line['unit']}"
    return f"{name}[{conditions}]" if conditions else name


def decode_facts(facts: bytes | str) -> dict[str, Any]:
    """A record's facts from their JSON text."""
    decoded: dict[str, Any] = msgspec.json.decode(facts)
    return decoded
