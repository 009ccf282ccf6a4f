"""What was listed, what it cost and what changed, at any instant, as known on any other: against plain dictionaries."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count, groupby
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from model_registry_pipeline.domain.normalized.layouts import Listed
from model_registry_pipeline.domain.normalized.prices import Meter, price_line, settled
from model_registry_pipeline.domain.normalized.translate import parser_version
from model_registry_pipeline.domain.records import Offering
from model_registry_pipeline.domain.source import Source, Wire
from model_registry_pipeline.warehouse import history, questions, serving
from model_registry_pipeline.warehouse.engine import Warehouse
from model_registry_pipeline_tests.conftest import Server
from model_registry_pipeline_tests.examples import Wares, a_document, a_dump, a_shop, at, wares
from model_registry_pipeline_tests.warehouse.feeding import SHOP, decide, fold, read, rows, store, take_in

# -- a market, whose prices may be dated -------------------------------------------------------------------------------


class DatedPrice(Wire):
    usd: Decimal
    since: str | None = None
    until: str | None = None


class Good(Wire):
    id: str
    context: int | None = None
    prices: tuple[DatedPrice, ...] = ()


def a_market(name: str, provider_id: str, *, complete: bool) -> Source:
    def parse(good: Good) -> Offering | None:
        lines = [
            price_line(Meter("input"), price.usd, effective_from=price.since, effective_until=price.until)
            for price in good.prices
        ]
        return Offering(
            provider_id=provider_id,
            model_id=good.id,
            context_window_tokens=good.context,
            **settled(lines)._asdict(),
        )

    return a_shop(name=name, complete=complete, layout=Listed(wire=Good, parse=parse))


Price = tuple[int, str | None, str | None]
"""US dollars, since, until."""


@dataclass(frozen=True)
class Facts:
    """What a list says of one good."""

    context: int
    prices: tuple[Price, ...]

    def sent(self) -> dict[str, object]:
        lines = [{"usd": usd, "since": since, "until": until} for usd, since, until in self.prices]
        return {"context": self.context, "prices": lines}

    def price_on(self, day: date) -> int | None:
        """Of the lines that hold on a day the one that began last; an undated one began before all."""
        holding = [
            (since or "", usd)
            for usd, since, until in self.prices
            if (since is None or since <= day.isoformat()) and (until is None or day.isoformat() < until)
        ]
        return max(holding)[1] if holding else None


Goods = dict[str, Facts]


@dataclass
class Told:
    """A dump in the naive world; None: a person has said nothing of it."""

    source: str
    observed: int
    recorded: int
    goods: Goods
    dump_id: int = 0
    decisions: list[tuple[int, str]] = field(default_factory=list)
    """(recorded, accept or reject)."""

    def counts(self, known: float) -> tuple[bool, bool]:
        """Whether it counts by what is known then, and whether a person said so. Lists here are too short to shrink."""
        said = [kind for recorded, kind in self.decisions if recorded <= known][-1:]
        return said == ["accept"] or (bool(self.goods) and said != ["reject"]), said == ["accept"]


def counting(told: list[Told], source: str, hour: float, known: float) -> list[Told]:
    """The dumps of a source that count up to an hour by what is known then, in time order; one an instant."""
    dumps = sorted(
        (each for each in told if each.source == source and each.observed <= hour and each.recorded <= known),
        key=lambda each: (each.observed, each.dump_id),
    )
    found = []
    for _, group in groupby(dumps, key=lambda each: each.observed):
        candidates = [(each.counts(known)[1], each.dump_id, each) for each in group if each.counts(known)[0]]
        found += [max(candidates, key=lambda each: each[:2])[2]] if candidates else []
    return found


def naive_answer(dumps: list[Told], good: str, *, complete: bool) -> tuple[Facts, Told] | None:
    """What holds after these dumps, and the newest one that says so."""
    last = dumps[-1:] if complete else [each for each in dumps if good in each.goods][-1:]
    return (last[0].goods[good], last[0]) if last and good in last[0].goods else None


def naive_version(dumps: list[Told], good: str, *, complete: bool) -> tuple[Facts, Told] | None:
    """What holds after these dumps, and the one since which it does."""
    version: tuple[Facts, Told] | None = None
    for each in dumps:
        if good in each.goods:
            version = version if version and version[0] == each.goods[good] else (each.goods[good], each)
        elif complete:
            version = None
    return version


GOODS = ("a", "b", "c")
DAYS = ("2025-01-02", "2025-01-03", "2025-01-05")
LINES = st.tuples(st.integers(1, 4), st.none() | st.sampled_from(DAYS), st.none() | st.sampled_from(DAYS))
FACTS = st.builds(
    Facts,
    st.integers(1, 2),
    # Two lines that begin on one day state two prices at once, of which either is right.
    st.lists(LINES, max_size=3, unique_by=lambda line: line[1]).map(lambda lines: tuple(sorted(lines, key=str))),
)
TOLD = st.builds(
    Told,
    source=st.sampled_from(["whole", "part"]),
    observed=st.sampled_from([0, 6, 24, 30, 48, 72, 96]),
    recorded=st.integers(100, 106),
    goods=st.dictionaries(st.sampled_from(GOODS), FACTS),
    decisions=st.lists(st.tuples(st.integers(103, 108), st.sampled_from(["accept", "reject"])), max_size=2).map(sorted),
)


@pytest.fixture(scope="module")
def registry(server: Server, registry_template: str) -> Iterator[Warehouse]:
    """One registry for all examples: each has a provider and sources of its own."""
    with server.fresh_database(registry_template) as url, Warehouse(url) as warehouse:
        yield warehouse


_worlds = count()


@dataclass
class World:
    """Two markets of one provider in a registry, fed with what is told."""

    warehouse: Warehouse
    told: list[Told]

    def __post_init__(self) -> None:
        self.provider = f"provider_{next(_worlds)}"
        self.sources = {
            "whole": a_market(f"{self.provider}_whole", self.provider, complete=True),
            "part": a_market(f"{self.provider}_part", self.provider, complete=False),
        }
        self.told = [each for index, each in enumerate(self.told) if not self._is_known(each, self.told[:index])]
        self.told.sort(key=lambda each: each.recorded)
        for each in self.told:
            document = a_document({good: facts.sent() for good, facts in each.goods.items()})
            dump = a_dump(
                document,
                source=self.sources[each.source].name,
                observed_at=at(each.observed),
                recorded_at=at(each.recorded),
            )
            each.dump_id = store(self.warehouse, dump)
            each.decisions = [(max(recorded, each.recorded), kind) for recorded, kind in each.decisions]
        for each in self.told:
            for recorded, kind in each.decisions:
                decide(self.warehouse, each.dump_id, kind, at(recorded))
        for source in self.sources.values():
            read(self.warehouse, source)
            fold(self.warehouse, source)

    @staticmethod
    def _is_known(each: Told, before: list[Told]) -> bool:
        """The same content of one source and instant is one dump."""
        same = [(one.source, one.observed, json.dumps({k: f.sent() for k, f in one.goods.items()})) for one in before]
        return (
            each.source,
            each.observed,
            json.dumps({good: facts.sent() for good, facts in each.goods.items()}),
        ) in same

    def price_on(self, good: str, hour: float, known: float | None = None) -> list[dict[str, Any]]:
        with self.warehouse.transaction() as connection:
            known_on = None if known is None else at(known)
            return questions.price_on(connection, self.provider, good, at(hour), known_on=known_on)

    def as_of(self, hour: float) -> list[dict[str, Any]]:
        with self.warehouse.transaction() as connection:
            return questions.models_as_of(connection, at(hour), provider_id=self.provider)

    def sha256(self, dump: Told) -> str:
        ((sha256,),) = rows(
            self.warehouse, "select encode(sha256, 'hex') from raw.dumps where dump_id = :id", id=dump.dump_id
        )
        return str(sha256)


HOURS = (-1, 0, 3, 24, 36, 71.99, 72, 200)
KNOWN = (99, 100, 102, 104, 105, 106, 108)


@given(st.lists(TOLD, max_size=7))
@settings(max_examples=25)
def test_prices_and_listings_of_any_instant_are_those_of_dictionaries(registry: Warehouse, told: list[Told]) -> None:
    """`price_on` and `as_of` tell at each instant what a plain walk over the dumps that count finds: the facts, the
    dated price of that day, since when they hold, and by which dump."""
    world = World(registry, told)
    for hour in HOURS:
        day = at(hour).date()
        expected = {}
        for name, source in world.sources.items():
            for good in GOODS:
                version = naive_version(counting(world.told, name, hour, 10**6), good, complete=source.complete)
                if version:
                    facts, dump = version
                    said = (facts.context, facts.price_on(day), at(dump.observed), dump.dump_id, world.sha256(dump))
                    expected[source.name, good] = said

        listed = {
            (row["source"], row["model_id"]): (
                row["context_window_tokens"],
                row["input_usd_per_mtok"],
                row["valid_from"],
                row["dump_id"],
                row["dump_sha256"],
            )
            for row in world.as_of(hour)
        }
        priced = {
            (row["source"], good): (row["input_usd_per_mtok"], row["valid_from"], row["dump_id"], row["dump_sha256"])
            for good in GOODS
            for row in world.price_on(good, hour)
        }
        assert listed == expected, f"hour {hour}"
        assert priced == {key: said[1:] for key, said in expected.items()}, f"hour {hour}"


@given(st.lists(TOLD, max_size=7))
@settings(max_examples=25)
def test_what_was_known_when_is_what_the_dumps_of_then_said(registry: Warehouse, told: list[Told]) -> None:
    """As known on K, the answer is the one of the dumps and decisions recorded up to K, and of no other."""
    world = World(registry, told)
    for known in KNOWN:
        for hour in HOURS:
            for good in GOODS:
                expected = {}
                for name, source in world.sources.items():
                    dumps = counting(world.told, name, hour, known)
                    if answer := naive_answer(dumps, good, complete=source.complete):
                        facts, dump = answer
                        expected[source.name] = (
                            facts.price_on(at(hour).date()),
                            dump.dump_id,
                            at(dump.observed),
                            at(dump.recorded),
                            world.sha256(dump),
                        )

                found = {
                    row["source"]: (
                        row["input_usd_per_mtok"],
                        row["dump_id"],
                        row["observed_at"],
                        row["recorded_at"],
                        row["dump_sha256"],
                    )
                    for row in world.price_on(good, hour, known)
                }
                assert found == expected, f"{good} at hour {hour} as known on {known}"


# -- as known on, story by story ---------------------------------------------------------------------------------------

FULL = wares(24, input=1)
DEARER = wares(24, input=2)
SHORT = wares(12, input=3)


def tell(warehouse: Warehouse, listed: Wares, observed: float, recorded: float) -> int:
    """A dump of the shop, stored, read and folded."""
    dump_id = store(warehouse, a_dump(listed, observed_at=at(observed), recorded_at=at(recorded)))
    read(warehouse)
    fold(warehouse)
    return dump_id


def cost(warehouse: Warehouse, hour: float, known: float | None = None, ware: str = "ware-00") -> int | None:
    """What the ware cost at an hour, as known on another; None: it was not listed."""
    with warehouse.transaction() as connection:
        known_on = None if known is None else at(known)
        found = questions.price_on(connection, "shop", ware, at(hour), known_on=known_on)
    return int(found[0]["input_usd_per_mtok"]) if found else None


def test_a_late_dump_is_unknown_before_it_was_recorded(warehouse: Warehouse) -> None:
    """An older list that turns up later changes the past as known from then on, and not as known before."""
    tell(warehouse, FULL, 0, 0)
    tell(warehouse, FULL, 72, 72)
    tell(warehouse, DEARER, 24, 100)

    assert [cost(warehouse, 30, known) for known in (71, 72, 99.9, 100, None)] == [1, 1, 1, 2, 2]


def test_a_replay_is_known_from_its_replay_on(warehouse: Warehouse) -> None:
    """A history that was replayed last night was not known last year."""
    for dump in [a_dump(FULL, observed_at=at(24 * day), recorded_at=at(1000), origin="replay") for day in range(5)]:
        store(warehouse, dump)
    read(warehouse)
    fold(warehouse)

    assert [cost(warehouse, 48, known) for known in (48, 999, 1000, None)] == [None, None, 1, 1]


def test_a_held_dump_is_unknown_until_it_is_released(warehouse: Warehouse) -> None:
    """Half a list is held; once three later lists over two days confirm it, it counts, and is known from then on."""
    tell(warehouse, FULL, 0, 0)
    for hour in (24, 48, 72, 96):
        tell(warehouse, SHORT, hour, hour)

    assert [cost(warehouse, 30, known) for known in (24, 48, 72, 95.9, 96, None)] == [1, 1, 1, 1, 3, 3]
    assert [cost(warehouse, 30, known, "ware-23") for known in (95.9, 96, None)] == [1, None, None]


@pytest.mark.parametrize("is_told_at_once", [True, False])
def test_decisions_and_their_being_taken_back_are_known_when_they_were_made(
    warehouse: Warehouse, is_told_at_once: bool
) -> None:
    """Each accept and reject holds from its own hour to the next one's, also when all are folded in one go."""
    tell(warehouse, FULL, 0, 0)
    held = tell(warehouse, SHORT, 24, 24)
    for hour, kind in ((30, "accept"), (40, "reject"), (50, "accept"), (60, "reject")):
        decide(warehouse, held, kind, at(hour))
        if not is_told_at_once:
            fold(warehouse)
    fold(warehouse)

    assert [cost(warehouse, 24, known) for known in (24, 30, 39, 40, 50, 59, 60, None)] == [1, 3, 3, 1, 3, 3, 1, 1]


