"""The hourly job over all sources, after a real sync of those of which an answer is recorded."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from benchmarks.figures import Bench, Figure, median
from benchmarks.product import ProductError, Registry, new_registry
from benchmarks.recorded_world import newest, serving
from model_registry_pipeline.sources import all_sources

DAGSTER = Path(sys.executable).with_name("dagster")


def hourly_checks(bench: Bench) -> list[Figure]:
    """The job `health` as Dagster's command runs it, the rows that it leaves, and `model-registry health`."""
    recorded, walls = newest(bench.dumps), []
    with serving(recorded) as server, new_registry(bench.server_url, "health") as registry:
        environment = server.environment()
        registry.run(
            "sync", *(word for each in recorded for word in ("--source", each.source.name)), environment=environment
        )
        for _ in range(bench.rounds):
            run_job(registry, "health", environment)
            # It exits 1 or 2 where something is wrong: old recordings and single syncs are.
            walls.append(registry.run("health", "--json", environment=environment, allowed=(0, 1, 2)).seconds)
        runs = registry.run_seconds("health")
        (left,) = registry.rows(
            "select (select sum(length(event)) from dagster.event_logs join dagster.runs using (run_id) "
            "where pipeline_name = 'health') as bytes, "
            "(select count(*) from dagster.asset_check_executions join dagster.runs using (run_id) "
            "where pipeline_name = 'health') as evaluations"
        )
    seconds = median(runs)
    return [
        Figure(f"hourly checks of {len(all_sources())} sources", seconds, "s", "≤ 10", seconds <= 10),
        Figure("… evaluations a run", left["evaluations"] / len(runs), ""),
        Figure("… events a run", left["bytes"] / len(runs) / 1000, "kB"),
        Figure("model-registry health --json, its start included", median(walls), "s"),
    ]


def run_job(registry: Registry, job: str, environment: Mapping[str, str]) -> None:
    """A job in a process of its own. Raises ProductError."""
    done = subprocess.run(
        [DAGSTER, "job", "execute", "-m", "model_registry_pipeline.definitions", "-j", job],
        env=dict(os.environ)
        | {
            "DATABASE_URL": registry.database_url,
            "MODEL_REGISTRY_HOME": str(registry.home),
            "DAGSTER_HOME": str(registry.home / "dagster"),
        }
        | dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ProductError(f"{job}: {done.stdout[-2000:]}")
