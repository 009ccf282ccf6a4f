"""Which prices are doubted, and what settles it."""

from datetime import timedelta
from decimal import Decimal
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_registry_pipeline.domain.health.suspicion import (
    A_PERSON,
    ANOTHER_SOURCE,
    DUMPS,
    MOVED_ON,
    Move,
    Settlement,
    Statement,
    agrees,
    apart,
    disputed,
    settlement,
)
from model_registry_pipeline_tests.examples import at

HUNDRED = Decimal(100)


def a_move(before: str = "1", after: str | None = "100", hour: float = 0, **but: Any) -> Move:
    return Move(before=Decimal(before), after=None if after is None else Decimal(after), observed_at=at(hour), **but)


def elsewhere(usd: str, hour: float = 0, until: float | None = None, source: str = "market") -> Statement:
    return Statement(source=source, usd=Decimal(usd), since=at(hour), until=None if until is None else at(until))


# -- time ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "settled_at"),
    [
        pytest.param([0], None, id="one"),
        pytest.param([0, 48], None, id="two over 48 h"),
        pytest.param([0, 24, 47.99], None, id="three in less than 48 h"),
        pytest.param([0, 24, 48], 48, id="three over 48 h"),
        pytest.param([0, 1, 2, 3, 47, 49], 49, id="many, then late"),
        pytest.param([0, 24, 48, 72], 48, id="the first that does it"),
    ],
)
def test_three_dumps_over_48_hours_settle_a_move(hours: list[float], settled_at: float | None) -> None:
    """The dump that made it is the first of them."""
    found = settlement(a_move(), [at(hour) for hour in hours])

    assert found == (None if settled_at is None else Settlement(at=at(settled_at), by=DUMPS))


# -- another source --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("other", "is_settled"),
    [
        pytest.param(elsewhere("100", -500), True, id="it says the same, since long"),
        pytest.param(elsewhere("90", 30), True, id="it says nearly the same, later"),
        pytest.param(elsewhere("1", -500), False, id="it says what was said before"),
        pytest.param(elsewhere("10", -500), False, id="it stands half the way"),
        pytest.param(elsewhere("10.1", -500), True, id="it stands a hair beyond"),
        pytest.param(elsewhere("100", -500, until=0), False, id="it said so until then"),
        pytest.param(elsewhere("0", -500), False, id="it is free there"),
    ],
)
def test_another_source_that_agrees_settles_a_move(other: Statement, is_settled: bool) -> None:
    """From when both say so; what it said before the move and no longer says is no word on it."""
    found = settlement(a_move(), [at(0)], [other])
    expected = Settlement(at=max(at(0), other.since), by=ANOTHER_SOURCE, source="market")

    assert found == (expected if is_settled else None)


@given(st.decimals("0.000001", "1000000", places=6), st.integers(100, 10**9), st.decimals("0.000001", "1000000"))
def test_nobody_agrees_with_both_sides_of_a_move(before: Decimal, factor: int, other: Decimal) -> None:
    """A third price speaks for what was said before, for what is said now, or for neither."""
    forth, back = a_move(str(before), str(before * factor)), a_move(str(before * factor), str(before))

    assert not (agrees(other, forth) and agrees(other, back))


@pytest.mark.parametrize(
    ("move", "other", "agreeing"),
    [
        pytest.param(a_move("1", "1.1"), "1.1", True, id="a small step, the same"),
        pytest.param(a_move("1", "1.1"), "1", False, id="a small step, the old price"),
        pytest.param(a_move("1", "1.1"), "2", False, id="a small step, far beyond"),
        pytest.param(a_move("1", "0"), "0", True, id="to 0, free there too"),
        pytest.param(a_move("1", "0"), "0.01", False, id="to 0, cheap there"),
        pytest.param(a_move("1", None), "1", False, id="no longer stated"),
        pytest.param(a_move("1", "1000000000"), "50000000", False, id="far from both"),
    ],
)
def test_agreeing_is_nearer_than_half_the_way(move: Move, other: str, agreeing: bool) -> None:
    """And never more than ten times apart; 0 agrees with 0 only."""
    assert agrees(Decimal(other), move) == agreeing


