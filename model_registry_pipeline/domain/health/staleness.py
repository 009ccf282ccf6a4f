"""What an offering's absence from its source's list means. A source that does not answer ages nothing."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec


class Flag(msgspec.Struct, frozen=True, kw_only=True):
    """The judgement on one offering that is not simply listed."""

    state: str
    """missing or stale."""
    since: datetime
    reason: str


def staleness(
    missing_since: datetime, answers: Sequence[datetime], stale_after: timedelta, *, revived_at: datetime | None = None
) -> Flag:
    """Missing from the first accepted dump without it; stale once another one, long enough after, still lacks it.

    `answers` are the instants of the source's accepted dumps, in order. `revived_at`: somebody said later that it
    lives, or it answered a call; from then on it takes as long again.
    """
    told = f"not listed since {missing_since:%Y-%m-%d %H:%M} UTC"
    begin = missing_since
    if revived_at is not None and revived_at > missing_since:
        begin, told = revived_at, f"{told} (but alive at {revived_at:%Y-%m-%d %H:%M} UTC)"
    index = bisect_left(answers, begin + stale_after)
    if index == len(answers):
        return Flag(state="missing", since=missing_since, reason=told)
    return Flag(state="stale", since=answers[index], reason=f"{told}, nor at {answers[index]:%Y-%m-%d %H:%M} UTC")


def marked(flag: Flag | None, marked_at: datetime | None, last_sign_at: datetime | None) -> Flag | None:
    """The flag of an offering that a person marked as stale: it holds until the next sign of life.

    `last_sign_at`: the newest of its sightings, its pair's calls and what people said in its favour.
    """
    if marked_at is None or (last_sign_at is not None and last_sign_at >= marked_at):
        return flag
    if flag is not None and flag.state == "stale" and flag.since <= marked_at:
        return flag
    return Flag(state="stale", since=marked_at, reason=f"marked as stale by hand at {marked_at:%Y-%m-%d %H:%M} UTC")
