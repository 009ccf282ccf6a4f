"""Proofs on real dumps: history is what a naive reading finds, step by step, and any day's price is told at once."""

import json
import random
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from benchmarks import naive_history
from benchmarks.figures import Bench, Figure, median
from benchmarks.naive_history import Event
from benchmarks.product import Registry, new_registry
from benchmarks.recorded_world import Recorded, serving
from model_registry_pipeline.sources import source_named

SOURCES = ("openrouter", "models_dev", "litellm")
PRICE_FIELDS = frozenset({"input_usd_per_mtok", "output_usd_per_mtok"})
QUESTIONS = 200
COPIES = 99
"""Other sources and providers with the same history, so that there are 100 times the versions."""

# -- the same steps as a naive reading -------------------------------------------------------------------------------


def history(bench: Bench) -> list[Figure]:
    """Every step of three sources against plain dictionaries; then what is stored, and what an unchanged list adds."""
    with new_registry(bench.server_url, "history") as registry:
        figures = []
        for source in SOURCES:
            registry.run("replay", bench.dumps / source, "--source", source)
            figures += steps(bench, registry, source)
            if source == "openrouter":
                figures += sizes(registry) + unchanged(bench, registry)
    return figures


def steps(bench: Bench, registry: Registry, source: str) -> list[Figure]:
    """The steps that both tell, kind by kind; a target is met when the sets are equal, not only the counts."""
    naive = naive_history.told(source, bench.dumps / source)
    ours = {event for event in told(registry, source, naive.fields) if event[2:4] not in naive.ambiguous}
    theirs = {event for event in naive.events if event[2:4] not in naive.ambiguous}
    print_differences(source, ours, theirs)
    left_out = f", {len(naive.ambiguous)} models left out" if naive.ambiguous else ""
    rows = []
    for name, kind, fields in (
        ("appeared", "appeared", {None}),
        ("vanished", "vanished", {None}),
        ("returned", "returned", {None}),
        ("steps of input or output price", "changed", PRICE_FIELDS),
        (f"steps of {len(naive.fields)} fields", "changed", naive.fields),
    ):
        mine, other = (
            {event for event in events if event.kind == kind and event.field in fields} for events in (ours, theirs)
        )
        rows.append(
            Figure(
                f"{source}: {name}", len(mine), "", f"= {len(other)}", mine == other, f"{len(other)} naive{left_out}"
            )
        )
    return rows


def told(registry: Registry, source: str, fields: Iterable[str]) -> set[Event]:
    """What the registry says happened, as far as a naive reading reads the same fields."""
    with psycopg.connect(registry.database_url) as connection:
        rows = connection.execute(
            "select observed_at, kind, provider_id, model_id, field, before, after from serving.changes "
            "where source = %s and kind <> 'text' and (field is null or field = any(%s))",
            (source, list(fields)),
        )
        return {
            Event(*step[:5], *((naive_history.as_json(value) for value in step[5:]) if step[4] else ()))
            for step in rows
        }


def print_differences(source: str, ours: set[Event], theirs: set[Event]) -> None:
    """What only one of the two tells, a few of each."""
    for who, events in (("only the product", ours - theirs), ("only the naive reading", theirs - ours)):
        for event in sorted(events, key=str)[:10]:
            print(f"{source}: {who} tells {event}")


def told_by_spans(spans: Sequence[Sequence[str | None]]) -> set[Event]:
    """What a table of versions (id, from, to, prompt, completion), sorted by the first two, says happened.

    Where one version ends and the next begins at the same instant the model stayed listed.
    """
    events: set[Event] = set()
    before: Sequence[str | None] = (None, None, None, None, None)
    for span in spans:
        model, first, last, *prices = span
        assert model is not None
        assert first is not None
        key = ("openrouter", model)
        if before[0] != model:
            events.add(Event(datetime.fromisoformat(first), "appeared", *key))
        else:
            if before[2] != first:
                events.add(Event(datetime.fromisoformat(first), "returned", *key))
            for field, old, new in zip(sorted(PRICE_FIELDS), before[3:], prices, strict=True):
                steps = [naive_history.as_json(naive_history.money(price, 10**6)) for price in (old, new)]
                if steps[0] != steps[1]:
                    events.add(Event(datetime.fromisoformat(first), "changed", *key, field, *steps))
        if last is not None:
            events.add(Event(datetime.fromisoformat(last), "vanished", *key))
        before = span
    # A version that ends where the next begins is no vanishing.
    stayed = {(span[0], span[1]) for span in spans}
    return {
        event for event in events if event.kind != "vanished" or (event.model_id, str(event.observed_at)) not in stayed
    }


