"""Rows for people and JSON for programs; what others wrote is made harmless for the terminal."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from rich.markup import escape
from rich.measure import Measurement
from rich.table import Table

from model_registry_pipeline.cli.console import PIPE_WIDTH, err, out


def print_json(value: object) -> None:
    out.file.write(json.dumps(value, default=_plain, ensure_ascii=False, indent=2) + "\n")


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, datetime) else str(value)


def print_rows(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title, name in columns.items():
        is_number = any(isinstance(row[name], int | float) or _is_money(name) for row in rows)
        table.add_column(title, justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(shown(name, row[name]) for name in columns.values()))
    print_table(table)


def print_table(table: Table) -> None:
    """Where the terminal is too narrow for whole words, lines are as long as in a pipe: of ids in pieces nobody has
    any use."""
    if Measurement.get(out, out.options.update(width=PIPE_WIDTH), table).minimum > out.width:
        out.width = PIPE_WIDTH
    out.print(table, crop=False)


def print_changes(rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        err.print("no changes")
        return
    names = ("observed_at", "source", "provider_id", "model_id", "kind", "field", "before", "after", "dump_id")
    print_rows(rows, {name.removesuffix("_id").replace("_", " "): name for name in names})


def print_syncs(rows: Sequence[Mapping[str, Any]]) -> None:
    """A table of what was asked, and what went wrong: sources with the same trouble share a line."""
    asked = [row for row in rows if row["status"] != "skipped"] or rows
    shown = ("source", "status", "fetched", "stored", "rejected", "appeared", "vanished", "changed")
    print_rows(asked, {name: name for name in shown})
    skipped = [row["source"] for row in rows if row["status"] == "skipped"]
    if len(skipped) > 1:
        err.print(f"skipped until a key or an address is set, as told above: {', '.join(skipped)}")
    troubles: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        if row["error"] and not (row["source"] in skipped and len(skipped) > 1):
            host, told = _trouble(row["source"], str(row["error"]))
            troubles.setdefault(told, []).append((row["source"], host))
    for told, met in troubles.items():
        who = "".join(met[0]) if len(met) == 1 else ", ".join(source for source, _ in met)
        err.print(harmless(who + told))


def _trouble(source: str, said: str) -> tuple[str, str]:
    """The host, ` (openrouter.ai)`, where it is told, and what happened."""
    told = said.removeprefix(source)
    if told == said or not told.startswith((" ", ":")):
        return "", f": {said}"
    host = re.match(r" \([^()]+\)(?=:)", told)
    return (host[0], told[host.end() :]) if host else ("", told)


def print_stats(counts: Mapping[str, Any]) -> None:
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
            table.add_row(harmless(name), *(f"{group[column]:,}" for column in ("total", "active", "free")))
        out.print()
        out.print(table)
        if most is not None and len(groups) > most:
            out.print(f"… and {len(groups) - most} more providers")


CONDITIONS = (
    "above_tokens",
    "up_to_tokens",
    "above_output_tokens",
    "up_to_output_tokens",
    "service_tier",
    "region",
    "variant",
    "hours_utc",
    "effective_from",
    "effective_until",
)


UNTOLD = frozenset({"facts", "extra", "record_sha256", "source", "provider_id", "model_id", "observed_at"})


def print_offering(row: Mapping[str, Any], prices: Sequence[Mapping[str, Any]]) -> None:
    pair = f"{harmless(row['provider_id'])} {harmless(row['model_id'])}"
    out.print(f"[bold]{pair}[/bold] according to {row['source']}")
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for name, value in row.items():
        if value is not None and name not in UNTOLD and name not in {"dump_id", "dump_sha256", "parser_version"}:
            table.add_row(name, shown(name, value))
    for price in prices:
        conditions = [f"{name} {price[name]}" for name in CONDITIONS if price[name] is not None]
        told = f"{price['usd']:f} USD per {price['unit']}" + (f" ({', '.join(conditions)})" if conditions else "")
        table.add_row(f"price: {price['meter']}", told)
    if row["dump_id"] is not None:
        table.add_row(
            "stated by",
            f"dump {row['dump_id']} of {shown('observed_at', row['observed_at'])} UTC, sha256 {row['dump_sha256']}, "
            f"parser {row['parser_version']}",
        )
    out.print(table)
    out.print()


def _is_money(name: str) -> bool:
    return name.endswith("_per_mtok")


MAX_CELL = 120


WHOLE = frozenset({"description", "model_id", "reason", "url"})
"""Columns that are shown whole; of the other texts their beginning."""


def shown(name: str, value: object) -> str:
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
    return harmless(text if len(text) <= MAX_CELL or name in WHOLE else text[:MAX_CELL] + "…")


def harmless(value: object) -> str:
    """A text that others wrote, for the terminal: control characters made visible, brackets left brackets."""
    return escape("".join(char if char.isprintable() else repr(char)[1:-1] for char in str(value)))
