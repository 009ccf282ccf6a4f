"""The days: the partition of a dump is the UTC day of its `observed_at`."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta

import dagster as dg

from model_registry_pipeline.settings import load_settings

# end_offset=1: today's partition exists today.
DAYS = dg.DailyPartitionsDefinition(start_date=load_settings().start_date.isoformat(), timezone="UTC", end_offset=1)
FIRST_DAY = load_settings().start_date

ONE_RUN = dg.BackfillPolicy.single_run()


def day_of(instant: datetime) -> date:
    """The partition of an instant; what is older than the first day belongs to that one."""
    return max(instant.astimezone(UTC).date(), FIRST_DAY)


def span_of(days: Sequence[str]) -> tuple[datetime | None, datetime]:
    """The half-open interval of consecutive partition keys; None: from the beginning of time."""
    first, last = date.fromisoformat(min(days)), date.fromisoformat(max(days))
    start = None if first <= FIRST_DAY else datetime.combine(first, time.min, UTC)
    return start, datetime.combine(last + timedelta(days=1), time.min, UTC)


def materialized(key: dg.AssetKey, counts: Iterable[tuple[date, dict[str, int]]]) -> Iterable[dg.AssetMaterialization]:
    """Tell that days outside the run's own partitions hold something, too."""
    for day, metadata in counts:
        yield dg.AssetMaterialization(key, partition=day.isoformat(), metadata=metadata)
