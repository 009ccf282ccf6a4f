"""Days and instants as people write them."""

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from model_registry_pipeline.domain.history.moment import MomentError, end_of, start_of


@given(st.dates())
@example(date.min)
@example(date.max)
def test_a_day_is_from_its_first_to_its_last_microsecond(day: date) -> None:
    """`since` a day begins with it, `on` a day ends with it; no instant of that day in UTC lies outside."""
    first, last = start_of(day.isoformat()), end_of(day.isoformat())

    assert last - first == timedelta(days=1) - timedelta(microseconds=1)
    assert (first.date(), last.date()) == (day, day)
    assert (first.tzinfo, last.tzinfo) == (UTC, UTC)


OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.dates(date(2, 1, 1), date(9998, 1, 1)), st.times(timezones=OFFSETS))
def test_an_instant_is_itself(day: date, hour: time) -> None:
    """An instant with an offset is that instant, for its beginning as for its end."""
    moment = datetime.combine(day, hour)

    assert start_of(moment.isoformat()) == end_of(moment.isoformat()) == moment


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        pytest.param("2025-03-05T12:00:00Z", datetime(2025, 3, 5, 12, tzinfo=UTC), id="UTC"),
        pytest.param("2025-03-05T12:00:00", datetime(2025, 3, 5, 12, tzinfo=UTC), id="without an offset it is UTC"),
        pytest.param("2025-03-05 12:00", datetime(2025, 3, 5, 12, tzinfo=UTC), id="a blank and no seconds"),
        pytest.param("2025-03-05T00:30:00+02:00", datetime(2025, 3, 4, 22, 30, tzinfo=UTC), id="the day before, here"),
        pytest.param("2024-02-29T00:00Z", datetime(2024, 2, 29, tzinfo=UTC), id="a leap day"),
    ],
)
def test_an_instant_is_told_in_utc(written: str, meant: datetime) -> None:
    """Whatever its offset, an instant is UTC from here on."""
    assert start_of(written) == end_of(written) == meant
    assert end_of(written).tzinfo is UTC


@pytest.mark.parametrize("read", [start_of, end_of])
@pytest.mark.parametrize(
    "nonsense",
    [
        "",
        " ",
        "yesterday",
        "2025",
        "2025-13-01",
        "2025-02-30",
        "2023-02-29",
        "2025-02-30T12:00:00Z",
        "2025-03-05T25:00",
        "05/03/2025",
        "2025-3-5",
        "-2025-03-05",
        "10000-01-01",
        "0000-01-01",
        "0001-01-01T00:00:00+05:00",
        "9999-12-31T23:59:59-05:00",
        "2025-03-05\x00",
        "２０２５-０３-０５",
        "1741176000",
        "2025-03-05'; drop schema raw",
    ],
)
def test_what_is_no_date_says_what_would_be_one(read: object, nonsense: str) -> None:
    """Nonsense, days that no month has and instants out of the calendar are refused in one line that shows the form."""
    assert callable(read)
    with pytest.raises(MomentError) as refused:
        read(nonsense)

    assert repr(nonsense) in str(refused.value)
    assert "2025-03-05T12:00:00Z" in str(refused.value)
