"""The days: the partition of a dump is the UTC day of its `observed_at`."""

import warnings
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

import dagster as dg

from model_registry_pipeline.settings import SettingsError, load_settings

# Backfills in one run, and sensors for several jobs, are beta in Dagster 1.13, which says so at each of their uses.
warnings.filterwarnings("ignore", category=dg.BetaWarning)

# end_offset=1: today's partition exists today.
DAYS = dg.DailyPartitionsDefinition(start_date=load_settings().start_date.isoformat(), timezone="UTC", end_offset=1)
FIRST_DAY = load_settings().start_date
if DAYS.get_last_partition_key() is None:
    raise SettingsError(f"MODEL_REGISTRY_START_DATE: {FIRST_DAY} lies in the future, and today needs a partition")

ONE_RUN = dg.BackfillPolicy.single_run()


def day_of(instant: datetime) -> date:
    """The partition of an instant; what is older than the first day belongs to that one."""
    return max(instant.astimezone(UTC).date(), FIRST_DAY)


def span_of(days: Sequence[str]) -> tuple[datetime | None, datetime]:
    """The half-open interval of consecutive partition keys; None: from the beginning of time."""
    first, last = date.fromisoformat(min(days)), date.fromisoformat(max(days))
    start = None if first <= FIRST_DAY else datetime.combine(first, time.min, UTC)
    return start, datetime.combine(last + timedelta(days=1), time.min, UTC)
