"""The registry's own functions on a folder of one source's dated dumps, without Dagster: store, read, fold.

A program of its own, as the reference is, in the product's environment. Prints one JSON object: the seconds from the
files to the committed tables, the start of Python and the making of the tables left out, as they are for dlt.
"""

import argparse
import json
import time
from datetime import UTC, datetime
from pathlib import Path

from model_registry_pipeline.domain.raw.fingerprint import dump_sha256
from model_registry_pipeline.domain.raw.names import parse_replay_name
from model_registry_pipeline.settings import load_settings
from model_registry_pipeline.sources import source_named
from model_registry_pipeline.warehouse import history, normalized, raw
from model_registry_pipeline.warehouse.engine import Warehouse
from model_registry_pipeline.warehouse.opening import open_warehouse


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source")
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    with open_warehouse(load_settings()) as warehouse:
        print(json.dumps(run(warehouse, options.source, sorted(options.folder.glob("*.json")))))


def run(warehouse: Warehouse, name: str, paths: list[Path]) -> dict[str, float]:
    """Seconds of each stage and in all; the database is that of DATABASE_URL."""
    source = source_named(name)
    instants = [time.perf_counter()]
    with warehouse.transaction() as connection:
        raw.store_dumps(connection, [_dump(name, path) for path in paths])
    instants.append(time.perf_counter())
    with warehouse.transaction() as connection:
        unread = list(raw.dumps_of(connection, name, None, None))
    normalized.normalize(warehouse, source, unread, lambda _: None)
    instants.append(time.perf_counter())
    with warehouse.derived_transaction() as connection:
        history.fold_source(connection, source)
    instants.append(time.perf_counter())
    began, stored, read, folded = instants
    return {"store": stored - began, "read": read - stored, "fold": folded - read, "total": folded - began}


def _dump(source: str, path: Path) -> raw.NewDump:
    documents = [path.read_bytes()]
    return raw.NewDump(
        source=source,
        observed_at=parse_replay_name(path.name).observed_at,
        recorded_at=datetime.now(UTC),
        origin="replay",
        documents=documents,
        sha256=dump_sha256(documents),
        file_name=path.name,
    )


if __name__ == "__main__":
    main()
