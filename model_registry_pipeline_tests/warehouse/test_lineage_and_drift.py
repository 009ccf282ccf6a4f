"""What another parser would change, told before it is written; and the ledger of JSON paths."""

import itertools
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from model_registry_pipeline.domain.normalized.layouts import Listed
from model_registry_pipeline.domain.normalized.lineage import Lineage
from model_registry_pipeline.domain.normalized.paths import Drift
from model_registry_pipeline.domain.normalized.prices import Meter, price_lines, settled
from model_registry_pipeline.domain.normalized.translate import Listing, parser_version
from model_registry_pipeline.domain.records import Offering
from model_registry_pipeline.domain.source import PASSED_OVER, PassedOver, Source, Wire
from model_registry_pipeline.warehouse import normalized, raw
from model_registry_pipeline.warehouse.drift import MAX_PATHS, note_paths
from model_registry_pipeline.warehouse.engine import Warehouse
from model_registry_pipeline.warehouse.normalized import Normalized, Reading
from model_registry_pipeline_tests.conftest import Server
from model_registry_pipeline_tests.examples import BEGIN, Wares, a_dump, a_shop, at
from model_registry_pipeline_tests.warehouse.feeding import SHOP, days, fold, rows, store, take_in


def read_again(warehouse: Warehouse, source: Source = SHOP, *, is_dry: bool = False) -> Reading:
    """Read every dump of a source, as `rebuild` does."""
    with warehouse.transaction() as connection:
        dumps = list(raw.dumps_of(connection, source.name, None, None))
    return normalized.normalize(warehouse, source, dumps, lambda _: None, is_dry=is_dry)


def fingerprint(warehouse: Warehouse) -> dict[str, object]:
    """Everything in the database: each table's rows with their surrogate ids, and where each sequence stands."""
    tables = rows(
        warehouse,
        "select schemaname || '.' || tablename from pg_tables "
        "where schemaname not in ('pg_catalog', 'information_schema') order by 1",
    )
    found: dict[str, object] = {
        table: rows(warehouse, f"select md5(string_agg(t::text, '|' order by t::text)), count(*) from {table} as t")
        for (table,) in tables
    }
    found["sequences"] = rows(warehouse, "select sequencename, last_value from pg_sequences order by 1")
    return found


# -- lineage -----------------------------------------------------------------------------------------------------------


class Ware2(Wire):
    id: str
    description: PassedOver = PASSED_OVER
    context: int | None = None
    input: Decimal | None = None
    output: Decimal | None = None


def another_parser(ware: Ware2) -> Offering | None:
    """Knows sales tax, thinks nothing of descriptions and drafts, and tells capital letters apart no longer."""
    if ware.id.startswith("draft"):
        return None
    prices = price_lines(ware, {"input": Meter("input", shift=1), "output": Meter("output")})
    return Offering(
        provider_id="shop",
        model_id=ware.id.lower(),
        context_window_tokens=ware.context,
        **settled(prices)._asdict(),
    )


SHOP_2 = a_shop(version=2, layout=Listed(wire=Ware2, parse=another_parser))
DUMPS: list[Wares] = [
    {"a": {"input": 1}, "Big": {"context": 8}, "draft-1": {}},
    {"a": {"input": 1, "description": "good"}, "Big": {"context": 8}, "draft-1": {}},
    {"a": {"input": 1, "description": "good"}, "Big": {"context": 9}, "c": {"output": 2}},
]


def test_a_new_parser_tells_what_it_changes_record_by_record_and_field_by_field(warehouse: Warehouse) -> None:
    """Added, removed, changed, and by which field: each difference once, in however many dumps it shows."""
    take_in(warehouse, *days(*DUMPS))
    lineage = read_again(warehouse, SHOP_2).lineage

    # `a` without and with its description; `Big` with 8 and with 9 goes, `big` comes; the draft goes; `c` stays.
    assert (lineage.added, lineage.removed, lineage.changed) == (2, 3, 2)
    assert lineage.fields == {"prices": 2, "description": 1}