# -- a person, and what comes first ----------------------------------------------------------------------------------


def test_a_person_settles_a_move_by_accepting_its_dump() -> None:
    """At once; a word said before counts from the move on."""
    assert settlement(a_move(), [at(0)], accepted_at=at(5)) == Settlement(at=at(5), by=A_PERSON)
    assert settlement(a_move(), [at(0)], accepted_at=at(-5)) == Settlement(at=at(0), by=A_PERSON)


def test_a_price_that_moves_on_is_no_longer_in_doubt() -> None:
    """The next step is judged on its own."""
    move = a_move(ended_at=at(24))

    assert settlement(move, [at(0)], [elsewhere("100", 24)]) == Settlement(at=at(24), by=MOVED_ON)


@given(
    st.lists(st.integers(0, 200), min_size=1, max_size=8, unique=True).map(sorted),
    st.lists(st.tuples(st.sampled_from(["1", "100"]), st.integers(-100, 200)), max_size=4),
    st.none() | st.integers(0, 200),
    st.randoms(use_true_random=False),
)
def test_the_first_that_settles_counts_in_whatever_order_it_is_told(
    hours: list[int], told: list[tuple[str, int]], accepted: int | None, random: Any
) -> None:
    """More evidence never makes a doubt last longer."""
    stated_at = [at(hour) for hour in hours]
    others = [elsewhere(usd, hour, source=f"source {hour}") for usd, hour in told]
    accepted_at = None if accepted is None else at(accepted)
    move = a_move(hour=hours[0])
    found = settlement(move, stated_at, others, accepted_at)
    shuffled = random.sample(others, len(others))
    fewer = settlement(move, stated_at, others[1:])

    assert settlement(move, stated_at, shuffled, accepted_at) == found
    assert fewer is None or (found is not None and found.at <= fewer.at)


# -- disputes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stated", "doubted"),
    [
        pytest.param({"shop": "1", "market": "1"}, {}, id="they agree"),
        pytest.param({"shop": "1", "market": "99"}, {}, id="99 times apart"),
        pytest.param({"shop": "1", "market": "100"}, {"shop": "market", "market": "shop"}, id="one against one"),
        pytest.param({"shop": "1", "market": "1.2", "bazaar": "1000"}, {"bazaar": "shop"}, id="two against one"),
        pytest.param({"lab": "100", "shop": "1", "market": "1"}, {"shop": "lab", "market": "lab"}, id="its own list"),
        pytest.param(
            {"a": "1", "b": "1", "c": "100", "d": "100"},
            {"a": "d", "b": "d", "c": "b", "d": "b"},
            id="two against two",
        ),
        pytest.param({"a": "1", "b": "100", "c": "10000"}, {"a": "c", "b": "c", "c": "a"}, id="each on its own"),
    ],
)
def test_prices_that_are_far_apart_are_doubted(stated: dict[str, str], doubted: dict[str, str]) -> None:
    """Unless the provider's own list says so, or more sources than any that opposes it."""
    assert disputed({source: Decimal(usd) for source, usd in stated.items()}, "lab", HUNDRED) == doubted


@given(st.dictionaries(st.sampled_from("abcdef"), st.decimals("0.001", "1000", places=3), max_size=6))
def test_who_is_doubted_is_opposed(stated: dict[str, Decimal]) -> None:
    """By the one that is named; and of two that are far apart at least one is doubted."""
    found = disputed(stated, "a", HUNDRED)

    assert all(apart(stated[one], stated[other]) >= HUNDRED for one, other in found.items())
    for (one, usd), (other, price) in combinations(stated.items(), 2):
        assert apart(usd, price) < HUNDRED or one in found or other in found


def test_a_second_less_than_48_hours_settles_nothing() -> None:
    """The limit is exact."""
    almost = [at(0), at(24), at(48) - timedelta(seconds=1)]

    assert settlement(a_move(), almost) is None
