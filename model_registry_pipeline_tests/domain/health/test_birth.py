"""How a pair became known."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_registry_pipeline.domain.health.birth import Birth, Discovery, birth
from model_registry_pipeline_tests.examples import at

maybe = st.none() | st.integers(0, 3).map(at)


@pytest.mark.parametrize(
    ("added", "listed", "called", "expected"),
    [
        pytest.param(1, None, None, Discovery.MANUAL, id="by a person alone"),
        pytest.param(None, 1, None, Discovery.INDEX, id="by a list alone"),
        pytest.param(None, None, 1, Discovery.INFERENCE, id="by a call alone"),
        pytest.param(2, 3, 1, Discovery.INFERENCE, id="called first"),
        pytest.param(2, 1, 3, Discovery.INDEX, id="listed first, as an old dump may tell later"),
        pytest.param(1, 1, 1, Discovery.MANUAL, id="all at once: a person goes first"),
        pytest.param(None, 1, 1, Discovery.INDEX, id="at once: a list goes before a call"),
    ],
)
def test_the_first_evidence_tells(
    added: float | None, listed: float | None, called: float | None, expected: Discovery
) -> None:
    """A later sighting never overwrites it; ties are settled by who it is."""
    times = [None if hour is None else at(hour) for hour in (added, listed, called)]
    born = birth(added_at=times[0], listed_at=times[1], called_at=times[2])

    assert born == Birth(expected, at(1))


@given(maybe, maybe, maybe)
def test_it_is_seen_first_when_the_first_of_them_saw_it(
    added: datetime | None, listed: datetime | None, called: datetime | None
) -> None:
    """Neither earlier nor later than any evidence; without evidence there is no birth."""
    born = birth(added_at=added, listed_at=listed, called_at=called)

    assert (born and born.first_seen_at) == min(filter(None, (added, listed, called)), default=None)
