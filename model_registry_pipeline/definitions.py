"""The code location: everything that Dagster is to know."""

import dagster as dg

from model_registry_pipeline.defs.alerts import alerts
from model_registry_pipeline.defs.availability import availability_job, availability_schedule, own_lists
from model_registry_pipeline.defs.checks import hourly_checks
from model_registry_pipeline.defs.health import doubted_prices, flags, pairs
from model_registry_pipeline.defs.history import HISTORY_ASSETS, snapshots
from model_registry_pipeline.defs.ingest import ingest
from model_registry_pipeline.defs.jobs import catch_up, daily_sync, health, publish
from model_registry_pipeline.defs.namesakes import bearers
from model_registry_pipeline.defs.normalized import NORMALIZED_ASSETS
from model_registry_pipeline.defs.raw import PROVIDERS, RAW_ASSETS
from model_registry_pipeline.defs.resources import RESOURCES
from model_registry_pipeline.defs.runs import PROGRESS, progress
from model_registry_pipeline.defs.schedules import daily_sync_schedule, health_schedule
from model_registry_pipeline.defs.sensors import file_drops, pending
from model_registry_pipeline.defs.serving import SERVING_ASSETS

defs = dg.Definitions(
    assets=[
        *PROVIDERS,
        *RAW_ASSETS,
        *NORMALIZED_ASSETS,
        *HISTORY_ASSETS,
        snapshots,
        bearers,
        pairs,
        flags,
        doubted_prices,
        own_lists,
        *SERVING_ASSETS,
    ],
    asset_checks=[hourly_checks],
    jobs=[daily_sync, catch_up, publish, ingest, health, availability_job],
    schedules=[daily_sync_schedule, health_schedule, availability_schedule],
    sensors=[pending, file_drops, alerts],
    resources=RESOURCES,
    loggers={PROGRESS: progress},
    # Steps share a process: a process for each costs seconds, and the downloads go side by side all the same.
    executor=dg.in_process_executor,
)
