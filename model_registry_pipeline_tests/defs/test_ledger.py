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
from model_registry_pipeline_tests.cli.examples import run
from model_registry_pipeline_tests.connectors.faulty_server import FaultyServer, Stage, respond_json
from model_registry_pipeline_tests.defs.examples import Registry, a_list, environment
from model_registry_pipeline_tests.examples import at
from model_registry_pipeline_tests.patience import PATIENCE_SECONDS
from model_registry_pipeline_tests.warehouse.feeding import rows

OPENROUTER = source_named("openrouter")
INTERRUPTED = "interrupted: its run ended before it did"
SYNCS = """
import os, sys, warnings
from datetime import UTC, datetime

warnings.simplefilter("ignore")

from model_registry_pipeline.definitions import defs
from model_registry_pipeline.defs.instance import open_instance
from model_registry_pipeline.defs.runs import Runner
from model_registry_pipeline.settings import load_settings
from model_registry_pipeline.sources import source_named
from model_registry_pipeline.warehouse.opening import open_warehouse

# Each is a process of its own, though Dagster is imported once for all: nothing is open yet.
others = []
for _ in range(int(sys.argv[1]) - 1):
    others.append(os.fork())
    if others[-1] == 0:
        others = []
        break
with open_warehouse(load_settings()) as warehouse, open_instance() as instance:
    runner = Runner(defs, instance, warehouse)
    ran = runner.sync([source_named("openrouter")], datetime.now(UTC).date().isoformat())
    print(ran.run_ids[0], ran.faults, runner.follow().faults, flush=True)
for other in others:
    assert os.waitpid(other, 0)[1] == 0
"""


@pytest.fixture
def upstream(registry_url: str, tmp_path: Path) -> Iterator[FaultyServer]:
    """The sources of a registry whose processes share its database, and Dagster's records in it."""
    with FaultyServer() as upstream, environment(registry_url, tmp_path, upstream.url):
        yield upstream


def syncs(count: int) -> subprocess.Popen[str]:
    """So many at once, each in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", SYNCS, str(count)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


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
        waiting = syncs(1)
        assert asked.wait(PATIENCE_SECONDS)
        second = run("sync", "--source", "openrouter")
        beside = ledger(warehouse)
        waiting.kill()
        waiting.communicate()
        third = run("sync", "--source", "openrouter")

        assert (second.code, third.code) == (0, 0), second.err + third.err
        assert beside == [("running", None), ("completed", None)]
        assert ledger(warehouse) == [("failed", INTERRUPTED), ("completed", None), ("completed", None)]


def test_syncs_at_once_leave_what_one_leaves(upstream: FaultyServer, registry_url: str) -> None:
    """Four processes fetch, read, fold and publish one source at once: all complete, and nothing is there twice."""
    together = threading.Barrier(4, timeout=PATIENCE_SECONDS)

    def answer(stage: Stage) -> None:
        together.wait()
        respond_json(a_list(*(f"a/{number}" for number in range(50))))(stage)

    upstream.play(answer, at=f"/openrouter{OPENROUTER.path}")
    processes = syncs(4)
    out, err = processes.communicate(timeout=PATIENCE_SECONDS)
    told = [line.split(" ", 1) for line in out.splitlines()]
    with Warehouse(registry_url) as warehouse:
        found = rows(warehouse, "select status, error from health.syncs")
        counts = [
            rows(warehouse, f"select count(*) from {table}")[0][0]
            for table in ("serving.offerings", "normalized.records", "history.versions", "history.changes")
        ]
        unaccepted = rows(warehouse, "select status from serving.dumps where status <> 'accepted'")

    assert processes.returncode == 0, err
    assert len({run_id for run_id, _ in told}) == 4
    assert {faults for _, faults in told} == {"[] []"}, err
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
