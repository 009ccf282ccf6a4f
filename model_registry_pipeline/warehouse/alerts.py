"""The outbox of alerts: what is broken, what is to be told, and what became of it on each channel.

Events become alerts in the transaction that moves the cursor; messages are composed in another, before they are sent;
what a channel took is marked after. So a kill at any moment loses nothing, and what is sent twice has the same id.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import asdict, replace
from sqlalchemy import ARRAY, Connection, Text, any_, delete, func, literal, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from model_registry_pipeline.domain.health.alerts import (
    Alert,
    Message,
    compose,
    group,
    held_dump,
    held_look,
    message_id_of,
    observe,
)
from model_registry_pipeline.domain.health.digest import RETIREMENT_FIELDS, News, digest
from model_registry_pipeline.domain.health.incidents import Incident, Level, Observation
from model_registry_pipeline.domain.raw.redaction import mask
from model_registry_pipeline.warehouse.engine import lock_key
from model_registry_pipeline.warehouse.tables import alert_cursor, alerts, deliveries, incidents

NEWS_AGE = timedelta(days=7)
"""What changed longer ago than this before the last digest, and came to light only now, is counted, not told."""
FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(hours=1)
MESSAGES_A_TURN = 10
_ALERT_COLUMNS = [alerts.c[name] for name in Alert.__struct_fields__]


class Outbox:
    """The outbox in one transaction: looks and changes go in, alerts come out, and how far they were read is kept.

    Of several writers one works at a time; the others wait.
    """

    def __init__(self, connection: Connection, now: datetime, secrets: Iterable[str] = ()) -> None:
        self._connection = connection
        self._secrets = tuple(secrets)
        self.now = now
        connection.execute(upsert(alert_cursor).values(is_only=True).on_conflict_do_nothing())
        row = connection.execute(select(alert_cursor).with_for_update()).one()
        self.event_id: int | None = row.event_id
        """The last of Dagster's events that was looked at; None: none yet."""
        self.digested_at: datetime | None = row.digested_at
        """When the last digest was due; None: no change is known yet."""
        self.incidents = _incidents(connection)
        """What is broken, or was at the last look, by subject."""
        self.added = 0

    def move(self, event_id: int) -> None:
        """All events up to this one are in."""
        self._connection.execute(update(alert_cursor).values(event_id=event_id))

    def note(self, observation: Observation) -> None:
        """Set an incident where one more look puts it, and write the alert that follows."""
        subject = observation.subject
        known = self.incidents.get(subject)
        if known is None and observation.level is Level.OK:
            return
        told = mask(observation.told, self._secrets)
        incident, alert = observe(
            known or Incident(subject=subject, kind=observation.kind), replace(observation, told=told)
        )
        self._keep(incident)
        if alert is not None:
            self._add(alert)

    def note_held(self) -> None:
        """Tell the dumps that are held, and what became of those that were."""
        held = self._connection.execute(text(_HELD)).all()
        subjects = {
            held_dump(row.dump_id, row.source): held_look(row.dump_id, row.source, row.reason, self.now) for row in held
        }
        for observation in subjects.values():
            self.note(observation)
        for subject, incident in list(self.incidents.items()):
            if incident.kind == "dump" and subject not in subjects:
                told = self._connection.scalar(text(_VERDICT), {"dump_id": int(subject.split()[1])})
                self.note(
                    Observation(
                        subject=subject, kind="dump", level=Level.OK, at=self.now, told=told or "it is no longer there"
                    )
                )

    def add_digest(self, due_at: datetime, partial_sources: Iterable[str]) -> None:
        """Tell the changes that nobody was told of. At the first time none is news: they were known before."""
        if self.digested_at is None:
            self._news(self.now)
            due_at = self.now
        else:
            news, older = self._news(min(self.digested_at, self.now) - NEWS_AGE)
            alert = digest(due_at, news, older, partial_sources)
            if alert is not None:
                self._add(replace(alert, title=mask(alert.title, self._secrets), body=mask(alert.body, self._secrets)))
        self._connection.execute(update(alert_cursor).values(digested_at=due_at))

    def _keep(self, incident: Incident) -> None:
        """Store where a subject stands; what is well is forgotten."""
        if incident.is_over:
            self.incidents.pop(incident.subject, None)
            self._connection.execute(delete(incidents).where(incidents.c.subject == incident.subject))
            return
        self.incidents[incident.subject] = incident
        stored = asdict(incident) | {"level": int(incident.level), "seen": int(incident.seen)}
        self._connection.execute(
            upsert(incidents).values(stored).on_conflict_do_update(index_elements=["subject"], set_=stored)
        )

    def _add(self, alert: Alert) -> None:
        values = asdict(alert) | {"created_at": self.now}
        statement = upsert(alerts).values(values).on_conflict_do_nothing().returning(alerts.c.alert_id)
        self.added += len(self._connection.execute(statement).all())

    def _news(self, since: datetime) -> tuple[list[News], int]:
        """The changes that nobody was told of, told herewith; and how many more of them are older than `since`."""
        found = self._connection.execute(
            text(_NEWS), {"since": since, "retirement_fields": list(RETIREMENT_FIELDS)}
        ).mappings()
        rows = [dict(row) for row in found]
        older = sum(int(row["kind"]) for row in rows if row["source"] is None)
        return [News(**row) for row in rows if row["source"] is not None], older


def _incidents(connection: Connection) -> dict[str, Incident]:
    return {
        row.subject: Incident(**{**row._mapping, "level": Level(row.level), "seen": Level(row.seen)})
        for row in connection.execute(select(incidents).order_by(incidents.c.subject))
    }


def open_incidents(connection: Connection) -> list[Incident]:
    """What is broken now."""
    return [incident for incident in _incidents(connection).values() if incident.level is not Level.OK]


