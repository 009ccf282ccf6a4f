"""Prices in doubt, from dumps to the serving views."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model_registry_pipeline.domain.health.suspicious_prices import Doubts
from model_registry_pipeline.domain.source import Source
from model_registry_pipeline.warehouse import suspicions
from model_registry_pipeline.warehouse.engine import Warehouse
from model_registry_pipeline_tests.conftest import Server
from model_registry_pipeline_tests.examples import Wares, a_dump, a_shop, at, wares
from model_registry_pipeline_tests.warehouse.feeding import decide, fold, publish, read, rows, store, take_in, value

SHOP, MARKET, BAZAAR = (a_shop(name=name) for name in ("shop", "market", "bazaar"))
"""Three sources that tell of one provider, `shop`; the first of them is its own list."""


def priced(**prices: float | None) -> Wares:
    """A list of wares, each at an input price."""
    return {name: {} if price is None else {"input": price} for name, price in prices.items()}


def tell(warehouse: Warehouse, source: Source, days: Mapping[float, Wares]) -> None:
    """A source's answers, by day."""
    dumps = [a_dump(listed, source=source.name, observed_at=at(24 * day)) for day, listed in days.items()]
    take_in(warehouse, *dumps, source=source)


def doubts(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    """What is or was in doubt: source, model, kind, since, by whom settled and when, in hours."""
    return rows(
        warehouse,
        """
        select source, model_id, kind, extract(epoch from observed_at - '2025-01-01 00:00Z')::int / 3600, settled_by,
               extract(epoch from settled_at - '2025-01-01 00:00Z')::int / 3600
        from serving.suspicions order by observed_at, source, model_id, field, kind
        """,
    )


def suspects(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    return rows(
        warehouse, "select source, model_id from serving.offerings where is_price_suspect order by source, model_id"
    )


# -- jumps -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "is_doubted"),
    [
        pytest.param(1, 100, True, id="100 times more"),
        pytest.param(100, 1, True, id="100 times less"),
        pytest.param(1, 99.99, False, id="99.99 times"),
        pytest.param(0.000001, 1, True, id="per token, then per million"),
        pytest.param(0, 1000, False, id="from 0"),
        pytest.param(1000, 0, False, id="to 0"),
        pytest.param(1000, None, False, id="no longer stated"),
    ],
)
def test_a_price_that_moves_a_hundred_times_is_doubted(
    warehouse: Warehouse, before: float, after: float | None, is_doubted: bool
) -> None:
    """Either way, but not from or to 0; it is stated as it is all the same."""
    others = wares(20, input=2)
    tell(warehouse, MARKET, {0: others | priced(a=before), 1: others | priced(a=after)})
    publish(warehouse)

    assert doubts(warehouse) == ([("market", "a", "jump", 24, None, None)] if is_doubted else [])
    assert suspects(warehouse) == ([("market", "a")] if is_doubted else [])
    assert value(warehouse, "select input_usd_per_mtok from serving.offerings where model_id = 'a'") == (
        None if after is None else Decimal(str(after))
    )


def test_a_flag_tells_both_sides(warehouse: Warehouse) -> None:
    """With the state `suspicious_price`, in the view of all flags."""
    tell(warehouse, MARKET, {0: priced(a=75, b=1, c=1), 1: priced(a=0.075, b=1, c=1)})
    publish(warehouse)

    assert rows(warehouse, "select model_id, state, since, reason from serving.flags") == [
        ("a", "suspicious_price", at(24), "input_usd_per_mtok 75 → 0.075")
    ]


def test_three_dumps_over_48_hours_end_the_doubt(warehouse: Warehouse) -> None:
    """The dump that made the move is the first of them."""
    low, high = priced(a=1, b=1), priced(a=200, b=1)
    tell(warehouse, MARKET, {0: low, 1: high, 2: high})
    publish(warehouse)
    assert suspects(warehouse) == [("market", "a")]
    tell(warehouse, MARKET, {3: high})
    publish(warehouse)

    assert doubts(warehouse) == [("market", "a", "jump", 24, "three dumps over 48 h", 72)]
    assert suspects(warehouse) == []


def test_dumps_without_the_offering_confirm_nothing(warehouse: Warehouse) -> None:
    """While it is not listed, nobody says what it costs."""
    low, high, without = priced(a=1, b=1), priced(a=200, b=1), priced(b=1)
    tell(warehouse, MARKET, {0: low, 1: high, 2: without, 3: without, 4: high})
    publish(warehouse)
    assert suspects(warehouse) == [("market", "a")]
    tell(warehouse, MARKET, {5: high})
    publish(warehouse)

    assert doubts(warehouse) == [("market", "a", "jump", 24, "three dumps over 48 h", 120)]


def test_a_price_that_goes_back_is_doubted_again(warehouse: Warehouse) -> None:
    """Each step is judged on its own."""
    low, high = priced(a=1, b=1), priced(a=200, b=1)
    tell(warehouse, MARKET, {0: low, 1: high, 2: low, 3: low, 4: low})
    publish(warehouse)

    assert doubts(warehouse) == [
        ("market", "a", "jump", 24, "the price moved on", 48),
        ("market", "a", "jump", 48, "three dumps over 48 h", 96),
    ]


def test_a_repair_is_believed_at_once_where_another_source_says_the_same(warehouse: Warehouse) -> None:
    """What it stated since long counts when the other comes to it."""
    tell(warehouse, BAZAAR, {0: priced(a=0.75)})
    tell(warehouse, MARKET, {0.5: priced(a=0.00000075, b=1), 1: priced(a=0.75, b=1)})
    publish(warehouse)

    assert doubts(warehouse) == [("market", "a", "jump", 24, "another source", 24)]
    assert suspects(warehouse) == []


def test_a_person_ends_the_doubt_by_accepting_the_dump(warehouse: Warehouse) -> None:
    """Until the next publishing it is told as work to do; then it is settled, and stays so."""
    tell(warehouse, MARKET, {0: priced(a=1, b=1), 1: priced(a=200, b=1)})
    publish(warehouse)
    dump_id = value(warehouse, "select max(dump_id) from raw.dumps")
    decide(warehouse, dump_id, "accept", at(30))
    with warehouse.transaction() as connection:
        assert suspicions.decided(connection) == [dump_id]
    fold(warehouse, MARKET)
    publish(warehouse)

    assert doubts(warehouse) == [("market", "a", "jump", 24, "a person", 30)]
    with warehouse.transaction() as connection:
        assert suspicions.decided(connection) == []


def test_a_rejected_dump_leaves_no_doubt(warehouse: Warehouse) -> None:
    """What does not count has moved nothing."""
    tell(warehouse, MARKET, {0: priced(a=1, b=1), 1: priced(a=200, b=1)})
    publish(warehouse)
    decide(warehouse, value(warehouse, "select max(dump_id) from raw.dumps"), "reject", at(30))
    fold(warehouse, MARKET)
    publish(warehouse)

    assert doubts(warehouse) == []


# -- many at once ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moved", "after", "is_doubted"),
    [
        pytest.param(4, 1.1, False, id="4 of 20 by a tenth"),
        pytest.param(5, 1.1, True, id="5 of 20 by a tenth"),
        pytest.param(5, 0, True, id="5 of 20 to 0"),
        pytest.param(5, None, True, id="5 of 20 are no longer stated"),
    ],
)
def test_many_prices_that_move_in_one_dump_are_doubted(
    warehouse: Warehouse, moved: int, after: float | None, is_doubted: bool
) -> None:
    """More than a fifth of the source's: a unit, or the meaning of a field, may have changed."""
    said = {} if after is None else {"input": after}
    tell(warehouse, MARKET, {0: wares(20, input=1), 1: wares(20, input=1) | dict.fromkeys(wares(moved), said)})
    publish(warehouse)

    assert {row[2] for row in doubts(warehouse)} == ({"mass_move"} if is_doubted else set())
    assert len(suspects(warehouse)) == (moved if is_doubted else 0)


