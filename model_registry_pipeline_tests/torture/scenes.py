"""Commands that are disturbed, the registry that they are disturbed in, and what it comes to undisturbed."""

import gzip
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from model_registry_pipeline.defs.home import SHIPPED_CONFIG
from model_registry_pipeline.sources import source_named
from model_registry_pipeline.warehouse.embedded import embedded_address, release_embedded
from model_registry_pipeline.warehouse.engine import Warehouse
from model_registry_pipeline_tests.conftest import Server
from model_registry_pipeline_tests.connectors.faulty_server import FaultyServer, respond_json
from model_registry_pipeline_tests.defs.examples import A_KEY
from model_registry_pipeline_tests.sources.recording import fixture_of
from model_registry_pipeline_tests.warehouse.state import state_of

SOURCES = ("openrouter", "models_dev", "groq", "huggingface")
DAYS = 20
"""Of the replay."""
PROGRAMS = Path(sys.executable).parent
REGISTRY = "model-registry"


@dataclass(frozen=True)
class Scenario:
    """A command, what it finds, and what it comes to when nobody disturbs it."""

    name: str
    words: tuple[str, ...]
    template: str
    """The database that it begins with."""
    is_dated: bool
    """Whether its dumps' instants are told by file names, and so the same in every run."""


@dataclass(frozen=True)
class Ended:
    """How a run ended."""

    seconds: float
    code: int
    """-9: killed."""
    said: str
    was_disturbed: bool
    """False: it was through before."""


@dataclass(frozen=True)
class Undisturbed:
    """What a command takes and comes to when it is left alone."""

    seconds: float
    state: Mapping[str, Any]


Disturb = Callable[["subprocess.Popen[str]", str], None]
"""What happens to a run under way, and to its database."""


