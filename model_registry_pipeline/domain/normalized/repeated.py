"""A name that stands twice in one JSON object: every reader takes the last of its values, and none says so. Here it
is told: LiteLLM's list had two prices for one key in most weeks of 2025 and 2026."""

import json
from collections.abc import Mapping

import msgspec


class _Name(str):
    """Equal to itself alone, so that a dict keeps both of two that read the same."""

    __slots__ = ()
    __eq__ = object.__eq__
    __hash__ = object.__hash__


Split = list[msgspec.Raw] | dict[str, msgspec.Raw]
"""A list's items, or an object's values by their names."""

_split: msgspec.json.Decoder[list[msgspec.Raw] | dict[_Name, msgspec.Raw]] = msgspec.json.Decoder(
    list[msgspec.Raw] | dict[_Name, msgspec.Raw], dec_hook=lambda _, name: _Name(name)
)


class Object(dict[str, msgspec.Raw]):
    """An object's values by their names; the last of those that bear the same."""

    def __init__(self, pairs: Mapping[_Name, msgspec.Raw]) -> None:
        super().__init__((str(name), value) for name, value in pairs.items())
        self.gave_way = [] if len(self) == len(pairs) else self._gave_way(pairs)
        """What stood under a name before its last value, where it said something else."""

    def _gave_way(self, pairs: Mapping[_Name, msgspec.Raw]) -> list[tuple[str, msgspec.Raw]]:
        return [(str(name), value) for name, value in pairs.items() if not _same(value, self[str(name)])]


def split(text: bytes | msgspec.Raw) -> Split:
    """A list or an object in its parts. Raises what msgspec raises."""
    content = _split.decode(text)
    return content if isinstance(content, list) else Object(content)


def repeated_names(record: bytes) -> tuple[str, ...]:
    """The names that stand in one object of a record more than once, with different values."""
    found: dict[str, None] = {}

    def told(pairs: list[tuple[str, object]]) -> dict[str, object]:
        values = dict(pairs)
        if len(values) < len(pairs):
            found.update(dict.fromkeys(name for name, value in pairs if value != values[name]))
        return values

    try:
        # Numbers stay text: one of 5,000 digits is none that Python reads.
        json.loads(record, object_pairs_hook=told, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return ()
    return tuple(found)


def _same(one: msgspec.Raw, other: msgspec.Raw) -> bool:
    try:
        return bytes(one) == bytes(other) or msgspec.json.decode(one) == msgspec.json.decode(other)
    except (msgspec.DecodeError, RecursionError):
        return False
