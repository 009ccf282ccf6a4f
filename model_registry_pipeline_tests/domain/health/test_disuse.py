"""Models that only calls told of, and that nobody calls any more."""

from datetime import timedelta

import pytest

from model_registry_pipeline.domain.health.disuse import disuse
from model_registry_pipeline_tests.examples import at

MONTH = timedelta(days=30)


@pytest.mark.parametrize(
    ("now", "since"),
    [
        pytest.param(24, None, id="called today"),
        pytest.param(30 * 24 - 0.01, None, id="a moment before"),
        pytest.param(30 * 24, 30 * 24, id="to the day"),
        pytest.param(9000, 30 * 24, id="since then, however late it is asked"),
    ],
)
def test_a_month_without_a_call_is_stale(now: float, since: float | None) -> None:
    """From the end of the month on, and not a moment before."""
    flag = disuse(at(0), at(now), MONTH)

    assert (flag and (flag.state, flag.since)) == (None if since is None else ("stale", at(since)))


def test_it_says_when_it_was_last_called() -> None:
    """For people."""
    flag = disuse(at(0), at(9000), MONTH)

    assert flag is not None
    assert flag.reason == "no successful call since 2025-01-01 00:00 UTC, and no source lists it"
