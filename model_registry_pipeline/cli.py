"""`model-registry`: the registry on the command line. Runs go through Dagster and show in its UI."""

import getpass
import json
import logging
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from model_registry_pipeline.connectors.drops import DropError, list_drops
from model_registry_pipeline.domain.history.acceptance import Decision
from model_registry_pipeline.domain.history.moment import MomentError, end_of, start_of
from model_registry_pipeline.domain.normalized.translate import parser_version
from model_registry_pipeline.domain.source import Source
from model_registry_pipeline.settings import SettingsError, load_settings
from model_registry_pipeline.sources import UnknownSourceError, all_sources, source_named
from model_registry_pipeline.warehouse import health, history, normalized, questions, raw, serving
from model_registry_pipeline.warehouse.addresses import AddressError
from model_registry_pipeline.warehouse.embedded import EmbeddedError
from model_registry_pipeline.warehouse.engine import Warehouse, WarehouseError
from model_registry_pipeline.warehouse.opening import open_warehouse

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from model_registry_pipeline.defs.runs import Ran, Runner

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="An up-to-date, trustworthy registry of AI models.",
)
# A pipe has no width: there a line stays a line.
out = Console(highlight=False, width=None if sys.stdout.isatty() else 240)
err = Console(stderr=True, highlight=False, soft_wrap=True)


class CommandError(Exception):
    """What a command can't do, in one clear line."""


KNOWN_ERRORS = (
    AddressError,
    CommandError,
    DropError,
    EmbeddedError,
    MomentError,
    SettingsError,
    UnknownSourceError,
    WarehouseError,
)

AsJson = Annotated[bool, typer.Option("--json", help="For programs: JSON on standard output.")]
OneSource = Annotated[str | None, typer.Option("--source", help="Only this source.")]


def main() -> None:
    """The console script: known errors are one line on standard error and exit code 1."""
    # Each try of a download is logged as a warning; people are told how it ended.
    logging.getLogger("model_registry_pipeline").setLevel(logging.ERROR)
    try:
        app()
    except KNOWN_ERRORS as error:
        err.print(f"[red]error:[/red] {_harmless(error)}")
        sys.exit(1)


# -- runs ------------------------------------------------------------------------------------------------------------


@contextmanager
def _runner() -> Iterator[tuple["Runner", Warehouse]]:
    """Dagster takes a second to import: only commands that run something wait for it."""
    from model_registry_pipeline.definitions import defs  # noqa: PLC0415
    from model_registry_pipeline.defs.instance import open_instance  # noqa: PLC0415
    from model_registry_pipeline.defs.runs import Runner  # noqa: PLC0415

    with open_warehouse(load_settings()) as warehouse:
        try:
            instance = open_instance()
        except OSError as error:
            raise CommandError(
                f"DAGSTER_HOME, or MODEL_REGISTRY_HOME where it is unset, can't be used: {error}"
            ) from None
        with instance:
            yield Runner(defs, instance, warehouse), warehouse


@app.command()
def sync(
    source: Annotated[list[str] | None, typer.Option("--source", help="Only this source; may be repeated.")] = None,
    force: Annotated[bool, typer.Option(help="Fetch whole lists, also where nothing has changed.")] = False,
    strict: Annotated[bool, typer.Option(help="Exit 1 when any source failed.")] = False,
    as_json: AsJson = False,
) -> None:
    """Fetch today's lists, store them, read them and fold them into history."""
    with _runner() as (runner, warehouse):
        rows = _sync(runner, warehouse, source or (), is_full=force)
        if as_json:
            _print_json(rows)
        else:
            _print_syncs(rows)
    _exit_for(rows, strict=strict)


@app.command()
def up() -> None:
    """Bring the registry up: one sync of everything, the files of the drop folder, then the counts."""
    with _runner() as (runner, warehouse):
        rows = _sync(runner, warehouse, (), is_full=False)
        _ingest_drops(runner, load_settings().drop_dir, must_exist=False)
        _print_syncs(rows)
        with warehouse.transaction() as connection:
            _print_stats(serving.stats(connection))
    _exit_for(rows, strict=False)


def _sync(runner: "Runner", warehouse: Warehouse, names: Sequence[str], *, is_full: bool) -> list[dict[str, Any]]:
    from model_registry_pipeline.defs.jobs import wanted_sources  # noqa: PLC0415

    sources = [source_named(name) for name in names] or wanted_sources()
    err.print(f"Syncing {len(sources)} sources …")
    ran = runner.sync(sources, datetime.now(UTC).date().isoformat(), is_full=is_full)
    _follow(runner)
    with warehouse.transaction() as connection:
        rows = [dict(row._mapping) for row in health.syncs_of(connection, ran.run_ids[0])]
    if ran.faults and not rows:
        raise CommandError(ran.faults[0])
    return rows


