"""health/availability: what can be called here now, asked of providers' own lists, hour by hour."""

import dagster as dg

from model_registry_pipeline.defs.health import GROUP
from model_registry_pipeline.defs.resources import Clock
from model_registry_pipeline.defs.retries import RETRIES
from model_registry_pipeline.registry import Registry, is_own_list
from model_registry_pipeline.settings import Settings, load_settings
from model_registry_pipeline.sources import all_sources
from model_registry_pipeline.warehouse.engine import Warehouse

AVAILABILITY = dg.AssetKey([GROUP, "availability"])
NOTHING_TO_ASK = "No provider's key is set, and no local service has an address."


@dg.asset(
    key=AVAILABILITY,
    group_name=GROUP,
    kinds={"api", "postgres"},
    retry_policy=RETRIES,
    metadata={"dagster/table_name": "health.availability"},
    description=(
        "Which models can be called here: what is installed locally, and what providers list to our keys.\n\n"
        "One that does not answer, or with a list that can't be right, leaves what was known. Nothing here is "
        "evidence: the daily sync stores the same lists as dumps."
    ),
)
def own_lists(
    context: dg.AssetExecutionContext,
    clock: dg.ResourceParam[Clock],
    settings: dg.ResourceParam[Settings],
    warehouse: dg.ResourceParam[Warehouse],
) -> dg.MaterializeResult[None]:
    known = Registry(warehouse, settings, clock.now, actor="dagster").sync_availability()
    for each in known:
        if each.error is not None:
            context.log.warning(f"{each.source}: what was known stays: {each.error}")
    if not known:
        context.log.info(NOTHING_TO_ASK)
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": sum(each.available for each in known),
            "asked": len(known),
            "failed": sum(each.error is not None for each in known),
        }
    )


availability_job = dg.define_asset_job(
    "availability",
    selection=dg.AssetSelection.assets(AVAILABILITY),
    description="Ask local services, and the providers whose keys are set, what can be called now.",
)


@dg.schedule(
    job=availability_job,
    name="availability_hourly",
    cron_schedule="30 * * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Every hour at half past, where there is anything to ask.",
)
def availability_schedule(_context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    if any(is_own_list(source, load_settings()) for source in all_sources()):
        return dg.RunRequest()
    return dg.SkipReason(NOTHING_TO_ASK)