def test_what_is_read_as_before_is_no_difference(warehouse: Warehouse) -> None:
    """Reading again with the same parser tells that nothing reads otherwise; so does a first reading."""
    take_in(warehouse, *days(*DUMPS))
    again = read_again(warehouse).lineage
    first = read_again(warehouse, SHOP_2).lineage
    second = read_again(warehouse, SHOP_2).lineage

    assert (bool(again), bool(first), bool(second)) == (False, True, False)


def test_a_first_reading_has_nothing_to_differ_from(warehouse: Warehouse) -> None:
    """Dumps that nobody read yet are no doing of a parser."""
    for dump in days(*DUMPS):
        store(warehouse, dump)

    assert not read_again(warehouse).lineage


def test_what_nobody_named_is_told_as_extra(warehouse: Warehouse) -> None:
    """A parser that begins to name a field moves it out of `extra`: that is a difference too, and told as such."""
    take_in(warehouse, *days({"a": {"colour": "red", "weight": 1.50}}))

    class Painted(Wire):
        id: str
        weight: float | None = None
        colour: PassedOver = PASSED_OVER

    def named(ware: Painted) -> Offering | None:
        return Offering(provider_id="shop", model_id=ware.id)

    lineage = read_again(warehouse, a_shop(version=2, layout=Listed(wire=Painted, parse=named)), is_dry=True).lineage
    assert (lineage.changed, lineage.fields) == (1, {"extra": 1})


def test_records_that_can_no_longer_be_read_are_removed(warehouse: Warehouse) -> None:
    """A parser that refuses everything says so before anything is lost."""
    take_in(warehouse, *days(*DUMPS))

    def refusing(ware: Ware2) -> Offering | None:
        raise ValueError("not today")

    lineage = read_again(warehouse, a_shop(version=2, layout=Listed(wire=Ware2, parse=refusing)), is_dry=True).lineage
    assert (lineage.added, lineage.removed, lineage.changed) == (0, 6, 0)


def test_a_dry_run_tells_the_same_and_writes_nothing(warehouse: Warehouse) -> None:
    """Every table and every sequence is as before; the run that writes tells the very same."""
    take_in(warehouse, *days(*DUMPS))
    before = fingerprint(warehouse)
    dry = read_again(warehouse, SHOP_2, is_dry=True)
    after = fingerprint(warehouse)
    wet = read_again(warehouse, SHOP_2)

    assert before == after
    assert dry.drift == []
    assert told(dry.lineage) == told(wet.lineage)
    assert fingerprint(warehouse) != before


def test_a_dry_run_over_dumps_that_were_never_read_writes_nothing(warehouse: Warehouse) -> None:
    """Nor does it bring new records, offerings or paths."""
    for dump in days(*DUMPS):
        store(warehouse, dump)
    before = fingerprint(warehouse)
    read_again(warehouse, is_dry=True)

    assert fingerprint(warehouse) == before


def test_history_waits_until_a_new_parser_has_read_everything(warehouse: Warehouse) -> None:
    """An upgrade invents no changes: half of the dumps read by it is told, and folded by nobody."""
    first, *others = days(*DUMPS)
    take_in(warehouse, first, *others)
    before = rows(warehouse, "select * from history.changes order by 1, 2, 4")
    with warehouse.transaction() as connection:
        (dump,) = itertools.islice(raw.dumps_of(connection, "shop", None, None), 1)
    normalized.normalize(warehouse, SHOP_2, [dump], lambda _: None)
    outcome = fold(warehouse, SHOP_2)

    assert outcome.not_ready == 2
    assert rows(warehouse, "select * from history.changes order by 1, 2, 4") == before


def test_an_upgrade_makes_no_changes_of_its_own(warehouse: Warehouse) -> None:
    """After a new parser has read all, history is as if it had been there from the beginning."""
    take_in(warehouse, *days(*DUMPS))
    read_again(warehouse, SHOP_2)
    fold(warehouse, SHOP_2)

    steps = "select extract(day from observed_at), model_id, kind, field from serving.changes order by 1, 2, 4"
    assert rows(warehouse, steps) == [
        (1, "a", "appeared", None),
        (1, "big", "appeared", None),
        (3, "big", "changed", "context_window_tokens"),
        (3, "c", "appeared", None),
    ]
    assert rows(warehouse, "select distinct parser_version from normalized.listings") == [(parser_version(SHOP_2),)]