def _exit_for(rows: Sequence[Mapping[str, Any]], *, strict: bool) -> None:
    failed = [row["source"] for row in rows if row["status"] == "failed"]
    if failed:
        err.print(f"[red]failed:[/red] {', '.join(failed)}")
    # A page that came instead of a list is stored as evidence, but is no list of the source.
    if not any(row["dump_id"] for row in rows if row["source"] not in failed) or (strict and failed):
        raise typer.Exit(1)


@app.command()
def ingest(
    paths: Annotated[list[Path] | None, typer.Argument(help="Files; without any, those of the folder.")] = None,
    folder: Annotated[Path | None, typer.Option("--dir", help="Instead of MODEL_REGISTRY_DROP_DIR.")] = None,
) -> None:
    """Take dropped files, `<source>_models_<date>.json[.gz]`, into the lake, and fold them in."""
    with _runner() as (runner, _):
        if paths:
            faults = _ingest_paths(runner, paths)
        else:
            faults = _ingest_drops(runner, folder or load_settings().drop_dir, must_exist=True)
    if faults:
        raise typer.Exit(1)


def _ingest_drops(runner: "Runner", folder: Path, *, must_exist: bool) -> list[str]:
    if not must_exist and not folder.exists():
        return []
    return _ingest_paths(runner, list_drops(folder))


def _ingest_paths(runner: "Runner", paths: Sequence[Path]) -> list[str]:
    from model_registry_pipeline.defs.plans import recognized  # noqa: PLC0415

    files, faults = recognized(paths)
    for fault in faults:
        err.print(f"[red]not ingested, left where it is:[/red] {_harmless(fault)}")
    if files:
        err.print(f"Ingesting {len(files)} files …")
        faults += runner.ingest(files, "file").faults
        _follow(runner)
    return faults


@app.command()
def replay(
    folder: Annotated[Path, typer.Argument(help="A folder of one source's dated dumps, `YYYY-MM-DD….json[.gz]`.")],
    source: Annotated[str, typer.Option("--source", help="Whose lists they are.")],
) -> None:
    """Take a folder of a source's past answers into the lake, and rewrite history from the first of them on."""
    from model_registry_pipeline.defs.plans import replayed  # noqa: PLC0415

    of = source_named(source)
    files, faults = replayed(list_drops(folder), of.name)
    for fault in faults:
        err.print(f"[yellow]passed over:[/yellow] {_harmless(fault)}")
    if not files:
        raise CommandError(f"{folder} holds no dated dumps: files named YYYY-MM-DD….json or .json.gz")
    with _runner() as (runner, warehouse):
        err.print(f"Replaying {len(files)} dumps of {of.name} …")
        failed = runner.ingest(files, "replay").faults
        failed += _follow(runner).faults
        with warehouse.transaction() as connection:
            standing = history.standing(connection, of.name)
    for fault in failed:
        err.print(f"[red]failed:[/red] {_harmless(fault)}")
    out.print(f"{of.name}: {standing.versions:,} versions, {standing.listed:,} offerings listed by the newest answer")
    if failed:
        raise typer.Exit(1)


def _follow(runner: "Runner") -> "Ran":
    ran = runner.follow()
    for fault in ran.faults:
        err.print(f"[red]failed:[/red] {_harmless(fault)}")
    return ran


@app.command()
def rebuild(
    source: OneSource = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell what would read otherwise, and write nothing.")
    ] = False,
) -> None:
    """Read every stored answer again and fold history anew. What is served stays readable meanwhile."""
    sources = [source_named(source)] if source else list(all_sources())
    with open_warehouse(load_settings()) as warehouse:
        for each in sources:
            _rebuild(warehouse, each, is_dry=dry_run)
    if not dry_run:
        with _runner() as (runner, _):
            _follow(runner)


def _rebuild(warehouse: Warehouse, source: Source, *, is_dry: bool) -> None:
    with warehouse.transaction() as connection:
        dumps = list(raw.dumps_of(connection, source.name, None, None))
    if not dumps:
        return
    with err.status(f"{source.name}: reading {len(dumps)} dumps") as status:
        done = _counter(status, source.name, len(dumps))
        reading = normalized.normalize(warehouse, source, dumps, done, is_dry=is_dry)
        told = f"{source.name}: {len(dumps):,} dumps read by parser {parser_version(source)}: {reading.lineage.told()}"
        if not is_dry:
            status.update(f"{source.name}: folding")
            with warehouse.derived_transaction() as connection:
                outcome = history.refold_source(connection, source)
            told += (
                f"; {outcome.appeared:,} appeared, {outcome.vanished:,} vanished, "
                f"{outcome.returned:,} returned, {outcome.changed:,} changed"
            )
    out.print(escape(told))


