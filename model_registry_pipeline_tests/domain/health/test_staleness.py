"""What an offering's absence means."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_registry_pipeline.domain.health.staleness import Flag, staleness
from model_registry_pipeline_tests.examples import at

STALE_AFTER = timedelta(hours=23)
hours = st.integers(0, 500).map(at)


@pytest.mark.parametrize(
    ("answers", "state", "since"),
    [
        pytest.param([0, 24], "missing", 24, id="missed once"),
        pytest.param([0, 24, 46.99], "missing", 24, id="missed again, too soon"),
        pytest.param([0, 24, 47], "stale", 47, id="missed again after 23 h"),
        pytest.param([0, 24, 25, 26, 48, 72], "stale", 48, id="stale since the first answer after that"),
        pytest.param([0, 24, 9000], "stale", 9000, id="a source that was silent for a year aged nothing"),
    ],
)
def test_stale_takes_another_answer_long_enough_after(answers: list[float], state: str, since: float) -> None:
    """Missing from the first accepted dump without it; stale from one at least 23 h after that."""
    flag = staleness(at(24), [at(hour) for hour in answers], STALE_AFTER)

    assert (flag.state, flag.since) == (state, at(since))


def test_a_flag_says_what_was_seen() -> None:
    """The reason names the two answers, for people."""
    assert staleness(at(24), [at(24), at(48)], STALE_AFTER) == Flag(
        state="stale",
        since=at(48),
        reason="not listed since 2025-01-02 00:00 UTC, nor at 2025-01-03 00:00 UTC",
    )


@given(hours, st.lists(hours, unique=True).map(sorted), st.integers(1, 100))
def test_only_answers_age(missing_since: datetime, answers: list[datetime], stale_after: int) -> None:
    """Stale is what an answer shows, never the clock: it is since an answer, and no earlier one would have done."""
    flag = staleness(missing_since, answers, timedelta(hours=stale_after))
    late = [answer for answer in answers if answer >= missing_since + timedelta(hours=stale_after)]

    assert flag.state == ("stale" if late else "missing")
    assert flag.since == (late[0] if late else missing_since)
