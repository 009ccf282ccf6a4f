"""`kill -9` at random moments of the command line, against a real PostgreSQL: the next run brings everything right.

What is killed is the whole group of processes. What a registry says after the next run is held against one that was
left alone; no committed dump may be gone, none unread or unjudged, and no sync may seem to run for ever.
"""

import gzip
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import text

from model_registry_pipeline.sources import source_named
from model_registry_pipeline.warehouse.embedded import embedded_address, release_embedded
from model_registry_pipeline.warehouse.engine import Warehouse
from model_registry_pipeline_tests.conftest import Server
from model_registry_pipeline_tests.connectors.faulty_server import FaultyServer, respond_json
from model_registry_pipeline_tests.defs.examples import A_KEY
from model_registry_pipeline_tests.sources.recording import fixture_of
from model_registry_pipeline_tests.warehouse.state import state_of

KILLS = 100
SOURCES = ("openrouter", "models_dev", "groq", "huggingface")
DAYS = 20
"""Of the replay."""
PROGRAM = Path(sys.executable).with_name("model-registry")


@dataclass
class Told:
    """What came of it."""

    kills: int = 0
    """Runs that were still under way when they were killed."""
    by_command: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        commands = ", ".join(f"{count} of {command}" for command, count in sorted(self.by_command.items()))
        return f"{self.kills} kills ({commands}): {self.kills - len(self.faults)} converged, {len(self.faults)} did not"


@dataclass(frozen=True)
class Scenario:
    """A command, what it finds, and what it comes to when nobody disturbs it."""

    name: str
    words: tuple[str, ...]
    template: str
    """The database that it begins with."""
    is_dated: bool
    """Whether its dumps' instants are told by file names, and so the same in every run."""


