"""The ledger of syncs, and the flags on offerings."""

import pytest

from model_registry_pipeline.domain.health.staleness import Flag
from model_registry_pipeline.warehouse import health
from model_registry_pipeline.warehouse.engine import Warehouse, WarehouseError
from model_registry_pipeline_tests.examples import a_dump, a_shop, at, wares
from model_registry_pipeline_tests.warehouse.feeding import days, publish, rows, store, take_in


def begin(warehouse: Warehouse, run_id: str, hour: float, source: str = "shop") -> None:
    with warehouse.transaction() as connection:
        health.begin_sync(connection, run_id, source, at(hour))


def note(warehouse: Warehouse, run_id: str, **columns: object) -> None:
    with warehouse.transaction() as connection:
        health.note_sync(connection, run_id, "shop", **columns)


def syncs(warehouse: Warehouse, *columns: str) -> list[tuple[object, ...]]:
    return rows(warehouse, f"select {', '.join(columns)} from serving.syncs order by started_at, source")


# -- syncs -----------------------------------------------------------------------------------------------------------


def test_a_sync_is_a_row_from_its_beginning_on(warehouse: Warehouse) -> None:
    """Running first, then what it came to."""
    begin(warehouse, "run 1", 0)
    assert syncs(warehouse, "run_id", "source", "started_at", "status", "completed_at", "fetched") == [
        ("run 1", "shop", at(0), "running", None, None)
    ]
    note(warehouse, "run 1", fetched=20, stored=19, rejected=1)
    note(warehouse, "run 1", status="completed", completed_at=at(1), appeared=0, vanished=2, changed=3)

    columns = ("status", "completed_at", "fetched", "stored", "rejected", "appeared", "vanished", "changed", "error")
    assert syncs(warehouse, *columns) == [("completed", at(1), 20, 19, 1, 0, 2, 3, None)]


def test_a_run_that_is_over_closes_its_rows(warehouse: Warehouse) -> None:
    """What it left running is failed, and says so; what had ended stays as told, and other runs are left alone."""
    begin(warehouse, "run 1", 0)
    note(warehouse, "run 1", status="completed", completed_at=at(1))
    begin(warehouse, "run 1", 0, "market")
    begin(warehouse, "run 2", 24)
    begin(warehouse, "run 3", 48)
    with warehouse.transaction() as connection:
        running = sorted(health.running_runs(connection))
        for run_id in ("run 1", "run 2"):
            health.close_syncs(connection, run_id, at(50))

    interrupted = "interrupted: its run ended before it did"
    assert running == ["run 1", "run 2", "run 3"]
    assert syncs(warehouse, "run_id", "source", "status", "completed_at", "error") == [
        ("run 1", "market", "failed", at(50), interrupted),
        ("run 1", "shop", "completed", at(1), None),
        ("run 2", "shop", "failed", at(50), interrupted),
        ("run 3", "shop", "running", None, None),
    ]


@pytest.mark.parametrize("status", ["completed", "held"])
def test_what_failed_on_the_way_is_no_error_of_what_came_to_its_end(warehouse: Warehouse, status: str) -> None:
    """A retried step leaves no old text behind; that a package's list stood in is told all the same."""
    for run_id, fallback in (("run 1", None), ("run 2", "HTTP 503; the package stands in")):
        begin(warehouse, run_id, 0)
        note(warehouse, run_id, error=fallback, fallback=fallback)
        note(warehouse, run_id, status="failed", completed_at=at(1), error="lost the connection")
        note(warehouse, run_id, status=status, completed_at=at(2))

    assert syncs(warehouse, "run_id", "status", "error") == [
        ("run 1", status, None),
        ("run 2", status, "HTTP 503; the package stands in"),
    ]


def test_a_run_that_goes_on_where_another_failed_has_a_row(warehouse: Warehouse) -> None:
    """With that one's dump; after a run that was no sync there is nothing to go on with."""
    dump_id = store(warehouse, a_dump(wares(1)))
    begin(warehouse, "run 1", 0)
    note(warehouse, "run 1", dump_id=dump_id, fallback="the package stands in")
    note(warehouse, "run 1", status="failed", error="lost the connection")
    with warehouse.transaction() as connection:
        resumed = [health.resume_sync(connection, "run 2", of, "shop", at(3)) for of in ("run 1", "backfill")]
    note(warehouse, "run 2", status="completed")

    assert resumed == [True, False]
    assert syncs(warehouse, "run_id", "started_at", "status", "dump_id", "error") == [
        ("run 1", at(0), "failed", dump_id, "lost the connection"),
        ("run 2", at(3), "completed", dump_id, "the package stands in"),
    ]


