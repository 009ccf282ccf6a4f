"""`make bench`: every figure that the project claims, each beside its reference in the same run.

Run from the project's root, by the product's Python: `python -m benchmarks`. Product and reference take turns on the
same machine and the same PostgreSQL, and the medians of the rounds are compared; README.md tells what is measured from
where to where.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import (
    history_proofs,
    hourly_checks,
    huggingface_records,
    naive_history,
    openrouter_fold_reference,
    order_proof,
)
from benchmarks.figures import Bench, Figure, copy, median
from benchmarks.product import ProductError, database_of, new_registry, postgres, span, work
from benchmarks.recorded_world import LATENCY_SECONDS, Recorded, newest, serving

HERE = Path(__file__).parent
BENCH_FOLDER = Path(".venv-bench")
BENCH_PYTHON = BENCH_FOLDER / "bin" / "python"
BENCH_LOCK = HERE / "requirements.lock"
SCD2_DUMPS = 60
TEN_SOURCES = (
    *("openrouter", "models_dev", "litellm", "genai_prices", "huggingface", "groq", "ollama", "mistral", "openai"),
    "together",
)


# -- references ------------------------------------------------------------------------------------------------------


def install_references(console: Console) -> None:
    """Make `.venv-bench` from its lock, when it is not there or the lock has changed since."""
    installed = BENCH_FOLDER / "installed.lock"
    if installed.exists() and installed.read_bytes() == BENCH_LOCK.read_bytes():
        return
    console.print(f"installing {BENCH_LOCK.relative_to(HERE.parent)} into {BENCH_FOLDER} …", style="dim")
    subprocess.run([sys.executable, "-m", "venv", "--clear", BENCH_FOLDER], check=True)
    subprocess.run([BENCH_PYTHON, "-m", "pip", "install", "-q", "--require-hashes", "-r", BENCH_LOCK], check=True)
    shutil.copyfile(BENCH_LOCK, installed)


def dlt(bench: Bench, mode: str, *arguments: str | Path) -> dict[str, Any]:
    """One run of dlt_reference.py, into a database of its own; `wall` is added: the process, its start included."""
    with database_of(bench.server_url, "bench_dlt") as url:
        began = time.perf_counter()
        done = subprocess.run(
            [BENCH_PYTHON, HERE / "dlt_reference.py", mode, "--database-url", url, *arguments],
            capture_output=True,
            text=True,
            check=False,
        )
        wall = time.perf_counter() - began
    if done.returncode:
        raise ProductError(f"dlt {mode}: {done.stderr[-2000:]}")
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures | {"wall": wall}


# -- benchmarks ------------------------------------------------------------------------------------------------------


def replay(bench: Bench) -> list[Figure]:
    """The long history: 670 OpenRouter dumps through the command line, against a fold in memory."""
    folder = bench.dumps / "openrouter"
    *earlier, last = sorted(folder.glob("*.json"))
    json_bytes = sum(path.stat().st_size for path in (*earlier, last))
    ran, folded = [], []
    reference: dict[str, Any] = {}
    for _ in range(bench.rounds):
        with new_registry(bench.server_url, "replay") as registry:
            ran.append(registry.run("replay", folder, "--source", "openrouter"))
            counted = registry.counts() | {"price_steps": registry.price_steps()}
            (lake,) = registry.rows("select sum(octet_length(body)) as bytes from raw.documents")
        reference = openrouter_fold_reference.summary(folder)
        folded.append(reference["seconds"])
    seconds, fold = median([each.seconds for each in ran]), median(folded)
    peak, share = max(each.peak_megabytes for each in ran), 100 * int(lake["bytes"]) / json_bytes
    return [
        Figure("replay of 670 dumps, CLI", seconds, "s", "≤ 25", seconds <= 25, f"fold {fold:.2f} s", fold / seconds),
        Figure("… peak memory", peak, "MB", "≤ 400", peak <= 400),
        Figure("… lake, of the JSON", share, "%", "≤ 14", share <= 14, "zstd-9 12.9 %"),
        *(
            Figure(f"… {kind}", counted.get(kind, 0), "", f"= {said}", counted.get(kind, 0) == said, f"fold {said}")
            for kind, said in ((kind, reference[kind]) for kind in ("appeared", "vanished", "returned", "price_steps"))
        ),
    ]


def one_more_day(bench: Bench) -> list[Figure]:
    """The newest dumps, each when all before it are there: the work of reading and folding it."""
    paths = sorted((bench.dumps / "openrouter").glob("*.json"))
    before = copy(paths[: -bench.rounds], bench.scratch / "before")
    seconds = []
    with new_registry(bench.server_url, "day") as registry:
        registry.run("replay", before, "--source", "openrouter")
        for path in paths[-bench.rounds :]:
            since = time.time()
            registry.run("replay", copy([path], bench.scratch / path.stem), "--source", "openrouter")
            seconds.append(work(registry.steps(since), "normalized__openrouter", "history__openrouter"))
    day = median(seconds)
    return [Figure("fold of one more day, work", day, "s", "≤ 0.3", day <= 0.3)]


def without_dagster(bench: Bench, source: str, folder: Path) -> float:
    """Seconds from the files of a folder to committed tables by the registry's own functions."""
    with database_of(bench.server_url, "bench_library") as url:
        done = subprocess.run(
            [sys.executable, HERE / "library.py", source, folder],
            env=os.environ | {"DATABASE_URL": url},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise ProductError(f"library: {done.stderr[-2000:]}")
    return float(json.loads(done.stdout.splitlines()[-1])["total"])


def huggingface(bench: Bench) -> list[Figure]:
    """200,000 made-up records, then 1 % of them changed, from the stored dump to committed tables, against dlt."""
    folders = [bench.scratch / "first", bench.scratch / "second"]
    paths = [folders[0] / "2025-07-24.json", folders[1] / "2025-07-25.json"]
    document = huggingface_records.dump(bench.records)
    for folder, path, of_day in zip(folders, paths, (document, huggingface_records.changed(document)), strict=True):
        folder.mkdir()
        path.write_bytes(of_day)
    del document
    days: list[list[float]] = [[], []]
    peaks = []
    variants = {
        "dlt, same fields, tuned": ("--fields", "kept", "--variant", "tuned", "--format", "csv"),
        "dlt, same fields, as Arrow": ("--fields", "kept", "--variant", "arrow"),
        "dlt, all fields, tuned": ("--fields", "all", "--variant", "tuned"),
        "dlt, all fields, defaults": ("--fields", "all", "--variant", "defaults"),
    }
    totals: dict[str, list[list[float]]] = {name: [[], []] for name in variants}
    changed = 0
    for _ in range(bench.rounds):
        with new_registry(bench.server_url, "huggingface") as registry:
            for day, folder in enumerate(folders):
                since = time.time()
                ran = registry.run("replay", folder, "--source", "huggingface")
                peaks.append(ran.peak_megabytes)
                days[day].append(span(registry.steps(since), "normalized__huggingface", "history__huggingface"))
            (row,) = registry.rows(
                "select count(distinct model_id) as models from serving.changes where kind = 'changed'"
            )
            changed = int(row["models"])
        for name, options in variants.items():
            for day, run in enumerate(dlt(bench, "upsert", *options, *paths)["runs"]):
                totals[name][day].append(run["total"])
    one, two = median(days[0]), median(days[1])
    rows = [Figure(f"{bench.records:,} records, first day", one, "s", "6 × dlt")]
    for name, (of_first, of_second) in totals.items():
        said, ratio = f"{median(of_first):.1f} s, then {median(of_second):.1f} s", median(of_first) / one
        rows.append(Figure(f"… against {name}", one, "s", "6 ×", ratio >= 6, said, ratio))
    rows += [
        Figure("… second day, 1 % changed", two, "s", "< first day", two < one, f"first {one:.1f} s", one / two),
        Figure("… offerings changed", changed, "", f"= {bench.records // 100}", changed == bench.records // 100),
        Figure("… peak memory", max(peaks), "MB"),
    ]
    return rows


def scd2(bench: Bench) -> list[Figure]:
    """60 dumps spread over the OpenRouter history, end to end, against dlt's `scd2`, and what each says happened."""
    paths = sorted((bench.dumps / "openrouter").glob("*.json"))
    folder = copy(paths[:: len(paths) // SCD2_DUMPS][:SCD2_DUMPS], bench.scratch / "sixty")
    product, steps, library, walls, loads = [], [], [], [], []
    truth = openrouter_fold_reference.summary(folder)
    result: dict[str, Any] = {}
    for _ in range(bench.rounds):
        with new_registry(bench.server_url, "scd2") as registry:
            product.append(registry.run("replay", folder, "--source", "openrouter").seconds)
            steps.append(work(registry.steps(), "store_files", "normalized__openrouter", "history__openrouter"))
            counted = registry.counts()
        library.append(without_dagster(bench, "openrouter", folder))
        figures = dlt(bench, "scd2", "--workers", "1", "--format", "insert_values", folder)
        walls.append(figures["wall"])
        loads.append(figures["total"])
        result = figures["result"]
    ours, alone, theirs, load = median(product), median(library), median(walls), median(loads)
    rows = [
        Figure(
            f"{SCD2_DUMPS} dumps, files to committed tables",
            alone,
            "s",
            "10 × dlt",
            load / alone >= 10,
            f"dlt {load:.1f} s",
            load / alone,
        ),
        Figure("… as `replay`, with its start", ours, "s", reference=f"dlt {theirs:.1f} s", ratio=theirs / ours),
        Figure(
            "… inside its Dagster steps", median(steps), "s", reference=f"dlt {load:.1f} s", ratio=load / median(steps)
        ),
    ]
    naive, found = naive_history.told("openrouter", folder), history_proofs.told_by_spans(result["spans"])
    for kind in ("appeared", "vanished", "returned"):
        mine, true = counted.get(kind, 0), truth[kind]
        rows.append(Figure(f"… {kind}", mine, "", f"= {true}", mine == true, f"fold {true}, dlt {result[kind]}"))
    for kind in ("appeared", "vanished", "returned", "changed"):
        fields = {None, *history_proofs.PRICE_FIELDS}
        right = {event for event in naive.events if event.kind == kind and event.field in fields}
        told = {event for event in found if event.kind == kind}
        name = "price steps" if kind == "changed" else kind
        said = f"dlt lacks {len(right - told)}, invents {len(told - right)}"
        rows.append(Figure(f"… {name}, each at its instant", len(right), "", reference=said))
    return rows


def ten_sources(bench: Bench) -> list[Figure]:
    """`sync` of ten sources that answer after 300 ms each, by Dagster's own record of the run."""
    seconds, wall, asked = synced(bench, newest(bench.dumps, TEN_SOURCES))
    waits = f"waits one by one {LATENCY_SECONDS * len(TEN_SOURCES):.1f} s"
    return [
        Figure(f"sync of {len(TEN_SOURCES)} sources", seconds, "s", "≤ 6", seconds <= 6, waits),
        Figure("… with the command's start", wall, "s"),
        Figure("… requests a sync", asked, ""),
    ]


def every_source(bench: Bench) -> list[Figure]:
    """`sync` of all sources of which an answer is recorded, at 300 ms a request, in one run."""
    recorded = newest(bench.dumps)
    seconds, wall, asked = synced(bench, recorded)
    return [
        Figure(
            f"sync of {len(recorded)} sources",
            seconds,
            "s",
            reference=f"waits one by one {LATENCY_SECONDS * asked:.1f} s",
        ),
        Figure("… with the command's start", wall, "s"),
        Figure("… requests a sync", asked, ""),
    ]


def synced(bench: Bench, recorded: Sequence[Recorded]) -> tuple[float, float, float]:
    """Seconds of the run, of the command, and requests: a sync of these sources, each of which must succeed."""
    runs, walls = [], []
    with serving(recorded) as server, new_registry(bench.server_url, "sync") as registry:
        chosen = [argument for each in recorded for argument in ("--source", each.source.name)]
        for _ in range(bench.rounds):
            walls.append(registry.run("sync", *chosen, environment=server.environment()).seconds)
            runs.append(registry.run_seconds("daily_sync")[-1])
        said = registry.rows("select distinct source, status, error from serving.syncs order by source")
        asked = sum(server.asked.values()) / bench.rounds
    if failed := [row for row in said if row["status"] != "completed"]:
        raise ProductError("; ".join(f"{row['source']}: {row['status']}: {row['error']}" for row in failed))
    return median(runs), median(walls), asked


BENCHMARKS: dict[str, Callable[[Bench], list[Figure]]] = {
    "replay": replay,
    "one_more_day": one_more_day,
    "huggingface": huggingface,
    "scd2": scd2,
    "ten_sources": ten_sources,
    "every_source": every_source,
    "hourly_checks": hourly_checks.hourly_checks,
    "history": history_proofs.history,
    "orders": order_proof.orders,
    "questions": history_proofs.questions,
}


# -- the table -------------------------------------------------------------------------------------------------------


def main() -> None:
    """Run what is asked for, one after the other; exit 1 when a benchmark could not run or a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("only", nargs="*", help=f"of {', '.join(BENCHMARKS)}; without any: all")
    parser.add_argument("--rounds", type=int, default=2, help="medians are of so many")
    parser.add_argument("--records", type=int, default=huggingface_records.RECORDS, help="of the Hugging Face dump")
    parser.add_argument("--dumps", type=Path, default=Path(".dumps"), help="recorded dumps, unpacked")
    parser.add_argument("--server-url", default=os.environ.get("BENCH_DATABASE_URL"), help="a PostgreSQL to use")
    parser.add_argument("--write", type=Path, help="also write the table here, as Markdown")
    options = parser.parse_args()
    console = Console(highlight=False)
    if unknown := [name for name in options.only if name not in BENCHMARKS]:
        parser.error(f"no benchmark is called {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    if not (options.dumps / "openrouter").is_dir():
        parser.error(f"{options.dumps} holds no recorded dumps: benchmarks/README.md tells how to unpack them")
    install_references(console)

    figures: list[Figure] = []
    faults: list[str] = []
    with postgres(options.server_url) as server_url:
        for name in options.only or BENCHMARKS:
            # Others at work on the machine show in every figure.
            console.print(f"{name} … (load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores)", style="dim")
            with tempfile.TemporaryDirectory(prefix=f"bench_{name}_") as scratch:
                bench = Bench(server_url, options.dumps.resolve(), Path(scratch), options.rounds, options.records)
                try:
                    figures += BENCHMARKS[name](bench)
                except ProductError as error:
                    faults.append(f"{name}: {error}")
    console.print(as_table(figures))
    for fault in faults:
        console.print(fault, style="red", markup=False)
    if options.write:
        options.write.write_text(as_markdown(figures, options.rounds))
    sys.exit(1 if faults or any(figure.is_met is False for figure in figures) else 0)


def cells(figure: Figure) -> tuple[str, ...]:
    """One row, as text."""
    is_whole = float(figure.product).is_integer() and not figure.unit
    return (
        figure.name,
        (f"{figure.product:,.0f}" if is_whole else f"{figure.product:,.2f}")
        + (f" {figure.unit}" if figure.unit else ""),
        figure.target,
        "" if figure.is_met is None else "yes" if figure.is_met else "NO",
        figure.reference,
        "" if figure.ratio is None else f"{figure.ratio:.2f} ×",
    )


HEADINGS = ("figure", "product", "target", "met", "reference", "faster")


def as_table(figures: Sequence[Figure]) -> Table:
    """For people, at the terminal."""
    table = Table(*HEADINGS, box=None, pad_edge=False, header_style="bold")
    for figure in figures:
        table.add_row(*cells(figure), style="red" if figure.is_met is False else None)
    return table


def as_markdown(figures: Sequence[Figure], rounds: int) -> str:
    """For a file: the table, and where and when it was measured."""
    where = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    lines = [f"Measured on {datetime.now(UTC):%Y-%m-%d}: {where}; medians of {rounds}.", ""]
    lines += [f"| {' | '.join(HEADINGS)} |", "|---|---:|---|---|---|---:|"]
    lines += [f"| {' | '.join(cells(figure))} |" for figure in figures]
    return "\n".join(lines) + "\n"