def test_one_offering_alone_is_no_mass(warehouse: Warehouse) -> None:
    """A source of three models may change one price."""
    tell(warehouse, MARKET, {0: priced(a=1, b=1, c=1), 1: priced(a=2, b=1, c=1)})
    publish(warehouse)

    assert doubts(warehouse) == []


def test_prices_of_0_that_are_no_longer_stated_have_not_moved(warehouse: Warehouse) -> None:
    """OpenRouter left out 570 of them on one day, and nothing cost another price."""
    tell(warehouse, MARKET, {0: wares(20, input=1, output=0), 1: wares(20, input=1)})
    publish(warehouse)

    assert doubts(warehouse) == []


# -- disputes --------------------------------------------------------------------------------------------------------


def test_a_first_sighting_far_from_what_others_state_is_doubted(warehouse: Warehouse) -> None:
    """And so is what the other states: nobody knows which is right. No time ends it, but a third voice does."""
    tell(warehouse, MARKET, {0: priced(a=10, b=1)})
    tell(warehouse, BAZAAR, {1: priced(a=0.00001, b=1)} | {day: priced(a=0.00001, b=1) for day in (2, 3, 4, 5)})
    publish(warehouse)
    assert doubts(warehouse) == [("bazaar", "a", "dispute", 24, None, None), ("market", "a", "dispute", 24, None, None)]
    tell(warehouse, SHOP, {6: priced(a=10, b=1)})
    publish(warehouse)

    assert suspects(warehouse) == [("bazaar", "a")]