# -- what is stored --------------------------------------------------------------------------------------------------


def sizes(registry: Registry) -> list[Figure]:
    """Megabytes of each table with its indexes and TOAST, of the registry's own schemas."""
    rows = registry.rows(
        "select schemaname || '.' || relname as name, pg_total_relation_size(relid)::float8 / 1e6 as size "
        "from pg_stat_user_tables where schemaname in ('raw', 'normalized', 'history', 'health') order by size desc"
    )
    (rest,) = registry.rows(
        "select pg_database_size(current_database())::float8 / 1e6 as whole, "
        "sum(pg_total_relation_size(relid)) filter (where schemaname = 'dagster')::float8 / 1e6 as dagster "
        "from pg_stat_user_tables"
    )
    total = sum(row["size"] for row in rows)
    shown = [Figure(f"… {row['name']}", row["size"], "MB") for row in rows if row["size"] >= 0.1]
    said = f"database {rest['whole']:.0f} MB, Dagster's own {rest['dagster']:.0f} MB"
    return [Figure("670 dumps: tables of the registry", total, "MB", reference=said), *shown]


WRITTEN: LiteralString = """
select sum(n_tup_ins + n_tup_upd + n_tup_del)::int as written from pg_stat_user_tables
where schemaname || '.' || relname in
    ('normalized.offerings', 'normalized.records', 'history.versions', 'history.presence', 'history.changes')
"""


def unchanged(bench: Bench, registry: Registry) -> list[Figure]:
    """Two syncs of the list that is stored already: rows inserted, updated or deleted in the tables of facts."""
    before = written(registry)
    stored = max((bench.dumps / "openrouter").glob("*.json")).read_bytes()
    with serving([Recorded(source_named("openrouter"), [stored])], 0) as server:
        for _ in range(2):
            registry.run("sync", "--source", "openrouter", environment=server.environment())
    after = written(registry)
    (row,) = registry.rows("select count(*) as dumps from raw.dumps where source = 'openrouter' and origin = 'fetch'")
    rows = after - before
    return [Figure("2 syncs of an unchanged list: rows written", rows, "", "= 0", rows == 0, f"{row['dumps']} dumps")]


def written(registry: Registry) -> int:
    """Rows ever written to the tables of facts; PostgreSQL's counters lag behind by a second or so."""
    seen = -1
    while seen != (seen := int(registry.rows(WRITTEN)[0]["written"])):
        time.sleep(2)
    return seen


# -- any day's price -------------------------------------------------------------------------------------------------


def questions(bench: Bench) -> list[Figure]:
    """Milliseconds of `serving.price_on` for random models and days, warm, then with 100 times the versions."""
    with new_registry(bench.server_url, "questions") as registry:
        registry.run("replay", bench.dumps / "openrouter", "--source", "openrouter")
        with psycopg.connect(registry.database_url, autocommit=True) as connection:
            connection.execute("analyze")
            asked = list(random_questions(connection))
            small = {known: timed(connection, asked, known) for known in (False, True)}
            multiply(connection)
            large = {known: timed(connection, asked, known) for known in (False, True)}
            scanned = {known: seq_scans(connection, asked, known) for known in (False, True)}
            (versions,) = connection.execute("select count(*) from history.versions").fetchone() or (0,)
    rows = []
    for known, name in ((False, "price on a day"), (True, "… as known on another")):
        (few, slow), (many, slower) = small[known], large[known]
        rows += [
            Figure(name, few, "ms", "≤ 5", few <= 5, f"95 % within {slow:.2f} ms"),
            Figure(
                f"{name}, {versions:,} versions",
                many,
                "ms",
                "≤ 2 × that",
                many <= 2 * few,
                f"95 % within {slower:.2f} ms, {scanned[known]} sequential scans",
                few / many,
            ),
        ]
    return rows


Question = tuple[str, str, datetime]


