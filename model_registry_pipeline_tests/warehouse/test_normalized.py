"""Listings and their records: stored once by content, replaced whole."""

import json
from decimal import Decimal

import pytest

from model_registry_pipeline.domain.source import Source
from model_registry_pipeline.warehouse import batches, normalized, raw
from model_registry_pipeline.warehouse.engine import Warehouse
from model_registry_pipeline.warehouse.normalized import Normalized
from model_registry_pipeline_tests.examples import a_document, a_dump, a_shop, at, wares
from model_registry_pipeline_tests.warehouse.feeding import SHOP, counts, days, read, rows, store, value

TABLES = ("normalized.offerings", "normalized.records", "normalized.listings", "normalized.rejections")
LISTED = """
select model_id, facts ->> 'context_window_tokens'
from normalized.listings
cross join unnest(record_ids) as listed (record_id)
join normalized.records using (record_id)
join normalized.offerings using (offering_id)
where dump_id = :dump_id
order by model_id
"""


def read_again(warehouse: Warehouse, source: Source = SHOP) -> list[Normalized]:
    """Read every stored dump, whether or not it was read before."""
    with warehouse.transaction() as connection:
        dumps = list(raw.dumps_of(connection, source.name, None, None))
    outcomes: list[Normalized] = []
    normalized.normalize(warehouse, source, dumps, outcomes.append)
    return outcomes


# -- listings and records --------------------------------------------------------------------------------------------


def test_a_listing_is_the_records_of_its_dump(warehouse: Warehouse) -> None:
    """Each dump's listing holds what that dump says."""
    for dump in days({"a": {"context": 1}, "b": {}}, {"a": {"context": 2}}):
        store(warehouse, dump)
    read(warehouse)

    assert rows(warehouse, LISTED, dump_id=1) == [("a", "1"), ("b", None)]
    assert rows(warehouse, LISTED, dump_id=2) == [("a", "2")]


def test_a_record_is_stored_once_by_content(warehouse: Warehouse) -> None:
    """Ten dumps of the same thirty wares, of which one changes once: 31 records."""
    changed = wares(30) | {"ware-00": {"context": 1}}
    for dump in days(*[wares(30)] * 5, *[changed] * 5):
        store(warehouse, dump)
    read(warehouse)

    assert counts(warehouse, *TABLES) == dict(zip(TABLES, (30, 31, 10, 0), strict=True))


def test_records_are_known_again_run_by_run(warehouse: Warehouse) -> None:
    """Read one dump at a time, with nothing remembered in between, the same records are stored."""
    for dump in days(wares(5), wares(4), wares(5)):
        store(warehouse, dump)
        read(warehouse)

    assert counts(warehouse, *TABLES) == dict(zip(TABLES, (5, 5, 3, 0), strict=True))


