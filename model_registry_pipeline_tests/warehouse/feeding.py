"""Dumps on their way into a registry, for tests: stored, read and folded."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, select, text

from model_registry_pipeline.domain.source import Source
from model_registry_pipeline.settings import Settings
from model_registry_pipeline.warehouse import actions, history, lifecycle, normalized, raw, suspicions, tables
from model_registry_pipeline.warehouse.engine import Warehouse
from model_registry_pipeline.warehouse.history import Outcome
from model_registry_pipeline.warehouse.normalized import Normalized
from model_registry_pipeline.warehouse.raw import NewDump, StoredDump
from model_registry_pipeline.warehouse.snapshots import refresh_snapshots
from model_registry_pipeline_tests.examples import Wares, a_dump, a_shop, at

SHOP = a_shop()
BEGINNING = at(0)


def store(warehouse: Warehouse, dump: NewDump, confirms: StoredDump | None = None) -> int:
    """The dump's id."""
    with warehouse.transaction() as connection:
        return raw.store_dump(connection, msgspec.structs.replace(dump, confirms=confirms))[0]


def find_dump(connection: Connection, dump_id: int) -> StoredDump:
    """What the lake has of a dump, beside its documents."""
    query = select(*raw.STORED_DUMP).where(tables.dumps.c.dump_id == dump_id)
    return raw.stored_dump(connection.execute(query).one())


def read(warehouse: Warehouse, source: Source = SHOP) -> list[Normalized]:
    """Read what is pending of a source."""
    with warehouse.transaction() as connection:
        pending = normalized.pending_dumps(connection, [source])
    outcomes: list[Normalized] = []
    normalized.normalize(warehouse, source, pending, outcomes.append)
    return outcomes


def fold(warehouse: Warehouse, source: Source = SHOP) -> Outcome:
    """Fold what is pending of a source."""
    with warehouse.derived_transaction() as connection:
        return history.fold_source(connection, source)


def take_in(warehouse: Warehouse, *dumps: NewDump, source: Source = SHOP) -> Outcome:
    """Store, read and fold dumps, all at once."""
    for dump in dumps:
        store(warehouse, dump)
    read(warehouse, source)
    return fold(warehouse, source)


def days(*listed: Wares, source: str = "shop") -> list[NewDump]:
    """A dump a day, from the first of 2025 on."""
    return [a_dump(wares, source=source, observed_at=at(24 * day)) for day, wares in enumerate(listed)]


def decide(warehouse: Warehouse, dump_id: int, kind: str, recorded_at: datetime) -> None:
    """A person's word on a dump."""
    with warehouse.transaction() as connection:
        raw.record_action(connection, kind=kind, actor="test", recorded_at=recorded_at, dump_id=dump_id)


def publish(warehouse: Warehouse, now: datetime = BEGINNING, **settings: Any) -> None:
    """Refresh snapshots, pairs, flags and suspicions."""
    stated = Settings(**settings)
    with warehouse.derived_transaction() as connection:
        refresh_snapshots(connection)
        actions.refresh_pairs(connection)
        lifecycle.refresh_flags(connection, stated, now)
        suspicions.refresh_suspicions(
            connection, factor=stated.suspicious_price_factor, moved_percent=stated.suspicious_price_percent
        )


def rows(warehouse: Warehouse, query: str, **parameters: object) -> list[tuple[Any, ...]]:
    with warehouse.transaction() as connection:
        return [tuple(row) for row in connection.execute(text(query), parameters)]


def value(warehouse: Warehouse, query: str, **parameters: object) -> Any:
    """The first column of the only row."""
    ((found, *_),) = rows(warehouse, query, **parameters)
    return found


def counts(warehouse: Warehouse, *tables: str) -> dict[str, int]:
    """How many rows tables hold."""
    return {table: value(warehouse, f"select count(*) from {table}") for table in tables}


def told(warehouse: Warehouse, kinds: Iterable[str] = ()) -> list[tuple[Any, ...]]:
    """(hour, kind, model, field, before, after) of each change, in time order."""
    found = rows(
        warehouse,
        """
        select extract(epoch from observed_at - '2025-01-01 00:00Z') / 3600, kind, model_id, field, before, after
        from serving.changes order by observed_at, model_id, kind <> 'returned', field
        """,
    )
    wanted = set(kinds)
    return [(int(hour), kind, *rest) for hour, kind, *rest in found if not wanted or kind in wanted]
