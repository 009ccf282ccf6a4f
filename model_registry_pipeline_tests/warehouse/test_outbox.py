"""The outbox: what is broken, what is told, when it is tried again."""

from datetime import timedelta

import pytest

from model_registry_pipeline.domain.health.alerts import GROUP_ABOVE, Message
from model_registry_pipeline.domain.health.incidents import Level, Observation
from model_registry_pipeline.warehouse import alerts
from model_registry_pipeline.warehouse.alerts import NEWS_AGE, Outbox
from model_registry_pipeline.warehouse.engine import Warehouse
from model_registry_pipeline_tests.examples import a_dump, at, wares
from model_registry_pipeline_tests.warehouse.feeding import days, decide, fold, rows, take_in, value

A, B = "json-a", "json-b"
TOKEN = "planted-token-0123456789"


def look(warehouse: Warehouse, subject: str, level: Level, hour: float = 0, told: str = "seen") -> int:
    """How many alerts one look gives."""
    with warehouse.transaction() as connection:
        outbox = Outbox(connection, at(hour), [TOKEN])
        outbox.note(Observation(subject=subject, kind="check", level=level, at=at(hour), told=told))
        return outbox.added


def due(warehouse: Warehouse, channel: str = A, hour: float = 0) -> list[Message]:
    with warehouse.transaction() as connection:
        alerts.compose_messages(connection)
        return alerts.due_messages(connection, channel, at(hour))


def mark(warehouse: Warehouse, message: Message, error: str | None = None, channel: str = A, hour: float = 0) -> None:
    with warehouse.transaction() as connection:
        alerts.mark(connection, message.message_id, channel, at(hour), error)


def digest(warehouse: Warehouse, hour: float, *partial: str) -> list[str]:
    """The lines of the digest of an hour."""
    with warehouse.transaction() as connection:
        Outbox(connection, at(hour)).add_digest(at(hour), partial)
    found = rows(warehouse, "select body from health.alerts where kind = 'digest' and created_at = :now", now=at(hour))
    return str(found[0][0]).splitlines() if found else []


# -- incidents -------------------------------------------------------------------------------------------------------


def test_what_is_broken_is_remembered_and_what_is_well_is_not(warehouse: Warehouse) -> None:
    """A row for what is bad, none before and none after."""
    assert look(warehouse, "it", Level.OK) == 0
    assert value(warehouse, "select count(*) from health.incidents") == 0

    assert look(warehouse, "it", Level.ERROR, 1) == 1
    assert look(warehouse, "it", Level.ERROR, 2) == 0
    assert rows(warehouse, "select subject, level, since from health.incidents") == [("it", 2, at(1))]

    assert look(warehouse, "it", Level.OK, 3) == 1
    assert value(warehouse, "select count(*) from health.incidents") == 0


def test_what_happened_is_in_the_outbox_once(warehouse: Warehouse) -> None:
    """Although what is broken was forgotten, and the same events are read again."""
    look(warehouse, "it", Level.ERROR)
    with warehouse.transaction() as connection:
        connection.exec_driver_sql("delete from health.incidents")

    assert look(warehouse, "it", Level.ERROR) == 0
    assert value(warehouse, "select count(*) from health.alerts") == 1


def test_a_secret_is_masked(warehouse: Warehouse) -> None:
    """A server may echo a key into the reason of a failure."""
    look(warehouse, "it", Level.ERROR, told=f"key {TOKEN} refused")

    assert "key *** refused" in value(warehouse, "select body from health.alerts")


def test_a_held_dump_is_told_with_what_settles_it(warehouse: Warehouse) -> None:
    """Once while it is held; and what became of it."""
    dump_id = take_in(warehouse, *days(wares(30), {})).judged[-1].dump_id

    def noted(hour: float) -> list[tuple[str, str]]:
        with warehouse.transaction() as connection:
            Outbox(connection, at(hour)).note_held()
        found = rows(warehouse, "select title, body from health.alerts where created_at = :now", now=at(hour))
        return [(str(title), str(body)) for title, body in found]

    ((title, body),) = noted(24)
    assert title == f"warning: dump {dump_id} of shop"
    assert f"model-registry accept {dump_id}" in body
    assert f"model-registry reject {dump_id}" in body
    assert noted(25) == []

    decide(warehouse, dump_id, "reject", at(26))
    fold(warehouse)
    ((title, body),) = noted(26)
    assert title == f"recovered: dump {dump_id} of shop"
    assert "rejected: a person rejected it" in body
    assert noted(27) == []


