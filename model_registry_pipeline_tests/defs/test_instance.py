"""Dagster's instance: one for every process, on the registry's database, out of its schemas."""

import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import psycopg
import pytest
from dagster._core.launcher import WorkerStatus

from model_registry_pipeline.defs.home import dagster_home
from model_registry_pipeline.defs.instance import open_instance
from model_registry_pipeline.defs.launcher import WatchedRunLauncher, host_tag
from model_registry_pipeline.settings import load_settings
from model_registry_pipeline_tests.patience import PATIENCE_SECONDS

A_RUN = """
import sys
import dagster as dg
from model_registry_pipeline.defs.instance import open_instance
from model_registry_pipeline.defs.launcher import host_tag

@dg.op
def wait() -> None:
    if "wait" in sys.argv:
        print("running", flush=True)
        sys.stdin.read()

@dg.job(executor_def=dg.in_process_executor)
def a_job() -> None:
    wait()

with open_instance() as instance:
    print(a_job.execute_in_process(instance=instance, tags=host_tag()).run_id, flush=True)
"""


@pytest.fixture
def place(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The home of a registry on an empty database."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("MODEL_REGISTRY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DAGSTER_HOME", "")
    load_settings.cache_clear()
    yield tmp_path / "home"
    load_settings.cache_clear()


def a_process(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", A_RUN, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_processes_share_runs_and_leave_the_registrys_schemas_alone(place: Path, database_url: str) -> None:
    """Of two processes that start on an empty database each sees the other's run; all tables are in `dagster`."""
    processes = [a_process(), a_process()]
    told = [process.communicate(timeout=PATIENCE_SECONDS) for process in processes]
    with open_instance() as instance:
        runs = {run.run_id for run in instance.get_runs()}
    with psycopg.connect(database_url) as connection:
        schemas = connection.execute(
            "select distinct table_schema from information_schema.tables"
            " where table_schema not in ('pg_catalog', 'information_schema')"
        ).fetchall()

    assert runs == {out.strip() for out, _ in told}, told
    assert schemas == [("dagster",)]


def test_half_made_tables_of_dagster_are_made_anew(place: Path, database_url: str) -> None:
    """A process killed while Dagster made its tables leaves nothing that the next one trips over."""
    with open_instance():
        pass
    with psycopg.connect(database_url) as connection:
        connection.execute("comment on schema dagster is null")
        connection.execute("truncate dagster.secondary_indexes")
    with open_instance() as instance:
        executed = dg.GraphDefinition("a_graph").to_job().execute_in_process(instance=instance)
    with open_instance() as instance:
        runs = [run.run_id for run in instance.get_runs()]

    assert runs == [executed.run_id]


def test_the_launcher_tells_a_killed_process_from_a_living_one(place: Path) -> None:
    """A run is healthy while the process that executes it lives, and failed once that was killed."""
    process = a_process("wait")
    assert process.stdout is not None
    assert process.stdout.readline() == "running\n"
    with open_instance() as instance:
        launcher = instance.run_launcher
        assert isinstance(launcher, WatchedRunLauncher)
        (run,) = instance.get_runs()
        alive = launcher.check_run_worker_health(run).status
        process.kill()
        process.communicate()
        dead = launcher.check_run_worker_health(run).status
        elsewhere = launcher.check_run_worker_health(run.with_tags({**run.tags, **dict.fromkeys(host_tag(), "other")}))

    assert (alive, dead, elsewhere.status) == (WorkerStatus.RUNNING, WorkerStatus.FAILED, WorkerStatus.RUNNING)


def test_the_shipped_configuration_is_what_dagster_reads(place: Path) -> None:
    """Every key of dagster.yaml is one of this Dagster's, and the guards that are off by default are on."""
    with open_instance() as instance:
        queue = instance.get_concurrency_config().run_queue_config

        assert instance.run_monitoring_enabled
        assert instance.run_retries_enabled
        assert not instance.run_retries_retry_on_asset_or_op_failure
        assert not instance.telemetry_enabled
        assert not instance.nux_enabled
        assert queue is not None
        assert queue.tag_concurrency_limits == [{"key": "dagster/backfill", "limit": 1}]
        assert queue.max_concurrent_runs > 1


def test_dagsters_folder_is_closed_to_others(place: Path) -> None:
    """DAGSTER_HOME is made with the shipped configuration, for its owner only; a configuration of one's own stays."""
    home = dagster_home(load_settings())
    assert home == place / "dagster"
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert (home / "dagster.yaml").resolve() == Path(__file__).parents[2] / "dagster.yaml"

    (home / "dagster.yaml").unlink()
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    dagster_home(load_settings())
    assert (home / "dagster.yaml").read_text() == "telemetry: {enabled: false}\n"


def test_dagster_home_is_respected(place: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A DAGSTER_HOME that is set is used, and given the configuration when it has none."""
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "elsewhere"))

    assert dagster_home(load_settings()) == tmp_path / "elsewhere"
    assert (tmp_path / "elsewhere" / "dagster.yaml").exists()
