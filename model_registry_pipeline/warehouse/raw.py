"""The lake: dumps and their documents, byte for byte, and the actions of people. Append-only."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from hashlib import sha256
from operator import attrgetter
from typing import Any

import msgspec
import zstandard
from sqlalchemy import Connection, Row, func, insert, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert

from model_registry_pipeline.domain.raw.joined import joined
from model_registry_pipeline.warehouse.engine import WarehouseError, one_of, plain_rows
from model_registry_pipeline.warehouse.tables import actions, documents, dumps, verdicts

ZSTD_LEVEL = 6
"""Measured on recorded lists: 13.3 % of their size; level 3 gives 14.9 %, level 9 takes half as long again for 12.9 %,
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
    confirms: "StoredDump | None" = None
    """The earlier dump that this one, a 304 Not Modified, says still holds: it has that one's documents."""


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


def store_dump(connection: Connection, dump: NewDump) -> tuple[int, bool]:
    """Its id, and whether it is new."""
    (stored,) = store_dumps(connection, [dump])
    return stored


def store_dumps(connection: Connection, new: Sequence[NewDump]) -> list[tuple[int, bool]]:
    """For each its id, and whether it is new: the same (source, observed_at, sha256) is stored once."""
    known = _dump_ids(connection, new)
    unknown: dict[_Key, NewDump] = {}
    for dump in new:
        if _key(dump) not in known:
            unknown.setdefault(_key(dump), dump)
    # In time order, whichever run stores them: two that insert the same in two orders wait for each other.
    stored = _insert_dumps(connection, sorted(unknown.values(), key=attrgetter("source", "observed_at")))
    # Another run may store the same answer at the same moment; then its row is the dump.
    elsewhere = _dump_ids(connection, [dump for key, dump in unknown.items() if key not in stored])
    ids = known | stored | elsewhere
    return [(ids[_key(dump)], _key(dump) in stored and unknown[_key(dump)] is dump) for dump in new]


_Key = tuple[str, datetime, bytes]


def _key(dump: NewDump) -> _Key:
    return dump.source, dump.observed_at, dump.sha256


_DUMP_IDS = """
select source, observed_at, sha256, dump_id
from unnest(%s::text[], %s::timestamptz[], %s::bytea[]) as wanted (source, observed_at, sha256)
join raw.dumps using (source, observed_at, sha256)
"""


def _dump_ids(connection: Connection, wanted: Sequence[NewDump]) -> dict[_Key, int]:
    """The ids of those that are stored."""
    if not wanted:
        return {}
    rows = plain_rows(connection, _DUMP_IDS, *map(list, zip(*map(_key, wanted), strict=True)))
    return {(source, observed_at, sha256): dump_id for source, observed_at, sha256, dump_id in rows}


def _insert_dumps(connection: Connection, new: Sequence[NewDump]) -> dict[_Key, int]:
    """The ids of those that nobody else stored meanwhile."""
    if not new:
        return {}
    document_ids = _store_documents(connection, [document for dump in new for document in dump.documents])
    rows = [
        {name: getattr(dump, name) for name in _DUMP_COLUMNS}
        | (_own_documents(dump, document_ids) if dump.confirms is None else _those_of(dump.confirms))
        for dump in new
    ]
    statement = upsert(dumps).on_conflict_do_nothing(index_elements=["source", "observed_at", "sha256"])
    key = (dumps.c.source, dumps.c.observed_at, dumps.c.sha256)
    stored = connection.execute(statement.returning(dumps.c.dump_id, *key), rows)
    return {(row.source, row.observed_at, row.sha256): row.dump_id for row in stored}


_DUMP_COLUMNS = set(NewDump.__struct_fields__) - {"documents", "confirms"}


def _own_documents(dump: NewDump, document_ids: Mapping[bytes, int]) -> dict[str, object]:
    return {
        "document_ids": [document_ids[document] for document in dump.documents],
        "bytes": sum(map(len, dump.documents)),
        "confirms_dump_id": None,
    }


def _those_of(dump: StoredDump) -> dict[str, object]:
    return {"document_ids": list(dump.document_ids), "bytes": dump.bytes, "confirms_dump_id": dump.dump_id}


def _store_documents(connection: Connection, contents: Iterable[bytes]) -> dict[bytes, int]:
    """The ids of documents, by what they say."""
    hashes = {sha256(content).digest(): content for content in contents}
    find = select(documents.c.sha256, documents.c.document_id)
    ids: dict[bytes, int] = dict(connection.execute(find.where(one_of(documents.c.sha256, hashes))).all())
    if unknown := [key for key in hashes if key not in ids]:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            bodies = pool.map(_compressed, map(hashes.__getitem__, unknown))
            rows = [
                {"sha256": key, "bytes": len(hashes[key]), "body": body}
                for key, body in zip(unknown, bodies, strict=True)
            ]
        statement = upsert(documents).on_conflict_do_nothing(index_elements=["sha256"])
        stored = connection.execute(statement.returning(documents.c.sha256, documents.c.document_id), rows)
        ids |= dict(stored.all())
    # Another source's run may store the same bytes at the same moment; then its row is the document.
    if elsewhere := hashes.keys() - ids.keys():
        ids |= dict(connection.execute(find.where(one_of(documents.c.sha256, elsewhere))).all())
    return {content: ids[key] for key, content in hashes.items()}


def _compressed(document: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=ZSTD_LEVEL).compress(document)


Bodies = Mapping[int, Row[Any]]
"""By document id: the rows of documents, still compressed."""


def read_bodies(connection: Connection, wanted: Iterable[StoredDump]) -> Bodies:
    """The documents of some dumps, as they are stored."""
    ids = {document_id for dump in wanted for document_id in dump.document_ids}
    return {
        row.document_id: row
        for row in connection.execute(select(documents).where(one_of(documents.c.document_id, ids)))
    }


def documents_of(dump: StoredDump, bodies: Bodies) -> list[bytes]:
    """The documents of a dump, in order; named files as one. Raises DamagedError when one is not what was stored."""
    rows = (bodies[document_id] for document_id in dump.document_ids)
    found = [checked(row.document_id, row.sha256, row.body) for row in rows]
    return found if dump.document_names is None else [joined(dict(zip(dump.document_names, found, strict=True)))]


def checked(document_id: int, expected: bytes, body: bytes) -> bytes:
    """A document as it was stored. Raises DamagedError."""
    try:
        document = zstandard.ZstdDecompressor().decompress(body)
    except zstandard.ZstdError as error:
        raise DamagedError(f"Document {document_id} of the lake is damaged: {error}") from None
    if sha256(document).digest() != expected:
        raise DamagedError(f"Document {document_id} of the lake is damaged: its sha256 is another")
    return document


STORED_DUMP = tuple(dumps.c[name] for name in StoredDump.__struct_fields__)
"""The columns of a StoredDump."""


def stored_dump(row: Row[Any]) -> StoredDump:
    """A row of the columns STORED_DUMP."""
    names = None if row.document_names is None else tuple(row.document_names)
    return StoredDump(**{**row._mapping, "document_ids": tuple(row.document_ids), "document_names": names})


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