def test_a_rejected_dump_counted_until_it_was_rejected(warehouse: Warehouse) -> None:
    """What was believed for a day was believed for that day."""
    tell(warehouse, FULL, 0, 0)
    wrong = tell(warehouse, DEARER, 24, 24)
    decide(warehouse, wrong, "reject", at(48))
    fold(warehouse)

    assert [cost(warehouse, 30, known) for known in (24, 47.9, 48, None)] == [2, 2, 1, 1]


def test_what_was_decided_before_an_older_dump_was_read_was_not_known_before_that(warehouse: Warehouse) -> None:
    """A dump that waited to be read is known from its recording on, by the decisions of that time."""
    tell(warehouse, FULL, 0, 0)
    first = tell(warehouse, DEARER, 24, 24)
    store(warehouse, a_dump(wares(13, input=5), observed_at=at(48), recorded_at=at(48)))
    decide(warehouse, first, "reject", at(60))
    fold(warehouse)
    read(warehouse)
    fold(warehouse)

    assert [cost(warehouse, 30, known) for known in (30, 59.9, 60)] == [2, 2, 1]
    assert [cost(warehouse, 50, known) for known in (50, 59.9, 60)] == [2, 2, 1]


def test_a_refold_knows_what_was_known_when(warehouse: Warehouse) -> None:
    """After a rebuild the answers as known on any hour are the same."""
    tell(warehouse, FULL, 0, 0)
    for hour in (24, 48, 72, 96):
        held = tell(warehouse, SHORT, hour, hour)
    decide(warehouse, held, "reject", at(120))
    fold(warehouse)
    tell(warehouse, DEARER, 12, 130)
    asked = [(hour, known) for hour in (6, 12, 30, 100) for known in (0, 24, 95, 96, 119, 120, 130)]
    before = [cost(warehouse, hour, known) for hour, known in asked]
    with warehouse.derived_transaction() as connection:
        history.refold_source(connection, SHOP)

    assert [cost(warehouse, hour, known) for hour, known in asked] == before
    assert {1, 2, 3} <= set(before)


