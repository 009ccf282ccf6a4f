"""Measurements in the database: a row a dump and metric, its figures in arrays; and the names that leaderboards use.

They are read and replaced with the listing of their dump, and no fact, version or change rests on them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain

from sqlalchemy import Connection, delete, select, text

from model_registry_pipeline.domain.normalized.translate import Listing
from model_registry_pipeline.domain.records import Measurement, Metric
from model_registry_pipeline.warehouse.engine import copy_rows, one_of
from model_registry_pipeline.warehouse.tables import measurements, offerings, subjects

Subjects = dict[int, list[int]]
"""By dump: the ids of the names that its rows are of, sorted."""

COLUMNS = (
    "dump_id",
    "metric",
    "unit",
    "kind",
    "offering_ids",
    "subject_ids",
    "figures",
    "variants",
    "measured_on",
)


def replace(connection: Connection, source: str, listings: Mapping[int, Listing]) -> Subjects:
    """Store what dumps measured, in place of what they measured before. The caller holds the source's lock, and has
    stored their records."""
    replaced = connection.execute(delete(measurements).where(one_of(measurements.c.dump_id, listings))).rowcount
    offering_ids = _offering_ids(connection, source, listings.values())
    subject_ids = _subject_ids(connection, source, listings.values())
    found = {
        dump_id: {score.subject: subject_ids[score.subject] for score in listing.scores}
        for dump_id, listing in listings.items()
    }
    copy_rows(
        connection,
        measurements,
        COLUMNS,
        (
            (dump_id, *row)
            for dump_id, listing in listings.items()
            for row in _rows(listing, offering_ids, found[dump_id])
        ),
    )
    if replaced and subject_ids:
        connection.execute(text(_DROP_UNUSED), {"source": source})
    return {dump_id: sorted(named.values()) for dump_id, named in found.items()}


_DROP_UNUSED = """
delete from normalized.subjects
where source = :source
  and subject_id not in (
    select unnest(subject_ids) from normalized.measurements join raw.dumps using (dump_id) where source = :source
  )
"""


def _offering_ids(connection: Connection, source: str, listings: Iterable[Listing]) -> dict[tuple[str, str], int]:
    """The ids of a source's offerings, if any of them is measured."""
    if not any(record.measured for listing in listings for record in listing.records):
        return {}
    rows = connection.execute(
        select(offerings.c.provider_id, offerings.c.model_id, offerings.c.offering_id).where(
            offerings.c.source == source
        )
    )
    return {(provider_id, model_id): offering_id for provider_id, model_id, offering_id in rows}


def _subject_ids(connection: Connection, source: str, listings: Iterable[Listing]) -> dict[str, int]:
    """The ids of the names that a source uses; those that are new are stored."""
    wanted = {score.subject for listing in listings for score in listing.scores}
    if not wanted:
        return {}
    known = select(subjects.c.name, subjects.c.subject_id).where(subjects.c.source == source)
    new = wanted - {name for name, _ in connection.execute(known)}
    copy_rows(connection, subjects, ("source", "name"), ((source, name) for name in sorted(new)))
    return dict(connection.execute(known).all())


@dataclass(slots=True)
class _Series:
    """The figures of one dump and metric."""

    metric: Metric
    ids: list[int] = field(default_factory=list)
    figures: list[Decimal | int | None] = field(default_factory=list)
    variants: list[str | None] = field(default_factory=list)
    days: list[str | None] = field(default_factory=list)

    def add(self, owner: int, one: Measurement) -> None:
        self.ids.append(owner)
        self.figures.append(one.value)
        self.variants.append(one.variant)
        self.days.append(one.measured_on)


def _rows(
    listing: Listing, offering_ids: Mapping[tuple[str, str], int], subject_ids: Mapping[str, int]
) -> Iterable[tuple[object, ...]]:
    """The rows of one dump, but for its id: of offerings, then of names."""
    of_offerings: dict[str, _Series] = {}
    for record in listing.records:
        if record.measured:
            _collect(of_offerings, offering_ids[record.provider_id, record.model_id], record.measured)
    of_names: dict[str, _Series] = {}
    for score in listing.scores:
        _collect(of_names, subject_ids[score.subject], score.measured)
    return chain(
        (_row(series, ids=(_literal(series.ids), None)) for series in of_offerings.values()),
        (_row(series, ids=(None, _literal(series.ids))) for series in of_names.values()),
    )


def _collect(found: dict[str, _Series], owner: int, measured: Iterable[Measurement]) -> None:
    for one in measured:
        series = found.get(one.metric.name)
        if series is None:
            series = found[one.metric.name] = _Series(one.metric)
        series.add(owner, one)


def _row(series: _Series, ids: tuple[str | None, str | None]) -> tuple[object, ...]:
    metric = series.metric
    variants = series.variants if any(series.variants) else None
    days = series.days if any(series.days) else None
    return metric.name, metric.unit, metric.kind, *ids, _literal(series.figures), variants, days


def _literal(numbers: Iterable[object]) -> str:
    """An array as PostgreSQL reads it: for 200,000 numbers ten times as fast as the driver's own way."""
    return f"{{{','.join(map(str, numbers))}}}"
