"""What a status means, and how long to wait."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_registry_pipeline.domain.raw.retry import Meaning, meaning, stated_wait_seconds

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

MEANINGS = {
    Meaning.LIST: [200],
    Meaning.UNCHANGED: [304],
    Meaning.REDIRECT: [301, 302, 303, 307, 308],
    Meaning.TRY_AGAIN: [202, 204, 408, 425, 429, 500, 502, 503, 504, 520, 529, 599, 999],
    Meaning.REFUSAL: [201, 203, 205, 206, 300, 305, *range(400, 408), 409, 410, 418, 421, 426, 431, 451, 501, 505, 998],
}


@pytest.mark.parametrize(
    ("status", "expected"), [(status, stated) for stated, statuses in MEANINGS.items() for status in statuses]
)
def test_a_status_has_one_meaning(status: int, expected: Meaning) -> None:
    """Only 200 brings a list."""
    assert meaning(status) is expected


@pytest.mark.parametrize(
    ("stated", "seconds"),
    [
        ("120", 120),
        (" 1.5 ", 1.5),
        ("999999999", 999_999_999),
        (format_datetime(NOW + timedelta(minutes=2), usegmt=True), 120),
        ("Sun, 01 Mar 2026 13:02:00 +0100", 120),
        ("Sun, 01 Mar 2026 12:02:00 -0000", 120),
        (format_datetime(NOW - timedelta(minutes=2), usegmt=True), None),
        (None, None),
        ("", None),
        ("0", None),
        ("-5", None),
        ("nan", None),
        ("inf", None),
        ("soon", None),
        ("Sun, 99 Mar 2026 12:02:00 GMT", None),
        ("Sun, 01 Mar 99999 12:02:00 GMT", None),
        ("9" * 5000, None),
    ],
)
def test_a_wait_is_seconds_or_a_date_or_nothing(stated: str | None, seconds: float | None) -> None:
    """Never negative, never endless."""
    assert stated_wait_seconds(stated, NOW) == seconds


@given(st.text())
def test_no_header_breaks_it(stated: str) -> None:
    """A wait is a positive number, or none."""
    wait = stated_wait_seconds(stated, NOW)

    assert wait is None or wait > 0
