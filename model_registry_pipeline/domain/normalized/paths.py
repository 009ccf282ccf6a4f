"""The JSON paths of a source's records: where they drift, the source has changed what it sends."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

import msgspec

from model_registry_pipeline.domain.source import Source

MAX_DEPTH = 12
"""Paths are told down to here; what lies deeper belongs to the last of them."""
MAX_KEY = 200
"""Characters of a key."""
MAX_PATH = 600
"""Characters of a path: PostgreSQL's index takes keys of 2,704 bytes, and a character may be four of them."""

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
        members = _members.decode(record)
        shape = tuple([(key, *_shape(member)) for key, member in members.items()])
        if all(is_flat for _, is_flat, _ in shape):
            return _flat_paths(shape)
        value = msgspec.json.decode(record)
    except (msgspec.MsgspecError, RecursionError):
        return frozenset()
    found: set[str] = set()
    _collect(value, "", found, MAX_DEPTH)
    return frozenset(found)


_members = msgspec.json.Decoder(dict[str, msgspec.Raw])


def _shape(member: msgspec.Raw) -> tuple[bool, bool]:
    """Whether a member is a plain value or a list of such, and whether it is a list; most are, in the longest lists.

    Looked at as text, which spares decoding it: a brace in a string of a list only makes it be looked at twice.
    """
    text = bytes(member)
    if text[:1] == b"[":
        return b"{" not in text and text.count(b"[") == 1, True
    return text[:1] != b"{", False


@lru_cache(maxsize=4096)
def _flat_paths(shape: tuple[tuple[str, bool, bool], ...]) -> Paths:
    return frozenset(f"{_told(key)}[]" if is_list else _told(key) for key, _, is_list in shape)


def _collect(value: object, path: str, found: set[str], depth: int) -> None:
    if isinstance(value, dict) and depth:
        for key, member in value.items():
            inner = f"{path}.{_told(key)}" if path else _told(key)
            _collect(member, inner[:MAX_PATH], found, depth - 1)
    elif isinstance(value, list) and depth:
        inner = f"{path}[]"[:MAX_PATH]
        found.add(inner)
        for member in value:
            if isinstance(member, dict | list):
                _collect(member, inner, found, depth - 1)
    elif path:
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
