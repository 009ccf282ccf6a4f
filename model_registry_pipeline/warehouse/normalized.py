"""Listings and their records: what the dumps of the lake mean, record by record, stored once by content."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Text, any_, delete, insert, literal_column, select, text, values
from sqlalchemy import column as sql_column
from sqlalchemy.dialects.postgresql import insert as upsert

from model_registry_pipeline.domain.normalized.translate import (
    Listing,
    Memo,
    Record,
    parser_version,
    read_listing,
)
from model_registry_pipeline.domain.records import Rejection
from model_registry_pipeline.domain.source import Source, UnreadableError
from model_registry_pipeline.warehouse.engine import Warehouse, copy_into, copy_rows, lock_source
from model_registry_pipeline.warehouse.raw import STORED_DUMP, StoredDump, read_documents, stored_dump
from model_registry_pipeline.warehouse.tables import dumps, listings, records, rejections


class RecordIds:
    """The ids of one source's records by their hash, as far as the listings at hand need them.

    Kept from one dump to the next, whose records are nearly the same ones.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self._ids: dict[bytes, int] = {}

    @property
    def is_empty(self) -> bool:
        return not self._ids

    def load(self, connection: Connection, record_ids: Sequence[int]) -> None:
        """Learn the records of a stored listing."""
        rows = connection.execute(
            select(records.c.sha256, records.c.record_id).where(records.c.record_id == any_(list(record_ids)))
        )
        self._ids.update((sha256, record_id) for sha256, record_id in rows)

    def of(self, connection: Connection, listed: Sequence[Record]) -> list[int]:
        """The ids of records, sorted; those that are new are stored."""
        unknown = [record for record in listed if record.sha256 not in self._ids]
        if unknown:
            self._ids.update(_store_records(connection, self.source, unknown))
        return sorted(self._ids[record.sha256] for record in listed)

    def forget_all_but(self, record_ids: Sequence[int]) -> None:
        """Keep only the records of one listing: the memory of a long replay stays that of a dump or two."""
        kept = set(record_ids)
        if len(self._ids) > 2 * len(kept) + 10_000:
            self._ids = {sha256: record_id for sha256, record_id in self._ids.items() if record_id in kept}


_STAGE = """
create temporary table staged_records (
    provider_id text not null, model_id text not null, sha256 bytea not null, facts text not null, extra text
) on commit drop
"""
_MERGE_OFFERINGS = """
insert into normalized.offerings (source, provider_id, model_id)
select :source, provider_id, model_id from staged_records
on conflict (source, provider_id, model_id) do nothing
"""
_MERGE_RECORDS = """
insert into normalized.records (offering_id, sha256, facts, extra)
select offering_id, sha256, facts::jsonb, extra::jsonb
from staged_records join normalized.offerings using (provider_id, model_id)
where source = :source
on conflict (offering_id, sha256) do nothing
"""
_STAGED_IDS = """
select records.sha256, records.record_id
from staged_records
join normalized.offerings using (provider_id, model_id)
join normalized.records using (offering_id, sha256)
where source = :source
"""


def _store_records(connection: Connection, source: str, new: Sequence[Record]) -> dict[bytes, int]:
    connection.execute(text(_STAGE))
    copy_into(
        connection,
        "staged_records",
        "provider_id, model_id, sha256, facts, extra",
        (
            (
                record.provider_id,
                record.model_id,
                record.sha256,
                record.facts.decode(),
                None if record.extra is None else record.extra.decode(),
            )
            for record in new
        ),
    )
    connection.execute(text("analyze staged_records"))
    connection.execute(text(_MERGE_OFFERINGS), {"source": source})
    connection.execute(text(_MERGE_RECORDS), {"source": source})
    ids = dict(connection.execute(text(_STAGED_IDS), {"source": source}).tuples().all())
    connection.execute(text("drop table staged_records"))
    return ids


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


def same_documents_listing(connection: Connection, dump: StoredDump, parser_version: str) -> int | None:
    """The dump whose listing holds for this one too, because its documents are the same."""
    return connection.scalar(
        select(listings.c.dump_id)
        .join(dumps)
        .where(
            dumps.c.source == dump.source,
            dumps.c.document_ids == list(dump.document_ids),
            listings.c.parser_version == parser_version,
            listings.c.dump_id != dump.dump_id,
        )
        .limit(1)
    )


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


