"""Measurements: what dumps tell of how models fare, beside history and never in it."""

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from model_registry_pipeline.domain.normalized.layouts import Listed
from model_registry_pipeline.domain.normalized.measuring import figure
from model_registry_pipeline.domain.records import Measurement, Metric, Offering
from model_registry_pipeline.domain.source import MEASURED, Measured, Source, Wire
from model_registry_pipeline.sources import source_named
from model_registry_pipeline.warehouse import health, normalized
from model_registry_pipeline.warehouse.engine import Warehouse
from model_registry_pipeline.warehouse.namesakes import refresh_namesakes
from model_registry_pipeline.warehouse.raw import NewDump
from model_registry_pipeline_tests.examples import a_dump, a_shop, at, wares
from model_registry_pipeline_tests.sources.recording import fixture_of
from model_registry_pipeline_tests.warehouse.feeding import (
    counts,
    days,
    decide,
    fold,
    publish,
    read,
    rows,
    store,
    take_in,
    told,
    value,
)
from model_registry_pipeline_tests.warehouse.state import state_of

LIKES = Metric("likes", "count", "popularity")
SPEED = Metric("speed", "tokens_per_second")


class Liked(Wire):
    id: str
    context: int | None = None
    likes: Measured = MEASURED
    speed: Measured = MEASURED


def _parse(model: Liked) -> Offering | None:
    return Offering(provider_id="hub", model_id=model.id, context_window_tokens=model.context)


def _measure(model: Liked) -> tuple[Measurement, ...]:
    return Measurement(LIKES, figure(model.likes)), Measurement(SPEED, figure(model.speed))


def a_hub(**but: Any) -> Source:
    """A shop that tells how well its wares are liked."""
    return a_shop(**{"layout": Listed(wire=Liked, parse=_parse, measure=_measure), "measures": 1, "name": "hub"} | but)


HUB = a_hub()
BOARD = source_named("bench_aider")


def liked(day: float, **likes: Any) -> NewDump:
    """What the hub says on a day: likes by model, or all that is said of one."""
    listed = {name: said if isinstance(said, Mapping) else {"likes": said} for name, said in likes.items()}
    return a_dump(listed, source="hub", observed_at=at(24 * day))


def a_board(day: float, rates: Mapping[str, object] | Iterable[Mapping[str, object]]) -> NewDump:
    """What the board says on a day: a pass rate by name, or whole rows."""
    if isinstance(rates, Mapping):
        rates = [{"model": name, "pass_rate_2": rate} for name, rate in rates.items()]
    return a_dump(json.dumps(list(rates)).encode(), source=BOARD.name, observed_at=at(24 * day))


def names(count: int, rate: object = 50) -> dict[str, object]:
    return {f"model-{number}": rate for number in range(count)}


def series(warehouse: Warehouse, name: str) -> list[tuple[Any, ...]]:
    """(day, value, previous value, still told) of a name's pass rate."""
    return rows(
        warehouse,
        """
        select extract(epoch from observed_at - '2025-01-01 00:00Z')::int / 86400, value, previous_value, is_current
        from serving.benchmarks where name = :name and metric = 'aider_polyglot_pass_rate_2'
        order by variant nulls first, measured_on nulls first, observed_at
        """,
        name=name,
    )


def publish_all(warehouse: Warehouse) -> None:
    publish(warehouse)
    with warehouse.derived_transaction() as connection:
        refresh_namesakes(connection)


# -- beside history --------------------------------------------------------------------------------------------------


def test_figures_that_move_make_no_record_and_no_change(warehouse: Warehouse) -> None:
    """A thousand likes more, none, or nonsense: the record, its version and the changes stay as they were."""
    take_in(warehouse, liked(0, a=1, b=2), source=HUB)
    before = counts(warehouse, "normalized.records", "history.versions", "history.changes")
    take_in(warehouse, liked(1, a=1001, b={}), liked(2, a="many", b=None), source=HUB)

    assert counts(warehouse, "normalized.records", "history.versions", "history.changes") == before
    assert [kind for _, kind, *_ in told(warehouse)] == ["appeared", "appeared"]
    assert rows(warehouse, "select dump_id, offering_ids is null, figures from normalized.measurements order by 1") == [
        (1, False, [1, 2]),
        (2, False, [1001]),
    ]


