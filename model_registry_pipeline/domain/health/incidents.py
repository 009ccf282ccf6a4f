"""When something that is looked at again and again counts as broken, and when as mended."""

from datetime import datetime
from enum import IntEnum

import msgspec


class Level(IntEnum):
    """How bad it is."""

    OK = 0
    WARNING = 1
    ERROR = 2


class Observation(msgspec.Struct, frozen=True, kw_only=True):
    """One look at one thing."""

    subject: str
    """What was looked at, the same each time: `check no_drift of normalized/groq`, `dump 48 of groq` …"""
    kind: str
    """check, freshness, run or dump."""
    level: Level
    at: datetime
    told: str
    """What was seen, in one line; texts of others as they are."""
    patience: int = 1
    """How many looks in a row have to agree. 2 for what is looked at every hour: one that flaps there would be told
    twice an hour; what is looked at once a day is told at once."""


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """Where a subject stands. One that is well, and was well at the last look, needs none."""

    subject: str
    kind: str
    level: Level = Level.OK
    """As it was told."""
    since: datetime | None = None
    """Since when it is at this level; None while it has always been well."""
    seen: Level = Level.OK
    """At the last look."""
    seen_at: datetime | None = None

    @property
    def is_over(self) -> bool:
        return self.level is Level.OK and self.seen is Level.OK


def settle(incident: Incident, observation: Observation) -> Incident:
    """The incident after one more look; its level moves when as many looks in a row as need be are all worse than it,
    or all better, and then no further than all of them agree."""
    looks = [(observation.level, observation.at)]
    if observation.patience > 1:
        looks.insert(0, (incident.seen, incident.seen_at or observation.at))
    level, since = incident.level, incident.since
    if all(seen > level for seen, _ in looks):
        level, since = min(seen for seen, _ in looks), looks[0][1]
    elif all(seen < level for seen, _ in looks):
        level, since = max(seen for seen, _ in looks), looks[0][1]
    return msgspec.structs.replace(incident, level=level, since=since, seen=observation.level, seen_at=observation.at)
