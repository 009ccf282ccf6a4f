"""Which pairs may be purged."""

from datetime import timedelta

import pytest

from model_registry_pipeline.domain.health.birth import Discovery
from model_registry_pipeline.domain.health.purging import is_purgeable
from model_registry_pipeline_tests.examples import at

MONTH = timedelta(days=30)
NOW = at(40 * 24)


@pytest.mark.parametrize(
    ("stale_since", "expected"),
    [
        pytest.param([at(0)], True, id="stale for forty days"),
        pytest.param([at(10 * 24)], False, id="for thirty days to the second: not more than thirty"),
        pytest.param([at(10 * 24 - 1)], True, id="an hour longer"),
        pytest.param([at(0), at(24)], True, id="by both sources"),
        pytest.param([at(0), at(39 * 24)], False, id="by one of them since yesterday only"),
        pytest.param([at(0), None], False, id="another source lists it"),
        pytest.param([], False, id="nothing is told of it"),
    ],
)
def test_inactive_for_long_by_every_source(stale_since: list[object], expected: bool) -> None:
    """Each offering has been stale for more than thirty days."""
    assert is_purgeable(Discovery.INDEX, stale_since, NOW, MONTH) is expected  # type: ignore[arg-type]
    assert is_purgeable(Discovery.INFERENCE, stale_since, NOW, MONTH) is expected  # type: ignore[arg-type]


def test_what_a_person_added_is_never_purged() -> None:
    """However long it has been inactive."""
    assert not is_purgeable(Discovery.MANUAL, [at(0)], at(90_000), MONTH)