@dataclass
class Place:
    """Where runs happen: a real PostgreSQL, a loopback server for the sources, a folder."""

    server: Server
    upstream: str
    folder: Path

    @property
    def cluster(self) -> Path:
        return self.folder / "cluster"

    def run(self, url: str, *words: str, after: float | None = None, disturb: Disturb | None = None) -> Ended:
        """A command in a process group of its own; `after` so many seconds it is disturbed."""
        with tempfile.TemporaryDirectory(dir=self.folder) as home:
            began, was_disturbed = time.perf_counter(), False
            process = subprocess.Popen(
                [PROGRAMS / words[0], *words[1:]],
                env=self._environment(url, Path(home)),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
            try:
                said, _ = process.communicate(timeout=after)
            except subprocess.TimeoutExpired:
                assert disturb is not None
                disturb(process, url)
                was_disturbed = True
                said, _ = process.communicate()
            return Ended(time.perf_counter() - began, process.returncode, said, was_disturbed)

    def undisturbed(self, scenario: Scenario) -> Undisturbed:
        with self.server.fresh_database(scenario.template) as url:
            ended = self.run(url, *scenario.words)
            if ended.code:
                raise RuntimeError(f"{' '.join(scenario.words)} fails undisturbed: {ended.said[-2000:]}")
            return Undisturbed(ended.seconds, state_told(url, scenario))

    def _environment(self, url: str, home: Path) -> dict[str, str]:
        dagster = home / "dagster"
        dagster.mkdir()
        (dagster / SHIPPED_CONFIG.name).symlink_to(SHIPPED_CONFIG)
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PYTHONPATH") if name in os.environ}
        own = {f"{name.upper()}_BASE_URL": f"{self.upstream}/{name}" for name in SOURCES}
        return (
            inherited
            | own
            | {
                "DATABASE_URL": url,
                "DAGSTER_HOME": str(dagster),
                "MODEL_REGISTRY_HOME": str(home),
                "MODEL_REGISTRY_SOURCES": ",".join(SOURCES),
                "GROQ_API_KEY": A_KEY,
                "HF_TOKEN": A_KEY,
            }
        )


def kill(process: "subprocess.Popen[str]", _: str) -> None:
    """The whole group of processes, at once."""
    os.killpg(process.pid, signal.SIGKILL)


def unconverged(place: Place, scenario: Scenario, url: str, before: set[Any], expected: Undisturbed) -> str | None:
    """What is not as it should be once the command was given again; None: all is."""
    ended = place.run(url, *scenario.words)
    if ended.code:
        return f"the next run ends with {ended.code}: {ended.said[-500:]}"
    if gone := before - dumps_of(url):
        return f"{len(gone)} committed dumps are gone"
    if wrong := unsound(url):
        return wrong
    if (state := state_told(url, scenario)) != expected.state:
        tables = [table for table in expected.state if expected.state[table] != state[table]]
        return f"other {', '.join(tables)} than undisturbed"
    return None


# -- what is there ---------------------------------------------------------------------------------------------------

_TOLD = {
    "offerings": "select source, provider_id, model_id, state, is_active, record_sha256 from serving.offerings",
    "versions": "select source, provider_id, model_id, facts::text, valid_to is null from serving.versions",
    "changes": "select source, provider_id, model_id, kind, field, before::text, after::text from serving.changes",
    "prices": "select source, provider_id, model_id, meter, unit, usd, service_tier, above_tokens from serving.prices",
}
"""What a registry says, without the instants of fetches, which no two runs share."""
_UNSOUND = {
    "dumps that nobody read": "select count(*) from raw.dumps left join normalized.listings using (dump_id) "
    "where listings.dump_id is null",
    "dumps that nobody judged": "select count(*) from raw.dumps left join history.verdicts using (dump_id) "
    "where verdicts.dump_id is null",
    "syncs that seem to run": "select count(*) from health.syncs where status = 'running'",
    "days that are not published": "select count(*) from ("
    "select distinct source, (observed_at at time zone 'UTC')::date from raw.dumps "
    "join history.verdicts using (dump_id) where status = 'accepted' "
    "except select source, day from history.snapshots) as missing",
}


def state_told(url: str, scenario: Scenario) -> dict[str, Any]:
    with Warehouse(url) as warehouse, warehouse.transaction() as connection:
        told: dict[str, Any] = {
            name: sorted(map(repr, connection.execute(text(query)).all())) for name, query in _TOLD.items()
        }
        if scenario.is_dated:
            for source in SOURCES:
                state = state_of(connection, source)
                # When a dump became known is the one thing that a repeated run may say otherwise.
                told |= {f"{table} of {source}": rows for table, rows in state.items() if table != "acceptances"}
        return told


def unsound(url: str) -> str | None:
    with Warehouse(url) as warehouse, warehouse.transaction() as connection:
        counts = {what: connection.scalar(text(query)) for what, query in _UNSOUND.items()}
    return ", ".join(f"{count} {what}" for what, count in counts.items() if count) or None


def dumps_of(url: str) -> set[Any]:
    with Warehouse(url) as warehouse, warehouse.transaction() as connection:
        return set(connection.execute(text("select source, observed_at, sha256 from raw.dumps")).all())


# -- what is given ---------------------------------------------------------------------------------------------------


@contextmanager
def a_place() -> Iterator[Place]:
    with tempfile.TemporaryDirectory(prefix="torture_") as scratch, FaultyServer() as upstream:
        folder = Path(scratch)
        for name in SOURCES:
            upstream.play(respond_json(_wide(name)), at=f"/{name}{source_named(name).path}")
        yield Place(Server(embedded_address(folder / "cluster")), upstream.url, folder)
        release_embedded(folder / "cluster")


def all_scenarios(place: Place) -> list[Scenario]:
    replay, drops = place.folder / "replay", place.folder / "drops"
    replay.mkdir()
    drops.mkdir()
    for day in range(DAYS):
        (replay / f"{_day(day)}.json").write_text(json.dumps(_of_day(day)))
    for name in SOURCES:
        (drops / f"{name}_models_{_day(DAYS)}.json.gz").write_bytes(gzip.compress(json.dumps(_wide(name)).encode()))
    (drops / f"openrouter_models_{_day(DAYS + 1)}.json").write_text(json.dumps(_of_day(DAYS + 1)))
    replayed = (REGISTRY, "replay", str(replay), "--source", "openrouter")
    place.server.create("torture_empty")
    place.run(place.server.url("torture_empty"), REGISTRY, "stats")
    place.server.create("torture_full")
    place.run(place.server.url("torture_full"), *replayed)
    place.server.create("torture_old", "torture_full")
    with Warehouse(place.server.url("torture_old")) as warehouse, warehouse.transaction() as connection:
        connection.execute(text("update normalized.listings set parser_version = '0.0'"))
    return [
        Scenario("sync", (REGISTRY, "sync"), "torture_empty", is_dated=False),
        Scenario("replay", replayed, "torture_empty", is_dated=True),
        Scenario("ingest", (REGISTRY, "ingest", "--dir", str(drops)), "torture_full", is_dated=True),
        Scenario("rebuild", (REGISTRY, "rebuild"), "torture_full", is_dated=True),
        Scenario("publish", (REGISTRY, "accept", "1"), "torture_full", is_dated=True),
        Scenario("backfill", _backfill(), "torture_old", is_dated=True),
    ]


def _backfill() -> tuple[str, ...]:
    """Every stored day read again, as a backfill of the UI does it."""
    module, selected = "model_registry_pipeline.definitions", "normalized/openrouter"
    days = f"{_day(0)}...{_day(DAYS - 1)}"
    return "dagster", "asset", "materialize", "-m", module, "--select", selected, "--partition-range", days


def _wide(source: str, times: int = 100) -> Any:
    """A source's fixture with its records so many times over, under further ids."""
    document = deepcopy(fixture_of(source_named(source)).document)
    records = document if isinstance(document, list) else document.get("data")
    if isinstance(records, list):
        records += [record | {"id": f"{record['id']}-{n}"} for n in range(times) for record in deepcopy(records)]
    return document


def _of_day(day: int) -> Any:
    """The OpenRouter of a day: a few models come, a few go, and one in ten has another price."""
    document = _wide("openrouter", 40)
    records = document["data"]
    for number, record in enumerate(records):
        if number % 10 == day % 10 and record.get("pricing"):
            record["pricing"] = record["pricing"] | {"prompt": f"0.00000{day + 1}"}
    document["data"] = [record for number, record in enumerate(records) if number % 23 != day % 23]
    return document


def _day(number: int) -> str:
    return (date(2025, 6, 1) + timedelta(days=number)).isoformat()
