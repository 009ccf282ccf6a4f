"""Listings and their records: what the dumps of the lake mean, record by record, stored once by content."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Column, Connection, Text, case, delete, exists, select, text, tuple_, values
from sqlalchemy import column as sql_column
from sqlalchemy.dialects.postgresql import insert as upsert

from model_registry_pipeline.domain.normalized.lineage import Lineage
from model_registry_pipeline.domain.normalized.paths import Drift, PathReader, Paths, drift
from model_registry_pipeline.domain.normalized.translate import (
    Listing,
    Memo,
    Record,
    parser_version,
    read_listing,
)
from model_registry_pipeline.domain.source import Source, UnreadableError
from model_registry_pipeline.warehouse.engine import Warehouse, copy_into, copy_rows, lock_key, lock_source, one_of
from model_registry_pipeline.warehouse.raw import STORED_DUMP, DamagedError, StoredDump, read_documents, stored_dump
from model_registry_pipeline.warehouse.tables import dumps, listings, offerings, paths, records, rejections


class RecordIds:
    """The ids of one source's records by their hash, as far as the listings at hand need them.

    Kept from one dump to the next, whose records are nearly the same ones.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self._ids: dict[bytes, int] = {}

    def load(self, connection: Connection, before: StoredDump, parser_version: str) -> None:
        """Learn the records of the newest readable listing before a dump, unless some records are known already."""
        if not self._ids:
            rows = connection.execute(
                text(_RECORDS_BEFORE),
                {
                    "source": self.source,
                    "observed_at": before.observed_at,
                    "parser_version": parser_version,
                },
            )
            self._ids.update(rows.all())

    def add(self, connection: Connection, wanted: Mapping[bytes, Record]) -> None:
        """Learn the ids of records, by their hash; those that are new are stored."""
        unknown = [record for sha256, record in wanted.items() if sha256 not in self._ids]
        if unknown:
            self._ids.update(_store_records(connection, self.source, unknown))

    def of(self, listed: Iterable[Record]) -> list[int]:
        """The ids of known records, sorted."""
        return sorted(self._ids[record.sha256] for record in listed)

    def forget_all_but(self, listed: Iterable[Record]) -> None:
        """Keep the records of one listing only: the memory of a long replay stays that of a dump or two."""
        self._ids = {record.sha256: self._ids[record.sha256] for record in listed}


_RECORDS_BEFORE = """
select records.sha256, records.record_id
from (
    select record_ids
    from normalized.listings join raw.dumps using (dump_id)
    where source = :source and observed_at < :observed_at
      and parser_version = :parser_version and unreadable is null
    order by observed_at desc, dump_id desc
    limit 1
) as before
cross join unnest(record_ids) as listed (record_id)
join normalized.records using (record_id)
"""
_STAGE = """
create temporary table wanted_records (ordinal int, provider_id text, model_id text, sha256 bytea) on commit drop
"""
_FIND = """
select ordinal, offerings.offering_id, records.record_id
from wanted_records
join normalized.offerings
    on source = :source and offerings.provider_id = wanted_records.provider_id
    and offerings.model_id = wanted_records.model_id
left join normalized.records
    on records.offering_id = offerings.offering_id and records.sha256 = wanted_records.sha256
"""