def test_of_one_instant_the_later_recorded_speaks(warehouse: Warehouse) -> None:
    """Two contents of one instant: the first counted until the second was there."""
    tell(warehouse, FULL, 24, 24)
    tell(warehouse, DEARER, 24, 30)

    assert [cost(warehouse, 24, known) for known in (24, 29.9, 30, None)] == [1, 1, 2, 2]


@pytest.mark.parametrize("known", [pytest.param(None, id="as known today"), pytest.param(500, id="as known then")])
def test_an_interval_holds_its_beginning_and_not_its_end(warehouse: Warehouse, known: float | None) -> None:
    """At the very instant of a change the new holds, and of a vanishing nothing; a microsecond before, the old."""
    microsecond = 1 / 3_600_000_000
    for hour, listed in (
        (0, {"a": {"input": 1}}),
        (24, {"a": {"input": 2}}),
        (48, {"b": {}}),
        (72, {"a": {}, "b": {}}),
    ):
        tell(warehouse, listed, hour, hour)
    asked = [bound + step for bound in (0, 24, 48, 72) for step in (-microsecond, 0)]
    found = []
    for hour in asked:
        with warehouse.transaction() as connection:
            known_on = None if known is None else at(known)
            answers = questions.price_on(connection, "shop", "a", at(hour), known_on=known_on)
            listed = [
                row["input_usd_per_mtok"]
                for row in questions.models_as_of(connection, at(hour))
                if row["model_id"] == "a"
            ]
        found.append([row["input_usd_per_mtok"] for row in answers])
        assert listed == found[-1]

    assert found == [[], [1], [1], [2], [2], [], [], [None]]


