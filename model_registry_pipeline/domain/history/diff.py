"""What changed between two sets of an offering's facts, field by field."""

from collections.abc import Mapping
from typing import Any

import msgspec

TEXT_FIELDS = frozenset({"description", "origins"})
"""Re-wording them, or stating the same anew, is a change of kind `text`, which alerts nobody."""

UNREAD = "unread"
"""The fact that names what can't be read in a record; it is none of the offering's."""

Facts = Mapping[str, Any]
"""The decoded JSON of a record's facts; an absent key is not stated."""

Step = tuple[str, Any, Any]
"""(field, before, after); None: not stated."""


def diff(before: Facts, after: Facts) -> list[Step]:
    """The fields that differ, sorted by name; each price line counts as a field of its own."""
    moved = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    old, new = (_flat({name: facts[name] for name in moved & facts.keys()}) for facts in (before, after))
    return [
        (field, old.get(field), new.get(field))
        for field in sorted(old.keys() | new.keys())
        if old.get(field) != new.get(field)
    ]


def last_read(known: Facts, before: Facts, now: Facts) -> Facts:
    """What is known of an offering once `now` is read, after `before`, when `known` was known.

    What can't be read is not withdrawn. Which facts rest on it is not told, so where a record has an unreadable field
    that the one before it had not, every fact that it lacks stays as it was known. It stays until the record says
    otherwise or can all be read; what is lacking since is withdrawn.
    """
    unread = now.get(UNREAD, ())
    if not unread:
        return now
    is_new = not set(unread) <= set(before.get(UNREAD, ()))
    had = _flat(before)
    kept = {field for field in _flat(known) if is_new or field not in had}
    has = _flat(now)
    lines = [line for line in known.get("prices", ()) if (name := price_field(line)) in kept and name not in has]
    facts = {field: known[field] for field in kept & known.keys()} | dict(now)
    return facts | {"prices": [*now.get("prices", ()), *lines]} if lines else facts


def told_steps(known: Facts, before: Facts, now: Facts) -> list[Step]:
    """The steps from what is known to what is read in `now`. Where something can be read that could not be read
    `before`, a fact that nobody knew may be that, and no news."""
    is_mended = not set(before.get(UNREAD, ())) <= set(now.get(UNREAD, ()))
    return [step for step in diff(known, last_read(known, before, now)) if step[1] is not None or not is_mended]


def kind_of(field: str) -> str:
    """`text` for re-worded prose, `changed` for the rest."""
    return "text" if field in TEXT_FIELDS else "changed"


def _flat(facts: Facts) -> dict[str, Any]:
    flat = {field: value for field, value in facts.items() if field not in {"prices", UNREAD}}
    for line in facts.get("prices", ()):
        flat[price_field(line)] = line["usd"]
    return flat


def price_field(line: Mapping[str, Any]) -> str:
    """A price line's name: `input_usd_per_mtok`, with its conditions: `input_usd_per_mtok[above_tokens=200000]`."""
    field = f"{line['meter']}_usd_per_{line['unit']}"
    stated = line.keys() - _UNCONDITIONAL
    if not stated:
        return field
    return f"{field}[{','.join(f'{name}={line[name]}' for name in sorted(stated))}]"


_UNCONDITIONAL = frozenset({"meter", "unit", "usd"})


def decode_facts(facts: bytes | str) -> dict[str, Any]:
    """A record's facts from their JSON text."""
    decoded: dict[str, Any] = msgspec.json.decode(facts)
    return decoded
