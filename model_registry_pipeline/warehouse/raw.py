"""The lake: dumps and their documents, byte for byte, and the actions of people. Append-only."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
import zstandard
from sqlalchemy import Connection, Row, func, insert, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert

from model_registry_pipeline.domain.raw.joined import joined
from model_registry_pipeline.warehouse.engine import WarehouseError, one_of
from model_registry_pipeline.warehouse.tables import actions, documents, dumps, verdicts

ZSTD_LEVEL = 7
"""Measured on recorded lists: 13.0 % of their size; level 3 gives 14.9 %, level 9 takes half as long again for 12.9 %,
level 19 ten times as long."""


class DamagedError(WarehouseError):
    """A document of the lake is not what was stored."""


class NewDump(msgspec.Struct, frozen=True, kw_only=True):
    """One answer of a source, as it goes into the lake."""

    source: str
    observed_at: datetime
    recorded_at: datetime
    origin: str
    """fetch, file, replay or package."""
    documents: Sequence[bytes]
    """Pages in their order; secrets are masked already."""
    document_names: Sequence[str] | None = None
    """Of each document, where the list lies in named files."""
    sha256: bytes
    original_sha256: bytes | None = None
    """Of the bytes as served, where masking changed them."""
    file_name: str | None = None
    url: str | None = None
    http_status: int | None = None
    etag: str | None = None
    run_id: str | None = None


class StoredDump(msgspec.Struct, frozen=True, kw_only=True):
    """A dump of the lake, without its documents."""

    dump_id: int
    source: str
    observed_at: datetime
    document_ids: tuple[int, ...]
    document_names: tuple[str, ...] | None = None
    sha256: bytes
    bytes: int
    etag: str | None = None
    confirms_dump_id: int | None = None


def store_dump(connection: Connection, dump: NewDump, *, confirms: StoredDump | None = None) -> tuple[int, bool]:
    """Its id, and whether it is new: the same (source, observed_at, sha256) is stored once.

    A 304 Not Modified `confirms` an earlier dump: it is a dump of its own instant with that one's documents.
    """
    find = select(dumps.c.dump_id).where(
        dumps.c.source == dump.source,
        dumps.c.observed_at == dump.observed_at,
        dumps.c.sha256 == dump.sha256,
    )
    known: int | None = connection.scalar(find)
    if known is not None:
        return known, False
    if confirms is None:
        document_ids = [_store_document(connection, document) for document in dump.documents]
        size = sum(len(document) for document in dump.documents)
    else:
        document_ids, size = list(confirms.document_ids), confirms.bytes
    columns = {name: getattr(dump, name) for name in dump.__struct_fields__ if name != "documents"}
    # Another run may store the same answer at the same moment; then its row is the dump.
    stored: int | None = connection.scalar(
        upsert(dumps)
        .values(
            **columns,
            document_ids=document_ids,
            bytes=size,
            confirms_dump_id=None if confirms is None else confirms.dump_id,
        )
        .on_conflict_do_nothing(index_elements=["source", "observed_at", "sha256"])
        .returning(dumps.c.dump_id)
    )
    dump_id = stored if stored is not None else connection.scalar(find)
    assert dump_id is not None
    return dump_id, stored is not None


def _store_document(connection: Connection, document: bytes) -> int:
    sha256 = hashlib.sha256(document).digest()
    find = select(documents.c.document_id).where(documents.c.sha256 == sha256)
    known: int | None = connection.scalar(find)
    if known is not None:
        return known
    body = zstandard.ZstdCompressor(level=ZSTD_LEVEL).compress(document)
    # Another source's run may store the same bytes at the same moment; then its row is the document.
    stored = connection.scalar(
        upsert(documents)
        .values(sha256=sha256, bytes=len(document), body=body)
        .on_conflict_do_nothing(index_elements=["sha256"])
        .returning(documents.c.document_id)
    )
    document_id: int | None = stored if stored is not None else connection.scalar(find)
    assert document_id is not None
    return document_id


def read_documents(connection: Connection, dump: StoredDump) -> list[bytes]:
    """The documents of a dump, in order; named files as one. Raises DamagedError when one is not what was stored."""
    rows = connection.execute(select(documents).where(one_of(documents.c.document_id, dump.document_ids))).all()
    bodies = {row.document_id: checked(row.document_id, row.sha256, row.body) for row in rows}
    found = [bodies[document_id] for document_id in dump.document_ids]
    return found if dump.document_names is None else [joined(dict(zip(dump.document_names, found, strict=True)))]


def checked(document_id: int, sha256: bytes, body: bytes) -> bytes:
    try:
        document = zstandard.ZstdDecompressor().decompress(body)
    except zstandard.ZstdError as error:
        raise DamagedError(f"Document {document_id} of the lake is damaged: {error}") from None
    if hashlib.sha256(document).digest() != sha256:
        raise DamagedError(f"Document {document_id} of the lake is damaged: its sha256 is another")
    return document


STORED_DUMP = tuple(dumps.c[name] for name in StoredDump.__struct_fields__)
"""The columns of a StoredDump."""


def stored_dump(row: Row[Any]) -> StoredDump:
    """A row of the columns STORED_DUMP."""
    names = None if row.document_names is None else tuple(row.document_names)
    return StoredDump(**{**row._mapping, "document_ids": tuple(row.document_ids), "document_names": names})


def find_dump(connection: Connection, dump_id: int) -> StoredDump | None:
    row = connection.execute(select(*STORED_DUMP).where(dumps.c.dump_id == dump_id)).one_or_none()
    return None if row is None else stored_dump(row)


def dumps_of(
    connection: Connection, source: str, observed_from: datetime | None, observed_to: datetime | None
) -> Iterator[StoredDump]:
    """A source's dumps with observed_from <= observed_at < observed_to, in time order."""
    query = select(*STORED_DUMP).where(dumps.c.source == source).order_by(dumps.c.observed_at, dumps.c.dump_id)
    if observed_from is not None:
        query = query.where(dumps.c.observed_at >= observed_from)
    if observed_to is not None:
        query = query.where(dumps.c.observed_at < observed_to)
    for row in connection.execute(query):
        yield stored_dump(row)


