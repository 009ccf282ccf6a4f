"""Moments as people write them. A day stands for its end, as a day's snapshot is the last of that day."""

from datetime import UTC, date, datetime, time


class MomentError(Exception):
    """Not a moment. The text says what would be."""


def end_of(moment: str) -> datetime:
    """The instant that `2025-03-05` (its end) or `2025-03-05T12:00:00Z` means; without an offset it is UTC.

    Raises MomentError.
    """
    return _read(moment, time.max)


def start_of(moment: str) -> datetime:
    """As `end_of`, but a day stands for its beginning. Raises MomentError."""
    return _read(moment, time.min)


def _read(moment: str, of_a_day: time) -> datetime:
    try:
        day = date.fromisoformat(moment)
    except ValueError:
        return _instant(moment)
    return datetime.combine(day, of_a_day, UTC)


def _instant(moment: str) -> datetime:
    try:
        instant = datetime.fromisoformat(moment)
        return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise MomentError(
            f"{moment!r} is no date: write a day, 2025-03-05, or an instant, 2025-03-05T12:00:00Z"
        ) from None
