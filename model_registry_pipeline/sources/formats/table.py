"""Leaderboards: a row a model, as CSV with a line of heads, as YAML, or as JSON. Their rows are no offerings."""

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from typing import Generic, TypeVar

import msgspec
import yaml

from model_registry_pipeline.domain.normalized.layouts import Listed, text_of
from model_registry_pipeline.domain.records import Measurement, Offering
from model_registry_pipeline.domain.source import Fault, RawRecord, UnreadableError, Wire

W = TypeVar("W", bound=Wire)

_Rows = list[object]


def no_offering(*_: object) -> None:
    """A leaderboard names models, and offers none."""


def or_told(stated: Iterable[Measurement | Fault]) -> Iterator[Measurement | Fault]:
    """What a row measures; a row without a figure is told, since it is there for nothing else."""
    is_measured = False
    for one in stated:
        is_measured |= isinstance(one, Measurement) and one.value is not None
        yield one
    if not is_measured:
        yield Fault("measurements", "no figure in the row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Generic[W]):
    """Rows as objects by the heads of their columns."""

    wire: type[W]
    measure: Callable[[W], Iterable[Measurement | Fault]]
    name: str = "model"
    """The column that names whom a row is of; without it the table is something else."""
    read: Callable[[str], _Rows]
    """`csv_rows` or `yaml_rows`; what begins as JSON is read as that."""
    heads: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """Of JSON rows that are lists: what their cells are, by how many most of them have."""

    def records(self, document: bytes) -> Iterator[RawRecord]:
        """Raises UnreadableError where there are no rows that name somebody."""
        text = text_of(document).decode()
        if text.lstrip()[:1] in {"[", "{"}:
            yield from self._headed(list(Listed(wire=self.wire, parse=no_offering).records(document)))
            return
        rows = self.read(text)
        if rows and not any(isinstance(row, dict) and self.name in row for row in rows):
            raise UnreadableError(f"no row of it has a column {self.name!r}")
        for index, row in enumerate(rows):
            fault = row if isinstance(row, str) else None
            yield RawRecord(position=f"[{index}]", body=msgspec.json.encode(row), fault=fault)

    def offering(self, model: W, record: RawRecord) -> Offering | None:
        """A row names a model, and offers none."""
        return None

    def measurements(self, model: W, record: RawRecord) -> Iterable[Measurement | Fault]:
        """What a row measures."""
        return or_told(self.measure(model))

    def _headed(self, records: Sequence[RawRecord]) -> Iterator[RawRecord]:
        lists = {record.position: _cells.decode(record.body) for record in records if record.body.startswith(b"[")}
        usual = Counter(map(len, lists.values())).most_common(1)
        heads = self.heads.get(usual[0][0], ()) if usual else ()
        for record in records:
            cells = lists.get(record.position)
            if cells is None:
                yield record
            elif len(cells) == len(heads):
                body = msgspec.json.encode(dict(zip(heads, cells, strict=True)))
                yield RawRecord(position=record.position, body=body)
            else:
                fault = f"{len(cells)} cells under {len(heads)} heads"
                yield RawRecord(position=record.position, body=record.body, fault=fault)


_cells = msgspec.json.Decoder(list[msgspec.Raw])


def csv_rows(text: str) -> _Rows:
    """Each row by its heads without their blanks; an empty cell is not stated, a row of another width is a fault."""
    try:
        reader = csv.reader(StringIO(text, newline=""), strict=True)
        lines = [line for line in reader if any(map(str.strip, line))]
    except csv.Error as error:
        raise UnreadableError(f"not CSV: {error}") from None
    heads = ["".join(head.split()) for head in lines[0]] if lines else []
    if len(set(heads)) < len(heads):
        raise UnreadableError("two columns of one name")
    return [
        {head: cell.strip() for head, cell in zip(heads, line, strict=True) if cell.strip()}
        if len(line) == len(heads)
        else f"{len(line)} cells under {len(heads)} heads"
        for line in lines[1:]
    ]


def yaml_rows(text: str) -> _Rows:
    """Each item of a list, every scalar as it is written: 0.50 stays 0.50, and `no` is a word."""
    try:
        # An alias of aliases of aliases is small as YAML and fills the memory as JSON.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.CBaseLoader)):
            raise UnreadableError("YAML with aliases, which a list of models has no use for")
        rows = yaml.load(text, Loader=yaml.CBaseLoader)  # noqa: S506 (it makes texts, lists and dictionaries only)
    except (yaml.YAMLError, RecursionError) as error:
        raise UnreadableError(f"not YAML: {' '.join(str(error).split())[:200]}") from None
    if not isinstance(rows, list):
        raise UnreadableError("not a list of models")
    return [row if isinstance(row, dict) else "no object" for row in rows]
