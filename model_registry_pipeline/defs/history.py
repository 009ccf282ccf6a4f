"""history/<source>: judge a source's dumps and fold what counts into versions and changes; history/snapshots."""

from collections.abc import Iterator

import dagster as dg

from model_registry_pipeline.defs.ledger import Ledger
from model_registry_pipeline.defs.normalized import normalized_key
from model_registry_pipeline.defs.resources import Clock
from model_registry_pipeline.domain.source import Source
from model_registry_pipeline.registry import is_own_list
from model_registry_pipeline.settings import Settings
from model_registry_pipeline.sources import all_sources
from model_registry_pipeline.warehouse import availability, history
from model_registry_pipeline.warehouse.engine import Warehouse
from model_registry_pipeline.warehouse.snapshots import refresh_snapshots

GROUP = "history"
SNAPSHOTS = dg.AssetKey([GROUP, "snapshots"])
HELD_CHECK = "nothing_held"

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
        tags={"source": source.name},
        metadata={"dagster/table_name": "history.versions", "dagster/column_schema": COLUMNS},
        description=(
            f"What {source.label} listed, since when and until when: versions and changes.\n\n"
            "Every stored answer is judged in time order. One that is empty, broken or much shorter than the one "
            "before is held: kept, told, and not folded in, until later answers or a person confirm it."
        ),
        check_specs=[
            dg.AssetCheckSpec(
                HELD_CHECK,
                asset=key,
                description=f"{source.label}'s newest answer counts: it is not held back as empty, broken or shrunk.",
            )
        ],
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
                if is_own_list(source, settings):
                    availability.note_dump(connection, source)
            if outcome.not_ready:
                raise dg.Failure(
                    f"{outcome.not_ready} dumps of {source.name} were read by an older parser: they are read again "
                    "first (materialize normalized/…, or let the pending sensor do it).",
                    allow_retries=False,
                )
        ledger.end(
            "held" if standing.held else "completed",
            appeared=outcome.appeared,
            vanished=outcome.vanished,
            changed=outcome.changed,
        )
        context.log.info(
            f"{source.name}: {outcome.appeared} appeared, {outcome.vanished} vanished, {outcome.returned} returned, "
            f"{outcome.changed} changed"
            + (f"; {standing.held} dumps held: {standing.held_reason}" if standing.held else "")
        )
        yield dg.MaterializeResult(
            metadata={
                "dagster/row_count": standing.versions,
                "listed": standing.listed,
                "appeared": outcome.appeared,
                "vanished": outcome.vanished,
                "returned": outcome.returned,
                "changed": outcome.changed,
            },
            check_results=[
                dg.AssetCheckResult(
                    check_name=HELD_CHECK,
                    passed=standing.held == 0,
                    severity=dg.AssetCheckSeverity.WARN,
                    description=standing.held_reason or "the newest answer counts",
                    metadata={"held_dumps": standing.held},
                )
            ],
        )

    return folded


@dg.asset(
    key=SNAPSHOTS,
    group_name=GROUP,
    deps=[history_key(source) for source in all_sources()],
    kinds={"postgres"},
    metadata={"dagster/table_name": "history.snapshots"},
    description="A row a source and day: the day's last accepted answer, how much it listed, and its hash.",
)
def snapshots(warehouse: dg.ResourceParam[Warehouse]) -> dg.MaterializeResult[None]:
    with warehouse.derived_transaction() as connection:
        count = refresh_snapshots(connection)
    return dg.MaterializeResult(metadata={"dagster/row_count": count})


HISTORY_ASSETS = [history_asset(source) for source in all_sources()]
