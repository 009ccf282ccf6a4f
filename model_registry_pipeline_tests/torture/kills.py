"""`kill -9` at random moments of the command line, against a real PostgreSQL: the next run brings everything right.

What is killed is the whole group of processes. What a registry says after the next run is held against one that was
left alone; no committed dump may be gone, none unread or unjudged, and no sync may seem to run for ever.
"""

import os
import signal
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random

from model_registry_pipeline_tests.torture.scenes import (
    Place,
    Scenario,
    Undisturbed,
    a_place,
    all_scenarios,
    dumps_of,
    kill,
    unconverged,
)

KILLS = 100


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


def torture(kills: int = KILLS, seed: int = 1, done: Callable[[int], None] = lambda _: None) -> Told:
    """Kill each command in turn, at moments that the seed chooses from its whole length."""
    random, told = Random(seed), Told()  # noqa: S311 - to be repeatable is the point
    with a_place() as place:
        scenarios = all_scenarios(place)
        undisturbed = {scenario.name: place.undisturbed(scenario) for scenario in scenarios}
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
    place: Place, scenario: Scenario, moment: float, undisturbed: Mapping[str, Undisturbed]
) -> tuple[str | None, str | None]:
    """The command that was killed (None: it was through before), and what was not as it should be after the next."""
    expected = undisturbed[scenario.name]
    with place.server.fresh_database(scenario.template) as url:
        ended = place.run(url, *scenario.words, after=moment * expected.seconds, disturb=kill)
        if ended.code != -signal.SIGKILL:
            return None, None
        fault = unconverged(place, scenario, url, dumps_of(url), expected)
    told = f"{scenario.name}, killed after {moment * expected.seconds:.2f} s"
    return scenario.name, f"{told}: {fault}" if fault else None