def _counter(status: Any, source: str, expected: int) -> Any:
    count = 0

    def done(_: normalized.Normalized) -> None:
        nonlocal count
        count += 1
        status.update(f"{source}: {count} of {expected} dumps read")

    return done


# -- decisions -------------------------------------------------------------------------------------------------------


@app.command()
def accept(dump: Annotated[int, typer.Argument(help="A dump's id, as `dumps` tells.")]) -> None:
    """Let a held dump count."""
    _decide(dump, Decision.ACCEPT)


@app.command()
def reject(dump: Annotated[int, typer.Argument(help="A dump's id, as `dumps` tells.")]) -> None:
    """Keep a dump out of history."""
    _decide(dump, Decision.REJECT)


def _decide(dump_id: int, decision: Decision) -> None:
    with _runner() as (runner, warehouse):
        with warehouse.transaction() as connection:
            standing = serving.dump_standing(connection, dump_id)
            if standing is None:
                raise CommandError(f"there is no dump {dump_id}; `model-registry dumps` lists them")
            if decision is Decision.ACCEPT and standing["unreadable"]:
                raise CommandError(f"dump {dump_id} can't be accepted: {standing['unreadable']}")
            raw.record_action(
                connection,
                kind=decision.value,
                actor=_actor(),
                recorded_at=datetime.now(UTC),
                dump_id=dump_id,
            )
        if _follow(runner).faults:
            raise typer.Exit(1)
        with warehouse.transaction() as connection:
            standing = serving.dump_standing(connection, dump_id)
        assert standing is not None
        out.print(f"dump {dump_id} of {standing['source']} is {standing['status']}: {_harmless(standing['reason'])}")


def _actor() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"  # in a container whose user has no name


# -- reading ---------------------------------------------------------------------------------------------------------


@app.command()
def stats(as_json: AsJson = False) -> None:
    """How much the registry holds."""
    with open_warehouse(load_settings()) as warehouse, warehouse.transaction() as connection:
        counts = serving.stats(connection)
    if as_json:
        _print_json(counts)
    else:
        _print_stats(counts)


MODEL_COLUMNS = {
    "provider": "provider_id",
    "model": "model_id",
    "source": "source",
    "kind": "kind",
    "context": "context_window_tokens",
    "in $/Mtok": "input_usd_per_mtok",
    "out $/Mtok": "output_usd_per_mtok",
    "price": "price_state",
}
STANDING_COLUMNS = {"state": "state", "last seen": "last_seen_at"}
VERSION_COLUMNS = {"from": "valid_from", "to": "valid_to", "dump": "dump_id"}


@app.command()
def models(
    provider: Annotated[str | None, typer.Option(help="Only this provider.")] = None,
    source: OneSource = None,
    free: Annotated[bool | None, typer.Option("--free/--not-free", help="Only those stated to cost nothing.")] = None,
    active: Annotated[
        bool | None, typer.Option("--active/--inactive", help="Only those still, or no longer, active.")
    ] = None,
    as_of: Annotated[str | None, typer.Option(help="As listed then: a day (its end) or an instant.")] = None,
    as_json: AsJson = False,
) -> None:
    """The offerings that the registry knows."""
    if source is not None:
        source_named(source)
    if as_of is not None and active is not None:
        raise CommandError("--as-of tells what was listed then: --active and --inactive speak of today")
    at = None if as_of is None else _past(as_of)
    with open_warehouse(load_settings()) as warehouse, warehouse.transaction() as connection:
        if at is not None:
            rows = questions.models_as_of(connection, at, provider_id=provider, source=source, is_free=free)
        else:
            rows = serving.models(connection, provider_id=provider, source=source, is_free=free, is_active=active)
    if as_json:
        _print_json(rows)
    elif rows:
        _print_rows(rows, MODEL_COLUMNS | (VERSION_COLUMNS if at is not None else STANDING_COLUMNS))
        err.print(f"{len(rows):,} offerings")
    else:
        err.print("no offerings match")


@app.command()
def show(
    provider: Annotated[str, typer.Argument(help="Who serves it, such as `openrouter`.")],
    model: Annotated[str, typer.Argument(help="The provider's own id of it.")],
    as_json: AsJson = False,
) -> None:
    """Everything that is known of one model at one provider, source by source, and where it comes from."""
    with open_warehouse(load_settings()) as warehouse, warehouse.transaction() as connection:
        rows = serving.show(connection, provider, model)
        prices = serving.prices_of(connection, provider, model)
        if not rows:
            raise _unknown(connection, provider, model)
    if as_json:
        _print_json(rows)
        return
    for row in rows:
        _print_offering(row, [price for price in prices if price["source"] == row["source"]])