def random_questions(connection: psycopg.Connection[Any]) -> Iterator[Question]:
    """Of all versions that ever were, each at some instant at which it held."""
    dice = random.Random(20)  # noqa: S311  # no secret: the same questions in each run
    versions = connection.execute(
        "select provider_id, model_id, valid_from, coalesce(valid_to, (select max(observed_at) from raw.dumps)) "
        "from serving.versions where source = 'openrouter' order by 1, 2, 3"
    ).fetchall()
    for provider, model, first, last in dice.sample(versions, QUESTIONS):
        yield provider, model, first + dice.random() * (last - first)


ASK: dict[bool, LiteralString] = {
    False: "select * from serving.price_on(%s, %s, %s)",
    True: "select * from serving.price_on(%s, %s, %s, now())",
}


def timed(connection: psycopg.Connection[Any], asked: list[Question], known: bool) -> tuple[float, float]:
    """Median and 95th percentile in milliseconds; planning, and the way to the server and back, are included."""
    took = []
    for turn in range(3):
        for question in asked:
            began = time.perf_counter()
            answers = connection.execute(ASK[known], question, prepare=False).fetchall()
            if turn == 2:
                took.append((time.perf_counter() - began) * 1000)
            assert len(answers) == 1
    return median(took), sorted(took)[len(took) * 95 // 100]


def seq_scans(connection: psycopg.Connection[Any], asked: list[Question], known: bool) -> int:
    """How many whole tables the plans of ten questions read."""
    counted: Counter[str] = Counter()
    for question in asked[:10]:
        (plan,) = connection.execute("explain (analyze, format json) " + ASK[known], question).fetchone() or ([],)
        counted.update(node for node in nodes(plan[0]["Plan"]))
    unexpected = counted["Function Scan"]
    if unexpected:
        raise AssertionError(f"serving.price_on is not inlined: {json.dumps(counted)}")
    return counted["Seq Scan"]


def nodes(plan: dict[str, Any]) -> Iterator[str]:
    """The kinds of a plan's nodes; `generate_series` and the like are functions that belong there."""
    if plan["Node Type"] != "Function Scan" or plan.get("Function Name") in {"price_on", "facts_on"}:
        yield plan["Node Type"]
    for inner in plan.get("Plans", ()):
        yield from nodes(inner)


COPIED: dict[LiteralString, LiteralString] = {
    "raw.dumps (dump_id, source, observed_at, recorded_at, origin, sha256, bytes, document_ids)": (
        "select dump_id + n * {d}, source || '_' || n, observed_at, recorded_at, origin, sha256, bytes, document_ids "
        "from raw.dumps"
    ),
    "normalized.offerings": (
        "select offering_id + n * {o}, source || '_' || n, provider_id || '_' || n, model_id from normalized.offerings"
    ),
    "normalized.records": (
        "select record_id + n * {r}, offering_id + n * {o}, sha256, facts, extra from normalized.records"
    ),
    "normalized.listings": (
        "select dump_id + n * {d}, parser_version, is_complete, unreadable, "
        "array(select record_id + n * {r} from unnest(record_ids) as record_id), "
        "records, rejected, fields_rejected, skipped, sha256 from normalized.listings"
    ),
    "history.acceptances": "select dump_id + n * {d}, known_from, known_to from history.acceptances",
    "history.versions": (
        "select offering_id + n * {o}, valid_from, valid_to, record_id + n * {r}, dump_id + n * {d} "
        "from history.versions"
    ),
    "history.presence": ("select offering_id + n * {o}, listed_from, listed_to, last_seen_at from history.presence"),
    "history.changes": (
        "select offering_id + n * {o}, observed_at, kind, field, before, after, dump_id + n * {d} from history.changes"
    ),
}
"""What a copy of each table's rows is."""


def multiply(connection: psycopg.Connection[Any]) -> None:
    """The same history under 99 other names of source and provider."""
    beyond = connection.execute(
        "select (select max(dump_id) from raw.dumps), (select max(offering_id) from normalized.offerings), "
        "(select max(record_id) from normalized.records)"
    ).fetchone()
    shifts = {name: sql.Literal(int(largest)) for name, largest in zip("dor", beyond or (), strict=True)}
    for table, rows in COPIED.items():
        insert = sql.SQL("insert into " + table + " " + rows + ", generate_series(1, {copies}) as n")
        connection.execute(insert.format(copies=sql.Literal(COPIES), **shifts))
    connection.execute("vacuum analyze")