_HELD = """
select dump_id, source, reason from history.verdicts join raw.dumps using (dump_id)
where status = 'held' order by dump_id
"""
_VERDICT = "select format('%s: %s', status, reason) from history.verdicts where dump_id = :dump_id"


# A change is known by what it says, so that it is told once wherever a late dump moves it to; how many times it has
# happened tells a second time from the first.
_NEWS = """
with numbered as (
    select
        offering_id, changes.observed_at, dump_id, kind, field, before, after, source, provider_id, model_id,
        md5(jsonb_build_array(
            source, provider_id, model_id, kind, field, before, after,
            row_number() over (partition by offering_id, kind, field, before, after order by changes.observed_at)
        )::text)::uuid as change_key
    from history.changes join normalized.offerings using (offering_id)
    where kind in ('appeared', 'vanished', 'returned')
        or kind = 'changed' and (field like '%\\_usd\\_per\\_%' or field = any(:retirement_fields))
),
news as (
    insert into health.told_changes select change_key from numbered on conflict do nothing returning change_key
)
select
    source, provider_id, model_id, observed_at, kind, field, before, after,
    dump_id = (
        select dump_id from history.verdicts join raw.dumps using (dump_id)
        where status = 'accepted' and dumps.source = numbered.source order by observed_at limit 1
    ) as is_first_list,
    exists (
        select from health.suspicions
        where suspicions.offering_id = numbered.offering_id and suspicions.field = numbered.field
            and suspicions.observed_at = numbered.observed_at and settled_at is null
    ) as is_suspicious
from numbered join news using (change_key)
where observed_at >= :since
union all
select null, null, null, null, count(*)::text, null, null, null, null, null
from numbered join news using (change_key)
where observed_at < :since
"""


# -- messages --------------------------------------------------------------------------------------------------------


def hold_sending(connection: Connection) -> bool:
    """The right to send, until the transaction's end or the death of this process; False: another one has it."""
    query = text("select pg_try_advisory_xact_lock(:key)")
    return bool(connection.scalar(query, {"key": lock_key("alerts: sending")}))


def compose_messages(connection: Connection) -> None:
    """Settle which alerts share a message, before the first try: a second try sends the same under the same id."""
    found = connection.execute(
        select(*_ALERT_COLUMNS).where(alerts.c.message_id.is_(None)).order_by(alerts.c.created_at, alerts.c.alert_id)
    )
    for together in group([Alert(**row._mapping) for row in found]):
        ids = [alert.alert_id for alert in together]
        theirs = alerts.c.alert_id == any_(literal(ids, ARRAY(Text)))
        connection.execute(update(alerts).where(theirs).values(message_id=message_id_of(together)))


_DUE = """
select alerts.message_id
from health.alerts left join health.deliveries on deliveries.message_id = alerts.message_id and channel = :channel
where alerts.delivered_at is null and alerts.message_id is not null
    and deliveries.delivered_at is null and coalesce(next_try_at <= :now, true)
group by alerts.message_id
order by coalesce(max(attempts), 0), min(created_at), min(since), alerts.message_id
limit :most
"""


def due_messages(connection: Connection, channel: str, now: datetime) -> list[Message]:
    """What a channel is to be sent now; what it refused before stands behind what it was not yet tried with."""
    ids = list(connection.scalars(text(_DUE), {"channel": channel, "now": now, "most": MESSAGES_A_TURN}))
    return [
        compose(
            message_id,
            [
                Alert(**row._mapping)
                for row in connection.execute(select(*_ALERT_COLUMNS).where(alerts.c.message_id == message_id))
            ],
        )
        for message_id in ids
    ]


def mark(connection: Connection, message_id: str, channel: str, now: datetime, error: str | None) -> None:
    """What became of one try; after a failed one the next is put off, longer each time."""
    tried = upsert(deliveries).values(
        message_id=message_id,
        channel=channel,
        attempts=1,
        delivered_at=None if error else now,
        next_try_at=now + FIRST_DELAY if error else None,
        last_error=error,
    )
    # The exponent is bounded: 30 s doubled 20 times is a year.
    waits = func.least(FIRST_DELAY * func.power(2, func.least(deliveries.c.attempts, 20)), LONGEST_DELAY)
    connection.execute(
        tried.on_conflict_do_update(
            index_elements=["message_id", "channel"],
            set_={
                "attempts": deliveries.c.attempts + 1,
                "delivered_at": tried.excluded.delivered_at,
                "next_try_at": now + waits if error else None,
                "last_error": error,
            },
        )
    )


_SETTLE = """
update health.alerts set delivered_at = :now
where delivered_at is null and message_id is not null and not exists (
    select from unnest(cast(:channels as text[])) as wanted (channel)
    where not exists (
        select from health.deliveries
        where deliveries.message_id = alerts.message_id and deliveries.channel = wanted.channel
            and deliveries.delivered_at is not null
    )
)
"""


def settle_delivered(connection: Connection, channels: Iterable[str], now: datetime) -> None:
    """Close the alerts that every channel of today has taken."""
    connection.execute(text(_SETTLE), {"channels": list(channels), "now": now})


def undelivered(connection: Connection) -> list[dict[str, Any]]:
    """The alerts that some channel has not taken yet, with their tries."""
    query = """
        select since, severity, title, channel, coalesce(attempts, 0) as attempts, next_try_at, last_error
        from health.alerts
        left join health.deliveries
            on deliveries.message_id = alerts.message_id and deliveries.delivered_at is null
        where alerts.delivered_at is null
        order by created_at, alert_id, channel
        """
    return [dict(row) for row in connection.execute(text(query)).mappings()]
