"""A run's row for a source in the ledger of syncs: opened by the raw asset, closed by whichever step ends the work."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

import dagster as dg
from dagster._core.launcher import WorkerStatus
from dagster._core.storage.tags import PARENT_RUN_ID_TAG

from model_registry_pipeline.defs.resources import Clock
from model_registry_pipeline.defs.retries import RETRIES
from model_registry_pipeline.domain.source import Source
from model_registry_pipeline.warehouse import health
from model_registry_pipeline.warehouse.engine import Warehouse, WarehouseError


class Ledger:
    """The row of one run and source. A run that opened none (a backfill) has none to fill in."""

    def __init__(self, context: dg.AssetExecutionContext, clock: Clock, warehouse: Warehouse, source: Source) -> None:
        self.run_id = context.run.run_id
        self._context = context
        self._clock = clock
        self._warehouse = warehouse
        self._source = source.name

    def begin(self, started_at: datetime) -> None:
        close_interrupted(self._context.instance, self._warehouse, self._clock, but=self.run_id)
        with self._warehouse.transaction() as connection:
            health.begin_sync(connection, self.run_id, self._source, started_at)

    def note(self, **columns: object) -> None:
        """Fill in columns of the row. A run that goes on where another failed has fetched nothing: its row begins
        here."""
        parent = self._context.run.tags.get(PARENT_RUN_ID_TAG)
        with self._warehouse.transaction() as connection:
            is_filled = health.note_sync(connection, self.run_id, self._source, **columns)
            now = self._clock.now()
            if not is_filled and parent and health.resume_sync(connection, self.run_id, parent, self._source, now):
                health.note_sync(connection, self.run_id, self._source, **columns)

    def end(self, status: str, **columns: object) -> None:
        """Close the row."""
        self.note(status=status, completed_at=self._clock.now(), **columns)

    @contextmanager
    def closed_on_failure(self) -> Iterator[None]:
        """Whatever ends the work of the block early is what the row says in the end, unless it is tried again."""
        try:
            yield
        except Exception as error:
            is_final = isinstance(error, dg.Failure) and not error.allow_retries
            if is_final or self._context.retry_number >= RETRIES.max_retries:
                said = error.description if isinstance(error, dg.Failure) else f"{type(error).__name__}: {error}"
                # The database may be what failed. Then the row stays open, and whoever comes next closes it.
                with suppress(WarehouseError):
                    self.end("failed", error=" ".join((said or "").split())[:500])
            raise


def close_interrupted(
    instance: dg.DagsterInstance, warehouse: Warehouse, clock: Clock, *, but: str | None = None
) -> None:
    """Close the rows of runs that are over; `but`: the run that asks. One that is under way is left alone."""
    with warehouse.transaction() as connection:
        running = health.running_runs(connection)
    for run_id in running:
        if run_id != but and _is_over(instance, run_id):
            with warehouse.transaction() as connection:
                health.close_syncs(connection, run_id, clock.now())


def _is_over(instance: dg.DagsterInstance, run_id: str) -> bool:
    run = instance.get_run_by_id(run_id)
    if run is None or run.is_finished:
        return True
    launcher = instance.run_launcher
    if run.status is not dg.DagsterRunStatus.STARTED or not launcher.supports_check_run_worker_health:
        return False
    return launcher.check_run_worker_health(run).status is WorkerStatus.FAILED
