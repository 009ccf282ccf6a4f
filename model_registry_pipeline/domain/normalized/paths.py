"""The JSON paths of a source's records: where they drift, the source has changed what it sends."""

from collections.abc import Iterable, Sequence

import msgspec

from model_registry_pipeline.domain.source import Source

MAX_DEPTH = 12
"""Paths are told down to here; what lies deeper belongs to the last of them."""
MAX_KEY = 200
"""Characters of a key."""

Paths = frozenset[str]


class PathReader:
    """Reads the paths of a source's dumps; a record that the dump before held byte for byte is not read again."""

    def __init__(self, source: Source) -> None:
        self._layout = source.layout
        self._before: dict[bytes, Paths] = {}

    def paths(self, documents: Sequence[bytes]) -> Paths:
        """The paths of a dump's records. Raises UnreadableError when it is not the source's list."""
        now: dict[bytes, Paths] = {}
        shapes: set[Paths] = set()
        for document in documents:
            for record in self._layout.records(document):
                found = self._before.get(record.body)
                if found is None:
                    found = paths_of(record.body)
                now[record.body] = found
                shapes.add(found)
        self._before = now
        return frozenset().union(*shapes)


def paths_of(record: bytes) -> Paths:
    """`id`, `pricing.prompt`, `tags[]`: each path of one record that holds a value; none when it is no JSON."""
    try:
        value = msgspec.json.decode(record)
    except (msgspec.DecodeError, RecursionError):
        return frozenset()
    found: set[str] = set()
    _collect(value, "", found, MAX_DEPTH)
    return frozenset(found)


def _collect(value: object, path: str, found: set[str], depth: int) -> None:
    if isinstance(value, dict) and depth:
        for key, member in value.items():
            inner = f"{path}.{_told(key)}" if path else _told(key)
            if isinstance(member, dict | list):
                _collect(member, inner, found, depth - 1)
            else:
                found.add(inner)
    elif isinstance(value, list) and depth:
        inner = f"{path}[]"
        found.add(inner)
        for member in value:
            if isinstance(member, dict | list):
                _collect(member, inner, found, depth - 1)
    else:
        found.add(path)


def _told(key: str) -> str:
    """A key as it stands in a path: PostgreSQL takes no NUL, and a key can be as long as a document."""
    return key[:MAX_KEY].replace("\x00", "\ufffd")


class Drift(msgspec.Struct, frozen=True):
    """What paths came and went, against all that was known before."""

    new: tuple[str, ...] = ()
    vanished: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.new or self.vanished)


def drift(known: Iterable[str], previous: Paths | None, now: Paths) -> Drift:
    """`known`: ever seen; `previous`: of the dump before, None when there is none (then nothing is new either)."""
    if previous is None:
        return Drift()
    return Drift(tuple(sorted(now - frozenset(known))), tuple(sorted(previous - now)))
