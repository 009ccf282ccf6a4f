"""dlt as the reference: the same records into the same PostgreSQL with its `merge` (upsert) and `scd2` strategies.

Runs in `.venv-bench` as a program of its own, so that dlt never enters the product's environment, and imports
nothing of the product. Telemetry is off, its working folder is a temporary one, its two schemas are dropped before
and after. Prints one JSON object.
"""

import argparse
import itertools
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

Record = dict[str, Any]

DATASET = "dlt_reference"
BATCH = 10_000

VARIANTS = ("defaults", "tuned", "arrow")
"""defaults: as a first script would have it, only lists kept as JSON columns. tuned: types told, rows in batches,
side-by-side workers, no compression, the file format that was fastest. arrow: besides, the caller builds Arrow tables
himself, so that dlt's normalizer has nothing to do; what is then left of dlt is its COPY and its MERGE."""

HUGGINGFACE_COLUMNS: dict[str, str] = {
    "id": "text",
    "name": "text",
    "pipeline_tag": "text",
    "library_name": "text",
    "licence": "text",
    "base_models": "json",
    "tags": "json",
    "created_at": "timestamp",
    "downloads": "bigint",
    "likes": "bigint",
    "open_weights": "bool",
    "hugging_face_id": "text",
}
"""What a Hugging Face record states. Types are told, so that dlt need not infer them from each row."""

HUGGINGFACE_KEPT = ("id", "pipeline_tag", "licence", "open_weights", "created_at", "hugging_face_id")
"""Of these, what the registry's source file keeps as facts today: the same work, without the tags and measurements."""

WEIGHTS = frozenset({"safetensors", "gguf", "pytorch", "onnx", "tf", "jax", "mlx", "diffusers", "openvino", "coreml"})

OPENROUTER_COLUMNS: dict[str, str] = {
    "id": "text",
    "name": "text",
    "description": "text",
    "created": "bigint",
    "context_length": "bigint",
    "max_completion_tokens": "bigint",
    "modality": "text",
    "input_modalities": "json",
    "output_modalities": "json",
    "supported_parameters": "json",
    "prompt": "text",
    "completion": "text",
    "pricing": "json",
}
"""The facts of an OpenRouter record; prices as the text that the source sends, which is exact."""


