"""Days are read in the precision in which they are stated; sentinels are no date, and nonsense is an error."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_registry_pipeline.domain.normalized.days import NO_DAY, stated_day


@pytest.mark.parametrize(
    ("stated", "day"),
    [
        ("2025-06-01", "2025-06-01"),
        ("2025-06", "2025-06"),
        ("2025", "2025"),
        ("2025-04-20T05:36:20.000Z", "2025-04-20"),
        ("2025-04-19T22:29:46.321089905Z", "2025-04-19"),
        ("2025-04-20 05:36", "2025-04-20"),
        ("2025-12-31T23:30:00+14:00", "2025-12-31"),
        ("2016-12-31T23:59:60Z", "2016-12-31"),
        ("2024-02-29", "2024-02-29"),
        (1748736000, "2025-06-01"),
        (1748736000.9, "2025-06-01"),
        (1748736000000, "2025-06-01"),
        ("1748736000", "2025-06-01"),
    ],
)
def test_a_day_is_brought_to_iso_8601(stated: object, day: str) -> None:
    """Of a timestamp, the day that it is written with."""
    assert stated_day(stated) == day


@pytest.mark.parametrize(
    "stated",
    [
        "",
        "  ",
        "2098-12-31",
        "9999-12-31",
        "9999-12-31T23:59:59+14:00",
        "9999",
        "2100-01-01",
        "1970-01-01",
        "1970-01-01T00:00:00Z",
        0,
        "0",
        735790403,
        0.0,
    ],
)
def test_a_sentinel_is_no_date(stated: object) -> None:
    """It is how sources write that there is none; no error, and no fact."""
    assert stated_day(stated) is NO_DAY


@pytest.mark.parametrize(
    "stated",
    [
        *("2025-02-30", "2025-13-01", "2025-00-10", "0000-01-01", "1066-10-14", "20250601", "2025-6-1", "June 2025"),
        *("2025-06-01T25", "2025-06-01Tx", "٢٠٢٥-٠٦-٠١", -5, 1e400, float("nan"), 1748736000000000, True, None, [], {}),
    ],
)  # fmt: skip
def test_what_is_no_day_is_an_error(stated: object) -> None:
    """ValueError, which costs the field and nothing else."""
    with pytest.raises(ValueError, match=r"."):
        stated_day(stated)


@given(st.dates(min_value=date(1990, 1, 1), max_value=date(2089, 12, 31)))
def test_every_day_reads_as_itself(day: date) -> None:
    """In full, and as a part of a timestamp."""
    assert stated_day(day.isoformat()) == day.isoformat() == stated_day(f"{day}T12:00:00Z")


@given(st.text() | st.integers() | st.floats())
def test_anything_else_is_a_day_or_a_value_error(stated: object) -> None:
    """No other error comes out, whatever goes in."""
    with suppress(ValueError):
        assert isinstance(stated_day(stated), str)