def test_a_run_that_is_tried_again_begins_its_row_anew(warehouse: Warehouse) -> None:
    """A retried step leaves one row, without what the first attempt came to."""
    begin(warehouse, "run 1", 0)
    note(warehouse, "run 1", status="failed", completed_at=at(1), error="HTTP 503", fetched=3)
    begin(warehouse, "run 1", 2)

    columns = ("run_id", "started_at", "status", "completed_at", "error", "fetched")
    assert syncs(warehouse, *columns) == [("run 1", at(2), "running", None, None, None)]


def test_a_run_that_opened_no_row_has_none_to_fill_in(warehouse: Warehouse) -> None:
    """A backfill is no sync."""
    note(warehouse, "backfill", status="completed")

    assert syncs(warehouse, "run_id") == []


def test_the_rows_of_a_run_come_by_source(warehouse: Warehouse) -> None:
    """For the counts at the end of a command."""
    for source in ("shop", "market", "bazaar"):
        begin(warehouse, "run 1", 0, source)
    begin(warehouse, "run 2", 1, "kiosk")
    with warehouse.transaction() as connection:
        found = [row.source for row in health.syncs_of(connection, "run 1")]

    assert found == ["bazaar", "market", "shop"]


def test_a_status_is_one_of_five(warehouse: Warehouse) -> None:
    """The database itself refuses another."""
    begin(warehouse, "run 1", 0)

    with pytest.raises(Exception, match="syncs_status_check"):
        note(warehouse, "run 1", status="fine")


# -- flags -----------------------------------------------------------------------------------------------------------


def flags(warehouse: Warehouse) -> list[tuple[object, ...]]:
    return rows(
        warehouse,
        "select model_id, flags.state, since from health.flags join normalized.offerings using (offering_id) "
        "order by model_id",
    )


def state(warehouse: Warehouse) -> tuple[object, ...]:
    (found,) = rows(warehouse, "select state, is_active, is_usable from serving.offerings where model_id = 'ware-20'")
    return found


def test_an_absent_offering_is_missing_then_stale_then_back(warehouse: Warehouse) -> None:
    """Missing at the first dump without it, stale at another one long enough after; a return ends both."""
    told = []
    for listed in (wares(21), wares(20), wares(20), wares(20), wares(21)):
        with warehouse.transaction() as connection:
            day = len(health.accepted_instants(connection).get("shop", ()))
        take_in(warehouse, a_dump(listed, observed_at=at(24 * day)))
        publish(warehouse)
        told.append((state(warehouse), flags(warehouse)))

    assert told == [
        (("listed", True, True), []),
        (("missing", True, True), [("ware-20", "missing", at(24))]),
        (("stale", False, False), [("ware-20", "stale", at(48))]),
        (("stale", False, False), [("ware-20", "stale", at(48))]),
        (("listed", True, True), []),
    ]


def test_nothing_ages_while_a_source_does_not_answer(warehouse: Warehouse) -> None:
    """However often it is asked: held answers and other sources' answers are no answers of it."""
    take_in(warehouse, *days(wares(21), wares(20)))
    for day in range(2, 9):
        take_in(warehouse, a_dump({}, observed_at=at(24 * day)))
        take_in(warehouse, a_dump(wares(1), source="market", observed_at=at(24 * day)), source=a_shop(name="market"))
    publish(warehouse)

    assert flags(warehouse) == [("ware-20", "missing", at(24))]


def test_flags_are_replaced_where_they_differ(warehouse: Warehouse) -> None:
    """Rows that are right are not touched; however many go, they go in one statement."""
    one, two = Flag(state="missing", since=at(0), reason="a"), Flag(state="stale", since=at(1), reason="b")
    many = dict.fromkeys(range(70_000), one)
    with warehouse.transaction() as connection:
        first = health.replace_flags(connection, many)
        second = health.replace_flags(connection, many)
        third = health.replace_flags(connection, {1: one, 2: two, 200_000: two})

    assert (first, second) == (70_000, 0)
    assert third == 69_998 + 1 + 2
    assert rows(warehouse, "select offering_id, state from health.flags order by 1") == [
        (1, "missing"),
        (2, "stale"),
        (200_000, "stale"),
    ]


def test_an_unreachable_database_is_told_in_a_line(registry_url: str) -> None:
    """What a health check says when there is no database."""
    nowhere = registry_url.replace("/test_", "/no_such_")

    with Warehouse(nowhere) as warehouse, pytest.raises(WarehouseError, match="does not exist") as told:
        begin(warehouse, "run 1", 0)
    assert "\n" not in str(told.value)
