"""Proof on real dumps that the tables are a function of what was stored: any order, any batches, a rebuild.

The dumps go in through the product's own functions, not through its command line, which would store a folder in time
order. `history.acceptances` is left out: when something became known is what an order of arrival decides.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection, text

from benchmarks.figures import Bench, Figure, median
from benchmarks.naive_history import instant
from benchmarks.product import Registry, database_of
from model_registry_pipeline.domain.source import Source
from model_registry_pipeline.settings import Settings
from model_registry_pipeline.sources import source_named
from model_registry_pipeline.warehouse import history, lifecycle, normalized, raw
from model_registry_pipeline.warehouse.engine import Warehouse
from model_registry_pipeline.warehouse.opening import open_warehouse
from model_registry_pipeline.warehouse.snapshots import refresh_snapshots

ORDERS = 5
OFFERING = "join normalized.offerings using (offering_id)"
DUMP = "(select row(observed_at, sha256) from raw.dumps as d where d.dump_id = {})"
RECORD = "(select r.sha256 from normalized.records as r where r.record_id = {})"
TABLES = {
    "normalized.offerings": "select source, provider_id, model_id from normalized.offerings",
    "normalized.records": f"""
        select source, provider_id, model_id, sha256, facts, extra from normalized.records {OFFERING}""",
    "normalized.listings": f"""
        select {DUMP.format("listings.dump_id")}, parser_version, is_complete, unreadable, records, rejected,
            fields_rejected, skipped, listings.sha256,
            (select sha256(string_agg(r.sha256, '' order by r.sha256))
             from normalized.records as r where r.record_id = any (record_ids))
        from normalized.listings""",
    "normalized.rejections": f"""
        select {DUMP.format("rejections.dump_id")}, kind, position, field, model_id, reason
        from normalized.rejections""",
    "normalized.paths": f"""
        select source, path, first_seen_at, {DUMP.format("paths.first_dump_id")}, last_seen_at,
            {DUMP.format("paths.last_dump_id")}
        from normalized.paths""",
    "history.verdicts": f"""
        select {DUMP.format("verdicts.dump_id")}, status, regexp_replace(reason, 'dumps? [0-9, ]+', 'dump ', 'g'),
            {DUMP.format("verdicts.base_dump_id")}, parser_version, listing_sha256 from history.verdicts""",
    "history.versions": f"""
        select source, provider_id, model_id, valid_from, valid_to, {RECORD.format("versions.record_id")},
            {DUMP.format("versions.dump_id")} from history.versions {OFFERING}""",
    "history.presence": f"""
        select source, provider_id, model_id, listed_from, listed_to, last_seen_at from history.presence {OFFERING}""",
    "history.changes": f"""
        select source, provider_id, model_id, observed_at, kind, field, before, after, {DUMP.format("changes.dump_id")}
        from history.changes {OFFERING}""",
    "history.snapshots": f"""
        select source, day, {DUMP.format("snapshots.dump_id")}, offerings, listing_sha256 from history.snapshots""",
    "health.flags": f"select source, provider_id, model_id, state, since, reason from health.flags {OFFERING}",
}
"""What each derived table says, without surrogate ids."""

Hashes = dict[str, str]


def orders(bench: Bench) -> list[Figure]:
    """The 670 OpenRouter dumps in time order at once, in five random orders and batches, and after a rebuild."""
    source = source_named("openrouter")
    paths = sorted((bench.dumps / source.name).glob("*.json"), key=instant)
    with fed(bench, source, [paths]) as (_, warehouse):
        expected = hashes(warehouse)
        rows = count(warehouse)
    same, batches = 0, []
    rebuilds = []
    for order in range(ORDERS):
        split = in_some_order(paths, random.Random(order))  # noqa: S311  # no secret
        batches.append(len(split))
        with fed(bench, source, split) as (registry, warehouse):
            found = hashes(warehouse)
            rebuilds.append(registry.run("rebuild", "--source", source.name).seconds)
            publish(warehouse)
            rebuilt = hashes(warehouse)
        same += found == expected == rebuilt
        for table in TABLES:
            if not found[table] == expected[table] == rebuilt[table]:
                print(f"order {order}: {table} differs")
    said = f"{len(TABLES)} tables, {rows:,} rows; {', '.join(map(str, batches))} batches"
    rebuild = median(rebuilds)
    return [
        Figure("random orders with the same hashes, also rebuilt", same, "", f"= {ORDERS}", same == ORDERS, said),
        Figure("rebuild of 670 dumps, CLI", rebuild, "s", "≤ 10", rebuild <= 10, f"slowest {max(rebuilds):.1f} s"),
    ]


def in_some_order(paths: Sequence[Path], dice: random.Random) -> list[list[Path]]:
    """All dumps, shuffled, in batches of 1 to 150."""
    left = dice.sample(paths, len(paths))
    batches = []
    while left:
        size = dice.randint(1, 150)
        batches.append(left[:size])
        left = left[size:]
    return batches


@contextmanager
def fed(bench: Bench, source: Source, batches: Iterable[Sequence[Path]]) -> Iterator[tuple[Registry, Warehouse]]:
    """A registry that was fed batch by batch: stored in their order, then read and folded."""
    with database_of(bench.server_url, "bench_orders") as url:
        registry = Registry(url, bench.scratch / "home")
        with open_warehouse(Settings(database_url=url)) as warehouse:
            for batch in batches:
                for path in batch:
                    store(warehouse, source, path)
                follow(warehouse, source)
            publish(warehouse)
            yield registry, warehouse


def store(warehouse: Warehouse, source: Source, path: Path) -> None:
    document = path.read_bytes()
    with warehouse.transaction() as connection:
        raw.store_dump(
            connection,
            raw.NewDump(
                source=source.name,
                observed_at=instant(path),
                recorded_at=datetime.now(UTC),
                origin="replay",
                documents=[document],
                sha256=sha256(document).digest(),
            ),
        )


def follow(warehouse: Warehouse, source: Source) -> None:
    with warehouse.transaction() as connection:
        pending = normalized.pending_dumps(connection, [source])
    normalized.normalize(warehouse, source, pending, lambda _: None)
    with warehouse.derived_transaction() as connection:
        history.fold_source(connection, source)


def publish(warehouse: Warehouse) -> None:
    with warehouse.derived_transaction() as connection:
        refresh_snapshots(connection)
        lifecycle.refresh_flags(connection, Settings(), datetime.now(UTC))


def hashes(warehouse: Warehouse) -> Hashes:
    """One hash a table, over all its rows in whatever order they lie."""
    with warehouse.transaction() as connection:
        return {table: hashed(connection, query) for table, query in TABLES.items()}


def hashed(connection: Connection, query: str) -> str:
    rows = f"select string_agg(md5(told::text), '' order by md5(told::text)) as rows from ({query}) as told"
    found: str = connection.execute(text(f"select md5(coalesce(rows, '')) from ({rows}) as every")).scalar_one()
    return found


def count(warehouse: Warehouse) -> int:
    """Rows of all derived tables."""
    with warehouse.transaction() as connection:
        return sum(connection.execute(text(f"select count(*) from {table}")).scalar_one() for table in TABLES)
