"""The JSON paths of a source's records: where they drift, the source has changed what it sends."""

import re
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from typing import NamedTuple

import msgspec

from model_registry_pipeline.domain.normalized.repeated import repeated_names

MAX_DEPTH = 12
"""Paths are told down to here; what lies deeper belongs to the last of them."""
MAX_KEY = 200
"""Characters of a key."""
MAX_PATH = 600
"""Characters of a path: PostgreSQL's index takes keys of 2,704 bytes, and a character may be four of them."""

Paths = frozenset[str]


class Shape(NamedTuple):
    """What names one record holds, whatever stands under them."""

    paths: Paths
    """`id`, `pricing.prompt`, `tags[]`: each path that holds a value; none when the record is no JSON."""
    repeated: tuple[str, ...]
    """The names that stand in one object more than once, with different values."""


def shape_of(record: bytes) -> Shape:
    """The shape of one record."""
    try:
        paths, names = _read(record)
    except (msgspec.MsgspecError, RecursionError):
        return Shape(frozenset(), ())
    # Every name stands before a colon. Where no more stand there than were read, none gave way to its like.
    is_plain = names == record.count(b'":') and not _BLANK_BEFORE_COLON.search(record)
    return Shape(paths, () if is_plain else repeated_names(record))


_BLANK_BEFORE_COLON = re.compile(rb'"\s+:')
"""LiteLLM's list, which people write, has some."""

_Read = tuple[Paths, int]
"""Paths, and how many names were read; a text that holds what looks like one counts for it."""


def _read(record: bytes) -> _Read:
    if record.find(b"{", 1) > 0:
        return _read_nested(record)
    try:
        members = _flat.decode(record)
    except msgspec.ValidationError:
        return _read_nested(record)
    return _flat_paths(tuple(members), tuple(map(type, members.values()))), len(members)


def _read_nested(record: bytes) -> _Read:
    plain: list[str] = []
    nested: list[Paths] = []
    members = _object.decode(record)
    names = len(members)
    for key, member in members.items():
        body = bytes(member)
        if body.startswith((b"{", b"[")):
            paths, inner = _member(key, body) if len(body) <= MAX_KEPT else _looked_into(key, body)
            nested.append(paths)
            names += inner
        else:
            plain.append(key)
            names += body.count(b'":')
    return _joined(tuple(plain), tuple(nested)), names


@lru_cache(maxsize=4096)
def _joined(plain: tuple[str, ...], nested: tuple[Paths, ...]) -> Paths:
    """Few are different, for most records of a list hold the same names."""
    return frozenset(map(_told, plain)).union(*nested)


def _looked_into(key: str, body: bytes) -> _Read:
    found: set[str] = set()
    _collect(body, _told(key), found, MAX_DEPTH - 1)
    names = 0  # not told, as of 1e400 or a text that may hold \u0022 for a quote: who asks looks for himself
    if b"\\u00" not in body:
        with suppress(msgspec.MsgspecError, RecursionError):
            names = msgspec.json.encode(msgspec.json.decode(body)).count(b'":')
    return frozenset(found), names


MAX_KEPT = 1_000
"""Bytes of a member that is remembered: of the short ones (an architecture, rates) few are different."""
_member = lru_cache(maxsize=8192)(_looked_into)


_Plain = None | bool | int | float | str
_flat = msgspec.json.Decoder(dict[str, _Plain | list[_Plain]])
"""Most records of the longest lists hold plain values and lists of such; then few shapes are theirs."""
_object = msgspec.json.Decoder(dict[str, msgspec.Raw])
_array = msgspec.json.Decoder(list[msgspec.Raw])


@lru_cache(maxsize=4096)
def _flat_paths(keys: tuple[str, ...], types: tuple[type, ...]) -> Paths:
    return frozenset(f"{_told(key)}[]" if of is list else _told(key) for key, of in zip(keys, types, strict=True))


def _collect(value: bytes, path: str, found: set[str], depth: int) -> None:
    """Values stay text: a number that no type holds (1e400) has a path all the same."""
    if value.startswith(b"{") and depth:
        for key, member in _object.decode(value).items():
            inner = f"{path}.{_told(key)}" if path else _told(key)
            _collect(bytes(member), inner[:MAX_PATH], found, depth - 1)
    elif value.startswith(b"[") and depth:
        inner = f"{path}[]"[:MAX_PATH]
        found.add(inner)
        for item in map(bytes, _array.decode(value)):
            if item.startswith((b"{", b"[")):
                _collect(item, inner, found, depth - 1)
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
