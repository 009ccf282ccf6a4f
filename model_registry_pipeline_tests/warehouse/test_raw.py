"""The lake: every answer byte for byte, once, for ever."""

import hashlib
import threading
from collections.abc import Callable
from datetime import datetime

import pytest
import zstandard
from sqlalchemy import text

from model_registry_pipeline.domain.raw.fingerprint import dump_sha256
from model_registry_pipeline.warehouse import raw
from model_registry_pipeline.warehouse.engine import Warehouse, WarehouseError
from model_registry_pipeline.warehouse.raw import NewDump, StoredDump
from model_registry_pipeline_tests.examples import BEGIN, a_document, a_dump, at, wares
from model_registry_pipeline_tests.patience import PATIENCE_SECONDS
from model_registry_pipeline_tests.warehouse.feeding import counts, decide, find_dump, fold, read, rows, store, take_in

LAKE = ("raw.dumps", "raw.documents")


def find(warehouse: Warehouse, dump_id: int) -> StoredDump:
    with warehouse.transaction() as connection:
        return find_dump(connection, dump_id)


def documents_of(warehouse: Warehouse, dump_id: int) -> list[bytes]:
    with warehouse.transaction() as connection:
        dump = find_dump(connection, dump_id)
        return raw.documents_of(dump, raw.read_bodies(connection, [dump]))


# -- identity --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pages",
    [
        pytest.param([b"[]"], id="one page"),
        pytest.param([b'[{"id":"a"}]', b'[{"id":"b"}]', b"[]"], id="several pages"),
        pytest.param([b"[]", b'[{"id":"a"}]', b"[]"], id="the same page twice"),
        pytest.param([b""], id="no byte"),
        pytest.param([bytes(range(256)) * 9], id="any byte"),
    ],
)
def test_documents_come_back_byte_for_byte(warehouse: Warehouse, pages: list[bytes]) -> None:
    """Whatever was sent, page by page, in order."""
    dump_id = store(warehouse, a_dump(pages))

    assert documents_of(warehouse, dump_id) == pages
    assert find(warehouse, dump_id).bytes == sum(map(len, pages))
    assert find(warehouse, dump_id).sha256 == dump_sha256(pages)


def test_named_documents_come_back_as_one(warehouse: Warehouse) -> None:
    """Each is stored byte for byte; what is read is an object of them by their names."""
    dump_id = store(warehouse, a_dump([b'{"a": 1}', b"[2]"], document_names=["general/x", "pricing/x"]))
    stored = rows(warehouse, "select sha256 from raw.documents order by document_id")

    assert documents_of(warehouse, dump_id) == [b'{"general/x":{"a": 1},"pricing/x":[2]}']
    assert stored == [(hashlib.sha256(b'{"a": 1}').digest(),), (hashlib.sha256(b"[2]").digest(),)]


def test_the_same_dump_twice_is_one(warehouse: Warehouse) -> None:
    """Source, instant and content are a dump's identity; how it came is not."""
    dump = a_dump(wares(2))
    again = a_dump(wares(2), recorded_at=at(99), origin="file", file_name="shop_models_2025-01-01.json")
    with warehouse.transaction() as connection:
        found = [raw.store_dump(connection, each) for each in (dump, dump, again)]

    assert found == [(1, True), (1, False), (1, False)]
    assert counts(warehouse, *LAKE) == {"raw.dumps": 1, "raw.documents": 1}


@pytest.mark.parametrize(
    ("other", "documents"),
    [
        pytest.param(a_dump(wares(2), observed_at=at(24)), 1, id="the same content later"),
        pytest.param(a_dump(wares(2), source="market"), 1, id="the same content from another source"),
        pytest.param(a_dump(wares(3)), 2, id="other content of the same instant"),
    ],
)
def test_another_sighting_is_a_dump_of_its_own(warehouse: Warehouse, other: NewDump, documents: int) -> None:
    """An identical document is stored once, however often it is seen."""
    store(warehouse, a_dump(wares(2)))
    store(warehouse, other)

    assert counts(warehouse, *LAKE) == {"raw.dumps": 2, "raw.documents": documents}


def test_two_runs_may_store_one_answer_at_once(registry_url: str) -> None:
    """Eight at the same moment end with one dump and one document, and all are told its id."""
    together = threading.Barrier(8, timeout=PATIENCE_SECONDS)
    ids: list[int] = []

    def run() -> None:
        with Warehouse(registry_url) as own, own.transaction() as connection:
            together.wait()
            ids.append(raw.store_dump(connection, a_dump(wares(2)))[0])

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(ids) == 8
    assert len(set(ids)) == 1
    with Warehouse(registry_url) as warehouse:
        assert counts(warehouse, *LAKE) == {"raw.dumps": 1, "raw.documents": 1}