def test_figures_are_kept_exactly(warehouse: Warehouse) -> None:
    """Large counts and long fractions come back as they were stated."""
    take_in(warehouse, liked(0, a={"likes": 114461849, "speed": 0.45995751895000003}), source=HUB)

    assert rows(warehouse, "select metric, unit, kind, figures from normalized.measurements order by 1") == [
        ("likes", "count", "popularity", [114461849]),
        ("speed", "tokens_per_second", "score", [Decimal("0.45995751895000003")]),
    ]


def test_any_order_of_arrival_measures_the_same(warehouse: Warehouse) -> None:
    """Dumps of a leaderboard and of a list, in any order, one by one or again: the same rows."""
    dumps = [a_board(0, {"a": 1, "b": 2}), a_board(1, {"a": 3}), a_board(2, {"b": 2, "c": 4.5})]
    states = set()
    for order in permutations(dumps):
        with warehouse.transaction() as connection:
            connection.exec_driver_sql(
                "set session_replication_role = replica; "
                "truncate raw.documents, raw.dumps, normalized.listings, normalized.measurements, normalized.subjects, "
                "normalized.rejections, normalized.paths, history.verdicts, history.acceptances restart identity "
                "cascade; set session_replication_role = default"
            )
        for dump in order:
            take_in(warehouse, dump, source=BOARD)
        with warehouse.transaction() as connection:
            states.add(repr(state_of(connection, BOARD.name)))

    assert len(states) == 1


# -- a leaderboard is no list ----------------------------------------------------------------------------------------


def test_a_leaderboard_offers_nothing(warehouse: Warehouse) -> None:
    """Its dumps count and are told; no offering, provider, version, change or flag comes of them."""
    take_in(warehouse, a_board(0, names(30)), a_board(1, names(25)), a_board(4, names(25)), source=BOARD)
    publish_all(warehouse)

    assert rows(warehouse, "select status, records from serving.dumps order by dump_id") == [
        ("accepted", 30),
        ("accepted", 25),
        ("accepted", 25),
    ]
    tables = ("offerings", "providers", "versions", "changes", "flags")
    assert counts(warehouse, *(f"serving.{table}" for table in tables)) == {f"serving.{t}": 0 for t in tables}
    assert rows(warehouse, "select source, offerings from serving.snapshots") == [(BOARD.name, 0)] * 3
    with warehouse.transaction() as connection:
        assert health.accepted_instants(connection)[BOARD.name] == [at(0), at(24), at(96)]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ([], "no records at all"),
        (
            [{"model": "", "pass_rate_2": 1}] * 9 + [{"model": "a", "pass_rate_2": 1}],
            "9 of 10 records could not be read",
        ),
        ([{"model": f"model-{n}", "pass_rate_2": 1} for n in range(20)], "20 offerings, 30 before"),
        ([{"model": f"other-{n}", "pass_rate_2": 1} for n in range(30)], "0 of 30 ids still there"),
        ([{"model": f"model-{n}", "pass_rate_2": "n/a"} for n in range(30)], "no records at all"),
    ],
    ids=["empty", "unreadable rows", "shrunk", "renamed", "no figures"],
)
def test_a_broken_leaderboard_is_held(warehouse: Warehouse, broken: list[dict[str, object]], reason: str) -> None:
    """What happens to lists happens to leaderboards: such a dump is kept, told, and counts for nothing."""
    take_in(warehouse, a_board(0, names(30)), a_board(1, broken), source=BOARD)

    assert rows(warehouse, "select status, reason from serving.dumps where dump_id = 2") == [("held", reason)]
    assert value(warehouse, "select count(*) from serving.benchmarks where is_current") == 30
    assert value(warehouse, "select count(*) from serving.benchmarks where dump_id = 2") == 0


def test_a_page_instead_of_a_leaderboard_is_held(warehouse: Warehouse) -> None:
    """What can't be read at all leaves the scores of before as they are."""
    take_in(warehouse, a_board(0, {"a": 1}), source=BOARD)
    page = a_dump(b"<html>down for maintenance</html>", source=BOARD.name, observed_at=at(24))
    take_in(warehouse, page, source=BOARD)

    assert value(warehouse, "select status from serving.dumps where dump_id = 2") == "held"
    assert series(warehouse, "a") == [(0, 1, None, True)]


def test_a_persons_word_counts(warehouse: Warehouse) -> None:
    """Scores of a rejected dump are told no more, and those of an accepted one are."""
    take_in(warehouse, a_board(0, names(30)), a_board(1, {"model-0": 60}), source=BOARD)
    decide(warehouse, 2, "accept", at(30))
    decide(warehouse, 1, "reject", at(30))
    fold(warehouse, BOARD)

    assert series(warehouse, "model-0") == [(1, 60, None, True)]
    assert series(warehouse, "model-1") == []