# -- answers tell where they come from ---------------------------------------------------------------------------------


def test_an_answer_names_its_dump_its_sha256_and_its_parser(warehouse: Warehouse) -> None:
    """As known today: the dump since which it holds; as known then: the newest that said so."""
    first, second = a_dump({"a": {"input": 1}}, observed_at=at(0)), a_dump({"a": {"input": 1}}, observed_at=at(24))
    take_in(warehouse, first, second)
    with warehouse.transaction() as connection:
        (today,) = questions.price_on(connection, "shop", "a", at(30))
        (then,) = questions.price_on(connection, "shop", "a", at(30), known_on=at(30))
        (change,) = questions.changes(connection)
        (version,) = questions.versions_of(connection, "shop", "a")
        (listed,) = questions.models_as_of(connection, at(30))

    assert (today["dump_id"], today["observed_at"], today["valid_from"]) == (1, at(0), at(0))
    assert (then["dump_id"], then["observed_at"], then["recorded_at"]) == (2, at(24), at(24))
    assert first.sha256 == second.sha256
    for answer in (today, then, change, version, listed):
        assert answer["dump_sha256"] == first.sha256.hex()
    for answer in (today, then, version, listed):
        assert answer["parser_version"] == parser_version(SHOP)


def test_every_source_answers_for_itself(warehouse: Warehouse) -> None:
    """Two sources may state two prices of one model; a question for one source gets one answer."""
    other = a_shop(name="other")
    take_in(warehouse, a_dump({"a": {"input": 1}}))
    take_in(warehouse, a_dump({"a": {"input": 2}}, source="other"), source=other)
    with warehouse.transaction() as connection:
        both = questions.price_on(connection, "shop", "a", at(1))
        one = questions.price_on(connection, "shop", "a", at(1), source="other")

    assert [(row["source"], row["input_usd_per_mtok"]) for row in both] == [("other", 2), ("shop", 1)]
    assert [row["source"] for row in one] == ["other"]


