"""What an HTTP status means for a list that is being fetched, and how long a server asks us to wait."""

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum, auto


class Meaning(Enum):
    """What to do with an answer, by its status alone."""

    LIST = auto()
    UNCHANGED = auto()
    REDIRECT = auto()
    TRY_AGAIN = auto()
    REFUSAL = auto()


TRANSIENT_STATUSES = frozenset({202, 204, 408, 425, 429, 999})
"""Besides 5xx. 202 and 204 say "not ready" where a list was asked for; 999 is what some gateways send to robots."""

NEVER_STATUSES = frozenset({501, 505})
"""The 5xx that another try does not change."""


def meaning(status: int) -> Meaning:
    """Only 200 carries a list: 206 is a part of one, and 201 or 203 is not what was asked for."""
    if status == 200:  # noqa: PLR2004 - the one status that is good
        return Meaning.LIST
    if status == 304:  # noqa: PLR2004 - as above, for "you have it already"
        return Meaning.UNCHANGED
    if status in {301, 302, 303, 307, 308}:
        return Meaning.REDIRECT
    if status in TRANSIENT_STATUSES or (500 <= status <= 599 and status not in NEVER_STATUSES):  # noqa: PLR2004
        return Meaning.TRY_AGAIN
    return Meaning.REFUSAL


def stated_wait_seconds(retry_after: str | None, answered_at: datetime) -> float | None:
    """How long a `Retry-After` header asks to wait; None where it asks nothing usable (absent, garbage, past).

    It is seconds (a fraction is understood too) or an HTTP date, which is counted from `answered_at`.
    """
    if retry_after is None:
        return None
    try:
        seconds = float(retry_after)
    except ValueError:
        try:
            until = parsedate_to_datetime(retry_after)
        except ValueError:
            return None
        # A date whose zone is `-0000` comes back naive; it is UTC all the same.
        seconds = (until.replace(tzinfo=until.tzinfo or UTC) - answered_at).total_seconds()
    return seconds if seconds > 0 and math.isfinite(seconds) else None
