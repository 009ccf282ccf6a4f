"""history/namesakes: which models the names mean that leaderboards use."""

import dagster as dg

from model_registry_pipeline.defs.history import history_key
from model_registry_pipeline.defs.retries import RETRIES
from model_registry_pipeline.sources import all_sources
from model_registry_pipeline.warehouse.engine import Warehouse
from model_registry_pipeline.warehouse.namesakes import refresh_namesakes

NAMESAKES = dg.AssetKey(["history", "namesakes"])


@dg.asset(
    key=NAMESAKES,
    group_name="history",
    deps=[history_key(source) for source in all_sources()],
    kinds={"python", "postgres"},
    retry_policy=RETRIES,
    metadata={"dagster/table_name": "history.namesakes"},
    description=(
        "Which models at which providers bear the names of what is measured.\n\n"
        "Names are compared without their spelling: case, separators, the order of words, regions, price plans and "
        "settings. A name that nobody bears, or that two models share, stays without a model."
    ),
)
def bearers(warehouse: dg.ResourceParam[Warehouse]) -> dg.MaterializeResult[None]:
    with warehouse.derived_transaction() as connection:
        count = refresh_namesakes(connection)
    return dg.MaterializeResult(metadata={"dagster/row_count": count})
