"""The sensor `alerts`: what happened goes into the outbox, and from there to the channels."""

from datetime import datetime, timedelta

import dagster as dg

from model_registry_pipeline.connectors.channels import channels, known_secrets, send
from model_registry_pipeline.defs.happenings import events_after, observations, starting_point
from model_registry_pipeline.defs.resources import Clock
from model_registry_pipeline.settings import Settings, load_settings
from model_registry_pipeline.sources import all_sources
from model_registry_pipeline.warehouse import alerts as outbox
from model_registry_pipeline.warehouse.engine import Warehouse

TURNS_A_TICK = 20
NOBODY = "MODEL_REGISTRY_ALERT_URLS is unset: nobody is told."


@dg.sensor(
    name="alerts",
    minimum_interval_seconds=30,
    # Without a channel it is not even asked.
    default_status=dg.DefaultSensorStatus.RUNNING if load_settings().alert_urls else dg.DefaultSensorStatus.STOPPED,
    description=(
        "Tells failed checks, failed runs, held answers and recoveries, each change of state once, and a digest of "
        "changed models a day, to the channels of MODEL_REGISTRY_ALERT_URLS; it runs while there are any. What a "
        "channel does not take is tried again, and kept in health.alerts until then."
    ),
)
def alerts(
    context: dg.SensorEvaluationContext,
    clock: dg.ResourceParam[Clock],
    settings: dg.ResourceParam[Settings],
    warehouse: dg.ResourceParam[Warehouse],
) -> dg.SkipReason:
    if not settings.alert_urls:
        return dg.SkipReason(NOBODY)
    added = take_in(context.instance, warehouse, settings, clock.now())
    delivered, faults = deliver(warehouse, settings, clock)
    for fault in faults:
        context.log.warning(fault)
    return dg.SkipReason("; ".join([f"{added} new alerts, {delivered} messages delivered", *faults[:5]]))


def take_in(instance: dg.DagsterInstance, warehouse: Warehouse, settings: Settings, now: datetime) -> int:
    """Put what happened since the last time into the outbox; how many alerts that gave.

    The alerts, what is broken, and how far events were read: one transaction.
    """
    secrets = known_secrets(settings, all_sources())
    added = 0
    for _ in range(TURNS_A_TICK):
        with warehouse.transaction() as connection:
            book = outbox.Outbox(connection, now, secrets)
            start = starting_point(instance, book.event_id, now)
            events, is_all = events_after(instance, start, now)
            for _, entry in events:
                for observation in observations(instance, entry, book.incidents):
                    book.note(observation)
            book.move(events[-1][0] if events else start)
            if is_all:
                book.note_held()
                due_at = _digest_due(now, settings.alert_digest_hour)
                if book.digested_at is None or book.digested_at < due_at:
                    book.add_digest(due_at, {source.name for source in all_sources() if not source.complete})
        added += book.added
        if is_all:
            break
    return added


def _digest_due(now: datetime, hour: int) -> datetime:
    """When the newest digest was due."""
    today = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    return today if today <= now else today - timedelta(days=1)


def deliver(warehouse: Warehouse, settings: Settings, clock: Clock) -> tuple[int, list[str]]:
    """Send what is due; how many messages a channel took, and what went wrong, without secrets.

    What was sent is marked as each answer comes in. Who is killed between has sent under an id that the next sends
    again. Of two senders at once the second finds nothing to do.
    """
    urls = channels(settings)
    secret = settings.alert_webhook_secret
    delivered = 0
    faults: list[str] = []
    with warehouse.transaction() as holder:
        if not outbox.hold_sending(holder):
            return 0, []
        now = clock.now()
        with warehouse.transaction() as connection:
            outbox.compose_messages(connection)
            due = {channel: outbox.due_messages(connection, channel, now) for channel in urls}
        for outcome in send(urls, due, secret.get_secret_value() if secret else None):
            with warehouse.transaction() as connection:
                outbox.mark(connection, outcome.message_id, outcome.channel, clock.now(), outcome.error)
            if outcome.error is None:
                delivered += 1
            else:
                faults.append(f"{outcome.channel}: {outcome.error}")
        with warehouse.transaction() as connection:
            outbox.settle_delivered(connection, urls, clock.now())
    return delivered, faults
