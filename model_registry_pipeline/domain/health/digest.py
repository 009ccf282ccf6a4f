"""The daily digest: what changed in the models on offer, each change once, in a message that has an end."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from model_registry_pipeline.domain.health.alerts import MAX_BODY, Alert, stable_id
from model_registry_pipeline.domain.health.plain_text import cut, plain

MOST_LINES = 10
"""In one section."""
MAX_LINE = 160
RETIREMENT_FIELDS = ("retires_on", "deprecated_on")


class News(msgspec.Struct, frozen=True, kw_only=True):
    """A change that nobody was told of yet."""

    source: str
    provider_id: str
    model_id: str
    observed_at: datetime
    kind: str
    """appeared, vanished, returned or changed."""
    field: str | None = None
    before: Any = None
    after: Any = None
    is_first_list: bool = False
    """It stands in the first list that its source ever sent."""
    is_suspicious: bool = False
    """The price is in doubt."""

    @property
    def pair(self) -> str:
        return f"{self.provider_id} {self.model_id}"


def digest(due_at: datetime, news: Sequence[News], older: int, partial_sources: Iterable[str]) -> Alert | None:
    """What there is to tell at the instant at which a digest is due; None when there is nothing.

    `older` changes came to light only now, by files or late answers, and are no news but for their number. Of
    `partial_sources`, whose lists are a top N, comings and goings are counted.
    """
    first: list[News] = []
    rest: list[News] = []
    for each in news:
        (first if each.is_first_list and each.kind == "appeared" else rest).append(each)
    counted = frozenset(partial_sources)
    passing = [each for each in rest if each.kind != "changed" and each.source in counted]
    named = [each for each in rest if each.kind == "changed" or each.source not in counted]
    sections = [
        ("sources read for the first time", _by_source(first)),
        ("new models", _models(named, "appeared")),
        ("price changes", _prices(named)),
        ("retirements announced", _retirements(named)),
        ("vanished", _models(named, "vanished")),
        ("returned", _models(named, "returned")),
        ("new in a top list", _by_source(passing)),
    ]
    told = [(title, lines) for title, lines in sections if lines]
    if not told and not older:
        return None
    body = [line for title, lines in told for line in _section(title, lines)]
    if older:
        body.append(
            f"{older:,} older changes came to light by files or late answers; `model-registry changes` lists them."
        )
    counts = ", ".join(f"{len(lines)} {title}" for title, lines in told) or f"{older:,} older changes"
    return Alert(
        alert_id=stable_id("digest", due_at.isoformat()),
        subject=f"digest of {due_at:%Y-%m-%d %H:%M}",
        kind="digest",
        severity="news",
        since=due_at,
        title=f"models {due_at:%Y-%m-%d}: {counts}",
        body=cut("\n".join(body), MAX_BODY),
    )


def _section(title: str, lines: Sequence[str]) -> list[str]:
    shown = [f"- {cut(line, MAX_LINE)}" for line in lines[:MOST_LINES]]
    more = len(lines) - MOST_LINES
    return [f"{title.capitalize()} ({len(lines)})", *shown, *([f"- and {more:,} more"] if more > 0 else [])]


def _by_source(news: Sequence[News]) -> list[str]:
    counts: defaultdict[str, int] = defaultdict(int)
    for each in news:
        counts[each.source] += 1
    return [f"{source}: {count:,} models" for source, count in sorted(counts.items())]


def _models(news: Sequence[News], kind: str) -> list[str]:
    """A line a pair: several sources may tell of one."""
    return _lines((each for each in news if each.kind == kind), lambda _: "")


def _retirements(news: Sequence[News]) -> list[str]:
    dated = (each for each in news if each.field in RETIREMENT_FIELDS and each.after is not None)
    return _lines(dated, lambda each: f"{each.field} {each.after}" + (f" (was {each.before})" if each.before else ""))


def _prices(news: Sequence[News]) -> list[str]:
    return _lines((each for each in news if "_usd_per_" in (each.field or "")), _price)


def _lines(news: Iterable[News], told: Callable[[News], str]) -> list[str]:
    """A line for each pair, with what is told of it and by whom; the same of several sources is told once."""
    sources: defaultdict[tuple[str, tuple[str, ...]], set[str]] = defaultdict(set)
    of_source: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for each in news:
        of_source[each.pair, each.source].append(told(each))
    for (pair, source), parts in of_source.items():
        sources[pair, tuple(sorted(part for part in parts if part))].add(source)
    return [
        plain(pair, 80) + (f": {plain('; '.join(parts), 200)}" if parts else "") + f" ({', '.join(sorted(names))})"
        for (pair, parts), names in sorted(sources.items())
    ]


def _price(each: News) -> str:
    meter = (each.field or "").replace("_usd_per_mtok", "").replace("_usd_per_", " per ")
    before, after = _money(each.before), _money(each.after)
    told = f"{meter} {_shown(before)} to {_shown(after)}"
    if before and after is not None:
        told += f" ({(after - before) / before * 100:+,.1f} %)".replace(".0 %", " %")
    return told + (" SUSPICIOUS" if each.is_suspicious else "")


def _money(value: object) -> Decimal | None:
    try:
        return None if value is None else Decimal(str(value))
    except InvalidOperation:
        return None


def _shown(usd: Decimal | None) -> str:
    """Exactly, without an exponent and without zeros at the end."""
    if usd is None:
        return "not stated"
    text = f"{usd:f}"
    return "$" + (text.rstrip("0").rstrip(".") if "." in text else text)
