"""What is told, and in how many messages."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import msgspec

from model_registry_pipeline.domain.health.incidents import Incident, Level, Observation, settle
from model_registry_pipeline.domain.health.plain_text import cut, plain

GROUP_ABOVE = 5
"""So many alerts at once are a message each; more are one message."""
MAX_LINES = 20
MAX_BODY = 3500
LOUDEST_FIRST = ("error", "warning", "recovered", "news")


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened, told once. Its texts are plain: they are fit to be sent."""

    alert_id: str
    """The same for the same happening, in whichever process and at whichever try: receivers drop doubles by it."""
    subject: str
    kind: str
    """check, freshness, run, dump or digest."""
    severity: str
    """error, warning, recovered or news."""
    since: datetime
    title: str
    body: str


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What goes over a channel: an alert, or many."""

    message_id: str
    """Its alert's id, or one that follows from the ids of its alerts."""
    severity: str
    title: str
    body: str


def observe(incident: Incident, observation: Observation) -> tuple[Incident, Alert | None]:
    """The incident after one more look, and what is to be told of it: each change of its level, once."""
    after = settle(incident, observation)
    if after.level is incident.level:
        return after, None
    assert after.since is not None
    subject = plain(after.subject)
    if after.level is Level.OK:
        severity = "recovered"
        body = f"{plain(observation.told)}\nIt was bad since {_instant(incident.since)}."
    else:
        severity = after.level.name.lower()
        body = f"{plain(observation.told)}\nSince {_instant(after.since)}."
    return after, Alert(
        alert_id=stable_id(observation.subject, after.level.name, after.since.isoformat()),
        subject=observation.subject,
        kind=observation.kind,
        severity=severity,
        since=after.since,
        title=f"{severity}: {subject}",
        body=body,
    )


def held_dump(dump_id: int, source: str) -> str:
    """How a held dump is called as a subject."""
    return f"dump {dump_id} of {source}"


def held_look(dump_id: int, source: str, reason: str, at: datetime) -> Observation:
    """A look at a dump that is held, with what to type to settle it."""
    # What can't be read can't be accepted either.
    accept = "" if reason.startswith("unreadable") else f"To let it count, type: model-registry accept {dump_id}. "
    told = f"It is held: {plain(reason, 150)}. {accept}To keep it out for good: model-registry reject {dump_id}"
    return Observation(subject=held_dump(dump_id, source), kind="dump", level=Level.WARNING, at=at, told=told)


def stable_id(*what: str) -> str:
    """The id of what happened, wherever and however often it is worked out."""
    return hashlib.sha256("\n".join(what).encode()).hexdigest()[:32]


def group(alerts: Sequence[Alert]) -> list[list[Alert]]:
    """Which alerts share a message. A digest is always one of its own."""
    alone = [[alert] for alert in alerts if alert.kind == "digest"]
    others = [alert for alert in alerts if alert.kind != "digest"]
    return [*([others] if len(others) > GROUP_ABOVE else [[alert] for alert in others]), *alone]


def message_id_of(alerts: Sequence[Alert]) -> str:
    """One alert's message has its id; that of several follows from theirs."""
    ids = sorted(alert.alert_id for alert in alerts)
    return ids[0] if len(ids) == 1 else stable_id("message", *ids)


def compose(message_id: str, alerts: Sequence[Alert]) -> Message:
    """The same message whenever it is composed of the same alerts."""
    if len(alerts) == 1:
        (alert,) = alerts
        return Message(message_id=message_id, severity=alert.severity, title=alert.title, body=alert.body)
    ranked = sorted(alerts, key=lambda alert: (LOUDEST_FIRST.index(alert.severity), alert.subject, alert.alert_id))
    counted = Counter(alert.severity for alert in ranked)
    told = ", ".join(f"{counted[name]} {name}" for name in LOUDEST_FIRST if counted[name])
    lines = [f"- {cut(f'{alert.title}: {alert.body.splitlines()[0]}', 160)}" for alert in ranked[:MAX_LINES]]
    if len(ranked) > MAX_LINES:
        lines.append(f"and {len(ranked) - MAX_LINES} more, in the table health.alerts")
    return Message(
        message_id=message_id,
        severity=ranked[0].severity,
        title=f"{len(ranked)} alerts: {told}",
        body=cut("\n".join(lines), MAX_BODY),
    )


def _instant(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else "an unknown time"