def told(lineage: Lineage) -> tuple[int, int, int, dict[str, int]]:
    return lineage.added, lineage.removed, lineage.changed, dict(lineage.fields)


# -- drift, dump by dump -----------------------------------------------------------------------------------------------


def drifted(warehouse: Warehouse, *documents: object, hours: int = 0) -> list[Drift]:
    """What each document's dump tells when it is the next one of the shop, a day apart."""
    found = []
    for day, document in enumerate(documents):
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        store(warehouse, a_dump(body, observed_at=at(24 * day + hours)))
        with warehouse.transaction() as connection:
            pending = normalized.pending_dumps(connection, [SHOP])
        reading = normalized.normalize(warehouse, SHOP, pending, lambda _: None)
        found += [drift for _, drift in reading.drift] or [Drift()]
    return found


def test_a_new_path_and_a_vanished_one_are_told_once(warehouse: Warehouse) -> None:
    """The dump that brings or lacks a path tells it, and no later one does; a path that comes back is not new."""
    plain, painted = [{"id": "a", "input": 1}], [{"id": "a", "colour": {"name": "red"}}]

    assert drifted(warehouse, plain, plain, painted, painted, plain) == [
        Drift(),
        Drift(),
        Drift(("colour.name",), ("input",)),
        Drift(),
        Drift((), ("colour.name",)),
    ]


@pytest.mark.parametrize(
    "document", [pytest.param([], id="empty"), pytest.param(b'{"error": "overloaded"}', id="not a list")]
)
def test_an_empty_or_unreadable_answer_tells_no_drift(warehouse: Warehouse, document: object) -> None:
    """That nothing was sent does not mean that the paths have vanished, nor that the next list brings new ones."""
    before, after = [{"id": "a", "input": 1}], [{"id": "a"}]

    assert drifted(warehouse, before, document, after) == [Drift(), Drift(), Drift((), ("input",))]


def test_one_batch_tells_what_single_dumps_tell(warehouse: Warehouse) -> None:
    """Reading a month at once tells what a month of days would have told, also over an empty answer."""
    documents: list[object] = [[{"id": "a", "input": 1}], [], [{"id": "a", "colour": 1}], [{"id": "a", "colour": 1}]]
    for day, document in enumerate(documents):
        store(warehouse, a_dump(json.dumps(document).encode(), observed_at=at(24 * day)))
    told = read_again(warehouse).drift

    assert [drift for _, drift in told] == [Drift(("colour",), ("input",))]


def test_hostile_keys_are_stored(warehouse: Warehouse) -> None:
    """NUL, keys as long as a document and keys nested for ever end in the ledger as keys that the database takes."""
    deep: object = 1
    for _ in range(50):
        deep = {"\U0001f600" * 10_000: deep}
    hostile = [{"id": "a", "x\x00y": 1, "k" * 1_000_000: 1, "deep": deep}]
    found = drifted(warehouse, [{"id": "a"}], hostile)

    assert len(found[1].new) == 3
    paths = {path for (path,) in rows(warehouse, "select path from normalized.paths")}
    assert {"id", "x\ufffdy", "k" * 200} < paths


@pytest.mark.parametrize("is_one_batch", [True, False])
def test_where_keys_are_data_the_ledger_stays_bounded(warehouse: Warehouse, is_one_batch: bool) -> None:
    """Thousands of keys that nobody saw before, dump after dump, fill no table and no message."""
    documents = [[{"id": "a", "input": 1, "map": {f"{day}-{key}": 1 for key in range(4_000)}}] for day in range(4)]
    if is_one_batch:
        for day, document in enumerate(documents):
            store(warehouse, a_dump(json.dumps(document).encode(), observed_at=at(24 * day)))
        told = [drift for _, drift in read_again(warehouse).drift]
    else:
        told = [drift for drift in drifted(warehouse, *documents) if drift]

    assert rows(warehouse, "select count(*), max(last_seen_at) from normalized.paths") == [(MAX_PATHS, at(72))]
    assert rows(warehouse, "select path from normalized.paths where last_seen_at = :at", at=at(72)) == [
        ("id",),
        ("input",),
    ]
    assert [(len(drift.new), len(drift.vanished)) for drift in told] == [(998, 4_000), (0, 998)]


