"""What an offering's absence from its source's list means. A source that does not answer ages nothing."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec


class Flag(msgspec.Struct, frozen=True, kw_only=True):
    """The judgement on one absent offering."""

    state: str
    """missing or stale."""
    since: datetime
    reason: str


def staleness(missing_since: datetime, answers: Sequence[datetime], stale_after: timedelta) -> Flag:
    """Missing from the first accepted dump without it; stale once another one, long enough after, still lacks it.

    `answers` are the instants of the source's accepted dumps, in order.
    """
    told = f"not listed since {missing_since:%Y-%m-%d %H:%M} UTC"
    index = bisect_left(answers, missing_since + stale_after)
    if index == len(answers):
        return Flag(state="missing", since=missing_since, reason=told)
    return Flag(state="stale", since=answers[index], reason=f"{told}, nor at {answers[index]:%Y-%m-%d %H:%M} UTC")