# -- series ----------------------------------------------------------------------------------------------------------


def test_a_series_has_a_row_for_each_value_that_was_told_first(warehouse: Warehouse) -> None:
    """What is repeated makes no row; a value that comes back does; what is told no more is no longer current."""
    take_in(
        warehouse,
        a_board(0, {"a": "50.0", "b": 1}),
        a_board(1, {"a": 50, "b": 1}),
        a_board(2, {"a": 60, "b": 1}),
        a_board(3, {"a": 50, "c": 9}),
        source=BOARD,
    )

    assert series(warehouse, "a") == [(0, 50, None, False), (2, 60, 50, False), (3, 50, 60, True)]
    assert series(warehouse, "b") == [(0, 1, None, False)]
    assert series(warehouse, "c") == [(3, 9, None, True)]


def test_a_metric_that_is_told_no_more_is_not_current(warehouse: Warehouse) -> None:
    """A column that is gone takes its scores with it, though no other value was told since."""
    take_in(
        warehouse,
        a_board(0, [{"model": "a", "pass_rate_2": 1, "total_cost": 3}]),
        a_board(1, [{"model": "a", "pass_rate_2": 1}]),
        source=BOARD,
    )

    assert rows(warehouse, "select metric, is_current from serving.benchmarks order by 1") == [
        ("aider_polyglot_pass_rate_2", True),
        ("aider_polyglot_total_cost", False),
    ]


def test_conditions_and_days_are_series_of_their_own(warehouse: Warehouse) -> None:
    """One name by two edit formats and on two days: three series, each with its conditions beside it."""
    board = [
        {"model": "a", "edit_format": "diff", "date": "2024-12-22", "pass_rate_2": 8},
        {"model": "a", "edit_format": "whole", "date": "2024-12-22", "pass_rate_2": 16},
        {"model": "a", "edit_format": "whole", "date": "2024-12-26", "pass_rate_2": 17},
    ]
    take_in(warehouse, a_board(0, board), a_board(1, reversed(board)), source=BOARD)

    assert rows(warehouse, "select variant, measured_on, value, is_current from serving.benchmarks order by 3") == [
        ("edit_format=diff", "2024-12-22", 8, True),
        ("edit_format=whole", "2024-12-22", 16, True),
        ("edit_format=whole", "2024-12-26", 17, True),
    ]


def test_a_trend_compares_with_answers_of_about_that_age(warehouse: Warehouse) -> None:
    """Seven and thirty days: the newest answer at least that old, unless it is twice as old; the answer before."""
    take_in(
        warehouse,
        liked(0, a=1, b=1),
        liked(58, a=100, b=3),
        liked(60, a=110, b=5),
        liked(83, a=200),
        liked(89, a=260, c=1),
        liked(90, a=270, c=4),
        source=HUB,
    )

    assert rows(
        warehouse,
        """
        select model_id, value, previous_value, change_7_days, since_7_days, change_30_days, since_30_days
        from serving.popularity order by 1
        """,
    ) == [
        ("a", 270, 260, 70, at(24 * 83), 160, at(24 * 60)),
        ("c", 4, 1, None, None, None, None),
    ]


def test_a_trend_is_not_told_across_a_gap(warehouse: Warehouse) -> None:
    """An answer of 20 days ago tells nothing of the last seven."""
    take_in(warehouse, liked(0, a=1), liked(20, a=5), source=HUB)

    assert rows(warehouse, "select value, previous_value, change_7_days from serving.popularity") == [(5, 1, None)]


# -- read again ------------------------------------------------------------------------------------------------------


def test_measuring_anew_leaves_history_alone(warehouse: Warehouse) -> None:
    """A source that measures more than it did has its stored dumps read again; no verdict, version or change moves."""
    blind = a_hub(layout=Listed(wire=Liked, parse=_parse), measures=0)
    take_in(warehouse, liked(0, a=1), liked(1, a=2), source=blind)
    with warehouse.transaction() as connection:
        before = state_of(connection, "hub")
        assert normalized.pending_dumps(connection, [blind]) == []
    again = [outcome.dump_id for outcome in read(warehouse, HUB)]
    folded = fold(warehouse, HUB)
    with warehouse.transaction() as connection:
        after = state_of(connection, "hub")

    assert again == [1, 2]
    assert (folded.judged, folded.since) == ([], None)
    assert (before.pop("measurements"), len(after.pop("measurements"))) == ([], 2)
    assert before.pop("listings") != after.pop("listings")
    assert before == after