def test_two_runs_may_store_the_same_answers_in_any_order(registry_url: str) -> None:
    """Neither waits for the other while the other waits for it, and each is told the id of every dump."""
    together = threading.Barrier(2, timeout=PATIENCE_SECONDS)
    answers = [a_dump(b"[%d]" % number, observed_at=at(number)) for number in range(3_000)]
    told: dict[int, dict[bytes, int]] = {}

    def run(step: int) -> None:
        mine = answers[::step]
        with Warehouse(registry_url) as own, own.transaction() as connection:
            together.wait()
            stored = raw.store_dumps(connection, mine)
        told[step] = {dump.sha256: dump_id for dump, (dump_id, _) in zip(mine, stored, strict=True)}

    threads = [threading.Thread(target=run, args=(step,)) for step in (1, -1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(told[1]) == len(answers)
    assert told[1] == told[-1]


def test_a_failed_transaction_leaves_nothing(warehouse: Warehouse) -> None:
    """A dump is in the lake whole, or it is not."""
    with pytest.raises(ZeroDivisionError), warehouse.transaction() as connection:
        raw.store_dump(connection, a_dump([b"[1]", b"[2]"]))
        _ = 1 / 0

    assert counts(warehouse, *LAKE) == {"raw.dumps": 0, "raw.documents": 0}


def test_an_origin_is_one_of_four(warehouse: Warehouse) -> None:
    """The database itself refuses a dump of unknown origin."""
    with pytest.raises(WarehouseError, match="dumps_origin_check"):
        store(warehouse, a_dump(wares(1), origin="hearsay"))


def test_dumps_are_found_by_source_and_time(warehouse: Warehouse) -> None:
    """From inclusive, to exclusive, in time order, whatever their order of arrival."""
    for hour in (48, 0, 24, 72):
        store(warehouse, a_dump(wares(1), observed_at=at(hour)))
    store(warehouse, a_dump(wares(1), source="market", observed_at=at(24)))
    with warehouse.transaction() as connection:
        found = [dump.observed_at for dump in raw.dumps_of(connection, "shop", at(24), at(72))]
        every = [dump.observed_at for dump in raw.dumps_of(connection, "shop", None, None)]
        newest = [raw.newest_observed_at(connection, source) for source in ("shop", "market", "nobody")]

    assert found == [at(24), at(48)]
    assert every == [at(0), at(24), at(48), at(72)]
    assert newest == [at(72), at(24), None]


# -- evidence --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", ["raw.dumps", "raw.documents", "raw.actions"])
@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("update {table} set {column} = {column}", id="update"),
        pytest.param("delete from {table}", id="delete"),
        pytest.param("delete from {table} where false", id="delete of nothing"),
        pytest.param("truncate {table} cascade", id="truncate"),
    ],
)
def test_evidence_is_append_only(warehouse: Warehouse, table: str, statement: str) -> None:
    """The database refuses to change or remove what was said or done, and says what to do instead."""
    dump_id = store(warehouse, a_dump(wares(1)))
    decide(warehouse, dump_id, "accept", BEGIN)
    column = {"raw.dumps": "url", "raw.documents": "body", "raw.actions": "actor"}[table]

    with (
        pytest.raises(WarehouseError, match=r"is append-only: \w+ refused.* reject it"),
        warehouse.transaction() as connection,
    ):
        connection.execute(text(statement.format(table=table, column=column)))
    assert counts(warehouse, table) == {table: 1}


def damage(warehouse: Warehouse, body: Callable[[bytes], bytes]) -> None:
    """What a bad disk does."""
    with warehouse.transaction() as connection:
        connection.execute(text("set local session_replication_role = replica"))
        stored = connection.scalar(text("select body from raw.documents where document_id = 1"))
        assert isinstance(stored, bytes)
        connection.execute(text("update raw.documents set body = :body where document_id = 1"), {"body": body(stored)})


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(lambda stored: stored[:-1], id="truncated"),
        pytest.param(lambda stored: b"", id="gone"),
        pytest.param(lambda stored: stored[:-6] + bytes([stored[-6] ^ 1]) + stored[-5:], id="a bit"),
        pytest.param(lambda stored: b"no zstd", id="something else"),
        pytest.param(lambda _: zstd(a_document(wares(3))), id="another document"),
    ],
)
def test_a_damaged_document_is_told(warehouse: Warehouse, body: Callable[[bytes], bytes]) -> None:
    """Length and sha256 are checked whenever a document is read; the error is one line and names it."""
    dump_id = store(warehouse, a_dump(wares(9)))
    damage(warehouse, body)

    with pytest.raises(WarehouseError, match="Document 1 of the lake is damaged") as told:
        documents_of(warehouse, dump_id)
    assert "\n" not in str(told.value)


