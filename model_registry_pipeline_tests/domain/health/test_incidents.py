"""When something is broken, and when it is mended."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_registry_pipeline.domain.health.incidents import Incident, Level, Observation, settle
from model_registry_pipeline_tests.examples import at

OK, WARNING, ERROR = Level.OK, Level.WARNING, Level.ERROR
levels = st.lists(st.sampled_from(Level), max_size=30)


def looks(seen: Sequence[Level], patience: int = 1) -> list[Incident]:
    """The incident after each of some looks, an hour apart."""
    incident = Incident(subject="it", kind="check")
    after = []
    for hour, level in enumerate(seen):
        look = Observation(subject="it", kind="check", level=level, at=at(hour), told="", patience=patience)
        incident = settle(incident, look)
        after.append(incident)
    return after


@pytest.mark.parametrize(
    ("patience", "seen", "expected"),
    [
        (1, [ERROR, ERROR, OK], [ERROR, ERROR, OK]),
        (1, [WARNING, ERROR, WARNING, OK], [WARNING, ERROR, WARNING, OK]),
        (2, [ERROR, OK, ERROR, OK], [OK, OK, OK, OK]),
        (2, [ERROR, ERROR, OK, ERROR, OK, OK], [OK, ERROR, ERROR, ERROR, ERROR, OK]),
        (2, [WARNING, ERROR, ERROR], [OK, WARNING, ERROR]),
        (2, [ERROR, ERROR, WARNING, OK, OK], [OK, ERROR, ERROR, WARNING, OK]),
    ],
    ids=["at once", "each step", "flapping opens nothing", "flapping closes nothing", "no worse", "no better"],
)
def test_a_level_moves_when_enough_looks_agree(patience: int, seen: list[Level], expected: list[Level]) -> None:
    """One look moves it where one suffices; where two have to agree, no further than both of them say."""
    assert [incident.level for incident in looks(seen, patience)] == expected


def test_it_is_bad_since_the_first_look_that_said_so() -> None:
    """Not since the one that made sure of it."""
    opened = looks([OK, ERROR, ERROR], patience=2)[-1]
    closed = looks([ERROR, ERROR, ERROR, OK, OK], patience=2)[-1]

    assert (opened.level, opened.since) == (ERROR, at(1))
    assert (closed.level, closed.since) == (OK, at(3))


@given(levels)
def test_one_look_is_believed(seen: list[Level]) -> None:
    """Where patience is 1, the level is that of the last look."""
    assert [incident.level for incident in looks(seen)] == seen


@given(levels)
def test_what_flaps_between_two_looks_is_never_told(seen: list[Level]) -> None:
    """Where patience is 2, each move of the level is confirmed by the look before it."""
    levels = [OK, *(incident.level for incident in looks(seen, patience=2))]

    for index, (before, after) in enumerate(pairwise(levels)):
        if before is not after:
            first, second = ([OK, *seen])[index : index + 2]
            assert after in {first, second}
            assert (before < after <= min(first, second)) or (before > after >= max(first, second))
