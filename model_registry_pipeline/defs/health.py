"""health/pairs and health/flags: what actions amount to, and what an offering's absence means."""

import dagster as dg

from model_registry_pipeline.defs.history import history_key
from model_registry_pipeline.defs.resources import Clock
from model_registry_pipeline.registry import check_sources
from model_registry_pipeline.settings import Settings
from model_registry_pipeline.sources import all_sources
from model_registry_pipeline.warehouse import actions, lifecycle
from model_registry_pipeline.warehouse.engine import Warehouse

GROUP = "health"
PAIRS = dg.AssetKey([GROUP, "pairs"])
FLAGS = dg.AssetKey([GROUP, "flags"])


@dg.asset(
    key=PAIRS,
    group_name=GROUP,
    deps=[history_key(source) for source in all_sources()],
    kinds={"python", "postgres"},
    metadata={"dagster/table_name": "health.pairs"},
    description=(
        "What people and applications did, pair by pair: added, called, enabled, spoken for, purged.\n\n"
        "A pair is a model at a provider. How it was discovered is told by the first evidence, in whatever order "
        "evidence arrives: so this follows history."
    ),
)
def pairs(warehouse: dg.ResourceParam[Warehouse]) -> dg.MaterializeResult[None]:
    with warehouse.derived_transaction() as connection:
        count = actions.refresh_pairs(connection)
    return dg.MaterializeResult(metadata={"dagster/row_count": count})


@dg.asset(
    key=FLAGS,
    group_name=GROUP,
    deps=[PAIRS, *(history_key(source) for source in all_sources())],
    kinds={"python", "postgres"},
    metadata={"dagster/table_name": "health.flags"},
    description=(
        "Which offerings are missing or stale, since when and why.\n\n"
        "Missing from the first accepted answer without it; stale once another one, long enough after, still lacks "
        "it. While a source does not answer, nothing ages. What only calls told of is stale when none was reported "
        "for long. What a person added is never flagged."
    ),
)
def flags(
    clock: dg.ResourceParam[Clock], settings: dg.ResourceParam[Settings], warehouse: dg.ResourceParam[Warehouse]
) -> dg.MaterializeResult[None]:
    check_sources(settings)
    with warehouse.derived_transaction() as connection:
        judged = lifecycle.refresh_flags(connection, settings, clock.now())
    stale = sum(flag.state == "stale" for flag in judged.values())
    return dg.MaterializeResult(
        metadata={"dagster/row_count": len(judged), "stale": stale, "missing": len(judged) - stale}
    )
