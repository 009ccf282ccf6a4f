"""Listings and their records: what the dumps of the lake mean, record by record, stored once by content."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Connection, Text, delete, func, select, text, values
from sqlalchemy import column as sql_column

from model_registry_pipeline.domain.normalized.translate import (
    Listing,
    Memo,
    Record,
    parser_version,
    read_listing,
)
from model_registry_pipeline.domain.source import Source, UnreadableError
from model_registry_pipeline.warehouse.engine import Warehouse, copy_into, copy_rows, lock_source, one_of
from model_registry_pipeline.warehouse.raw import STORED_DUMP, StoredDump, read_documents, stored_dump
from model_registry_pipeline.warehouse.tables import dumps, listings, offerings, records, rejections


class RecordIds:
    """The ids of one source's records by their hash, as far as the listings at hand need them.

    Kept from one dump to the next, whose records are nearly the same ones.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self._ids: dict[bytes, int] = {}

    def load(self, connection: Connection, record_ids: Sequence[int]) -> None:
        """Learn the records of a stored listing, unless some are known already."""
        if record_ids and not self._ids:
            rows = connection.execute(
                select(records.c.sha256, records.c.record_id).where(one_of(records.c.record_id, record_ids))
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


def _new_ids(connection: Connection, column: Column[int], count: int) -> list[int]:
    """As many new ids from a column's sequence."""
    sequence = func.pg_get_serial_sequence(f"{column.table.schema}.{column.table.name}", column.name)
    return list(connection.scalars(select(func.nextval(sequence)).select_from(func.generate_series(1, count))))


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


def listing_before(connection: Connection, dump: StoredDump, parser_version: str) -> list[int]:
    """The record ids of the newest readable listing before a dump; empty when there is none."""
    found = connection.scalar(
        select(listings.c.record_ids)
        .join(dumps)
        .where(
            dumps.c.source == dump.source,
            dumps.c.observed_at < dump.observed_at,
            listings.c.parser_version == parser_version,
            listings.c.unreadable.is_(None),
        )
        .order_by(dumps.c.observed_at.desc(), dumps.c.dump_id.desc())
        .limit(1)
    )
    return list(found or ())


@dataclass(frozen=True, slots=True)
class Normalized:
    """What reading one dump gave."""

    dump_id: int
    observed_at: datetime
    listing: Listing
    unreadable: str | None = None
    """Why the documents are not the source's list; the listing is empty then."""

    def count(self, kind: str) -> int:
        """Rejections of a kind: record, field or duplicate."""
        return sum(rejection.kind == kind for rejection in self.listing.rejections)


BATCH_BYTES = 32 * 1024 * 1024
"""Of documents in one transaction: enough to make commits cheap, few enough that a kill costs a second."""


def normalize(
    warehouse: Warehouse, source: Source, unread: Iterable[StoredDump], done: Callable[[Normalized], None]
) -> None:
    """Read dumps of one source, given in time order, and commit their listings batch by batch; `done` for each.

    A listing that is there already is replaced. Documents that are not the source's list get an empty listing that
    says so.
    """
    memo, ids = Memo(), RecordIds(source.name)
    for batch in _batches(unread):
        with warehouse.derived_transaction() as connection:
            lock_source(connection, source.name)
            ids.load(connection, listing_before(connection, batch[0], parser_version(source)))
            read = [_read(connection, source, dump, memo) for dump in batch]
            ids.add(connection, {record.sha256: record for each in read for record in each.listing.records})
            _replace_listings(connection, source, read, ids)
            ids.forget_all_but(read[-1].listing.records)
        for each in read:
            done(each)


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


def _read(connection: Connection, source: Source, dump: StoredDump, memo: Memo) -> Normalized:
    try:
        listing = read_listing(source, read_documents(connection, dump), memo)
    except UnreadableError as error:
        return Normalized(dump.dump_id, dump.observed_at, Listing([], [], 0), str(error))
    return Normalized(dump.dump_id, dump.observed_at, listing)


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
                hashlib.sha256(b"".join(sorted(record.sha256 for record in each.listing.records))).digest(),
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
