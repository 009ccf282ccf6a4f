"""The database taken away under a running command: the run fails in a clear line or goes on, and the next converges.

In turn the whole server is restarted as after a crash (`pg_ctl restart -m immediate`), with up to a second in which
nobody answers, and every connection of the registry's database is ended (`pg_terminate_backend`).
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

import psycopg

from model_registry_pipeline.warehouse.embedded import embedded_address
from model_registry_pipeline_tests.torture.scenes import (
    Place,
    Scenario,
    Undisturbed,
    a_place,
    all_scenarios,
    dumps_of,
    unconverged,
)

OUTAGES = 20


@dataclass
class Told:
    """What came of it."""

    outages: int = 0
    """Runs that were still under way when their database went away."""
    went_on: int = 0
    """Of these, the runs that ended well all the same."""
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        failed, converged = self.outages - self.went_on, self.outages - len(self.faults)
        return (
            f"{self.outages} outages of the database ({self.went_on} runs went on, {failed} failed in clear words): "
            f"{converged} converged, {len(self.faults)} did not"
        )


def outages(count: int = OUTAGES, seed: int = 1, done: Callable[[int], None] = lambda _: None) -> Told:
    """Take the database from each command in turn, at moments that the seed chooses from its whole length."""
    random, told = Random(seed), Told()  # noqa: S311 - to be repeatable is the point
    with a_place() as place:
        scenarios = all_scenarios(place)
        undisturbed = {scenario.name: place.undisturbed(scenario) for scenario in scenarios}
        for number in range(10 * count):
            if told.outages == count:
                break
            scenario = scenarios[number // 2 % len(scenarios)]
            moment, pause = random.random(), random.random()
            act = _restart(place, pause) if number % 2 else end_connections
            _disturb_once(place, scenario, moment, act, undisturbed[scenario.name], told)
            done(told.outages)
    return told


def _disturb_once(
    place: Place,
    scenario: Scenario,
    moment: float,
    act: Callable[["subprocess.Popen[str]", str], None],
    expected: Undisturbed,
    told: Told,
) -> None:
    with place.server.fresh_database(scenario.template) as url:
        ended = place.run(url, *scenario.words, after=moment * expected.seconds, disturb=act)
        if not ended.was_disturbed:
            return
        told.outages += 1
        told.went_on += ended.code == 0
        what = f"{scenario.name}, {act.__name__} after {moment * expected.seconds:.2f} s"
        if scenario.words[0] == "model-registry" and "Traceback" in ended.said:
            told.faults.append(f"{what}: no clear words: {ended.said[:300]} … {ended.said[-500:]}")
        elif fault := unconverged(place, scenario, url, dumps_of(url), expected):
            told.faults.append(f"{what}: {fault}")


def end_connections(_: "subprocess.Popen[str]", url: str) -> None:
    """Every connection to a database."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )


def _restart(place: Place, pause: float) -> Callable[["subprocess.Popen[str]", str], None]:
    def restart(_: "subprocess.Popen[str]", __: str) -> None:
        postmaster = int((place.cluster / "postgres/data/postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGQUIT)
        time.sleep(pause)
        embedded_address(place.cluster)

    return restart