# -- the digest ------------------------------------------------------------------------------------------------------


def test_what_was_known_before_is_no_news(warehouse: Warehouse) -> None:
    """Alerts that are set up today do not tell the year before; what comes after is told once."""
    first, second = days(wares(30), wares(31))
    take_in(warehouse, first)
    assert digest(warehouse, 1) == []

    take_in(warehouse, second)
    assert digest(warehouse, 30) == ["New models (1)", "- shop ware-30 (shop)"]
    assert digest(warehouse, 54) == []


def test_a_source_that_is_read_for_the_first_time_is_told_as_one(warehouse: Warehouse) -> None:
    """Not model by model."""
    digest(warehouse, 0)
    take_in(warehouse, *days(wares(30)))

    assert digest(warehouse, 24) == ["Sources read for the first time (1)", "- shop: 30 models"]


def test_each_change_is_told_once_although_dumps_arrive_late(warehouse: Warehouse) -> None:
    """A late dump moves a change to an earlier instant: that is the same change. What it shows besides is told, and
    what happens a second time is told a second time."""
    digest(warehouse, 0)
    low, high = wares(30, input=1), wares(29, input=1) | {"ware-29": {"input": 2}}
    first, late, last = days(low, high | {"ware-99": {"input": 1}}, high)
    take_in(warehouse, first, last)
    assert digest(warehouse, 50)[-1] == "- shop ware-29: input $1 to $2 (+100 %) (shop)"

    take_in(warehouse, late)
    assert rows(
        warehouse, "select observed_at from serving.changes where field = 'input_usd_per_mtok' and kind = 'changed'"
    ) == [(at(24),)]
    assert digest(warehouse, 51) == ["New models (1)", "- shop ware-99 (shop)", "Vanished (1)", "- shop ware-99 (shop)"]

    take_in(warehouse, a_dump(low, observed_at=at(72)), a_dump(high, observed_at=at(96)))
    told = digest(warehouse, 100)
    assert "- shop ware-29: input $1 to $2 (+100 %); input $2 to $1 (-50 %) (shop)" in told
    assert digest(warehouse, 124) == []


def test_a_replay_of_the_past_is_counted(warehouse: Warehouse) -> None:
    """Its changes are old; a year of them is no news."""
    digest(warehouse, NEWS_AGE.total_seconds() / 3600 + 240)
    take_in(warehouse, *days(wares(30), wares(31), wares(40)))

    assert digest(warehouse, 500) == [
        "40 older changes came to light by files or late answers; `model-registry changes` lists them."
    ]
    assert digest(warehouse, 524) == []


def test_words_alert_nobody(warehouse: Warehouse) -> None:
    """A description that is re-worded, a window that grew: neither is in the digest."""
    digest(warehouse, 0)
    take_in(warehouse, *days(wares(30, description="a"), wares(30, description="b", context=9)))
    digest(warehouse, 10)

    assert value(warehouse, "select count(*) from serving.changes where kind in ('text', 'changed')") == 60
    assert digest(warehouse, 30) == []


def test_a_price_in_doubt_is_marked(warehouse: Warehouse) -> None:
    """As the check of suspicious prices found it."""
    digest(warehouse, 0)
    take_in(warehouse, *days(wares(30, input=1), wares(29, input=1) | {"ware-29": {"input": 1000}}))
    with warehouse.transaction() as connection:
        connection.exec_driver_sql(
            """
            insert into health.suspicions (offering_id, field, kind, observed_at, dump_id)
            select offering_id, field, 'jump', observed_at, dump_id from history.changes where field like 'input%%'
            """
        )

    assert digest(warehouse, 30)[-1] == "- shop ware-29: input $1 to $1000 (+99,900 %) SUSPICIOUS (shop)"


# -- messages --------------------------------------------------------------------------------------------------------


def test_a_message_keeps_its_id_from_the_first_try_on(warehouse: Warehouse) -> None:
    """What happens between two tries has messages of its own."""
    look(warehouse, "one", Level.ERROR)
    (first,) = due(warehouse)
    look(warehouse, "two", Level.ERROR)

    assert first in due(warehouse)
    assert len(due(warehouse)) == 2