def etags(connection: Connection, full_since: datetime) -> dict[str, StoredDump]:
    """What each source may be asked about with If-None-Match: the dump that its latest accepted answer is, or
    confirms, when that is one document with an ETag, fetched whole since `full_since`."""
    latest = (
        select(dumps.c.source, func.coalesce(dumps.c.confirms_dump_id, dumps.c.dump_id).label("dump_id"))
        .ext(distinct_on(dumps.c.source))
        .join(verdicts, verdicts.c.dump_id == dumps.c.dump_id)
        .where(verdicts.c.status == "accepted")
        .order_by(dumps.c.source, dumps.c.observed_at.desc(), dumps.c.dump_id.desc())
        .subquery()
    )
    rows = connection.execute(
        select(*STORED_DUMP)
        .join(latest, latest.c.dump_id == dumps.c.dump_id)
        .where(
            dumps.c.etag.is_not(None),
            func.cardinality(dumps.c.document_ids) == 1,
            dumps.c.observed_at >= full_since,
        )
    )
    return {row.source: stored_dump(row) for row in rows}


def newest_observed_at(connection: Connection, source: str) -> datetime | None:
    """Of the dumps that nobody rejected: one that a wrong clock dated ahead must not stop a source for years."""
    newest: datetime | None = connection.scalar(
        select(func.max(dumps.c.observed_at))
        .outerjoin(verdicts, verdicts.c.dump_id == dumps.c.dump_id)
        .where(dumps.c.source == source, func.coalesce(verdicts.c.status, "") != "rejected")
    )
    return newest


def record_action(
    connection: Connection,
    *,
    kind: str,
    actor: str,
    recorded_at: datetime,
    dump_id: int | None = None,
    details: dict[str, object] | None = None,
) -> int:
    """Append what a person or an application did; its id."""
    action_id: int | None = connection.scalar(
        insert(actions)
        .values(kind=kind, actor=actor, recorded_at=recorded_at, dump_id=dump_id, details=details or {})
        .returning(actions.c.action_id)
    )
    assert action_id is not None
    return action_id
