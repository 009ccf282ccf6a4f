"""The schedules: a sync a day, a look at everything an hour."""

import dagster as dg

from model_registry_pipeline.defs.jobs import daily_sync, health

daily_sync_schedule = dg.build_schedule_from_partitioned_job(
    daily_sync,
    name="daily_sync_at_0200_utc",
    hour_of_day=2,
    minute_of_hour=0,
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Every day at 02:00 UTC. After an outage only the latest missed day runs: the past cannot be fetched.",
)
health_schedule = dg.ScheduleDefinition(
    name="health_hourly",
    job=health,
    cron_schedule="15 * * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Every hour at a quarter past, when the sync of 02:00 has ended.",
)