def _store_records(connection: Connection, source: str, wanted: Sequence[Record]) -> dict[bytes, int]:
    """The ids of records by their hash. What is not stored yet is, by COPY straight into the tables: the caller
    holds the source's lock, so that nobody else writes the same rows."""
    offering_ids: dict[tuple[str, str], int] = {}
    record_ids: dict[bytes, int] = {}
    for ordinal, offering_id, record_id in _find(connection, source, wanted):
        record = wanted[ordinal]
        offering_ids[record.provider_id, record.model_id] = offering_id
        if record_id is not None:
            record_ids[record.sha256] = record_id

    new = [record for record in wanted if record.sha256 not in record_ids]
    unlisted = {(record.provider_id, record.model_id) for record in new} - offering_ids.keys()
    fresh = sorted(unlisted)
    offering_ids.update(zip(fresh, _new_ids(connection, offerings.c.offering_id, len(fresh)), strict=True))
    copy_rows(
        connection,
        offerings,
        ("offering_id", "source", "provider_id", "model_id"),
        ((offering_ids[key], source, *key) for key in fresh),
    )
    new_ids = _new_ids(connection, records.c.record_id, len(new))
    copy_rows(
        connection,
        records,
        ("record_id", "offering_id", "sha256", "facts", "extra"),
        (
            (
                record_id,
                offering_ids[record.provider_id, record.model_id],
                record.sha256,
                record.facts.decode(),
                None if record.extra is None else record.extra.decode(),
            )
            for record_id, record in zip(new_ids, new, strict=True)
        ),
    )
    record_ids.update((record.sha256, record_id) for record_id, record in zip(new_ids, new, strict=True))
    return record_ids


def _find(connection: Connection, source: str, wanted: Sequence[Record]) -> Sequence[tuple[int, int, int | None]]:
    """(position in `wanted`, offering id, record id) of those whose offering is known."""
    if not connection.scalar(select(exists().where(offerings.c.source == source))):
        return ()
    connection.execute(text(_STAGE))
    copy_into(
        connection,
        "wanted_records",
        "ordinal, provider_id, model_id, sha256",
        ((ordinal, each.provider_id, each.model_id, each.sha256) for ordinal, each in enumerate(wanted)),
    )
    connection.execute(text("analyze wanted_records"))
    found = connection.execute(text(_FIND), {"source": source}).all()
    connection.execute(text("drop table wanted_records"))
    return found


def _new_ids(connection: Connection, column: Column[int], count: int) -> range:
    """As many new ids from a column's sequence, taken as one block: asking for each costs a second for 200,000."""
    if not count:
        return range(0)
    names = {"table": f"{column.table.schema}.{column.table.name}", "column": column.name}
    key = lock_key(f"ids:{names['table']}")
    connection.execute(text("select pg_advisory_lock(:key)"), {"key": key})
    try:
        first: int = connection.execute(
            text("select nextval(pg_get_serial_sequence(:table, :column))"), names
        ).scalar_one()
        last = first + count - 1
        connection.execute(
            text("select setval(pg_get_serial_sequence(:table, :column), :last)"), names | {"last": last}
        )
    finally:
        connection.execute(text("select pg_advisory_unlock(:key)"), {"key": key})
    return range(first, last + 1)


def pending_dumps(connection: Connection, parser_versions: Mapping[str, str]) -> list[StoredDump]:
    """Dumps that have no listing of their source's parser version yet, by source in time order."""
    if not parser_versions:
        return []
    wanted = values(sql_column("source", Text), sql_column("parser_version", Text), name="wanted").data(
        list(parser_versions.items())
    )
    query = (
        select(*STORED_DUMP)
        .join(wanted, wanted.c.source == dumps.c.source)
        .outerjoin(
            listings,
            (listings.c.dump_id == dumps.c.dump_id) & (listings.c.parser_version == wanted.c.parser_version),
        )
        .where(listings.c.dump_id.is_(None))
        .order_by(dumps.c.source, dumps.c.observed_at, dumps.c.dump_id)
    )
    return [stored_dump(row) for row in connection.execute(query)]


@dataclass(frozen=True, slots=True)
class Normalized:
    """What reading one dump gave."""

    dump_id: int
    observed_at: datetime
    listing: Listing
    paths: Paths | None = None
    """The JSON paths of its records."""
    unreadable: str | None = None
    """Why the documents are not the source's list; the listing is empty then."""

    def count(self, kind: str) -> int:
        """Rejections of a kind: record, field or duplicate."""
        return sum(rejection.kind == kind for rejection in self.listing.rejections)


@dataclass(slots=True)
class Reading:
    """What reading some dumps amounts to beyond their listings."""

    lineage: Lineage = field(default_factory=Lineage)
    """What reads otherwise than it was stored: a new parser's doing."""
    drift: list[tuple[int, Drift]] = field(default_factory=list)
    """(dump id, JSON paths that came or went), for dumps with any."""