def main() -> None:
    """Parse the command line, set dlt's environment, run one mode, print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    modes = parser.add_subparsers(dest="mode", required=True)
    upsert = modes.add_parser("upsert", help="Hugging Face documents, one after the other, into the same tables")
    upsert.add_argument("documents", nargs="+", type=Path)
    upsert.add_argument("--fields", choices=("all", "kept"), default="all", help="see HUGGINGFACE_KEPT")
    upsert.add_argument("--tags", choices=("json", "table"), default="json", help="a JSON column, or a child table")
    scd2 = modes.add_parser("scd2", help="a folder of dated OpenRouter dumps, in time order")
    scd2.add_argument("folder", type=Path)
    for mode in (upsert, scd2):
        mode.add_argument("--database-url", required=True)
        mode.add_argument("--variant", choices=VARIANTS, default="tuned", help="see VARIANTS")
        mode.add_argument("--format", choices=("insert_values", "csv", "parquet"), default="parquet")
        mode.add_argument("--workers", type=int, default=2, help="processes of the normalize step, threads of the load")
    options = parser.parse_args()
    if options.mode == "scd2" and options.variant == "arrow":
        parser.error("scd2 wants the row hash of Arrow tables from the caller")

    with tempfile.TemporaryDirectory(prefix="dlt_reference_") as folder:
        configure(options, folder)
        drop_schemas(options.database_url)
        try:
            figures = run_upsert(options, folder) if options.mode == "upsert" else run_scd2(options, folder)
        finally:
            drop_schemas(options.database_url)
    json.dump(figures, sys.stdout)
    print()


def configure(options: argparse.Namespace, folder: str) -> None:
    """dlt reads its settings from the environment. No telemetry; when tuned no compression of its own files, and
    files small enough that every worker has some."""
    os.environ |= {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "ERROR", "DLT_DATA_DIR": folder}
    if options.variant != "defaults":
        os.environ |= {
            "NORMALIZE__WORKERS": str(options.workers),
            "LOAD__WORKERS": str(options.workers),
            "DATA_WRITER__FILE_MAX_ITEMS": "50000",
            "DATA_WRITER__BUFFER_MAX_ITEMS": str(BATCH),
            "DATA_WRITER__DISABLE_COMPRESSION": "true",
            "NORMALIZE__DATA_WRITER__DISABLE_COMPRESSION": "true",
        }


# -- the two modes -------------------------------------------------------------------------------------------------


def run_upsert(options: argparse.Namespace, folder: str) -> dict[str, Any]:
    """Each document by `merge` with the strategy `upsert`, primary key `id`."""
    pipeline = new_pipeline(options, folder)
    strategy = {"disposition": "merge", "strategy": "upsert"}
    columns = HUGGINGFACE_COLUMNS
    if options.fields == "kept":
        columns = {name: kind for name, kind in columns.items() if name in HUGGINGFACE_KEPT}
    runs = []
    for path in options.documents:

        def rows(document: Path = path) -> list[Record]:
            return [huggingface_row(record, columns) for record in read_json(document)]

        runs.append(timed_run(pipeline, resource(options, rows, columns, strategy), options))
    return {
        "mode": options.mode,
        "variant": options.variant,
        "format": file_format(options),
        "fields": options.fields,
        "tags": options.tags,
        "runs": runs,
        "rows": scalar(options.database_url, f"select count(*) from {DATASET}.models"),
    }


def run_scd2(options: argparse.Namespace, folder: str) -> dict[str, Any]:
    """Each dump of a folder by `merge` with the strategy `scd2`, its boundary the instant that its name tells."""
    paths = sorted(options.folder.glob("*.json"))
    began = time.perf_counter()
    pipeline = new_pipeline(options, folder)
    runs = []
    for path in paths:
        strategy = {"disposition": "merge", "strategy": "scd2", "boundary_timestamp": instant(path).isoformat()}

        def rows(document: Path = path) -> list[Record]:
            return [openrouter_row(record) for record in read_json(document)["data"]]

        runs.append(timed_run(pipeline, resource(options, rows, OPENROUTER_COLUMNS, strategy), options))
    return {
        "mode": options.mode,
        "variant": options.variant,
        "format": file_format(options),
        "dumps": len(paths),
        "total": time.perf_counter() - began,
        **{step: sum(run[step] for run in runs) for step in ("extract", "normalize", "load")},
        "result": scd2_result(options.database_url, [instant(path) for path in paths]),
    }


def resource(
    options: argparse.Namespace,
    rows: Callable[[], list[Record]],
    columns: dict[str, str],
    strategy: dict[str, str],
) -> Any:
    """The table `models` as dlt is told of it in this variant."""
    import dlt  # noqa: PLC0415  # after configure(): dlt reads its environment when imported

    nested = options.mode == "upsert" and options.tags == "table"

    def models() -> Iterator[Any]:
        records = rows()
        if options.variant == "defaults":
            yield from records
            return
        for start in range(0, len(records), BATCH):
            batch = records[start : start + BATCH]
            yield arrow_table(batch, columns) if options.variant == "arrow" else batch

    hints = {
        name: {"name": name, "data_type": kind} for name, kind in columns.items() if not (nested and kind == "json")
    }
    return dlt.resource(
        models,
        name="models",
        primary_key="id" if strategy["strategy"] == "upsert" else None,
        write_disposition=strategy,
        columns=None if options.variant == "defaults" else hints,
        max_table_nesting=1 if nested else 0,
    )


def file_format(options: argparse.Namespace) -> str:
    """The defaults leave the choice to dlt, which takes `insert_values` for PostgreSQL."""
    return "insert_values" if options.variant == "defaults" else str(options.format)


def timed_run(pipeline: Any, models: Any, options: argparse.Namespace) -> dict[str, float]:
    """Extract, normalize and load, the seconds of each; reading and parsing the document is part of extract."""
    marks = [time.perf_counter()]
    pipeline.extract(models, loader_file_format=file_format(options))
    marks.append(time.perf_counter())
    pipeline.normalize()
    marks.append(time.perf_counter())
    pipeline.load(raise_on_failed_jobs=True)
    marks.append(time.perf_counter())
    steps = [later - earlier for earlier, later in itertools.pairwise(marks)]
    return {
        "extract": steps[0],
        "normalize": steps[1],
        "load": steps[2],
        "total": marks[-1] - marks[0],
    }


def scd2_result(url: str, instants: list[datetime]) -> dict[str, Any]:
    """What the history table says: its versions, and which ids it holds as listed after each dump."""
    with connection(url) as (_, cursor):
        cursor.execute(
            f"select id, _dlt_valid_from, _dlt_valid_to, prompt, completion from {DATASET}.models order by 1, 2"
        )
        rows = cursor.fetchall()
    versions = [row[:3] for row in rows]
    ids: dict[str, list[tuple[datetime, datetime | None]]] = {}
    for model_id, valid_from, valid_to in versions:
        ids.setdefault(model_id, []).append((valid_from, valid_to))
    last = instants[-1]
    gaps = returns = vanished = overlaps = 0
    for spans in ids.values():
        for (_, ended), (began, _) in itertools.pairwise(spans):
            gaps += ended is not None and ended < began
            overlaps += ended is None or ended > began
        returns += sum(1 for (_, e), (b, _) in itertools.pairwise(spans) if e is not None and e < b)
        vanished += spans[-1][1] is not None and spans[-1][1] <= last
    return {
        "versions": len(versions),
        "ids": len(ids),
        "appeared": len(ids),
        "vanished": vanished + gaps,
        "returned": returns,
        "overlapping": overlaps,
        "open": sum(valid_to is None for _, _, valid_to in versions),
        "listed": [
            sum(1 for _, start, end in versions if start <= at and (end is None or end > at)) for at in instants
        ],
        "spans": [[str(value) if value is not None else None for value in row] for row in rows],
    }


# -- records -------------------------------------------------------------------------------------------------------


def huggingface_row(record: Record, columns: dict[str, str]) -> Record:
    """One listed model, flat. The licence, the base models and the presence of weights stand among the tags."""
    tags = record["tags"]
    kept = {
        "id": record["id"],
        "pipeline_tag": record.get("pipeline_tag"),
        "licence": next((tag[8:] for tag in tags if tag.startswith("license:")), None),
        "open_weights": True if not WEIGHTS.isdisjoint(tags) else None,
        "created_at": record["createdAt"],
        "hugging_face_id": record["id"],
    }
    if "tags" not in columns:
        return kept
    return kept | {
        "name": record["id"].rpartition("/")[2],
        "library_name": record.get("library_name"),
        "base_models": [tag[11:] for tag in tags if tag.startswith("base_model:")],
        "tags": tags,
        "downloads": record["downloads"],
        "likes": record["likes"],
    }


def openrouter_row(record: Record) -> Record:
    """One listed model, flat, so that the row hash is over facts only."""
    architecture = record.get("architecture") or {}
    pricing = record.get("pricing") or {}
    return {
        "id": record["id"],
        "name": record["name"],
        "description": record.get("description"),
        "created": record.get("created"),
        "context_length": record.get("context_length"),
        "max_completion_tokens": (record.get("top_provider") or {}).get("max_completion_tokens"),
        "modality": architecture.get("modality"),
        "input_modalities": architecture.get("input_modalities"),
        "output_modalities": architecture.get("output_modalities"),
        "supported_parameters": record.get("supported_parameters"),
        "prompt": pricing.get("prompt"),
        "completion": pricing.get("completion"),
        "pricing": pricing,
    }


def arrow_table(records: list[Record], columns: dict[str, str]) -> Any:
    """Rows as one Arrow table; JSON columns as their text."""
    import pyarrow as pa  # noqa: PLC0415  # only this variant needs it

    types = {
        "text": pa.string(),
        "json": pa.string(),
        "bigint": pa.int64(),
        "bool": pa.bool_(),
        "timestamp": pa.timestamp("us", "UTC"),
    }
    arrays = []
    for name, kind in columns.items():
        values = [record[name] for record in records]
        if kind == "json":
            values = [None if value is None else json.dumps(value) for value in values]
        elif kind == "timestamp":
            values = [datetime.fromisoformat(value) for value in values]
        arrays.append(pa.array(values, types[kind]))
    return pa.table(arrays, names=list(columns))


def read_json(path: Path) -> Any:
    """A document with dlt's own JSON reader (orjson)."""
    import orjson  # noqa: PLC0415  # a dependency of dlt, only in .venv-bench

    return orjson.loads(path.read_bytes())


