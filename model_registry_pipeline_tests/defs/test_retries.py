"""The database goes away under a running step: the step is done again, and the day's work is the same."""

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from model_registry_pipeline.defs.retries import RETRIES, Retries
from model_registry_pipeline.warehouse import history, normalized, raw
from model_registry_pipeline.warehouse.embedded import Cluster, embedded_address, release_embedded
from model_registry_pipeline.warehouse.engine import Warehouse, WarehouseError
from model_registry_pipeline.warehouse.migrate import upgrade
from model_registry_pipeline_tests.defs.examples import Registry, a_list, a_registry

WORK = {"raw": (raw, "store_dump"), "normalized": (normalized, "note_paths"), "history": (history, "fold_source")}
"""Where each step is in the middle of a transaction."""


def kill_backend(registry: Registry, connection: Connection) -> None:
    pid = connection.execute(text("select pg_backend_pid()")).scalar_one()
    registry.rows("select pg_terminate_backend(:pid)", pid=pid)


def failing(work: Callable[..., Any], fault: Callable[[Connection], None], times: int) -> Callable[..., Any]:
    """The same work, with a fault before its end for so many times."""
    left = [times]

    def worked(connection: Connection, *arguments: Any, **named: Any) -> Any:
        done = work(connection, *arguments, **named)
        if left[0]:
            left[0] -= 1
            fault(connection)
            connection.execute(text("select 1"))
        return done

    return worked


@pytest.mark.parametrize("stage", WORK)
def test_a_step_whose_connection_is_lost_is_done_again(registry: Registry, stage: str) -> None:
    """Its transaction is rolled back; the list is not fetched a second time, stored once, and the sync is completed
    without a word of it."""
    module, name = WORK[stage]
    work = failing(getattr(module, name), lambda c: kill_backend(registry, c), 1)
    statuses = []

    def watched(*arguments: Any, **named: Any) -> Any:
        statuses.append(registry.syncs()["openrouter"])
        return work(*arguments, **named)

    registry.patch.setattr(module, name, watched)
    registry.serve("openrouter", a_list("a/one", "a/two"))
    result = registry.sync("openrouter")
    retried = [event.step_key for event in result.all_events if event.is_step_up_for_retry]

    assert result.success
    assert retried == [f"{stage}__openrouter"]
    assert statuses == [("running", None)] * 2
    assert len(registry.asked("openrouter")) == 1
    assert registry.syncs() == {"openrouter": ("completed", None)}
    assert registry.rows("select count(*) from raw.dumps") == [(1,)]
    assert registry.listed("openrouter") == {"a/one", "a/two"}
    assert registry.rows("select kind, count(*) from history.changes group by 1") == [("appeared", 2)]


def test_a_deadlock_is_done_again(registry: Registry) -> None:
    """The loser of two that wait for each other comes through when the other has ended."""

    def deadlocked(connection: Connection) -> None:
        connection.execute(text("do $$ begin raise exception using errcode = '40P01', message = 'deadlock'; end $$"))

    registry.patch.setattr(history, "fold_source", failing(history.fold_source, deadlocked, 1))
    registry.serve("openrouter", a_list("a/one"))
    result = registry.sync("openrouter")

    assert result.success
    assert registry.syncs() == {"openrouter": ("completed", None)}


def test_what_goes_on_failing_fails_in_the_end(registry: Registry) -> None:
    """The sync says why, once, and the step is red."""
    registry.patch.setattr(Retries, "calculate_delay", lambda *_: 0.0)

    def refused(_: Connection) -> None:
        raise WarehouseError("The database can't be reached: it is gone.")

    registry.patch.setattr(history, "fold_source", failing(history.fold_source, refused, RETRIES.max_retries + 1))
    registry.serve("openrouter", a_list("a/one"))
    result = registry.sync("openrouter")
    retried = [event for event in result.all_events if event.is_step_up_for_retry]

    assert not result.success
    assert len(retried) == RETRIES.max_retries
    assert registry.syncs() == {"openrouter": ("failed", "WarehouseError: The database can't be reached: it is gone.")}
    assert registry.listed("openrouter") == set()


def test_what_would_fail_again_is_not_done_again(registry: Registry) -> None:
    """An answer that is refused is refused once."""
    registry.serve("openrouter", {"error": "overloaded"})
    result = registry.sync("openrouter")

    assert not result.success
    assert [event for event in result.all_events if event.is_step_up_for_retry] == []


@pytest.mark.parametrize("stage", ["raw", "history"])
def test_a_server_that_restarts_under_a_sync_is_waited_for(tmp_path: Path, stage: str) -> None:
    """PostgreSQL is shot in the middle of a step, and is back a second later: the sync ends as if nothing was."""
    home = tmp_path / "home"
    url = embedded_address(home, durable=False)
    try:
        with Warehouse(url) as warehouse:
            upgrade(warehouse)
        with a_registry(url, tmp_path) as registry:
            module, name = WORK[stage]
            restarts: list[threading.Thread] = []

            def shot(_: Connection) -> None:
                restarts.append(shoot_and_restart(home))

            registry.patch.setattr(module, name, failing(getattr(module, name), shot, 1))
            registry.serve("openrouter", a_list("a/one", "a/two"))
            result = registry.sync("openrouter")
            restarts[0].join()

            assert result.success
            assert len(registry.asked("openrouter")) == 1
            assert registry.syncs() == {"openrouter": ("completed", None)}
            assert registry.listed("openrouter") == {"a/one", "a/two"}
    finally:
        release_embedded(home)


def shoot_and_restart(home: Path) -> threading.Thread:
    """Kill the whole server, as power would; started again in a thread, after a while."""
    cluster = Cluster((home / "postgres").resolve())
    pid = int((cluster.data / "postmaster.pid").read_text().split("\n", 1)[0])
    os.kill(pid, signal.SIGQUIT)  # immediate shutdown: no checkpoint, recovery at the next start

    def restart() -> None:
        time.sleep(1)
        embedded_address(home, durable=False)

    thread = threading.Thread(target=restart)
    thread.start()
    return thread
