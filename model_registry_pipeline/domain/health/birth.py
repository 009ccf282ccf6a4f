"""How a pair became known: by the first evidence of it, in whatever order the evidence arrived."""

from datetime import datetime
from enum import StrEnum

import msgspec


class Discovery(StrEnum):
    """Who told of a pair first. Of one instant a person's word goes before a list, a list before a call."""

    MANUAL = "MANUAL"
    INDEX = "INDEX"
    INFERENCE = "INFERENCE"


class Birth(msgspec.Struct, frozen=True):
    """A pair's first evidence."""

    discovered_via: Discovery
    first_seen_at: datetime


def birth(*, added_at: datetime | None, listed_at: datetime | None, called_at: datetime | None) -> Birth | None:
    """The earliest of the first time a person added it, a list held it, and it answered a call; None: nothing tells of
    it (any more: all of it lies before a purge)."""
    told = {Discovery.MANUAL: added_at, Discovery.INDEX: listed_at, Discovery.INFERENCE: called_at}
    known = [Birth(discovery, at) for discovery, at in told.items() if at is not None]
    return min(known, key=lambda birth: birth.first_seen_at, default=None)