def instant(path: Path) -> datetime:
    """`2025-11-02T003102Z.json` and `2025-11-02.json` name when they were observed."""
    stem = path.name.partition(".")[0]
    layout = "%Y-%m-%dT%H%M%SZ" if "T" in stem else "%Y-%m-%d"
    return datetime.strptime(stem, layout).replace(tzinfo=UTC)


# -- PostgreSQL ----------------------------------------------------------------------------------------------------


def new_pipeline(options: argparse.Namespace, folder: str) -> Any:
    """A pipeline without memory: its state is in the temporary folder and in a schema that was just dropped."""
    import dlt  # noqa: PLC0415  # after configure(): dlt reads its environment when imported

    return dlt.pipeline(
        "reference",
        pipelines_dir=folder,
        destination=dlt.destinations.postgres(dlt_url(options.database_url)),
        dataset_name=DATASET,
    )


def dlt_url(url: str) -> str:
    """dlt wants a host and a password in the URL; libpq lets `?host=/socket/folder` overrule the host."""
    parts = urlsplit(url)
    user = parts.username or "postgres"
    host = f"{parts.hostname}:{parts.port or 5432}" if parts.hostname else "localhost:5432"
    query = urlencode(parse_qsl(parts.query), safe="/")
    return urlunsplit(("postgresql", f"{user}:{parts.password or 'none'}@{host}", parts.path, query, ""))


class connection:  # noqa: N801  # reads as a verb: `with connection(url) as …`
    """A psycopg2 connection and a cursor, committed and closed at the end."""

    def __init__(self, url: str) -> None:
        import psycopg2  # noqa: PLC0415  # comes with dlt[postgres]

        self.connection = psycopg2.connect(url)

    def __enter__(self) -> tuple[Any, Any]:
        return self.connection, self.connection.cursor()

    def __exit__(self, *_: object) -> None:
        self.connection.commit()
        self.connection.close()


def drop_schemas(url: str) -> None:
    """Nothing of an earlier run is left, and nothing of this one stays."""
    with connection(url) as (_, cursor):
        for schema in (DATASET, f"{DATASET}_staging"):
            cursor.execute(f"drop schema if exists {schema} cascade")


def scalar(url: str, query: str) -> Any:
    """The one value that a query gives."""
    with connection(url) as (_, cursor):
        cursor.execute(query)
        return cursor.fetchone()[0]


if __name__ == "__main__":
    main()