BATCH_BYTES = 32 * 1024 * 1024
"""Of documents in one transaction: enough to make commits cheap, few enough that a kill costs a second."""


def normalize(
    warehouse: Warehouse,
    source: Source,
    unread: Iterable[StoredDump],
    done: Callable[[Normalized], None],
    *,
    is_dry: bool = False,
) -> Reading:
    """Read dumps of one source, given in time order, and commit their listings batch by batch; `done` for each.

    A listing that is there already is replaced. Documents that are not the source's list get an empty listing that
    says so. `is_dry`: read and compare only, and write nothing.
    """
    memo, path_reader, ids, reading = Memo(), PathReader(source), RecordIds(source.name), Reading()
    for batch in _batches(unread):
        with warehouse.derived_transaction() as connection:
            lock_source(connection, source.name)
            read = [_read(connection, source, dump, memo, path_reader) for dump in batch]
            _compare(connection, read, reading.lineage)
            if not is_dry:
                ids.load(connection, batch[0], parser_version(source))
                ids.add(connection, {record.sha256: record for each in read for record in each.listing.records})
                _replace_listings(connection, source, read, ids)
                ids.forget_all_but(read[-1].listing.records)
                reading.drift += note_paths(connection, source.name, read)
        for each in read:
            done(each)
    return reading


def _batches(unread: Iterable[StoredDump]) -> Iterator[list[StoredDump]]:
    batch: list[StoredDump] = []
    size = 0
    for dump in unread:
        batch.append(dump)
        size += dump.bytes
        if size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _read(connection: Connection, source: Source, dump: StoredDump, memo: Memo, path_reader: PathReader) -> Normalized:
    try:
        documents = read_documents(connection, dump)
        listing = read_listing(source, documents, memo)
        return Normalized(dump.dump_id, dump.observed_at, listing, path_reader.paths(documents))
    except (UnreadableError, DamagedError) as error:
        return Normalized(dump.dump_id, dump.observed_at, Listing([], [], 0), unreadable=str(error))


_STORED_RECORDS = """
select provider_id, model_id, records.sha256,
    (case when extra is null then facts else facts || jsonb_build_object('extra', extra) end)::text as said
from unnest(cast(:record_ids as integer[])) as listed (record_id)
join normalized.records using (record_id)
join normalized.offerings using (offering_id)
"""


def _compare(connection: Connection, read: Sequence[Normalized], lineage: Lineage) -> None:
    """Take in what reads otherwise than the listings that are stored say."""
    stored = connection.execute(
        select(listings.c.dump_id, listings.c.sha256, listings.c.record_ids).where(
            one_of(listings.c.dump_id, [each.dump_id for each in read])
        )
    )
    by_dump = {row.dump_id: row for row in stored}
    for each in read:
        row = by_dump.get(each.dump_id)
        if row is None or row.sha256 == _listing_sha256(each.listing):
            continue
        before = connection.execute(text(_STORED_RECORDS), {"record_ids": row.record_ids}).all()
        same = {old.sha256 for old in before} & {record.sha256 for record in each.listing.records}
        lineage.compare(
            {(old.provider_id, old.model_id): old.said.encode() for old in before if old.sha256 not in same},
            {(new.provider_id, new.model_id): _said(new) for new in each.listing.records if new.sha256 not in same},
        )


def _said(record: Record) -> bytes:
    """Facts and extra as one JSON object."""
    return record.facts if record.extra is None else b'%b,"extra":%b}' % (record.facts[:-1], record.extra)


def _listing_sha256(listing: Listing) -> bytes:
    return hashlib.sha256(b"".join(sorted(record.sha256 for record in listing.records))).digest()


