"""history/<source>: judge a source's dumps and fold what counts into versions and changes; history/snapshots."""

from collections.abc import Iterator

import dagster as dg

from model_registry_pipeline.defs.checks import check_result, check_spec
from model_registry_pipeline.defs.ledger import Ledger
from model_registry_pipeline.defs.normalized import normalized_key
from model_registry_pipeline.defs.resources import Clock
from model_registry_pipeline.defs.retries import RETRIES
from model_registry_pipeline.domain.health.holding import nothing_held
from model_registry_pipeline.domain.source import Source
from model_registry_pipeline.registry import is_own_list
from model_registry_pipeline.settings import Settings
from model_registry_pipeline.sources import all_sources
from model_registry_pipeline.warehouse import availability, history
from model_registry_pipeline.warehouse.checks import FROZEN_UPSTREAM, NOTHING_HELD, frozen_upstreams
from model_registry_pipeline.warehouse.engine import Warehouse
from model_registry_pipeline.warehouse.snapshots import refresh_snapshots

GROUP = "history"
SNAPSHOTS = dg.AssetKey([GROUP, "snapshots"])
HELD_CHECK = NOTHING_HELD.name

COLUMNS = dg.TableSchema(
    columns=[
        dg.TableColumn("offering_id", "integer", "A model as one provider offers it, as one source tells it."),
        dg.TableColumn("valid_from", "timestamptz", "Inclusive: the instant of the answer that said so first."),
        dg.TableColumn("valid_to", "timestamptz", "Exclusive; null: still holds."),
        dg.TableColumn("record_id", "integer", "The facts."),
        dg.TableColumn("dump_id", "integer", "The answer that opened it."),
    ]
)


def history_key(source: Source) -> dg.AssetKey:
    return dg.AssetKey([GROUP, source.name])


def history_asset(source: Source) -> dg.AssetsDefinition:
    """The asset that folds one source."""
    key = history_key(source)

    @dg.asset(
        key=key,
        group_name=GROUP,
        deps=[normalized_key(source)],
        kinds={"python", "postgres"},
        retry_policy=RETRIES,
        tags={"source": source.name},
        metadata={"dagster/table_name": "history.versions", "dagster/column_schema": COLUMNS},
        description=(
            f"What {source.label} listed, since when and until when: versions and changes.\n\n"
            "Every stored answer is judged in time order. One that is empty, broken or much shorter than the one "
            "before is held: kept, told, and not folded in, until later answers or a person confirm it."
        ),
        check_specs=[check_spec(NOTHING_HELD, source.name), check_spec(FROZEN_UPSTREAM, source.name)],
    )
    def folded(
        context: dg.AssetExecutionContext,
        clock: dg.ResourceParam[Clock],
        settings: dg.ResourceParam[Settings],
        warehouse: dg.ResourceParam[Warehouse],
    ) -> Iterator[dg.MaterializeResult[None]]:
        ledger = Ledger(context, clock, warehouse, source)
        with ledger.closed_on_failure():
            with warehouse.derived_transaction() as connection:
                outcome = history.fold_source(connection, source)
                standing = history.standing(connection, source.name)
                frozen = frozen_upstreams(connection, [source], settings)[source.name]
                if is_own_list(source, settings):
                    availability.note_dump(connection, source)
            if outcome.not_ready:
                raise dg.Failure(
                    f"{outcome.not_ready} dumps of {source.name} were read by an older parser: they are read again "
                    "first (materialize normalized/…, or let the pending sensor do it).",
                    allow_retries=False,
                )
        status = "held" if standing.held else "completed"
        ledger.end(status, appeared=outcome.appeared, vanished=outcome.vanished, changed=outcome.changed)
        counts = {name: getattr(outcome, name) for name in ("appeared", "vanished", "returned", "changed")}
        held = f"; {standing.held} dumps held: {standing.held_reason}" if standing.held else ""
        context.log.info(f"{source.name}: {', '.join(f'{count} {what}' for what, count in counts.items())}{held}")
        yield dg.MaterializeResult(
            metadata={"dagster/row_count": standing.versions, "listed": standing.listed, **counts},
            check_results=[
                check_result(NOTHING_HELD, source.name, nothing_held(standing.held, standing.held_reason)),
                check_result(FROZEN_UPSTREAM, source.name, frozen),
            ],
        )

    return folded


@dg.asset(
    key=SNAPSHOTS,
    group_name=GROUP,
    deps=[history_key(source) for source in all_sources()],
    kinds={"postgres"},
    retry_policy=RETRIES,
    metadata={"dagster/table_name": "history.snapshots"},
    description="A row a source and day: the day's last accepted answer, how much it listed, and its hash.",
)
def snapshots(warehouse: dg.ResourceParam[Warehouse]) -> dg.MaterializeResult[None]:
    with warehouse.derived_transaction() as connection:
        count = refresh_snapshots(connection)
    return dg.MaterializeResult(metadata={"dagster/row_count": count})


HISTORY_ASSETS = [history_asset(source) for source in all_sources()]
