"""The schedule, evaluated as the daemon evaluates it."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise, takewhile
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster._core.remote_representation.external_data import ScheduleSnap
from dagster._utils.schedules import schedule_execution_time_iterator

from model_registry_pipeline.definitions import defs

# Dagster builds the schedule with a function of its own, and its picture from a property, that it calls deprecated.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Function `JobDefinition.run_request_for_partition` is deprecated"),
    pytest.mark.filterwarnings("ignore:Property `ScheduleDefinition.environment_vars` is deprecated"),
]

SCHEDULE = defs.resolve_schedule_def("daily_sync_at_0200_utc")
FIRST, LAST = datetime(2024, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)


def ticks() -> list[datetime]:
    """Every tick of two years, one of them a leap year."""
    assert isinstance(SCHEDULE.cron_schedule, str)
    every = schedule_execution_time_iterator(FIRST.timestamp(), SCHEDULE.cron_schedule, SCHEDULE.execution_timezone)
    return [at.astimezone(UTC) for at in takewhile(lambda at: at < LAST, every)]


def requested(at: datetime) -> list[dg.RunRequest]:
    context = dg.build_schedule_context(scheduled_execution_time=at, repository_def=defs.get_repository_def())
    with context:
        return list(SCHEDULE.evaluate_tick(context).run_requests or ())


def test_there_is_one_tick_a_day_whatever_clocks_on_walls_do() -> None:
    """At 02:00 UTC on each of 731 days: 29 February is one, and those with 23 and 25 hours are none."""
    found = ticks()

    assert found == [FIRST + timedelta(days=day, hours=2) for day in range(731)]
    assert {later - earlier for earlier, later in pairwise(found)} == {timedelta(days=1)}


def test_a_tick_asks_for_today() -> None:
    """One run of the partition of its own day, under a key of that day; also on the days on which Europe and America
    change their clocks, and at the ends of months and years."""
    turns = [
        at
        for at in ticks()
        for zone in map(ZoneInfo, ("Europe/Berlin", "America/New_York"))
        if at.astimezone(zone).utcoffset() != (at + timedelta(days=1)).astimezone(zone).utcoffset()
    ]
    ends = [at for at in ticks() if (at + timedelta(days=1)).day == 1 or at.day == 1]
    assert len(turns) == 8

    for at in {*turns, *(at + timedelta(days=1) for at in turns), *ends}:
        (request,) = requested(at)
        assert request.partition_key == f"{at:%Y-%m-%d}"
        assert request.run_key == request.partition_key


def test_a_tick_that_is_late_asks_for_its_own_day() -> None:
    """A daemon that was busy asks for the day of the tick, under the same key as if it had been on time."""
    (request,) = requested(datetime(2025, 6, 1, 2, 17, tzinfo=UTC))

    assert (request.partition_key, request.run_key) == ("2025-06-01", "2025-06-01")


def test_after_days_without_a_daemon_only_the_latest_missed_tick_runs() -> None:
    """Dagster catches up, tick by tick, with schedules of a partition set alone; the past could not be fetched."""
    snapshot = ScheduleSnap.from_def(SCHEDULE, defs.get_repository_def())

    assert snapshot.partition_set_name is None