@pytest.mark.parametrize(
    ("lines", "price", "state"),
    [
        pytest.param([], None, "unknown", id="no price is stated"),
        pytest.param([{"usd": 0}], 0, "unknown", id="0 is stated"),
        pytest.param([{"usd": 3, "until": "2025-01-01"}], None, "paid", id="no longer"),
        pytest.param([{"usd": 3, "since": "2025-01-01"}], 3, "paid", id="from this day on"),
        pytest.param([{"usd": 3, "since": "2025-01-02"}], None, "paid", id="not yet"),
        pytest.param([{"usd": 3, "until": "2025-01-02"}], 3, "paid", id="until tomorrow"),
    ],
)
def test_a_dated_price_holds_from_its_first_day_to_the_one_before_its_last(
    warehouse: Warehouse, lines: list[dict[str, object]], price: int | None, state: str
) -> None:
    """On 1 January 2025; not stated is null, never 0."""
    market = a_market("market", "shop", complete=True)
    take_in(warehouse, a_dump({"a": {"prices": lines}}, source="market"), source=market)
    with warehouse.transaction() as connection:
        (found,) = questions.price_on(connection, "shop", "a", at(12))
        (listed,) = questions.models_as_of(connection, at(12))

    assert (found["input_usd_per_mtok"], found["price_state"]) == (price, state)
    assert (listed["input_usd_per_mtok"], listed["price_state"]) == (price, state)


