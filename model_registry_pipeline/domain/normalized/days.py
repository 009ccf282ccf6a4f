"""Days as sources state them: text of several precisions, epoch numbers, and sentinels that are no date."""

import re
from datetime import MAXYEAR, UTC, date, datetime
from functools import lru_cache

from model_registry_pipeline.domain.source import StatedDay

NO_DAY = StatedDay("")
FIRST_YEAR = 1990
FIRST_SENTINEL_YEAR = 2090
"""Nobody plans a retirement that far: OpenRouter's 2098-12-31 and the 9999 of others mean that there is none."""
NVIDIA_EPOCH = 735790403
"""NVIDIA NIM's `created` of every model (1993-04-26)."""
_FIRST_MILLISECONDS = 10**11
_FIRST_MICROSECONDS = 10**14

_TEXT = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)"
    r"(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?)?)?",
    re.ASCII,
)
_EPOCH = re.compile(r"0|\d{9,13}", re.ASCII)


def stated_day(stated: object) -> StatedDay:
    """A day brought to ISO 8601 in the precision in which it is stated; empty for what is no date.

    A timestamp's day is the one it is written with, whatever its offset. Raises ValueError for what can't be read.
    """
    if isinstance(stated, str):
        is_timestamp = len(stated) > len("1750000000000") and _TEXT.fullmatch(stated)
        return _text_day(stated[:10] if is_timestamp else stated)
    if isinstance(stated, int | float) and not isinstance(stated, bool):
        return _epoch_day(stated)
    if isinstance(stated, dict) and "year" in stated:
        return _day_in_numbers(**stated)
    raise ValueError("not a day")


def _day_in_numbers(*, year: object, month: object = 0, day: object = 0, **others: object) -> StatedDay:
    """Google's form in JSON: a number that is not known is 0, or left out."""
    if others:
        raise ValueError("not a day in numbers")
    known, in_year, in_month = (_whole(number) for number in (year, month, day))
    if not 0 <= known <= MAXYEAR:
        raise ValueError("not a year")
    parts = [f"{known:04}", f"{in_year:02}", f"{in_month:02}"][: 1 + bool(in_year) + bool(in_year and in_month)]
    return _text_day("-".join(parts)) if known else NO_DAY


def _whole(stated: object) -> int:
    """A whole number in any spelling, quoted or not."""
    if isinstance(stated, str) and stated.isascii() and stated.isdigit():
        return int(stated)
    if (type(stated) is float and stated.is_integer()) or type(stated) is int:
        return int(stated)
    raise ValueError("not a day in whole numbers")


@lru_cache(maxsize=8192)
def _text_day(stated: str) -> StatedDay:
    if not stated.strip():
        return NO_DAY
    if _EPOCH.fullmatch(stated):
        return _epoch_day(int(stated))
    parts = _TEXT.fullmatch(stated)
    if parts is None:
        raise ValueError("not an ISO 8601 day")
    year, month, day = int(parts["year"]), int(parts["month"] or 1), int(parts["day"] or 1)
    stated_date = date(year, month, day)
    if year >= FIRST_SENTINEL_YEAR or stated_date == date(1970, 1, 1):
        return NO_DAY
    if year < FIRST_YEAR:
        raise ValueError(f"a day before {FIRST_YEAR}")
    return StatedDay("-".join(part for part in parts.group("year", "month", "day") if part))


@lru_cache(maxsize=8192)
def _epoch_day(stated: float) -> StatedDay:
    if stated in {0, NVIDIA_EPOCH}:
        return NO_DAY
    if not 0 < stated < _FIRST_MICROSECONDS:
        raise ValueError("not epoch seconds or milliseconds")
    seconds = stated / 1000 if stated >= _FIRST_MILLISECONDS else stated
    return _text_day(datetime.fromtimestamp(seconds, UTC).date().isoformat())