def test_a_storm_is_one_message(warehouse: Warehouse) -> None:
    """All sources down: one message, marked as a whole."""
    for number in range(GROUP_ABOVE + 30):
        look(warehouse, f"check {number}", Level.ERROR)
    (message,) = due(warehouse)
    mark(warehouse, message)
    with warehouse.transaction() as connection:
        alerts.settle_delivered(connection, [A], at(1))

    assert due(warehouse) == []
    assert value(warehouse, "select count(*) from health.alerts where delivered_at = :now", now=at(1)) == 35


def test_a_failed_try_is_put_off_longer_each_time(warehouse: Warehouse) -> None:
    """Half a minute, a minute, two …; never longer than an hour, and never for ever."""
    look(warehouse, "it", Level.ERROR)
    (message,) = due(warehouse)
    waits = []
    for _ in range(30):
        mark(warehouse, message, "HTTP 500")
        next_try_at = value(warehouse, "select next_try_at from health.deliveries")
        assert due(warehouse, hour=((next_try_at - at(0)).total_seconds() - 1) / 3600) == []
        assert due(warehouse, hour=(next_try_at - at(0)).total_seconds() / 3600) == [message]
        waits.append(next_try_at - at(0))

    assert waits[:4] == [timedelta(seconds=seconds) for seconds in (30, 60, 120, 240)]
    assert waits[-1] == timedelta(hours=1)
    assert rows(warehouse, "select attempts, last_error from health.deliveries") == [(30, "HTTP 500")]


def test_what_a_channel_refuses_does_not_stand_before_what_it_was_not_tried_with(warehouse: Warehouse) -> None:
    """One message that it never takes would otherwise keep all others from it."""
    look(warehouse, "poison", Level.ERROR)
    (poison,) = due(warehouse)
    mark(warehouse, poison, "HTTP 400")
    look(warehouse, "fresh", Level.ERROR, 2)

    assert [message.title for message in due(warehouse, hour=2)] == ["error: fresh", "error: poison"]


def test_a_message_is_done_when_every_channel_has_it(warehouse: Warehouse) -> None:
    """A channel that took it is not sent it again; one that was taken out of the setting is not waited for; one that
    was added later gets what comes."""
    look(warehouse, "it", Level.ERROR)
    (message,) = due(warehouse)
    mark(warehouse, message, channel=A)
    mark(warehouse, message, "down", channel=B)

    def settled(*channels: str) -> bool:
        with warehouse.transaction() as connection:
            alerts.settle_delivered(connection, channels, at(1))
        return value(warehouse, "select delivered_at from health.alerts") is not None

    assert due(warehouse, A) == []
    assert due(warehouse, B, 1) == [message]
    assert not settled(A, B)
    assert settled(A)
    assert due(warehouse, "json-new", 2) == []


def test_one_process_sends_at_a_time(warehouse: Warehouse) -> None:
    """The right to send ends with the transaction that has it."""
    with warehouse.transaction() as first, warehouse.transaction() as second:
        assert alerts.hold_sending(first)
        assert not alerts.hold_sending(second)
    with warehouse.transaction() as third:
        assert alerts.hold_sending(third)


def test_the_undelivered_are_listed(warehouse: Warehouse) -> None:
    """With the channel that does not take them and why; also those that were not tried yet."""
    look(warehouse, "tried", Level.ERROR)
    (message,) = due(warehouse)
    mark(warehouse, message, "HTTP 500")
    look(warehouse, "waiting", Level.WARNING, 1)

    with warehouse.transaction() as connection:
        found = [(row["title"], row["channel"], row["last_error"]) for row in alerts.undelivered(connection)]
        broken = [incident.subject for incident in alerts.open_incidents(connection)]

    assert found == [("error: tried", A, "HTTP 500"), ("warning: waiting", None, None)]
    assert broken == ["tried", "waiting"]


@pytest.mark.parametrize("count", [70_000])
def test_any_number_of_alerts_is_composed(warehouse: Warehouse, count: int) -> None:
    """More than a statement has parameters."""
    with warehouse.transaction() as connection:
        connection.exec_driver_sql(
            f"""
            insert into health.alerts (alert_id, subject, kind, severity, since, title, body, created_at)
            select number, number, 'check', 'error', now(), 'title', 'body', now()
            from generate_series(1, {count}) as number
            """
        )

    assert due(warehouse)[0].title == f"{count} alerts: {count} error"
