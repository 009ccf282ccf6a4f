"""The ledger of syncs among runs in processes of their own: at once, one after the other, and killed."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from model_registry_pipeline.defs.history import history_key
from model_registry_pipeline.defs.ledger import close_interrupted
from model_registry_pipeline.defs.normalized import normalized_key
from model_registry_pipeline.defs.raw import raw_key
from model_registry_pipeline.defs.resources import Clock
from model_registry_pipeline.sources import source_named
from model_registry_pipeline.warehouse import health
from model_registry_pipeline.warehouse.engine import Warehouse
from model_registry_pipeline_tests.connectors.faulty_server import FaultyServer, Stage, respond_json
from model_registry_pipeline_tests.defs.examples import Registry, a_list, environment
from model_registry_pipeline_tests.examples import at
from model_registry_pipeline_tests.patience import PATIENCE_SECONDS
from model_registry_pipeline_tests.warehouse.feeding import rows

OPENROUTER = source_named("openrouter")
INTERRUPTED = "interrupted: its run ended before it did"
SYNC = """
import warnings
from datetime import UTC, datetime

warnings.simplefilter("ignore")

from model_registry_pipeline.definitions import defs
from model_registry_pipeline.defs.instance import open_instance
from model_registry_pipeline.defs.runs import Runner
from model_registry_pipeline.settings import load_settings
from model_registry_pipeline.sources import source_named
from model_registry_pipeline.warehouse.opening import open_warehouse

with open_warehouse(load_settings()) as warehouse, open_instance() as instance:
    runner = Runner(defs, instance, warehouse)
    ran = runner.sync([source_named("openrouter")], datetime.now(UTC).date().isoformat())
    print(ran.run_ids[0], ran.faults, runner.follow().faults)
"""


@pytest.fixture
def upstream(registry_url: str, tmp_path: Path) -> Iterator[FaultyServer]:
    """The sources of a registry whose processes share its database, and Dagster's records in it."""
    with FaultyServer() as upstream, environment(registry_url, tmp_path, upstream.url):
        yield upstream


def a_sync() -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", SYNC], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ended(process: subprocess.Popen[str]) -> str:
    """The run of a sync in which nothing failed."""
    out, err = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0, err
    run_id, faults = out.strip().split(" ", 1)
    assert faults == "[] []", err
    return run_id


def ledger(warehouse: Warehouse) -> list[tuple[object, ...]]:
    return rows(warehouse, "select status, error from health.syncs order by sync_id")


def test_a_sync_leaves_a_living_one_alone_and_closes_a_dead_one(upstream: FaultyServer, registry_url: str) -> None:
    """While a run waits for its answer others come and go; once its process is killed, the next one tells of it."""
    asked = threading.Event()

    def never(stage: Stage) -> None:
        asked.set()
        while stage.is_open:
            stage.wait(0.05)

    upstream.play(never, respond_json(a_list("a/one")), at=f"/openrouter{OPENROUTER.path}")
    with Warehouse(registry_url) as warehouse:
        waiting = a_sync()
        assert asked.wait(PATIENCE_SECONDS)
        ended(a_sync())
        beside = ledger(warehouse)
        waiting.kill()
        waiting.communicate()
        ended(a_sync())

        assert beside == [("running", None), ("completed", None)]
        assert ledger(warehouse) == [("failed", INTERRUPTED), ("completed", None), ("completed", None)]


def test_syncs_at_once_leave_what_one_leaves(upstream: FaultyServer, registry_url: str) -> None:
    """Four processes fetch, read, fold and publish one source at once: all complete, and nothing is there twice."""
    together = threading.Barrier(4, timeout=PATIENCE_SECONDS)

    def answer(stage: Stage) -> None:
        together.wait()
        respond_json(a_list(*(f"a/{number}" for number in range(50))))(stage)

    upstream.play(answer, at=f"/openrouter{OPENROUTER.path}")
    processes = [a_sync() for _ in range(4)]
    run_ids = {ended(process) for process in processes}
    with Warehouse(registry_url) as warehouse:
        found = rows(warehouse, "select status, error from health.syncs")
        counts = [
            rows(warehouse, f"select count(*) from {table}")[0][0]
            for table in ("serving.offerings", "normalized.records", "history.versions", "history.changes")
        ]
        unaccepted = rows(warehouse, "select status from serving.dumps where status <> 'accepted'")

    assert len(run_ids) == 4
    assert found == [("completed", None)] * 4
    assert counts == [50] * 4
    assert unaccepted == []


def test_a_run_that_goes_on_where_another_failed_is_a_sync(registry: Registry) -> None:
    """Re-executed from failure it fetches nothing again; what it comes to stands in a row of its own."""
    registry.serve("openrouter", a_list("a/one"))
    fetched = registry.run("daily_sync", partition_key=registry.today, selection=[raw_key(OPENROUTER)])
    registry.run(
        "daily_sync",
        partition_key=registry.today,
        selection=[normalized_key(OPENROUTER), history_key(OPENROUTER)],
        tags={"dagster/parent_run_id": fetched.run_id, "dagster/root_run_id": fetched.run_id},
    )
    close_interrupted(registry.instance, registry.warehouse, Clock())

    assert registry.rows("select status, fetched, dump_id, error from health.syncs order by sync_id") == [
        ("failed", None, 1, INTERRUPTED),
        ("completed", 1, 1, None),
    ]


@pytest.mark.parametrize("is_over", [True, False])
def test_rows_of_runs_that_are_over_are_closed_by_the_sensor(registry: Registry, is_over: bool) -> None:
    """Also where no sync of that source follows; a run that is under way is not over."""
    status = dg.DagsterRunStatus.CANCELED if is_over else dg.DagsterRunStatus.STARTED
    run = registry.instance.add_run(dg.DagsterRun(job_name="daily_sync", status=status))
    with registry.warehouse.transaction() as connection:
        health.begin_sync(connection, run.run_id, "openrouter", at(0))
    close_interrupted(registry.instance, registry.warehouse, Clock())

    assert registry.syncs() == {"openrouter": ("failed", INTERRUPTED) if is_over else ("running", None)}