def store_listing(
    connection: Connection, dump_id: int, parser_version: str, listing: Listing, record_ids: Sequence[int]
) -> None:
    """Store, or replace whole, the listing and the rejections of a dump."""
    _replace(
        connection,
        dump_id,
        listing.rejections,
        parser_version=parser_version,
        unreadable=None,
        record_ids=list(record_ids),
        records=len(record_ids),
        rejected=sum(rejection.kind == "record" for rejection in listing.rejections),
        fields_rejected=sum(rejection.kind == "field" for rejection in listing.rejections),
        skipped=listing.skipped,
        sha256=hashlib.sha256(b"".join(sorted(record.sha256 for record in listing.records))).digest(),
    )


def store_unreadable(connection: Connection, dump_id: int, parser_version: str, reason: str) -> None:
    """Store that the documents of a dump are not its source's list, and why."""
    _replace(
        connection,
        dump_id,
        (),
        parser_version=parser_version,
        unreadable=reason,
        record_ids=[],
        records=0,
        rejected=0,
        fields_rejected=0,
        skipped=0,
        sha256=hashlib.sha256(b"").digest(),
    )


def _replace(connection: Connection, dump_id: int, told: Sequence[Rejection], /, **columns: object) -> None:
    statement = upsert(listings).values(dump_id=dump_id, **columns)
    connection.execute(statement.on_conflict_do_update(index_elements=["dump_id"], set_=columns))
    connection.execute(delete(rejections).where(rejections.c.dump_id == dump_id))
    if told:
        copy_rows(
            connection,
            rejections,
            ("dump_id", "kind", "position", "field", "model_id", "reason"),
            ((dump_id, r.kind, r.position, r.field, r.model_id, r.reason) for r in told),
        )


def copy_listing(connection: Connection, dump_id: int, same_as: int) -> None:
    """Give a dump the listing and the rejections of another one with the same documents."""
    connection.execute(delete(rejections).where(rejections.c.dump_id == dump_id))
    connection.execute(delete(listings).where(listings.c.dump_id == dump_id))
    for table in (listings, rejections):
        others = [column for column in table.c if column.name != "dump_id"]
        connection.execute(
            insert(table).from_select(
                ["dump_id", *(column.name for column in others)],
                select(literal_column(str(dump_id)), *others).where(table.c.dump_id == same_as),
            )
        )


BATCH_RECORDS = 50_000
"""Records a transaction: enough to make commits cheap, few enough that a kill costs seconds."""


@dataclass(slots=True)
class Normalized:
    """What reading one dump gave."""

    dump_id: int
    observed_at: datetime
    records: int = 0
    rejected: int = 0
    fields_rejected: int = 0
    unreadable: str | None = None


def normalize(
    warehouse: Warehouse,
    source: Source,
    dumps_to_read: Sequence[StoredDump],
    done: Callable[[Normalized], None],
    *,
    is_reread: bool = False,
) -> None:
    """Read dumps of one source, given in time order, and commit their listings batch by batch; `done` for each.

    A dump whose documents are not the source's list gets an empty listing that says so. `is_reread`: really read
    them, also when the listing of the same documents is at hand.
    """
    memo, ids = Memo(), RecordIds(source.name)
    for batch in _batches(dumps_to_read):
        with warehouse.derived_transaction() as connection:
            lock_source(connection, source.name)
            finished = [_normalize_one(connection, source, dump, memo, ids, is_reread) for dump in batch]
        for outcome in finished:
            done(outcome)


def _batches(pending: Sequence[StoredDump]) -> Iterator[list[StoredDump]]:
    """Dumps in batches of about BATCH_RECORDS, a record taken to be a kilobyte."""
    batch: list[StoredDump] = []
    size = 0
    for dump in pending:
        batch.append(dump)
        size += dump.bytes
        if size >= BATCH_RECORDS * 1000:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _normalize_one(
    connection: Connection, source: Source, dump: StoredDump, memo: Memo, ids: RecordIds, is_reread: bool
) -> Normalized:
    version = parser_version(source)
    same = None if is_reread else same_documents_listing(connection, dump, version)
    if same is not None:
        copy_listing(connection, dump.dump_id, same)
    else:
        try:
            listing = read_listing(source, read_documents(connection, dump), memo)
        except UnreadableError as error:
            store_unreadable(connection, dump.dump_id, version, str(error))
        else:
            if ids.is_empty:
                ids.load(connection, listing_before(connection, dump, version))
            record_ids = ids.of(connection, listing.records)
            store_listing(connection, dump.dump_id, version, listing, record_ids)
            ids.forget_all_but(record_ids)
    row = connection.execute(
        select(listings.c.records, listings.c.rejected, listings.c.fields_rejected, listings.c.unreadable).where(
            listings.c.dump_id == dump.dump_id
        )
    ).one()
    return Normalized(dump.dump_id, dump.observed_at, *row)
