"""What a record measures stands beside its facts, and never moves them."""

import json
from decimal import Decimal
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_registry_pipeline.domain.normalized.layouts import Listed
from model_registry_pipeline.domain.normalized.measuring import (
    MAX_NAME,
    MAX_VARIANT,
    Score,
    conditions,
    figure,
    measuring_version,
    rivals_settled,
    sound,
)
from model_registry_pipeline.domain.normalized.translate import Listing, parser_version, read_listing
from model_registry_pipeline.domain.records import Measurement, Metric, Offering
from model_registry_pipeline.domain.source import MEASURED, Fault, Measured, Wire
from model_registry_pipeline_tests.examples import a_shop

LIKES = Metric("likes", "count", "popularity")
RATE = Metric("pass_rate", "percent")
COST = Metric("cost", "usd")


class Liked(Wire):
    id: str
    context: int | None = None
    likes: Measured = MEASURED


def _parse(model: Liked) -> Offering | None:
    return Offering(provider_id="shop", model_id=model.id, context_window_tokens=model.context)


def _measure(model: Liked) -> tuple[Measurement, ...]:
    return (Measurement(LIKES, figure(model.likes)),)


def liked(**but: Any) -> Any:
    return a_shop(layout=Listed(wire=Liked, parse=_parse, measure=_measure), measures=1, **but)


def listing_of(*records: dict[str, Any]) -> Listing:
    return read_listing(liked(), [json.dumps(records).encode()])


def a_score(subject: str, rate: str | None, *, variant: str | None = None, day: str | None = None) -> Score:
    return Score(subject, (Measurement(RATE, Decimal(rate or 0), subject, variant, day),))


# -- beside the facts ------------------------------------------------------------------------------------------------

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inside: st.lists(inside, max_size=2) | st.dictionaries(st.text(max_size=3), inside, max_size=2),
    max_leaves=4,
)


@given(first=ANYTHING, second=ANYTHING)
def test_no_figure_moves_a_record(first: Any, second: Any) -> None:
    """Whatever stands where a figure is measured, the record has the same facts and the same hash."""
    one, other = listing_of({"id": "a", "likes": first}), listing_of({"id": "a", "likes": second})

    assert [record.sha256 for record in one.records] == [record.sha256 for record in other.records]
    assert len(one.records) == 1


@pytest.mark.parametrize(
    ("stated", "value"),
    [
        ("12", 12),
        ("0", 0),
        ("12.50", Decimal("12.50")),
        ('"12.5"', Decimal("12.5")),
        ("1e3", Decimal("1E+3")),
        ("-4", Decimal(-4)),
        ("null", None),
        ("", None),
    ],
)
def test_a_figure_is_read_as_it_is_stated(stated: str, value: Decimal | int | None) -> None:
    """In any spelling of a number, exactly; what is absent or null is not stated."""
    assert figure(msgspec.Raw(stated.encode())) == value


@pytest.mark.parametrize(
    "stated", ["many", "", True, [1], {"a": 1}, "NaN", "Infinity", 10**15, -(10**15), "1e999999", "1e-999999", "sNaN"]
)
def test_what_is_no_figure_is_told_and_costs_itself(stated: Any) -> None:
    """An implausible figure is a rejected field; the record stays, and so does what else it measures."""
    listing = listing_of({"id": "a", "likes": stated, "context": 8}, {"id": "b", "likes": 3})

    assert [(r.kind, r.field, r.model_id) for r in listing.rejections] == [("field", "likes", "a")]
    assert [record.measured for record in listing.records] == [(), (Measurement(LIKES, 3),)]


def test_what_breaks_in_measuring_costs_no_facts() -> None:
    """An error in a source's `measure` is told of the record, whose facts are read."""

    def broken(model: Liked) -> tuple[Measurement, ...]:
        raise ValueError("no such arena")

    source = a_shop(layout=Listed(wire=Liked, parse=_parse, measure=broken))
    listing = read_listing(source, [b'[{"id": "a", "context": 8}]'])

    assert [record.model_id for record in listing.records] == ["a"]
    assert [(r.field, r.reason) for r in listing.rejections] == [("measurements", "no such arena")]


def test_measuring_has_a_version_of_its_own() -> None:
    """What changes measurements raises another version than what changes offerings, and nothing measured has none."""
    assert measuring_version(a_shop()) is None
    assert measuring_version(liked(version=7)) == measuring_version(liked(version=8))
    assert parser_version(liked()) == parser_version(a_shop())


# -- names and conditions --------------------------------------------------------------------------------------------


def test_conditions_are_told_in_one_order() -> None:
    """Those that are stated, by their names; none is None."""
    assert conditions({"format": "diff", "effort": "high", "tokens": None, "note": ""}) == "effort=high, format=diff"
    assert conditions({"effort": None}) is None
    assert conditions({"note": "a\x00\n"}) == r"note=a\x00\n"
    assert len(conditions({"note": "x" * 999}) or "") == MAX_VARIANT


@pytest.mark.parametrize("name", ["a\x00b", "x" * (MAX_NAME + 1), "two\nlines"])
def test_a_metric_that_a_document_names_badly_is_refused(name: str) -> None:
    """A column's head becomes no metric when it can't be stored or shown."""
    kept, faults = sound([Measurement(Metric(name, "percent"), Decimal(1), "gpt-5"), Fault("x", "y")])

    assert kept == ()
    assert [fault.reason for fault in faults] == ["no name of a metric", "y"]


# -- rows of one name ------------------------------------------------------------------------------------------------


def test_rows_under_other_conditions_stand_side_by_side() -> None:
    """One model by several edit formats or on several days is several series."""
    rows = [a_score("m", "1", variant="diff"), a_score("m", "2", variant="whole"), a_score("m", "3", day="2025-01-02")]
    standing, losing = rivals_settled([(row, str(index)) for index, row in enumerate(rows)])

    assert {row.sha256 for row in standing} == {row.sha256 for row in rows}
    assert losing == []


def test_of_rows_that_nothing_tells_apart_the_best_stands() -> None:
    """The larger first figure wins, whole: figures of two rows are never mixed; a repeated row is silent."""
    worse = Score("m", (Measurement(RATE, Decimal(70), "m"), Measurement(COST, Decimal(9), "m")))
    better = Score("m", (Measurement(RATE, Decimal(71), "m"), Measurement(COST, Decimal(1), "m")))
    again = Score("m", (Measurement(RATE, Decimal("71.0"), "m"), Measurement(COST, Decimal(1), "m")))
    standing, losing = rivals_settled([(worse, "first"), (better, "second"), (again, "third")])

    assert [score.measured[1].value for score in standing] == [1]
    assert [position for _, position in losing] == ["first"]


@given(
    rows=st.lists(
        st.tuples(st.sampled_from("ab"), st.sampled_from(["1", "2", "2.0", "3"]), st.sampled_from([None, "diff"])),
        max_size=8,
    ),
    random=st.randoms(use_true_random=False),
)
def test_the_order_of_rows_makes_no_difference(rows: list[tuple[str, str, str | None]], random: Random) -> None:
    """The same rows in another order leave the same scores standing, one a series."""
    scores = [(a_score(name, rate, variant=variant), "x") for name, rate, variant in rows]
    shuffled = random.sample(scores, len(scores))
    standing, _ = rivals_settled(scores)

    assert {score.sha256 for score in rivals_settled(shuffled)[0]} == {score.sha256 for score in standing}
    assert len(standing) == len({(name, variant) for name, _, variant in rows})