def _replace_listings(connection: Connection, source: Source, read: Sequence[Normalized], ids: RecordIds) -> None:
    replaced = [each.dump_id for each in read]
    connection.execute(delete(listings).where(one_of(listings.c.dump_id, replaced)))
    connection.execute(delete(rejections).where(one_of(rejections.c.dump_id, replaced)))
    copy_rows(
        connection,
        listings,
        (
            "dump_id",
            "parser_version",
            "is_complete",
            "unreadable",
            "record_ids",
            "records",
            "rejected",
            "fields_rejected",
            "skipped",
            "sha256",
        ),
        (
            (
                each.dump_id,
                parser_version(source),
                source.complete,
                each.unreadable,
                ids.of(each.listing.records),
                len(each.listing.records),
                each.count("record"),
                each.count("field"),
                each.listing.skipped,
                _listing_sha256(each.listing),
            )
            for each in read
        ),
    )
    copy_rows(
        connection,
        rejections,
        ("dump_id", "kind", "position", "field", "model_id", "reason"),
        (
            (each.dump_id, r.kind, r.position, r.field, r.model_id, r.reason)
            for each in read
            for r in each.listing.rejections
        ),
    )


# -- the drift ledger ------------------------------------------------------------------------------------------------


MAX_PATHS = 5_000
"""Of a source: where keys are data (a map by model name), new ones are no drift and would fill the ledger."""


def note_paths(connection: Connection, source: str, read: Sequence[Normalized]) -> list[tuple[int, Drift]]:
    """Bring `normalized.paths` up to date with dumps in time order; (dump id, drift) of those that drifted."""
    rows = connection.execute(select(paths).where(paths.c.source == source)).all()
    known = {row.path for row in rows}
    newest = max((row.last_seen_at for row in rows), default=None)
    before: Paths | None = None if newest is None else frozenset(r.path for r in rows if r.last_seen_at == newest)
    seen: dict[str, list[Normalized]] = {}
    drifted: list[tuple[int, Drift]] = []
    for each in read:
        # An empty list says nothing of paths, as one that can't be read.
        if not each.paths:
            continue
        listed = _kept(each.paths, known)
        # A late dump is older news: what came or went is told of the newest only.
        if newest is None or each.observed_at > newest:
            if found := drift(known, before, listed):
                drifted.append((each.dump_id, found))
            before, newest = listed, each.observed_at
        elif before is not None and each.observed_at == newest:
            before |= listed
        known |= listed
        for path in listed:
            seen.setdefault(path, [each, each])[1] = each
    _merge_paths(connection, source, seen)
    return drifted


def _kept(found: Paths, known: Collection[str]) -> Paths:
    """The known paths among these, and the new ones for which there is room."""
    new = sorted(found.difference(known))
    return found.difference(new[max(0, MAX_PATHS - len(known)) :])


def _merge_paths(connection: Connection, source: str, seen: Mapping[str, Sequence[Normalized]]) -> None:
    """First and last sighting of each path: the earliest and the latest that any order of arrival leaves."""
    if not seen:
        return
    statement = upsert(paths)
    new = statement.excluded
    is_earlier = tuple_(new.first_seen_at, new.first_dump_id) < tuple_(paths.c.first_seen_at, paths.c.first_dump_id)
    is_later = tuple_(new.last_seen_at, new.last_dump_id) > tuple_(paths.c.last_seen_at, paths.c.last_dump_id)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["source", "path"],
            set_={
                "first_seen_at": case((is_earlier, new.first_seen_at), else_=paths.c.first_seen_at),
                "first_dump_id": case((is_earlier, new.first_dump_id), else_=paths.c.first_dump_id),
                "last_seen_at": case((is_later, new.last_seen_at), else_=paths.c.last_seen_at),
                "last_dump_id": case((is_later, new.last_dump_id), else_=paths.c.last_dump_id),
            },
            where=is_earlier | is_later,
        ),
        [
            {
                "source": source,
                "path": path,
                "first_seen_at": first.observed_at,
                "first_dump_id": first.dump_id,
                "last_seen_at": last.observed_at,
                "last_dump_id": last.dump_id,
            }
            for path, (first, last) in sorted(seen.items())
        ],
    )
