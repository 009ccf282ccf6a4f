"""What is told of a change, and in how many messages."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_registry_pipeline.domain.health.alerts import (
    GROUP_ABOVE,
    MAX_BODY,
    Alert,
    compose,
    group,
    held_look,
    message_id_of,
    observe,
)
from model_registry_pipeline.domain.health.incidents import Incident, Level, Observation
from model_registry_pipeline_tests.examples import at


def look(level: Level, hour: float = 0, told: str = "seen") -> Observation:
    return Observation(subject="dump 4 of shop", kind="dump", level=level, at=at(hour), told=told)


def told(*observations: Observation) -> list[Alert | None]:
    """What is told after each of some looks at one thing."""
    incident = Incident(subject="dump 4 of shop", kind="dump")
    alerts = []
    for observation in observations:
        incident, alert = observe(incident, observation)
        alerts.append(alert)
    return alerts


def an_alert(number: int = 0, **but: Any) -> Alert:
    stated = {"alert_id": f"{number:032}", "subject": f"check {number:04}", "kind": "check", "severity": "error"}
    return Alert(**stated | {"since": at(0), "title": f"error: check {number:04}", "body": "bad\nSince then."} | but)


def test_each_change_is_told_once() -> None:
    """That it broke, not that it still is; that it is worse; that it is well again, and since when it was not."""
    opened, still, worse, closed, well = told(
        look(Level.WARNING, 0, "<b>3</b> records"),
        look(Level.WARNING, 1),
        look(Level.ERROR, 2),
        look(Level.OK, 3, "all there"),
        look(Level.OK, 4),
    )

    assert (still, well) == (None, None)
    assert opened and worse and closed
    assert [alert.severity for alert in (opened, worse, closed)] == ["warning", "error", "recovered"]
    assert opened.title == "warning: dump 4 of shop"
    assert opened.body == "‹b›3‹/b› records\nSince 2025-01-01 00:00 UTC."
    assert closed.body == "all there\nIt was bad since 2025-01-01 02:00 UTC."


@pytest.mark.parametrize(("reason", "can_accept"), [("no records at all", True), ("unreadable: no JSON", False)])
def test_a_held_dump_is_told_with_what_can_be_typed(reason: str, can_accept: bool) -> None:
    """Nobody can accept what can't be read."""
    look = held_look(48, "shop", reason, at(0))

    assert f"It is held: {reason}. " in look.told
    assert ("model-registry accept 48" in look.told) is can_accept
    assert "model-registry reject 48" in look.told


def test_the_id_follows_from_what_happened() -> None:
    """The same subject, level and instant have the same id wherever they are seen; any other has another."""
    ids = [told(look(level, hour))[0] for level in (Level.WARNING, Level.ERROR) for hour in (0, 1)]
    again = told(look(Level.WARNING, 0, "in other words"))[0]

    assert len({alert.alert_id for alert in ids if alert}) == 4
    assert again and ids[0] and again.alert_id == ids[0].alert_id


@pytest.mark.parametrize(
    ("count", "messages"), [(0, 0), (1, 1), (GROUP_ABOVE, GROUP_ABOVE), (GROUP_ABOVE + 1, 1), (500, 1)]
)
def test_many_alerts_are_one_message(count: int, messages: int) -> None:
    """A storm is told once; a digest has a message of its own."""
    alerts = [an_alert(number) for number in range(count)]
    digest = an_alert(9999, kind="digest", severity="news")

    assert len(group(alerts)) == messages
    assert [digest] in group([*alerts, digest])


def test_a_storm_is_told_loudest_first_and_with_an_end() -> None:
    """How many there are of each kind, the worst of them by name, and how many are not named."""
    alerts = [an_alert(number, severity="recovered", title="recovered: x") for number in range(100)]
    message = compose("id", [*alerts, an_alert(500)])

    assert message.severity == "error"
    assert message.title == "101 alerts: 1 error, 100 recovered"
    assert message.body.splitlines()[0] == "- error: check 0500: bad"
    assert "and 81 more" in message.body.splitlines()[-1]
    assert len(message.body) <= MAX_BODY


@given(st.sets(st.integers(0, 99), min_size=1), st.randoms())
def test_a_message_is_the_same_in_any_order(numbers: set[int], shuffled: Any) -> None:
    """Who composes it a second time sends the same under the same id."""
    alerts = [an_alert(number) for number in sorted(numbers)]
    others = list(alerts)
    shuffled.shuffle(others)

    assert message_id_of(others) == message_id_of(alerts)
    assert compose("id", others) == compose("id", alerts)