# -- the ledger, against dictionaries ----------------------------------------------------------------------------------

Sent = tuple[int, frozenset[str]]
"""At which hour, which paths."""
SENT = st.lists(st.tuples(st.integers(0, 6), st.frozensets(st.sampled_from("abcd"))), max_size=7)


@pytest.fixture(scope="module")
def ledger(server: Server, registry_template: str) -> Iterator["Ledger"]:
    with server.fresh_database(registry_template) as url, Warehouse(url) as warehouse:
        yield Ledger(warehouse)


class Ledger:
    """`normalized.paths`, told of dumps without documents; each use is a source of its own."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._sources = itertools.count()

    def note(self, *batches: list[tuple[int, Sent]]) -> tuple[dict[str, object], list[tuple[int, Drift]]]:
        """The rows, by path, and what was told; dumps come with their ids."""
        source, told = f"source_{next(self._sources)}", []
        with self._warehouse.transaction() as connection:
            for batch in batches:
                read = [
                    Normalized(dump_id, instant(hour), Listing([], [], 0, paths=paths))
                    for dump_id, (hour, paths) in sorted(batch, key=lambda each: (each[1][0], each[0]))
                ]
                told += note_paths(connection, source, read)
            found = connection.execute(
                text(
                    "select path, first_seen_at, first_dump_id, last_seen_at, last_dump_id from normalized.paths "
                    "where source = :source"
                ),
                {"source": source},
            )
            return {path: tuple(seen) for path, *seen in found}, told


def instant(hour: int) -> datetime:
    return BEGIN + timedelta(hours=hour)


def split(items: list[tuple[int, Sent]], at_each: Callable[[], bool]) -> list[list[tuple[int, Sent]]]:
    batches: list[list[tuple[int, Sent]]] = [[]]
    for item in items:
        batches[-1].append(item)
        if at_each():
            batches.append([])
    return batches


@given(SENT, st.randoms(use_true_random=False))
def test_first_and_last_sightings_are_those_of_any_order_and_batching(
    ledger: Ledger, sent: list[Sent], random: object
) -> None:
    """In whatever order and batches dumps are read, each path has its earliest and its latest dump."""
    numbered = list(enumerate(sent, start=1))
    shuffled = random.sample(numbered, len(numbered))  # type: ignore[attr-defined]
    found, _ = ledger.note(*split(shuffled, lambda: random.random() < 0.4))  # type: ignore[attr-defined]

    naive = {}
    for path in frozenset[str]().union(*(paths for _, paths in sent)):
        seen = sorted((hour, dump_id) for dump_id, (hour, paths) in numbered if path in paths)
        (first, first_dump), (last, last_dump) = seen[0], seen[-1]
        naive[path] = (instant(first), first_dump, instant(last), last_dump)
    assert found == naive


@given(SENT, st.randoms(use_true_random=False))
def test_the_same_is_told_in_whatever_batches(ledger: Ledger, sent: list[Sent], random: object) -> None:
    """Dumps in time order tell the same drift one by one, all at once, and in any batches."""
    in_time = sorted(enumerate(sent, start=1), key=lambda each: (each[1][0], each[0]))
    numbered = [(number, content) for number, (_, content) in enumerate(in_time, start=1)]
    _, at_once = ledger.note(numbered)
    _, in_batches = ledger.note(*split(numbered, lambda: random.random() < 0.5))  # type: ignore[attr-defined]
    _, one_by_one = ledger.note(*([each] for each in numbered))

    assert at_once == in_batches == one_by_one


@given(SENT, st.randoms(use_true_random=False))
def test_no_path_is_new_twice(ledger: Ledger, sent: list[Sent], random: object) -> None:
    """Late dumps, repeated readings: a path is told as new at most once, and never by the first dump."""
    numbered = list(enumerate(sent, start=1))
    order = random.sample(numbered, len(numbered))  # type: ignore[attr-defined]
    _, told = ledger.note(*([each] for each in (*order, *order)))

    new = [path for _, drift in told for path in drift.new]
    assert len(new) == len(set(new))
    assert not told or told[0][0] != order[0][0]
