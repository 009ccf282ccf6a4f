"""A run's row for a source in the ledger of syncs: opened by the raw asset, closed by whichever step ends the work."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import dagster as dg

from model_registry_pipeline.defs.resources import Clock
from model_registry_pipeline.domain.source import Source
from model_registry_pipeline.warehouse import health
from model_registry_pipeline.warehouse.engine import Warehouse


class Ledger:
    """The row of one run and source. A run that opened none (a backfill) has none to fill in."""

    def __init__(self, context: dg.AssetExecutionContext, clock: Clock, warehouse: Warehouse, source: Source) -> None:
        self.run_id = context.run.run_id
        self._clock = clock
        self._warehouse = warehouse
        self._source = source.name

    def begin(self, started_at: datetime) -> None:
        with self._warehouse.transaction() as connection:
            health.begin_sync(connection, self.run_id, self._source, started_at)

    def note(self, **columns: object) -> None:
        """Fill in columns of the row."""
        with self._warehouse.transaction() as connection:
            health.note_sync(connection, self.run_id, self._source, **columns)

    def end(self, status: str, **columns: object) -> None:
        """Close the row."""
        self.note(status=status, completed_at=self._clock.now(), **columns)

    @contextmanager
    def closed_on_failure(self) -> Iterator[None]:
        """Whatever ends the work of the block early is what the row says in the end."""
        try:
            yield
        except dg.Failure as failure:
            self.end("failed", error=failure.description)
            raise
        except Exception as error:
            self.end("failed", error=" ".join(f"{type(error).__name__}: {error}".split())[:500])
            raise
