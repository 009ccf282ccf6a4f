"""health/pairs, health/flags and health/suspicions: actions, absence, and prices to doubt."""

from collections.abc import Iterator

import dagster as dg

from model_registry_pipeline.defs.checks import check_result, check_spec
from model_registry_pipeline.defs.history import history_key
from model_registry_pipeline.defs.resources import Clock
from model_registry_pipeline.defs.retries import RETRIES
from model_registry_pipeline.registry import check_sources
from model_registry_pipeline.settings import Settings
from model_registry_pipeline.sources import all_sources
from model_registry_pipeline.warehouse import actions, checks, lifecycle, suspicions
from model_registry_pipeline.warehouse.checks import INACTIVE_SURGE, SUSPICIOUS_PRICES
from model_registry_pipeline.warehouse.engine import Warehouse

GROUP = "health"
PAIRS = dg.AssetKey([GROUP, "pairs"])
FLAGS = dg.AssetKey([GROUP, "flags"])
SUSPICIONS = dg.AssetKey([GROUP, "suspicions"])


@dg.asset(
    key=PAIRS,
    group_name=GROUP,
    deps=[history_key(source) for source in all_sources()],
    kinds={"python", "postgres"},
    retry_policy=RETRIES,
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
    retry_policy=RETRIES,
    metadata={"dagster/table_name": "health.flags"},
    description=(
        "Which offerings are missing or stale, since when and why.\n\n"
        "Missing from the first accepted answer without it; stale once another one, long enough after, still lacks "
        "it. While a source does not answer, nothing ages. What only calls told of is stale when none was reported "
        "for long. What a person added is never flagged."
    ),
    check_specs=[check_spec(INACTIVE_SURGE, FLAGS.path[-1])],
)
def flags(
    clock: dg.ResourceParam[Clock], settings: dg.ResourceParam[Settings], warehouse: dg.ResourceParam[Warehouse]
) -> Iterator[dg.MaterializeResult[None]]:
    check_sources(settings)
    with warehouse.derived_transaction() as connection:
        judged = lifecycle.refresh_flags(connection, settings, clock.now())
        surge = checks.inactive_surges(connection, settings)
    stale = sum(flag.state == "stale" for flag in judged.values())
    yield dg.MaterializeResult(
        metadata={"dagster/row_count": len(judged), "stale": stale, "missing": len(judged) - stale},
        check_results=[check_result(INACTIVE_SURGE, FLAGS.path[-1], surge)],
    )


@dg.asset(
    key=SUSPICIONS,
    group_name=GROUP,
    deps=[history_key(source) for source in all_sources()],
    kinds={"python", "postgres"},
    retry_policy=RETRIES,
    metadata={"dagster/table_name": "health.suspicions"},
    description=(
        "Which prices are in doubt, since when, and what settled it.\n\n"
        "One that moved a hundred times or more, one of many of its source that moved in one answer, and one that "
        "other sources state a hundred times away. Another source, three answers over 48 h or a person settles it; "
        "the price is shown as stated all the while."
    ),
    check_specs=[check_spec(SUSPICIOUS_PRICES, SUSPICIONS.path[-1])],
)
def doubted_prices(
    settings: dg.ResourceParam[Settings], warehouse: dg.ResourceParam[Warehouse]
) -> Iterator[dg.MaterializeResult[None]]:
    with warehouse.derived_transaction() as connection:
        found = suspicions.refresh_suspicions(
            connection, factor=settings.suspicious_price_factor, moved_percent=settings.suspicious_price_percent
        )
        verdict = checks.doubted_prices(connection)
    yield dg.MaterializeResult(
        metadata={"dagster/row_count": len(found)},
        check_results=[check_result(SUSPICIOUS_PRICES, SUSPICIONS.path[-1], verdict)],
    )
