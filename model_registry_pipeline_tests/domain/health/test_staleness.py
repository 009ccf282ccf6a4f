"""What an offering's absence means."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_registry_pipeline.domain.health.staleness import Flag, marked, staleness
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


# -- what people and applications say --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("revived", "answers", "state", "since"),
    [
        pytest.param(30, [24, 48], "missing", 24, id="alive a while ago: the next answers age it anew"),
        pytest.param(30, [24, 48, 53], "stale", 53, id="still lacking 23 h after that"),
        pytest.param(60, [24, 48], "missing", 24, id="stale, then alive again"),
        pytest.param(10, [24, 48], "stale", 48, id="a call before it went missing changes nothing"),
        pytest.param(24, [24, 47], "stale", 47, id="at the very instant: nor does that"),
    ],
)
def test_a_sign_of_life_begins_the_ageing_anew(revived: float, answers: list[float], state: str, since: float) -> None:
    """It takes the source as long again to say that an offering is gone; missing it has been all the time."""
    flag = staleness(at(24), [at(hour) for hour in answers], STALE_AFTER, revived_at=at(revived))

    assert (flag.state, flag.since) == (state, at(since))


@given(hours, st.lists(hours, unique=True).map(sorted), hours)
def test_a_sign_of_life_never_makes_older(missing_since: datetime, answers: list[datetime], revived: datetime) -> None:
    """With one, an offering is stale later than without, or not at all; and never before the sign itself."""
    without = staleness(missing_since, answers, STALE_AFTER)
    flag = staleness(missing_since, answers, STALE_AFTER, revived_at=revived)

    if flag.state == "stale":
        assert without.state == "stale"
        assert flag.since >= without.since
        assert flag.since >= max(revived, missing_since) + STALE_AFTER
    assert flag.state == "stale" or flag.since == missing_since


MISSING, STALE = staleness(at(24), [at(24)], STALE_AFTER), staleness(at(24), [at(48)], STALE_AFTER)


@pytest.mark.parametrize(
    ("flag", "marked_at", "last_sign_at", "expected"),
    [
        pytest.param(None, None, 10, None, id="nobody marked it"),
        pytest.param(None, 30, 10, ("stale", 30), id="listed, and marked since"),
        pytest.param(None, 30, 40, None, id="seen again since"),
        pytest.param(None, 30, 30, None, id="seen at the same instant"),
        pytest.param(MISSING, 30, 10, ("stale", 30), id="missing, and marked"),
        pytest.param(STALE, 30, 10, ("stale", 30), id="marked before it was stale anyhow"),
        pytest.param(STALE, 60, 10, ("stale", 48), id="stale before it was marked"),
    ],
)
def test_a_mark_holds_until_the_next_sign_of_life(
    flag: Flag | None, marked_at: float | None, last_sign_at: float, expected: tuple[str, float] | None
) -> None:
    """Whatever the list says; of two reasons to be stale the earlier counts."""
    found = marked(flag, None if marked_at is None else at(marked_at), at(last_sign_at))

    assert (found and (found.state, found.since)) == (expected and (expected[0], at(expected[1])))