def test_before_the_first_dump_there_is_no_answer(warehouse: Warehouse) -> None:
    """Nobody had said anything, which is no error; a known pair is known all the same."""
    take_in(warehouse, a_dump({"a": {"input": 1}}))
    with warehouse.transaction() as connection:
        assert questions.price_on(connection, "shop", "a", datetime(1, 1, 1, tzinfo=UTC)) == []
        assert questions.price_on(connection, "shop", "a", at(1), known_on=at(-1)) == []
        assert questions.models_as_of(connection, at(-1)) == []
        assert questions.is_known(connection, "shop", "a")
        assert not questions.is_known(connection, "shop", "b")
        assert serving.nearest(connection, "shop", "b") == [("shop", "a")]


# -- changes -----------------------------------------------------------------------------------------------------------


def test_changes_come_newest_first_from_an_instant_on(warehouse: Warehouse) -> None:
    """`since` is inclusive; a limit keeps the newest; a source and a model narrow it."""
    take_in(
        warehouse,
        a_dump({"a": {"input": 1}}, observed_at=at(0)),
        a_dump({"a": {"input": 2}, "b": {}}, observed_at=at(24)),
        a_dump({"b": {"description": "good"}}, observed_at=at(48)),
    )
    with warehouse.transaction() as connection:
        every = questions.changes(connection)
        since = questions.changes(connection, since=at(24))
        newest = questions.changes(connection, limit=1)
        of_a = questions.changes(connection, provider_id="shop", model_id="a")
        elsewhere = questions.changes(connection, source="other")

    steps = [
        (row["observed_at"], row["model_id"], row["kind"], row["field"], row["before"], row["after"]) for row in every
    ]
    assert steps == [
        (at(48), "a", "vanished", None, None, None),
        (at(48), "b", "text", "description", None, "good"),
        (at(24), "a", "changed", "input_usd_per_mtok", "1", "2"),
        (at(24), "b", "appeared", None, None, None),
        (at(0), "a", "appeared", None, None, None),
    ]
    assert (since, newest, of_a, elsewhere) == (every[:4], every[:1], [every[0], every[2], every[4]], [])


# -- the SQL contract --------------------------------------------------------------------------------------------------


def test_the_functions_can_be_asked_in_sql(warehouse: Warehouse) -> None:
    """`serving.price_on`, `facts_on` and `as_of` take their arguments as anybody would write them."""
    take_in(warehouse, a_dump({"a": {"input": 1}}))
    asked = {
        "price_on": "select input_usd_per_mtok from serving.price_on('shop', 'a', '2025-01-02')",
        "price_on known": "select input_usd_per_mtok from serving.price_on('shop', 'a', '2025-01-02', '2025-01-02')",
        "facts_on": "select source from serving.facts_on('shop', 'a', at => '2025-01-02', known_on => 'infinity')",
        "as_of": "select input_usd_per_mtok from serving.as_of('2025-01-02')",
        "unknown then": "select count(*) from serving.price_on('shop', 'a', '2025-01-02', '2024-12-31')",
    }

    assert {name: rows(warehouse, query) for name, query in asked.items()} == {
        "price_on": [(1,)],
        "price_on known": [(1,)],
        "facts_on": [("shop",)],
        "as_of": [(1,)],
        "unknown then": [(0,)],
    }


def test_as_of_has_the_columns_of_versions(warehouse: Warehouse) -> None:
    """Column by column, as of an instant within its interval a version reads as in the view, dated prices apart."""
    take_in(warehouse, a_dump({"a": {"input": 1, "context": 8, "description": "good", "colour": "red"}}))
    with warehouse.transaction() as connection:
        (version,) = connection.execute(text("select * from serving.versions")).mappings()
        (listed,) = connection.execute(text("select * from serving.as_of('2025-01-02')")).mappings()

    assert dict(listed) == dict(version)