@pytest.mark.parametrize("batch_bytes", [1, 10**9], ids=["a dump a batch", "all in one"])
def test_batches_make_no_difference(warehouse: Warehouse, batch_bytes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many dumps a transaction takes, also after one that holds no records at all."""
    monkeypatch.setattr(batches, "BATCH_BYTES", batch_bytes)
    for dump in days(wares(5), wares(5), {}, wares(5)):
        store(warehouse, dump)
    store(warehouse, a_dump(b"nonsense", observed_at=at(36)))
    told = [outcome.dump_id for outcome in read(warehouse)]

    assert told == [1, 2, 5, 3, 4]
    assert counts(warehouse, *TABLES) == dict(zip(TABLES, (5, 5, 5, 0), strict=True))
    assert value(warehouse, "select count(distinct sha256) from normalized.listings") == 2


def test_an_offering_belongs_to_its_source(warehouse: Warehouse) -> None:
    """Two sources that say the very same have a record each."""
    market = a_shop(name="market")
    store(warehouse, a_dump(wares(2)))
    store(warehouse, a_dump(wares(2), source="market"))
    read(warehouse)
    read(warehouse, market)

    assert counts(warehouse, *TABLES) == dict(zip(TABLES, (4, 4, 2, 0), strict=True))
    assert rows(warehouse, "select distinct source from normalized.offerings order by 1") == [("market",), ("shop",)]


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(b'[{"context": 8192, "id": "a", "input": 0.1}]', id="keys in another order"),
        pytest.param(b'[ {"id":"a",\n"input":"0.10", "context":8192.0}\n]', id="numbers spelled otherwise"),
        pytest.param(b'{"data": [{"id": "\\u0061", "input": 1e-1, "context": "8192"}], "total": 1}', id="an envelope"),
    ],
)
def test_what_says_the_same_is_the_same_record(warehouse: Warehouse, document: bytes) -> None:
    """Order, spelling and envelope make no record of their own, and no other listing."""
    store(warehouse, a_dump(b'[{"id": "a", "input": 0.1, "context": 8192}]'))
    store(warehouse, a_dump(document, observed_at=at(24)))
    read(warehouse)

    assert counts(warehouse, "normalized.records") == {"normalized.records": 1}
    assert value(warehouse, "select count(distinct sha256) from normalized.listings") == 1


def test_what_nobody_named_is_kept_beside_the_facts(warehouse: Warehouse) -> None:
    """A record that differs in `extra` only is another record with the same facts."""
    for dump in days({"a": {"context": 1, "colour": "red"}}, {"a": {"context": 1, "colour": "blue"}}):
        store(warehouse, dump)
    read(warehouse)

    assert rows(warehouse, "select extra ->> 'colour' from normalized.records order by 1") == [("blue",), ("red",)]
    assert value(warehouse, "select count(distinct facts) from normalized.records") == 1


def test_prices_are_exact(warehouse: Warehouse) -> None:
    """What was stated is what is stored, to the last digit."""
    price = "0.12345678901234567890123456789"
    store(warehouse, a_dump(f'[{{"id": "a", "input": {price}}}]'.encode()))
    read(warehouse)

    found = value(warehouse, "select (facts -> 'prices' -> 0 ->> 'usd')::numeric from normalized.records")
    assert found == Decimal(price)


# -- rejections ------------------------------------------------------------------------------------------------------


def test_a_rejection_says_where_and_why(warehouse: Warehouse) -> None:
    """A bad record costs itself, a bad field itself, a second record of an offering gives way."""
    listed = [{"id": 7}, {"id": "a", "context": "wide"}, {"id": "b"}, {"id": "b", "context": 1}]
    store(warehouse, a_dump(json.dumps(listed).encode()))
    (outcome,) = read(warehouse)

    found = rows(warehouse, "select kind, position, field, model_id from normalized.rejections order by position")
    assert found == [
        ("record", "[0]", None, None),
        ("field", "[1]", "context", "a"),
        ("duplicate", "[2]", None, "b"),
    ]
    assert value(warehouse, "select bool_and(reason <> '') from normalized.rejections")
    assert rows(warehouse, "select records, rejected, fields_rejected, skipped from normalized.listings") == [
        (2, 1, 1, 0)
    ]
    assert [outcome.count(kind) for kind in ("record", "field", "duplicate")] == [1, 1, 1]


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<html>", id="HTML"),
        pytest.param(b'{"error": "rate limited"}', id="an error body"),
        pytest.param(b'[{"id": "a"}', id="half a document"),
    ],
)
def test_what_is_no_list_is_unreadable_and_never_empty(warehouse: Warehouse, document: bytes) -> None:
    """It gets a listing that says why, so that it is not read again and again."""
    store(warehouse, a_dump(document))
    (outcome,) = read(warehouse)

    assert outcome.unreadable
    assert rows(warehouse, "select unreadable, records from normalized.listings") == [(outcome.unreadable, 0)]
    assert read(warehouse) == []


def test_hostile_text_is_stored_as_it_is(warehouse: Warehouse) -> None:
    """SQL, tabs, backslashes and COPY's own signs are text like any other."""
    hostile = [
        "'; drop table raw.dumps; --",
        "a\\tb\\N\\.",
        "\\N",
        "\\.",
        "e\u0301 é 模型 🦙",
        "null",
        "{}",
        '"',
        "%s %(x)s",
    ]
    store(warehouse, a_dump(a_document({name: {"description": f"{name}\t\n"} for name in hostile})))
    read(warehouse)

    found = rows(
        warehouse,
        "select model_id, facts ->> 'description' from normalized.records "
        "join normalized.offerings using (offering_id)",
    )
    assert sorted(found) == sorted((name, f"{name}\t\n") for name in hostile)


# -- what is still to be read ----------------------------------------------------------------------------------------


def pending(warehouse: Warehouse, *sources: Source) -> list[tuple[str, int]]:
    with warehouse.transaction() as connection:
        found = normalized.pending_dumps(connection, sources)
    return [(dump.source, dump.dump_id) for dump in found]


def test_what_was_not_read_is_pending_in_time_order(warehouse: Warehouse) -> None:
    """A dump that a kill left unread is found by the next run, whoever asks; a source that nobody asks for is not."""
    market = a_shop(name="market")
    for hour in (48, 0, 24):
        store(warehouse, a_dump(wares(1), observed_at=at(hour)))
    store(warehouse, a_dump(wares(1), source="market"))

    assert pending(warehouse, SHOP) == [("shop", 2), ("shop", 3), ("shop", 1)]
    assert pending(warehouse, SHOP, market) == [("market", 4), ("shop", 2), ("shop", 3), ("shop", 1)]
    assert pending(warehouse) == []
    read(warehouse)
    assert pending(warehouse, SHOP, market) == [("market", 4)]


def test_a_new_parser_version_makes_every_dump_of_its_source_pending(warehouse: Warehouse) -> None:
    """And of no other source."""
    market = a_shop(name="market")
    for source in (SHOP, market):
        store(warehouse, a_dump(wares(1), source=source.name))
        read(warehouse, source)

    assert pending(warehouse, a_shop(version=2), market) == [("shop", 1)]


def test_reading_again_replaces_a_listing_whole(warehouse: Warehouse) -> None:
    """The second reading leaves what the first left: no row more, no row less, no rejection twice."""
    store(warehouse, a_dump(b'[{"id": 7}, {"id": "a", "context": "wide"}, {"id": "b"}]'))
    read(warehouse)
    before = rows(warehouse, "select * from normalized.listings"), counts(warehouse, *TABLES)
    read_again(warehouse)

    assert (rows(warehouse, "select * from normalized.listings"), counts(warehouse, *TABLES)) == before
    assert counts(warehouse, "normalized.rejections") == {"normalized.rejections": 2}


def test_a_failed_reading_leaves_what_was_there(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch is one transaction: its listings are the old ones or the new ones."""
    store(warehouse, a_dump(wares(3)))
    read(warehouse)
    before = rows(warehouse, "select * from normalized.listings")
    monkeypatch.setattr(normalized, "_listing_sha256", lambda listing: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        read_again(warehouse)
    assert rows(warehouse, "select * from normalized.listings") == before


def test_a_reading_that_is_cut_off_keeps_what_is_done(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """Years of dumps are read batch by batch: what was read stays read, and the next reading does the rest."""
    for dump in days(*(wares(3, input=day) for day in range(5))):
        store(warehouse, dump)
    monkeypatch.setattr(batches, "BATCH_BYTES", 1)
    store_listings = normalized._replace_listings
    read_before: list[int] = []

    def interrupted(*words: object) -> None:
        if len(read_before) == 2:
            raise KeyboardInterrupt
        read_before.append(1)
        store_listings(*words)  # type: ignore[arg-type]

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(normalized, "_replace_listings", interrupted)
        read(warehouse)
    done = value(warehouse, "select count(*) from normalized.listings")
    rest = read(warehouse)

    assert (done, len(rest)) == (2, 3)
    assert value(warehouse, "select count(*) from normalized.listings") == 5
    assert value(warehouse, "select count(*) from normalized.records") == 15
