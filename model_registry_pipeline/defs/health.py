"""health/flags: what an offering's absence means."""

from datetime import timedelta

import dagster as dg

from model_registry_pipeline.defs.history import history_key
from model_registry_pipeline.domain.health.staleness import staleness
from model_registry_pipeline.settings import Settings
from model_registry_pipeline.sources import all_sources
from model_registry_pipeline.warehouse import health
from model_registry_pipeline.warehouse.engine import Warehouse

FLAGS = dg.AssetKey(["health", "flags"])


@dg.asset(
    key=FLAGS,
    group_name="health",
    deps=[history_key(source) for source in all_sources()],
    kinds={"python", "postgres"},
    metadata={"dagster/table_name": "health.flags"},
    description=(
        "Which offerings their source no longer lists, and since when.\n\n"
        "Missing from the first accepted answer without it; stale once another one, long enough after, still lacks "
        "it. While a source does not answer, nothing ages."
    ),
)
def flags(settings: dg.ResourceParam[Settings], warehouse: dg.ResourceParam[Warehouse]) -> dg.MaterializeResult[None]:
    stale_after = timedelta(hours=settings.stale_after_hours)
    with warehouse.derived_transaction() as connection:
        answers = health.accepted_instants(connection)
        judged = {
            offering_id: staleness(missing_since, answers.get(source, ()), stale_after)
            for offering_id, source, missing_since in health.absent_offerings(connection)
        }
        health.replace_flags(connection, judged)
    stale = sum(flag.state == "stale" for flag in judged.values())
    return dg.MaterializeResult(
        metadata={"dagster/row_count": len(judged), "stale": stale, "missing": len(judged) - stale}
    )
