"""Which prices are to be doubted, and what settles the doubt. Prices stay recorded as they are stated.

Three things make a price suspicious: it moved by a large factor (`jump`); many prices of its source moved in one
dump (`mass_move`); other sources state another one, far from it, for the same pair (`dispute`: so a first sighting
is doubted as well). A jump or a mass move puts both sides in doubt, the price before and the price after.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec

CONFIRMING_DUMPS = 3
CONFIRMING_SPAN = timedelta(hours=48)
AGREEING_FACTOR = 10
"""Prices that are less apart than this agree, when far larger ones are told apart."""

ANOTHER_SOURCE = "another source"
DUMPS = "three dumps over 48 h"
A_PERSON = "a person"
MOVED_ON = "the price moved on"


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """A step of one price that is in doubt."""

    before: Decimal
    after: Decimal | None
    """None: no longer stated."""
    observed_at: datetime
    ended_at: datetime | None = None
    """When the same price stepped again."""


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """What another source states for the same pair, meter and conditions, and when."""

    source: str
    usd: Decimal
    since: datetime
    until: datetime | None = None


class Settlement(msgspec.Struct, frozen=True, kw_only=True):
    """What ended a doubt."""

    at: datetime
    by: str
    source: str | None = None
    """The other source that agrees."""


def settlement(
    move: Move,
    stated_at: Iterable[datetime],
    others: Iterable[Statement] = (),
    accepted_at: datetime | None = None,
) -> Settlement | None:
    """What settled a move first; None: nothing has.

    `stated_at` are the instants, in order, of the accepted dumps that say what the move said, its own included;
    `accepted_at`: when a person accepted the dump that made it.
    """
    found = [_by_another(move, other) for other in others]
    found.append(None if accepted_at is None else Settlement(at=max(accepted_at, move.observed_at), by=A_PERSON))
    found.append(_by_dumps(stated_at))
    found.append(None if move.ended_at is None else Settlement(at=move.ended_at, by=MOVED_ON))
    return min((each for each in found if each), key=lambda each: (each.at, each.by, each.source or ""), default=None)


def _by_another(move: Move, other: Statement) -> Settlement | None:
    at = max(move.observed_at, other.since)
    is_in_time = (move.ended_at is None or at < move.ended_at) and (other.until is None or at < other.until)
    if is_in_time and agrees(other.usd, move):
        return Settlement(at=at, by=ANOTHER_SOURCE, source=other.source)
    return None


def agrees(other: Decimal, move: Move) -> bool:
    """Whether another price speaks for what a move came to: it is nearer to that than half the way, as factors go."""
    if move.after is None:
        return False
    if 0 in {other, move.after, move.before}:
        return other == move.after
    ratio, way = apart(other, move.after), apart(move.before, move.after)
    return ratio < AGREEING_FACTOR and (ratio * ratio < way or ratio == 1)


def _by_dumps(stated_at: Iterable[datetime]) -> Settlement | None:
    first: datetime | None = None
    for count, instant in enumerate(stated_at, start=1):
        first = first or instant
        if count >= CONFIRMING_DUMPS and instant - first >= CONFIRMING_SPAN:
            return Settlement(at=instant, by=DUMPS)
    return None


def apart(one: Decimal, other: Decimal) -> Decimal:
    """How many times the larger of two prices above 0 is the smaller one."""
    return max(one, other) / min(one, other)


def disputed(stated: Mapping[str, Decimal], provider_id: str, factor: Decimal) -> dict[str, str]:
    """The sources whose price for a pair is in doubt because others state one that is `factor` times apart, and the
    one that it is farthest from.

    `stated` are prices above 0 by source. A provider's own list is believed in what it sells; elsewhere the view that
    more sources share than any that opposes it is.
    """
    doubted: dict[str, str] = {}
    for source, usd in stated.items():
        opposing = [other for other, price in stated.items() if apart(usd, price) >= factor]
        if not opposing or source == provider_id:
            continue
        views = [_sharing(stated, other) for other in opposing]
        if provider_id in opposing or _sharing(stated, source) <= max(views):
            doubted[source] = max(opposing, key=lambda other: (apart(usd, stated[other]), other))
    return doubted


def _sharing(stated: Mapping[str, Decimal], source: str) -> int:
    return sum(apart(stated[source], usd) < AGREEING_FACTOR for usd in stated.values())