def test_a_dump_that_is_read_again_measures_once(warehouse: Warehouse) -> None:
    """Reading again replaces the figures, and forgets names that no dump uses any more."""
    take_in(warehouse, a_board(0, {"a": 1, "b": 2}), source=BOARD)
    with warehouse.derived_transaction() as connection:
        connection.exec_driver_sql("update normalized.listings set measuring_version = 'older'")
        connection.exec_driver_sql("insert into normalized.subjects (source, name) values ('bench_aider', 'unused')")
    read(warehouse, BOARD)

    assert rows(warehouse, "select name from normalized.subjects order by 1") == [("a",), ("b",)]
    assert value(warehouse, "select array_length(figures, 1) from normalized.measurements") == 2


# -- names and models ------------------------------------------------------------------------------------------------


def test_a_name_is_told_with_the_models_that_bear_it(warehouse: Warehouse) -> None:
    """The pairs of all lists, however they spell it; a name that nobody bears has none."""
    lists = {"gpt-5": {}, "openai/gpt-5:free": {}, "gpt-5-mini": {}}
    take_in(warehouse, *days(lists))
    take_in(warehouse, a_board(0, {"GPT-5 (high)": 88, "Quasar Alpha": 55}), source=BOARD)
    before = rows(warehouse, "select name, pairs from serving.benchmarks order by 1")
    publish_all(warehouse)

    assert before == [("GPT-5 (high)", None), ("Quasar Alpha", None)]
    assert rows(warehouse, "select name, pairs from serving.benchmarks order by 1") == [
        ("GPT-5 (high)", ["shop/gpt-5", "shop/openai/gpt-5:free"]),
        ("Quasar Alpha", None),
    ]


def test_a_list_that_measures_its_own_offerings_names_them(warehouse: Warehouse) -> None:
    """A score that stands in an offering's record is that offering's, also where its name says nothing, and its
    namesakes'."""
    take_in(warehouse, *days({"a-1": {}}))
    take_in(warehouse, liked(0, **{"A 1": {"speed": 20, "likes": 3}, "7": {"speed": 30}}), source=HUB)
    publish_all(warehouse)
    publish_all(warehouse)

    assert rows(warehouse, "select name, metric, value, pairs from serving.benchmarks order by 1") == [
        ("7", "speed", 30, ["hub/7"]),
        ("A 1", "speed", 20, ["hub/A 1", "shop/a-1"]),
    ]


@pytest.mark.parametrize(
    "name", ["bench_aider", "bench_swebench", "bench_livebench", "bench_lmarena", "bench_open_llm_leaderboard"]
)
def test_a_recorded_leaderboard_is_served_in_full(warehouse: Warehouse, name: str) -> None:
    """Each recorded figure is a row, under its name and conditions."""
    fixture = fixture_of(source_named(name))
    dump = a_dump(json.dumps(fixture.document).encode(), source=name)
    take_in(warehouse, dump, source=source_named(name))
    stored = rows(
        warehouse, "select name, metric, unit, value, variant, measured_on from serving.benchmarks where is_current"
    )

    assert sorted(stored, key=repr) == sorted(
        (
            (m["of"], m["metric"], m["unit"], Decimal(m["value"]), m.get("variant"), m.get("measured_on"))
            for m in fixture.measurements
        ),
        key=repr,
    )


def test_wares_without_figures_measure_nothing(warehouse: Warehouse) -> None:
    """A source that measures nothing leaves no row and has no version of measuring."""
    take_in(warehouse, *days(wares(3)))

    assert counts(warehouse, "normalized.measurements", "normalized.subjects", "serving.benchmarks") == {
        "normalized.measurements": 0,
        "normalized.subjects": 0,
        "serving.benchmarks": 0,
    }
    assert value(warehouse, "select measuring_version from normalized.listings") is None


def test_a_stored_dump_is_measured_once_only(warehouse: Warehouse) -> None:
    """What is read as it is read today is not pending."""
    store(warehouse, a_board(0, {"a": 1}))
    with warehouse.transaction() as connection:
        pending = normalized.pending_dumps(connection, [BOARD])
    read(warehouse, BOARD)

    assert len(pending) == 1
    assert read(warehouse, BOARD) == []