def zstd(document: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(document)


def test_a_damaged_document_costs_its_dump_alone(warehouse: Warehouse) -> None:
    """The other dumps of its source are read and counted; the damaged one is held, and says why."""
    for day, count in enumerate((1, 2, 3)):
        store(warehouse, a_dump(wares(count), observed_at=at(24 * day)))
    damage(warehouse, lambda stored: b"no zstd")
    read(warehouse)
    fold(warehouse)

    told = rows(warehouse, "select dump_id, status, reason, records from serving.dumps order by dump_id")
    assert [row[:2] for row in told] == [(1, "held"), (2, "accepted"), (3, "accepted")]
    assert "Document 1 of the lake is damaged" in told[0][2]


# -- not modified ----------------------------------------------------------------------------------------------------


def test_a_304_is_a_sighting_with_the_documents_of_what_it_confirms(warehouse: Warehouse) -> None:
    """It has an instant of its own, and no document of its own."""
    confirmed = store(warehouse, a_dump(wares(3), etag='"1"'))
    dump_id = store(
        warehouse, a_dump(wares(3), observed_at=at(24), http_status=304), confirms=find(warehouse, confirmed)
    )

    assert documents_of(warehouse, dump_id) == documents_of(warehouse, confirmed)
    assert find(warehouse, dump_id).confirms_dump_id == confirmed
    assert find(warehouse, dump_id).bytes == find(warehouse, confirmed).bytes
    assert counts(warehouse, *LAKE) == {"raw.dumps": 2, "raw.documents": 1}


def etags(warehouse: Warehouse, full_since: datetime = BEGIN) -> dict[str, tuple[int, str | None]]:
    """(dump, ETag) by source."""
    with warehouse.transaction() as connection:
        found = raw.etags(connection, full_since)
    return {source: (dump.dump_id, dump.etag) for source, dump in found.items()}


def tagged(day: int, count: int = 20, **but: object) -> NewDump:
    return a_dump(wares(count, context=day + 1), observed_at=at(24 * day), **({"etag": f'"{day}"'} | but))


def test_only_what_counts_is_asked_about(warehouse: Warehouse) -> None:
    """An ETag is sent for the latest accepted answer; a held one after it, or one not judged yet, is none."""
    take_in(warehouse, tagged(0), tagged(1), tagged(2, count=3))
    store(warehouse, tagged(3))

    assert etags(warehouse) == {"shop": (2, '"1"')}


@pytest.mark.parametrize(
    ("newest", "full_since"),
    [
        pytest.param(tagged(1, etag=None), at(0), id="the latest has none, though an older one has"),
        pytest.param(a_dump([b"[]", a_document(wares(20))], observed_at=at(24), etag='"x"'), at(0), id="two pages"),
        pytest.param(tagged(1), at(24.01), id="fetched too long ago"),
    ],
)
def test_what_can_not_be_asked_about_is_fetched_whole(
    warehouse: Warehouse, newest: NewDump, full_since: datetime
) -> None:
    """No ETag, several documents, or a whole fetch that lies too far back."""
    take_in(warehouse, tagged(0), newest)

    assert etags(warehouse, full_since) == {}


def test_a_304_does_not_put_off_the_whole_fetch(warehouse: Warehouse) -> None:
    """What is asked about is what was fetched whole, however often it was confirmed since."""
    take_in(warehouse, tagged(0))
    for day in (1, 2):
        store(
            warehouse,
            a_dump(wares(20, context=1), observed_at=at(24 * day), http_status=304, etag='"0"'),
            confirms=find(warehouse, 1),
        )
    read(warehouse)
    fold(warehouse)

    assert rows(warehouse, "select status from serving.dumps") == [("accepted",)] * 3
    assert etags(warehouse) == {"shop": (1, '"0"')}
    assert etags(warehouse, at(1)) == {}


def test_a_rejected_answer_is_no_longer_asked_about(warehouse: Warehouse) -> None:
    """After a person rejected the latest answer the one before it counts."""
    take_in(warehouse, tagged(0), tagged(1))
    decide(warehouse, 2, "reject", at(99))
    fold(warehouse)

    assert etags(warehouse) == {"shop": (1, '"0"')}


def test_a_document_is_compressed(warehouse: Warehouse) -> None:
    """The lake is far smaller than what it holds, and knows the size and hash of what it holds."""
    document = a_document(wares(500, description="the same words again and again"))
    store(warehouse, a_dump(document))
    ((size, sha256, stored),) = rows(warehouse, "select bytes, sha256, length(body) from raw.documents")

    assert (size, sha256) == (len(document), hashlib.sha256(document).digest())
    assert stored * 10 < size
