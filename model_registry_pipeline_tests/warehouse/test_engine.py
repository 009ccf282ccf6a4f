"""What everybody who uses the database meets: few connections, bounded waits, one clear line."""

import threading
from collections.abc import Callable
from contextlib import ExitStack

import pytest
from sqlalchemy import Connection, text

from model_registry_pipeline.warehouse.engine import Warehouse, WarehouseError, lock_source
from model_registry_pipeline_tests.patience import PATIENCE_SECONDS

POOL = 5


def test_a_process_takes_five_connections_at_most(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever wants a sixth waits, and is then told in a line; once one is free it goes on."""
    monkeypatch.setattr(warehouse.engine.pool, "_timeout", 0.1)
    with ExitStack() as held:
        for _ in range(POOL):
            held.enter_context(warehouse.transaction())

        with pytest.raises(WarehouseError, match="No database connection became free in 30 s: too many runs at once"):
            held.enter_context(warehouse.transaction())
    with warehouse.transaction() as connection:
        assert connection.scalar(text("select 1")) == 1


def test_a_server_that_takes_no_more_connections_is_told(warehouse: Warehouse) -> None:
    """In its own words."""
    with warehouse.transaction() as connection:
        connection.execute(text("create role crowded login connection limit 0"))
    url = warehouse.engine.url.set(username="crowded").render_as_string(hide_password=False)
    try:
        with (
            Warehouse(url) as crowded,
            pytest.raises(WarehouseError, match="too many connections") as told,
            crowded.transaction(),
        ):
            pass
        assert "\n" not in str(told.value)
    finally:
        with warehouse.transaction() as connection:
            connection.execute(text("drop role crowded"))


def test_a_lock_is_waited_for_and_then_told(warehouse: Warehouse) -> None:
    """A minute at most: whoever holds it may have been stopped."""
    with warehouse.transaction() as holder:
        lock_source(holder, "shop")
        with (
            pytest.raises(WarehouseError, match=r"Another run holds what this one needs: .*lock timeout"),
            warehouse.transaction() as other,
        ):
            assert other.scalar(text("show lock_timeout")) == "1min"
            other.execute(text("set local lock_timeout = '100ms'"))
            lock_source(other, "shop")


def test_of_a_deadlock_one_goes_on(warehouse: Warehouse) -> None:
    """The other is told, has written nothing, and may be done again."""
    both = threading.Barrier(2, timeout=PATIENCE_SECONDS)
    faults: list[WarehouseError] = []

    def run(first: str, second: str) -> None:
        def work(connection: Connection, meet: Callable[[], object]) -> None:
            connection.execute(text("set local deadlock_timeout = '100ms'"))
            lock_source(connection, first)
            connection.execute(text("insert into normalized.subjects (source, name) values (:s, 'x')"), {"s": first})
            meet()
            lock_source(connection, second)

        try:
            with warehouse.transaction() as connection:
                work(connection, both.wait)
        except WarehouseError as fault:
            faults.append(fault)
            with warehouse.transaction() as connection:
                work(connection, lambda: None)

    threads = [threading.Thread(target=run, args=pair) for pair in (("shop", "market"), ("market", "shop"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with warehouse.transaction() as connection:
        written = connection.scalars(text("select source from normalized.subjects order by 1")).all()

    assert [("deadlock detected" in str(fault), "\n" in str(fault)) for fault in faults] == [(True, False)]
    assert written == ["market", "shop"]