def test_a_person_settles_a_dispute_for_the_one_that_is_accepted(warehouse: Warehouse) -> None:
    """By the dump that stated the price first."""
    tell(warehouse, MARKET, {0: priced(a=10, b=1)})
    tell(warehouse, BAZAAR, {1: priced(a=1000, b=1), 2: priced(a=1000, b=2)})
    publish(warehouse)
    dump_id = value(warehouse, "select dump_id from serving.suspicions where source = 'bazaar'")
    assert dump_id == value(warehouse, "select min(dump_id) from raw.dumps where source = 'bazaar'")
    decide(warehouse, dump_id, "accept", at(60))
    fold(warehouse, BAZAAR)
    publish(warehouse)

    assert doubts(warehouse) == [
        ("bazaar", "a", "dispute", 24, "a person", 60),
        ("market", "a", "dispute", 24, None, None),
    ]


def test_what_is_in_doubt_is_counted_by_source(warehouse: Warehouse) -> None:
    """With the worst as an example; a source without any is left out."""
    tell(warehouse, MARKET, {0: priced(a=10, b=1), 1: priced(a=10, b=1)})
    tell(warehouse, BAZAAR, {0: priced(a=10, b=2), 1: priced(a=1000, b=2)})
    tell(warehouse, SHOP, {0: priced(c=1)})
    publish(warehouse)
    with warehouse.transaction() as connection:
        found = suspicions.open_suspicions(connection)

    assert found == {
        "bazaar": Doubts(jumps=1, disputes=1, example="shop/a: input_usd_per_mtok 10 → 1000"),
        "market": Doubts(disputes=1, example="shop/a: input_usd_per_mtok 10, far from what bazaar states"),
    }


def test_what_is_no_longer_offered_is_not_counted(warehouse: Warehouse) -> None:
    """Nobody will ever say again what it costs: the warning would stay for good."""
    others = wares(20, input=2)
    listed = {0: others | priced(a=1), 1: others | priced(a=500), 2: others, 3: others}
    tell(warehouse, MARKET, listed)
    publish(warehouse)
    with warehouse.transaction() as connection:
        found = suspicions.open_suspicions(connection)

    assert found == {}
    assert doubts(warehouse) == [("market", "a", "jump", 24, None, None)]


# -- a function of dumps and actions ---------------------------------------------------------------------------------


stories = st.lists(
    st.tuples(st.sampled_from(["market", "bazaar"]), st.integers(0, 9), st.sampled_from([None, 0, 1, 1.5, 100, 150])),
    min_size=2,
    max_size=10,
    unique_by=lambda said: said[:2],
)


@settings(max_examples=15)
@given(story=stories, random=st.randoms(use_true_random=False))
def test_what_is_in_doubt_does_not_depend_on_the_order_of_arrival(
    server: Server, registry_template: str, story: Sequence[tuple[str, int, float | None]], random: Random
) -> None:
    """One by one in any order, published after each, gives what all at once gives."""
    told = []
    for order, at_once in ((story, True), (random.sample(story, len(story)), False)):
        with server.fresh_database(registry_template) as url, Warehouse(url) as warehouse:
            for source, day, price in order:
                store(
                    warehouse,
                    a_dump(priced(a=price, b=1, c=1), source=source, observed_at=at(24 * day), recorded_at=at(999)),
                )
                if not at_once:
                    follow(warehouse)
            follow(warehouse)
            told.append(doubts(warehouse))

    assert told[0] == told[1]


def follow(warehouse: Warehouse) -> None:
    for source in (MARKET, BAZAAR):
        read(warehouse, source)
        fold(warehouse, source)
    publish(warehouse)