@dataclass
class Place:
    """Where runs happen."""

    server: Server
    upstream: str
    folder: Path

    def run(self, url: str, *words: str, kill_after: float | None = None) -> tuple[float, int, str]:
        """Seconds, exit code (-9: killed), what was said."""
        with tempfile.TemporaryDirectory(dir=self.folder) as home:
            began = time.perf_counter()
            process = subprocess.Popen(
                [PROGRAM, *words],
                env=self._environment(url, home),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
            try:
                said, _ = process.communicate(timeout=kill_after)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                said, _ = process.communicate()
            return time.perf_counter() - began, process.returncode, said

    def _environment(self, url: str, home: str) -> dict[str, str]:
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        own = {f"{name.upper()}_BASE_URL": f"{self.upstream}/{name}" for name in SOURCES}
        return (
            inherited
            | own
            | {
                "DATABASE_URL": url,
                "MODEL_REGISTRY_HOME": home,
                "MODEL_REGISTRY_SOURCES": ",".join(SOURCES),
                "GROQ_API_KEY": A_KEY,
                "HF_TOKEN": A_KEY,
            }
        )


def torture(kills: int = KILLS, seed: int = 1, done: Callable[[int], None] = lambda _: None) -> Told:
    """Kill each command in turn, at moments that the seed chooses from its whole length."""
    random, told = Random(seed), Told()  # noqa: S311 - to be repeatable is the point
    with _place() as place:
        scenarios = _scenarios(place)
        undisturbed = {scenario.name: _undisturbed(place, scenario) for scenario in scenarios}
        rounds = ((scenarios[number % len(scenarios)], random.random()) for number in range(10 * kills))
        with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
            while told.kills < kills:
                batch = [next(rounds) for _ in range(min(kills - told.kills, 2 * (os.cpu_count() or 1)))]
                for scenario, fault in pool.map(lambda one: _kill_once(place, *one, undisturbed), batch):
                    if scenario is None:
                        continue
                    told.kills += 1
                    told.by_command[scenario] = told.by_command.get(scenario, 0) + 1
                    told.faults += [fault] if fault else []
                    done(told.kills)
    return told


def _kill_once(
    place: Place, scenario: Scenario, moment: float, undisturbed: dict[str, tuple[float, Any]]
) -> tuple[str | None, str | None]:
    """The command that was killed (None: it was through before), and what was not as it should be after the next."""
    seconds, expected = undisturbed[scenario.name]
    with place.server.fresh_database(scenario.template) as url:
        _, code, _ = place.run(url, *scenario.words, kill_after=moment * seconds)
        if code != -signal.SIGKILL:
            return None, None
        before = _dumps(url)
        _, code, said = place.run(url, *scenario.words)
        told = f"{scenario.name}, killed after {moment * seconds:.2f} s"
        if code:
            return scenario.name, f"{told}: the next run ends with {code}: {said[-500:]}"
        if gone := before - _dumps(url):
            return scenario.name, f"{told}: {len(gone)} committed dumps are gone"
        if unsound := _unsound(url):
            return scenario.name, f"{told}: {unsound}"
        if (state := _state(url, scenario)) != expected:
            tables = [table for table in expected if expected[table] != state[table]]
            return scenario.name, f"{told}: other {', '.join(tables)} than undisturbed"
    return scenario.name, None


def _undisturbed(place: Place, scenario: Scenario) -> tuple[float, Any]:
    """How long the command takes, and what the registry says then."""
    with place.server.fresh_database(scenario.template) as url:
        seconds, code, said = place.run(url, *scenario.words)
        if code:
            raise RuntimeError(f"{' '.join(scenario.words)} fails undisturbed: {said[-2000:]}")
        return seconds, _state(url, scenario)


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


def _state(url: str, scenario: Scenario) -> dict[str, Any]:
    with Warehouse(_for_driver(url)) as warehouse, warehouse.transaction() as connection:
        told: dict[str, Any] = {
            name: sorted(map(repr, connection.execute(text(query)).all())) for name, query in _TOLD.items()
        }
        if scenario.is_dated:
            for source in SOURCES:
                state = state_of(connection, source)
                # When a dump became known is the one thing that a repeated run may say otherwise.
                told |= {f"{table} of {source}": rows for table, rows in state.items() if table != "acceptances"}
        return told


def _unsound(url: str) -> str | None:
    with Warehouse(_for_driver(url)) as warehouse, warehouse.transaction() as connection:
        counts = {what: connection.scalar(text(query)) for what, query in _UNSOUND.items()}
    return ", ".join(f"{count} {what}" for what, count in counts.items() if count) or None


def _dumps(url: str) -> set[Any]:
    with Warehouse(_for_driver(url)) as warehouse, warehouse.transaction() as connection:
        return set(connection.execute(text("select source, observed_at, sha256 from raw.dumps")).all())


def _for_driver(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


# -- what is given ---------------------------------------------------------------------------------------------------


@contextmanager
def _place() -> Iterator[Place]:
    with tempfile.TemporaryDirectory(prefix="torture_") as scratch, FaultyServer() as upstream:
        folder = Path(scratch)
        for name in SOURCES:
            upstream.play(respond_json(_wide(name)), at=f"/{name}{source_named(name).path}")
        yield Place(Server(embedded_address(folder / "cluster")), upstream.url, folder)
        release_embedded(folder / "cluster")


def _scenarios(place: Place) -> list[Scenario]:
    replay, drops = place.folder / "replay", place.folder / "drops"
    replay.mkdir()
    drops.mkdir()
    for day in range(DAYS):
        (replay / f"{_day(day)}.json").write_text(json.dumps(_of_day(day)))
    for name in SOURCES:
        (drops / f"{name}_models_{_day(DAYS)}.json.gz").write_bytes(gzip.compress(json.dumps(_wide(name)).encode()))
    (drops / f"openrouter_models_{_day(DAYS + 1)}.json").write_text(json.dumps(_of_day(DAYS + 1)))
    place.server.create("torture_empty")
    place.run(place.server.url("torture_empty"), "stats")
    place.server.create("torture_full")
    place.run(place.server.url("torture_full"), "replay", str(replay), "--source", "openrouter")
    return [
        Scenario("sync", ("sync",), "torture_empty", is_dated=False),
        Scenario("replay", ("replay", str(replay), "--source", "openrouter"), "torture_empty", is_dated=True),
        Scenario("ingest", ("ingest", "--dir", str(drops)), "torture_full", is_dated=True),
        Scenario("rebuild", ("rebuild",), "torture_full", is_dated=True),
        Scenario("publish", ("accept", "1"), "torture_full", is_dated=True),
    ]


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