def _unknown(connection: "Connection", provider: str, model: str) -> CommandError:
    close = serving.nearest(connection, provider, model)
    hint = "; the nearest: " + ", ".join(" ".join(pair) for pair in close) if close else ""
    return CommandError(f"no model {model!r} at provider {provider!r} is known{hint}")


def _past(moment: str) -> datetime:
    """A moment that is not to come; today's day stands for now."""
    at, now = end_of(moment), datetime.now(UTC)
    if at.date() > now.date():
        raise CommandError(f"{moment} lies in the future: nobody has said anything about it yet")
    return min(at, now)


@app.command()
def price(
    provider: Annotated[str, typer.Argument(help="Who serves it, such as `openrouter`.")],
    model: Annotated[str, typer.Argument(help="The provider's own id of it.")],
    on: Annotated[str, typer.Option(help="A day (its end) or an instant.")],
    known_on: Annotated[str | None, typer.Option(help="As was known then; unset: as is known today.")] = None,
    source: OneSource = None,
    as_json: AsJson = False,
) -> None:
    """What a model cost at a provider on a day, according to whom, as known when."""
    at, known = _past(on), None if known_on is None else _past(known_on)
    if source is not None:
        source_named(source)
    with open_warehouse(load_settings()) as warehouse, warehouse.transaction() as connection:
        if not questions.is_known(connection, provider, model):
            raise _unknown(connection, provider, model)
        rows = questions.price_on(connection, provider, model, at, known_on=known, source=source)
    if as_json:
        _print_json(rows)
        return
    if not rows:
        asked = "" if known_on is None else f", as known on {known_on}"
        err.print(f"no source listed {_harmless(model)} at {_harmless(provider)} on {on}{asked}")
        return
    _print_rows(
        rows,
        {
            "source": "source",
            "in $/Mtok": "input_usd_per_mtok",
            "out $/Mtok": "output_usd_per_mtok",
            "cache read": "cache_read_usd_per_mtok",
            "cache write": "cache_write_usd_per_mtok",
            "price": "price_state",
            "from": "valid_from",
            "to": "valid_to",
            "dump": "dump_id",
            "said at": "observed_at",
            "sha256": "dump_sha256",
            "parser": "parser_version",
        },
    )


@app.command(name="history")
def history_of(
    provider: Annotated[str, typer.Argument(help="Who serves it, such as `openrouter`.")],
    model: Annotated[str, typer.Argument(help="The provider's own id of it.")],
    as_json: AsJson = False,
) -> None:
    """Every step that one model took at one provider, and every version of its facts (with --json)."""
    with open_warehouse(load_settings()) as warehouse, warehouse.transaction() as connection:
        if not questions.is_known(connection, provider, model):
            raise _unknown(connection, provider, model)
        steps = questions.changes(connection, provider_id=provider, model_id=model)
        versions = questions.versions_of(connection, provider, model)
    if as_json:
        _print_json({"versions": versions, "changes": steps})
    else:
        _print_changes(list(reversed(steps)))


@app.command()
def changes(
    since: Annotated[str | None, typer.Option(help="A day (its beginning) or an instant.")] = None,
    source: OneSource = None,
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 200,
    as_json: AsJson = False,
) -> None:
    """What came, went, came back or changed, newest first."""
    start = None if since is None else start_of(since)
    if start is not None and start > datetime.now(UTC):
        raise CommandError(f"{since} lies in the future: nothing has changed since")
    if source is not None:
        source_named(source)
    with open_warehouse(load_settings()) as warehouse, warehouse.transaction() as connection:
        rows = questions.changes(connection, source=source, since=start, limit=limit)
    if as_json:
        _print_json(rows)
    else:
        _print_changes(rows)


def _print_changes(rows: Sequence[Mapping[str, Any]]) -> None:
    names = ("observed_at", "source", "provider_id", "model_id", "kind", "field", "before", "after", "dump_id")
    _print_rows(rows, {name.removesuffix("_id").replace("_", " "): name for name in names})


DUMP_STATUSES = ("accepted", "held", "rejected", "superseded", "pending")


