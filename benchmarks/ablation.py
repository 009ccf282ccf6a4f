"""Which paths of a payload feed which fields, found out by taking them away: nothing of the parsing code is believed.

A path is a tuple of keys; `[]` stands for the items of a list. Fields are those of an offering, each price by its
meter and unit, and each metric that is measured.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import msgspec

from model_registry_pipeline.domain.normalized.salvage import salvage
from model_registry_pipeline.domain.normalized.translate import read_listing
from model_registry_pipeline.domain.records import Measurement, Offering
from model_registry_pipeline.domain.source import Fault, Layout, RawRecord, Source, Wire

Path = tuple[str, ...]
ITEMS = "[]"
KEY: Path = ("(key)",)
PARENT = "(parent)"
NOT_FIELDS = frozenset({"provider_id", "provider_as_stated", "model_id", "price_state", "unread", "origins", "prices"})
"""Identity, and what follows from other fields."""
OTHER = "zz-other-"
SAMPLES = 40
"""Records with other values at a path, from which each path is taken away."""


Fields = Mapping[str, Hashable]


@dataclass(frozen=True)
class Entry:
    """One record as it stands in a document, and how it reads."""

    raw: RawRecord
    content: dict[str, Any]
    fields: Fields | None
    """None: it is no model, or refused."""
    rejections: tuple[tuple[str, str | None, str], ...] = ()
    """(kind, field, reason)."""
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _One:
    """A document of one record."""

    layout: Layout
    raw: RawRecord

    @property
    def wire(self) -> type[Wire]:
        return self.layout.wire

    def records(self, document: bytes) -> Iterator[RawRecord]:
        yield self.raw

    def offering(self, model: Any, record: RawRecord) -> Offering | None:
        return self.layout.offering(model, record)

    def measurements(self, model: Any, record: RawRecord) -> Iterable[Measurement | Fault]:
        return self.layout.measurements(model, record)


def read(source: Source, raw: RawRecord) -> Entry:
    """How a record reads by itself."""
    listing = read_listing(replace(source, layout=_One(source.layout, raw)), [b""])
    told = tuple((each.kind, each.field, each.reason) for each in listing.rejections)
    content = _content(raw)
    if not listing.records and not listing.scores:
        return Entry(raw, content, None, told)
    fields: dict[str, Hashable] = {}
    extra: Mapping[str, Any] = {}
    measured = [each for score in listing.scores for each in score.measured]
    if listing.records:
        (record,) = listing.records
        facts = msgspec.json.decode(record.facts)
        fields = {name: _frozen(value) for name, value in facts.items() if name not in NOT_FIELDS}
        fields |= _gathered(
            (f"{line['meter']}_usd_per_{line['unit']}", _frozen(line)) for line in facts.get("prices", ())
        )
        measured += record.measured
        extra = json.loads(record.extra) if record.extra else {}
    fields |= _gathered(
        (f"measured {each.metric.name}", str(each.value)) for each in measured if each.value is not None
    )
    return Entry(raw, content, fields, told, extra)


def _content(raw: RawRecord) -> dict[str, Any]:
    try:
        content = _json.decode(raw.body)
    except (ValueError, RecursionError):
        return {}
    parent = _json.decode(raw.parent_body) if raw.parent_body else {}
    return (content if isinstance(content, dict) else {}) | ({PARENT: parent} if parent else {})


_json = msgspec.json.Decoder(float_hook=Decimal)
_text = msgspec.json.Encoder(decimal_format="number")


def _gathered(pairs: Iterable[tuple[str, Hashable]]) -> dict[str, Hashable]:
    found: defaultdict[str, list[Hashable]] = defaultdict(list)
    for name, value in pairs:
        found[name].append(value)
    return {name: tuple(sorted(values, key=repr)) for name, values in found.items()}


def _frozen(value: Any) -> Hashable:
    return json.dumps(value, sort_keys=True)


# -- paths -----------------------------------------------------------------------------------------------------------


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Each path that ends in a plain value or a list of such, with it; an empty object or list is a value."""
    if isinstance(value, dict) and (value or not path):
        for key, member in value.items():
            yield from leaves(member, (*path, key))
    elif isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        for item in value:
            yield from leaves(item, (*path, ITEMS))
    else:
        yield path, value


def without(value: Any, path: Path) -> Any:
    """A copy without what stands at a path, in every item of the lists on the way."""
    head, *rest = path
    if head == ITEMS:
        return [without(item, tuple(rest)) for item in value] if isinstance(value, list) and rest else []
    if not isinstance(value, dict) or head not in value:
        return value
    if not rest:
        return {key: member for key, member in value.items() if key != head}
    return value | {head: without(value[head], tuple(rest))}


def with_other(value: Any, path: Path, change: Any) -> Any:
    """A copy with what stands at a path changed."""
    head, *rest = path
    if head == ITEMS:
        return [with_other(item, tuple(rest), change) for item in value] if isinstance(value, list) and rest else value
    if not isinstance(value, dict) or head not in value:
        return value
    return value | {head: with_other(value[head], tuple(rest), change) if rest else change(value[head])}


# -- what feeds what -------------------------------------------------------------------------------------------------


