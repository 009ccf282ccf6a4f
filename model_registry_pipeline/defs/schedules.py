"""The schedule: one sync a day."""

import dagster as dg

from model_registry_pipeline.defs.jobs import daily_sync

daily_sync_schedule = dg.build_schedule_from_partitioned_job(
    daily_sync,
    name="daily_sync_at_0200_utc",
    hour_of_day=2,
    minute_of_hour=0,
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Every day at 02:00 UTC. After an outage only the latest missed day runs: the past cannot be fetched.",
)