@app.command()
def dumps(
    source: OneSource = None,
    status: Annotated[str | None, typer.Option(help=f"One of {', '.join(DUMP_STATUSES)}.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """The stored answers, newest first."""
    if source is not None:
        source_named(source)
    if status is not None and status not in DUMP_STATUSES:
        raise CommandError(f"no dump is ever {status!r}; the statuses are {', '.join(DUMP_STATUSES)}")
    with open_warehouse(load_settings()) as warehouse, warehouse.transaction() as connection:
        rows = serving.dumps(connection, source=source, status=status, limit=limit)
    if as_json:
        _print_json(rows)
        return
    _print_rows(
        rows,
        {
            "dump": "dump_id",
            "source": "source",
            "observed at": "observed_at",
            "origin": "origin",
            "status": "status",
            "records": "records",
            "rejected": "rejected",
            "bytes": "bytes",
            "reason": "reason",
        },
    )


# -- printing --------------------------------------------------------------------------------------------------------


def _print_json(value: object) -> None:
    sys.stdout.write(json.dumps(value, default=_plain, ensure_ascii=False, indent=2) + "\n")


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _print_stats(counts: Mapping[str, Any]) -> None:
    out.print(
        f"[bold]{counts['total']:,}[/bold] offerings: {counts['active']:,} active, {counts['inactive']:,} inactive, "
        f"{counts['free']:,} free; {counts['recently_seen']:,} seen in the last day of answers"
    )
    for title, key, most in (("source", "by_source", None), ("provider", "by_provider", 20)):
        table = Table(title_justify="left", box=None, pad_edge=False, header_style="bold")
        table.add_column(title)
        for column in ("total", "active", "free"):
            table.add_column(column, justify="right")
        groups = list(counts[key].items())
        for name, group in groups[:most]:
            table.add_row(_harmless(name), *(f"{group[column]:,}" for column in ("total", "active", "free")))
        out.print()
        out.print(table)
        if most is not None and len(groups) > most:
            out.print(f"… and {len(groups) - most} more providers")


def _print_syncs(rows: Sequence[Mapping[str, Any]]) -> None:
    shown = ("source", "status", "fetched", "stored", "rejected", "appeared", "vanished", "changed")
    _print_rows(rows, {name: name for name in shown})
    for row in rows:
        if row["error"]:
            said = str(row["error"])
            err.print(_harmless(said if said.startswith(row["source"]) else f"{row['source']}: {said}"))


def _print_rows(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title, name in columns.items():
        is_number = any(isinstance(row[name], int | float) or _is_money(name) for row in rows)
        table.add_column(title, justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_shown(name, row[name]) for name in columns.values()))
    out.print(table)


def _is_money(name: str) -> bool:
    return name.endswith("_per_mtok")


MAX_CELL = 120
WHOLE = frozenset({"description", "model_id", "reason", "url"})
"""Columns that are shown whole; of the other texts their beginning."""


def _shown(name: str, value: object) -> str:
    """A cell; unknown is left empty."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, int) and not isinstance(value, bool) and not name.endswith("_id"):
        return f"{value:,}"
    if _is_money(name):
        return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"
    text = str(value)
    return _harmless(text if len(text) <= MAX_CELL or name in WHOLE else text[:MAX_CELL] + "…")


def _harmless(value: object) -> str:
    """A text that others wrote, for the terminal: control characters made visible, brackets left brackets."""
    return escape("".join(char if char.isprintable() else repr(char)[1:-1] for char in str(value)))


CONDITIONS = (
    "above_tokens",
    "up_to_tokens",
    "service_tier",
    "region",
    "variant",
    "hours_utc",
    "effective_from",
    "effective_until",
)
UNTOLD = frozenset({"facts", "extra", "record_sha256", "source", "provider_id", "model_id", "observed_at"})


def _print_offering(row: Mapping[str, Any], prices: Sequence[Mapping[str, Any]]) -> None:
    pair = f"{_harmless(row['provider_id'])} {_harmless(row['model_id'])}"
    out.print(f"[bold]{pair}[/bold] according to {row['source']}")
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for name, value in row.items():
        if value is not None and name not in UNTOLD and name not in {"dump_id", "dump_sha256", "parser_version"}:
            table.add_row(name, _shown(name, value))
    for price in prices:
        conditions = [f"{name} {price[name]}" for name in CONDITIONS if price[name] is not None]
        told = f"{price['usd']:f} USD per {price['unit']}" + (f" ({', '.join(conditions)})" if conditions else "")
        table.add_row(f"price: {price['meter']}", told)
    table.add_row(
        "stated by",
        f"dump {row['dump_id']} of {_shown('observed_at', row['observed_at'])} UTC, sha256 {row['dump_sha256']}, "
        f"parser {row['parser_version']}",
    )
    out.print(table)
    out.print()