@dataclass
class Feeds:
    """What taking paths away has shown of one source."""

    source: Source
    by_path: defaultdict[Path, set[str]] = field(default_factory=lambda: defaultdict(set))
    """The fields that change where a path is taken away (or, where a record needs it, made another)."""
    identity: set[Path] = field(default_factory=set)
    """The paths without which a record is refused."""
    carriers: defaultdict[str, set[Path]] = field(default_factory=lambda: defaultdict(set))
    """Price or measurement → the paths whose number it is; the others that feed it decide whether and when it holds."""
    by_item: defaultdict[tuple[Path, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    """(path of a list, field) → the items that state the field when they stand in the list alone."""

    def paths(self, name: str) -> set[Path]:
        """The paths that state a field."""
        return self.carriers[name] or {path for path, names in self.by_path.items() if name in names}

    def learn(self, path: Path, samples: Sequence[Entry]) -> None:
        """Take a path away from some records and see what changes; then put ten times as much there."""
        for entry in samples:
            self.by_path[path] |= self._changed(entry, path, lambda value: without(value, path))
        prices = set(filter(is_number, self.by_path[path]))
        for entry in samples if prices else ():
            before = entry.fields or {}
            after = read(self.source, _raw(self.source, entry, with_other(entry.content, path, _tenfold))).fields or {}
            for name in prices & before.keys() & after.keys():
                if amounts(name, after[name]) - amounts(name, before[name]):
                    self.carriers[name].add(path)

    def learn_items(self, path: Path, entries: Iterable[Entry]) -> None:
        """Put each item that occurs alone into a list that is all that a record states, and see what it states."""
        tried: set[str] = set()
        for entry in entries:
            for listed in [[item] for item in _at(entry.content, path)] or [[]]:
                if str(listed) not in tried:
                    tried.add(str(listed))
                    content = with_other(self._only(entry, path), path, _always(listed))
                    for name in self._stated_in(entry, content) & self.by_path[path]:
                        self.by_item[path, name].add(str(listed))

    def learn_alone(self, path: Path, entry: Entry) -> None:
        """Leave a record nothing but one path: of two that say the same, neither is missed when it is taken away."""
        self.by_path[path] |= self._stated_in(entry, self._only(entry, path))

    def _only(self, entry: Entry, path: Path) -> dict[str, Any]:
        content = entry.content
        for other in {each for each, _ in leaves(content)} - self.identity - {path}:
            content = without(content, other)
        return content

    def _stated_in(self, entry: Entry, content: dict[str, Any]) -> set[str]:
        """The fields that a content states beyond what its identity does."""
        said = read(self.source, _raw(self.source, entry, content)).fields or {}
        bare = read(self.source, _raw(self.source, entry, self._only(entry, KEY))).fields or {}
        return {name for name in said if said[name] != bare.get(name)}

    def states(self, name: str, path: Path, value: Any) -> bool:
        """Whether a value at a path may state a field: a list does by the items that state it alone, if any do."""
        items = self.by_item.get((path, name))
        if isinstance(value, list) and items:
            return any(str(listed) in items for listed in [[item] for item in value] or [[]])
        return value is not None

    def _changed(self, entry: Entry, path: Path, change: Callable[[Any], Any]) -> set[str]:
        """The fields that read otherwise after a change; a change that costs the whole record tells nothing, so the
        value is made another one instead."""
        before = entry.fields or {}
        after = _fields(read(self.source, _raw(self.source, entry, change(entry.content))))
        if after is None:
            self.identity.add(path)
            other = with_other(entry.content, path, lambda was: f"{OTHER}{was}")
            after = _fields(read(self.source, _raw(self.source, entry, other)))
        if after is None:
            return set()
        return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}

    def learn_key(self, samples: Iterable[Entry]) -> None:
        """Where records stand under keys: another key."""
        for entry in samples:
            raw = msgspec.structs.replace(entry.raw, key=f"{OTHER}{entry.raw.key}")
            before, after = entry.fields or {}, read(self.source, raw).fields or {}
            self.by_path[KEY] |= {name for name in before if before[name] != after.get(name)}


def _fields(entry: Entry) -> Fields | None:
    """None: the record is refused; a row of a leaderboard without figures is only passed over."""
    is_refused = any(kind == "record" for kind, _, _ in entry.rejections)
    return None if is_refused else entry.fields or {}


def amounts(name: str, held: Hashable) -> set[Any]:
    """What a field's value consists of: of prices the numbers, whatever their conditions."""
    if isinstance(held, tuple):
        return {msgspec.json.decode(each)["usd"] if each.startswith("{") else each for each in held}
    return {held}


def is_number(name: str) -> bool:
    """Whether a field is a price or a measurement: a number of its own, and maybe several."""
    return "_usd_per_" in name or name.startswith("measured ")


def _always(value: Any) -> Callable[[Any], Any]:
    return lambda _: value


def _tenfold(value: Any) -> Any:
    try:
        number = Decimal(value)
    except (ArithmeticError, TypeError, ValueError):
        return value
    more = number * 10 or Decimal("0.0007")
    return value if isinstance(value, bool) else f"{more:f}" if isinstance(value, str) else more


def _raw(source: Source, entry: Entry, content: dict[str, Any]) -> RawRecord:
    """The record with another content."""
    own = {key: value for key, value in content.items() if key != PARENT}
    raw = msgspec.structs.replace(entry.raw, body=_text.encode(own))
    parent = content.get(PARENT)
    if parent == entry.content.get(PARENT):
        return raw
    body = _text.encode(parent or {})
    try:
        model = salvage(source.layout.parent_wire, body).model  # type: ignore[attr-defined]
    except msgspec.ValidationError:
        return msgspec.structs.replace(raw, fault="its provider can't be read")
    return msgspec.structs.replace(raw, parent=model, parent_body=body)


def _at(content: Mapping[str, Any], path: Path) -> list[Any]:
    return [item for found, value in leaves(content) if found == path and isinstance(value, list) for item in value]
