"""The life of pairs: added, called, enabled, spoken for, marked and purged, whatever their lists say."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model_registry_pipeline.domain.health.acts import Act
from model_registry_pipeline.domain.normalized.reported import details
from model_registry_pipeline.settings import Settings
from model_registry_pipeline.warehouse import actions, health, lifecycle
from model_registry_pipeline.warehouse.actions import Pair
from model_registry_pipeline.warehouse.engine import Warehouse
from model_registry_pipeline_tests.conftest import Server
from model_registry_pipeline_tests.examples import a_dump, a_shop, at, wares
from model_registry_pipeline_tests.warehouse.feeding import days, publish, rows, take_in

A: Pair = ("shop", "ware-00")
"""A ware that lists may hold."""
UNLISTED: Pair = ("shop", "secret")
DAY = 24


def act(warehouse: Warehouse, kind: Act, hour: float, *pairs: Pair, **said: Any) -> None:
    with warehouse.transaction() as connection:
        if kind is Act.CALL:
            stated = details(said.get("name"), said.get("metadata"), None)
            actions.record_call(connection, pairs[0], recorded_at=at(hour), actor="test", details=stated)
        else:
            stated = details(said.get("name"), said.get("metadata"), None)
            actions.record(connection, kind, pairs, recorded_at=at(hour), actor="test", details=stated)


def choose(warehouse: Warehouse, kind: Act, hour: float, provider_id: str) -> None:
    with warehouse.transaction() as connection:
        actions.record_of_provider(connection, kind, provider_id, recorded_at=at(hour), actor="test")


def offering(warehouse: Warehouse, columns: str, pair: Pair = A, source: str = "shop") -> Any:
    """Some columns of one offering; None: it is not shown."""
    found = rows(
        warehouse,
        f"select {columns} from serving.offerings where (source, provider_id, model_id) = (:source, :p, :m)",
        source=source,
        p=pair[0],
        m=pair[1],
    )
    return found[0] if found else None


def of_pair(warehouse: Warehouse, columns: str, pair: Pair = A) -> Any:
    found = rows(
        warehouse,
        f"select {columns} from serving.pairs where (provider_id, model_id) = (:p, :m)",
        p=pair[0],
        m=pair[1],
    )
    return found[0] if found else None


def shown_flags(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    return rows(warehouse, "select source, model_id, state, since from serving.flags order by 1, 2")


# -- how a pair became known -----------------------------------------------------------------------------------------


def test_an_unknown_pair_that_answered_is_known_at_once(warehouse: Warehouse) -> None:
    """As INFERENCE, with what was said of it, before anything else runs."""
    act(warehouse, Act.CALL, 5, UNLISTED, name="Secret", metadata={"context_window_tokens": 9, "team": "blue"})

    assert of_pair(warehouse, "discovered_via, first_seen_at, last_seen_at, last_called_at, is_usable", UNLISTED) == (
        "INFERENCE", at(5), at(5), at(5), True,
    )  # fmt: skip
    assert offering(warehouse, "name, context_window_tokens, extra, state, dump_id", UNLISTED, "inference") == (
        "Secret", 9, {"team": "blue"}, "listed", None,
    )  # fmt: skip


def test_what_a_person_adds_is_known_at_once(warehouse: Warehouse) -> None:
    """As MANUAL; added again, the newer words hold."""
    act(warehouse, Act.ADD, 5, UNLISTED, name="Old")
    act(warehouse, Act.ADD, 6, UNLISTED, name="New", metadata={"supports_tools": True})

    assert of_pair(warehouse, "discovered_via, first_seen_at, sources", UNLISTED) == ("MANUAL", at(5), ["manual"])
    assert offering(warehouse, "name, supports_tools", UNLISTED, "manual") == ("New", True)


@pytest.mark.parametrize(
    ("kind", "hour", "expected"),
    [
        pytest.param(Act.CALL, -5, ("INFERENCE", at(-5)), id="called before a list told of it"),
        pytest.param(Act.CALL, 5, ("INDEX", at(0)), id="called later"),
        pytest.param(Act.ADD, -5, ("MANUAL", at(-5)), id="added before"),
        pytest.param(Act.ADD, 5, ("INDEX", at(0)), id="added later"),
        pytest.param(Act.DISABLE, -5, ("INDEX", at(0)), id="a choice is no evidence"),
    ],
)
@pytest.mark.parametrize("is_listed_first", [True, False])
def test_the_first_evidence_tells_how(
    warehouse: Warehouse, kind: Act, hour: float, expected: tuple[str, datetime], is_listed_first: bool
) -> None:
    """Whether the dump or the action came into the registry first."""
    if is_listed_first:
        take_in(warehouse, a_dump(wares(2)))
    act(warehouse, kind, hour, A)
    if not is_listed_first:
        take_in(warehouse, a_dump(wares(2)))
    publish(warehouse)

    assert of_pair(warehouse, "discovered_via, first_seen_at") == expected


def test_a_call_is_a_sighting(warehouse: Warehouse) -> None:
    """It moves the last one forward, never back; another pair's stays."""
    take_in(warehouse, a_dump(wares(2)))
    for hour in (30, 20):
        act(warehouse, Act.CALL, hour, A)

    assert offering(warehouse, "last_seen_at, last_called_at") == (at(30), at(30))
    assert offering(warehouse, "last_seen_at, last_called_at", ("shop", "ware-01")) == (at(0), None)


@pytest.mark.parametrize("said", [{}, {"name": "A"}, {"metadata": {"team": "blue"}}])
def test_calls_without_news_read_no_earlier_ones(
    warehouse: Warehouse, said: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An application may report each of a million calls: only what is new of a pair is worked out from all of them."""
    act(warehouse, Act.CALL, 0, A, **said)
    monkeypatch.setattr(actions, "_refresh", lambda *_: pytest.fail("everything was read again"))
    for hour in (1, 2, 2):
        act(warehouse, Act.CALL, hour, A, **said)

    assert of_pair(warehouse, "first_seen_at, last_called_at") == (at(0), at(2))
    assert rows(warehouse, "select count(*) from raw.actions") == [(4,)]


def test_what_a_later_call_says_holds(warehouse: Warehouse) -> None:
    """One that says nothing takes nothing back."""
    act(warehouse, Act.CALL, 0, A, name="Old")
    act(warehouse, Act.CALL, 1, A, name="New")
    act(warehouse, Act.CALL, 2, A)

    assert offering(warehouse, "name, last_called_at", A, "inference") == ("New", at(2))


# -- what ages, and what does not ------------------------------------------------------------------------------------


def vanish(warehouse: Warehouse, until: int = 3) -> None:
    """`ware-20` is listed on the first day, and on no later one."""
    take_in(warehouse, *days(wares(21), *[wares(20)] * (until - 1)))
    publish(warehouse)


GONE: Pair = ("shop", "ware-20")


@pytest.mark.parametrize("kind", [Act.CALL, Act.REACTIVATE, Act.ADD])
def test_a_sign_of_life_reactivates_at_once(warehouse: Warehouse, kind: Act) -> None:
    """A stale pair that answers, or that a person speaks for, is active in the same moment; judged again it stays so,
    until its source lacks it for as long again."""
    vanish(warehouse)
    assert offering(warehouse, "state, state_since, is_active", GONE) == ("stale", at(2 * DAY), False)
    act(warehouse, kind, 60, GONE)
    at_once = offering(warehouse, "state, state_since, is_active, is_usable", GONE)
    publish(warehouse)
    judged = offering(warehouse, "state, state_since, is_active, is_usable", GONE)
    take_in(warehouse, a_dump(wares(20), observed_at=at(72)))
    publish(warehouse)
    day_after = offering(warehouse, "state", GONE)
    take_in(warehouse, a_dump(wares(20), observed_at=at(96)))
    publish(warehouse)

    assert at_once == judged == ("missing", at(DAY), True, True)
    assert day_after == ("missing",)
    assert offering(warehouse, "state, state_since", GONE) == ("stale", at(96))


def test_thresholds_are_by_source(warehouse: Warehouse) -> None:
    """A source of its own pace has its own hours."""
    vanish(warehouse)
    other = a_shop(name="market")
    take_in(warehouse, *days(wares(21), wares(20), wares(20), source="market"), source=other)
    publish(warehouse, stale_after_hours=23, stale_after_hours_by_source={"market": 25})

    assert shown_flags(warehouse) == [
        ("market", "ware-20", "missing", at(DAY)),
        ("shop", "ware-20", "stale", at(2 * DAY)),
    ]


def test_what_a_person_added_never_ages(warehouse: Warehouse) -> None:
    """Not in the lists that drop it, not with the years, not when everything else is marked."""
    act(warehouse, Act.ADD, -1, GONE)
    vanish(warehouse)
    publish(warehouse, at(90_000))
    with warehouse.transaction() as connection:
        unseen = lifecycle.unseen_pairs(connection, at(90_000))
        purgeable = lifecycle.purgeable_pairs(connection, at(90_000), timedelta(days=30))

    assert rows(warehouse, "select * from health.flags") == shown_flags(warehouse) == []
    assert offering(warehouse, "state, state_since, is_active", GONE) == ("listed", None, True)
    assert (GONE in unseen, purgeable) == (False, [])


def test_an_added_pair_is_told_of_whatever_lists_do(warehouse: Warehouse) -> None:
    """One that a list knew first is no MANUAL one, but its own offering, the person's, stands."""
    take_in(warehouse, *days(wares(21)))
    act(warehouse, Act.ADD, 1, GONE)
    take_in(warehouse, *days(wares(21), wares(20), wares(20)))
    publish(warehouse)

    assert of_pair(warehouse, "discovered_via, is_active, sources", GONE) == ("INDEX", True, ["manual", "shop"])
    assert shown_flags(warehouse) == [("shop", "ware-20", "stale", at(2 * DAY))]


def test_what_only_calls_told_of_ages_by_the_clock(warehouse: Warehouse) -> None:
    """Thirty days after the last successful call; the next one brings it back at once."""
    act(warehouse, Act.CALL, 0, UNLISTED)
    act(warehouse, Act.CALL, DAY, UNLISTED)
    told = []
    for day in (30, 31, 32):
        publish(warehouse, at(day * DAY))
        told.append(offering(warehouse, "state, state_since", UNLISTED, "inference"))
    act(warehouse, Act.CALL, 32 * DAY, UNLISTED)
    told.append(offering(warehouse, "state, state_since", UNLISTED, "inference"))

    assert told == [("listed", None), ("stale", at(31 * DAY)), ("stale", at(31 * DAY)), ("listed", None)]


def test_what_an_index_lists_needs_no_calls(warehouse: Warehouse) -> None:
    """INFERENCE does not age while a list holds the pair; when that lets go, the last call counts again."""
    act(warehouse, Act.CALL, -1, GONE)
    take_in(warehouse, *days(wares(21)))
    publish(warehouse, at(9000))
    listed = of_pair(warehouse, "discovered_via, is_active, sources", GONE)
    take_in(warehouse, *days(wares(21), wares(20), wares(20)))
    publish(warehouse, at(9000))

    assert listed == ("INFERENCE", True, ["inference", "shop"])
    assert of_pair(warehouse, "discovered_via, is_active", GONE) == ("INFERENCE", False)
    assert [flag[:3] for flag in shown_flags(warehouse)] == [
        ("inference", "ware-20", "stale"),
        ("shop", "ware-20", "stale"),
    ]


def test_a_mark_holds_until_the_next_sighting(warehouse: Warehouse) -> None:
    """Also on what is listed; a source that answers again, a call or a person's word takes it back."""
    take_in(warehouse, *days(wares(3)))
    for kind, number in ((Act.MARK_STALE, 0), (Act.MARK_STALE, 1), (Act.MARK_STALE, 2)):
        act(warehouse, kind, 10, ("shop", f"ware-{number:02}"))
    publish(warehouse)
    marked = shown_flags(warehouse)
    act(warehouse, Act.CALL, 11, ("shop", "ware-00"))
    act(warehouse, Act.REACTIVATE, 11, ("shop", "ware-01"))
    spoken_for = shown_flags(warehouse)
    take_in(warehouse, a_dump(wares(3), observed_at=at(DAY)))
    seen = shown_flags(warehouse)
    publish(warehouse)

    assert marked == [("shop", f"ware-0{number}", "stale", at(10)) for number in range(3)]
    assert spoken_for == [("shop", "ware-02", "stale", at(10))]
    assert seen == []
    assert rows(warehouse, "select * from health.flags") == []


def test_unseen_pairs_are_those_that_nothing_told_of(warehouse: Warehouse) -> None:
    """Neither a list nor a call, since then; those that are inactive already need no mark."""
    take_in(warehouse, *days(wares(2)))
    take_in(warehouse, a_dump(wares(1), source="market", observed_at=at(50)), source=a_shop(name="market"))
    act(warehouse, Act.CALL, 1, UNLISTED)
    with warehouse.transaction() as connection:
        found = [
            lifecycle.unseen_pairs(connection, at(hour), provider)
            for hour, provider in ((0, None), (1, None), (2, None), (60, None), (60, "nobody"))
        ]
    act(warehouse, Act.MARK_STALE, 70, A, UNLISTED)
    publish(warehouse)
    with warehouse.transaction() as connection:
        found.append(lifecycle.unseen_pairs(connection, at(60)))

    one, two = ("shop", "ware-00"), ("shop", "ware-01")
    assert found == [[], [two], [UNLISTED, two], [UNLISTED, one, two], [], [two]]


def test_what_a_person_added_and_what_a_top_list_told_of_is_not_unseen(warehouse: Warehouse) -> None:
    """Also where an index knew it first; and that it dropped out of a top N says nothing."""
    top = a_shop(name="market", complete=False)
    listed = [{"c": {}, "d": {}}, {"d": {}}]
    take_in(warehouse, *days(wares(2)))
    take_in(warehouse, *days(*listed, source="market"), source=top)
    act(warehouse, Act.ADD, 1, A)
    with warehouse.transaction() as connection:
        found = lifecycle.unseen_pairs(connection, at(100))

    assert found == [("shop", "ware-01")]


# -- the administrator's choice --------------------------------------------------------------------------------------


def test_a_choice_outlives_every_sync(warehouse: Warehouse) -> None:
    """Disabled is not usable, and neither a list, a return nor a call changes that; enabling does."""
    take_in(warehouse, *days(wares(21)))
    act(warehouse, Act.DISABLE, 1, GONE)
    told = [offering(warehouse, "enabled, is_active, is_usable", GONE)]
    take_in(warehouse, *days(wares(21), wares(20), wares(20), wares(21)))
    act(warehouse, Act.CALL, 100, GONE)
    publish(warehouse)
    told.append(offering(warehouse, "enabled, is_active, is_usable", GONE))
    act(warehouse, Act.ENABLE, 101, GONE)
    told.append(offering(warehouse, "enabled, is_active, is_usable", GONE))

    assert told == [(False, True, False), (False, True, False), (True, True, True)]


def test_a_providers_choice_is_for_all_that_it_serves(warehouse: Warehouse) -> None:
    """Also for what comes later; a pair's own choice stays what it is."""
    choose(warehouse, Act.DISABLE, 0, "shop")
    take_in(warehouse, *days(wares(1)))
    act(warehouse, Act.DISABLE, 1, A)
    told = [offering(warehouse, "enabled, provider_enabled, is_usable")]
    choose(warehouse, Act.ENABLE, 2, "shop")
    told.append(offering(warehouse, "enabled, provider_enabled, is_usable"))
    act(warehouse, Act.ENABLE, 3, A)
    told.append(offering(warehouse, "enabled, provider_enabled, is_usable"))

    assert told == [(False, False, False), (False, True, False), (True, True, True)]
    assert rows(warehouse, "select provider_id, enabled from serving.providers") == [("shop", True)]


# -- purge -----------------------------------------------------------------------------------------------------------


def purge(warehouse: Warehouse, hour: float, after_days: float = 30) -> Sequence[Pair]:
    with warehouse.transaction() as connection:
        lifecycle.refresh_flags(connection, Settings(), at(hour))
        gone = lifecycle.purgeable_pairs(connection, at(hour), timedelta(days=after_days))
        actions.record(connection, Act.PURGE, gone, recorded_at=at(hour), actor="test")
    return gone


def test_a_purge_hides_what_has_been_inactive_for_long(warehouse: Warehouse) -> None:
    """It is no longer shown; its history, its changes and the dumps are."""
    vanish(warehouse)
    early = purge(warehouse, 32 * DAY)
    evidence = (
        rows(warehouse, "select count(*) from serving.versions"),
        rows(warehouse, "select * from serving.changes"),
    )
    late = purge(warehouse, 32 * DAY + 1)

    assert (early, late) == ([], [GONE])
    assert (offering(warehouse, "state", GONE), of_pair(warehouse, "is_active", GONE)) == (None, None)
    assert rows(warehouse, "select count(*) from serving.offerings") == [(20,)]
    assert shown_flags(warehouse) == []
    assert evidence == (
        rows(warehouse, "select count(*) from serving.versions"),
        rows(warehouse, "select * from serving.changes"),
    )
    assert purge(warehouse, 9000) == []


def test_a_later_sighting_brings_a_purged_pair_back(warehouse: Warehouse) -> None:
    """Born anew, by what is later than the tombstone; the administrator's choice is still his."""
    vanish(warehouse)
    act(warehouse, Act.DISABLE, 50, GONE)
    purge(warehouse, 40 * DAY)
    take_in(warehouse, a_dump(wares(21), observed_at=at(41 * DAY)))
    at_once = offering(warehouse, "discovered_via, state, first_seen_at, last_seen_at, enabled", GONE)
    publish(warehouse)

    assert at_once == ("INDEX", "listed", at(41 * DAY), at(41 * DAY), False)
    assert offering(warehouse, "discovered_via, state, first_seen_at, last_seen_at, enabled", GONE) == at_once


def test_a_purged_pair_that_answers_is_a_new_one(warehouse: Warehouse) -> None:
    """Calls before the tombstone count no more."""
    act(warehouse, Act.CALL, 0, UNLISTED, name="Old")
    assert purge(warehouse, 61 * DAY) == [UNLISTED]
    assert of_pair(warehouse, "is_active", UNLISTED) is None
    act(warehouse, Act.CALL, 62 * DAY, UNLISTED)

    assert of_pair(warehouse, "discovered_via, first_seen_at, last_called_at, is_active", UNLISTED) == (
        "INFERENCE", at(62 * DAY), at(62 * DAY), True,
    )  # fmt: skip
    assert offering(warehouse, "name", UNLISTED, "inference") == (None,)


def test_an_old_dump_brings_nothing_back(warehouse: Warehouse) -> None:
    """Evidence up to the tombstone stays hidden, however late it is taken in."""
    vanish(warehouse)
    purge(warehouse, 40 * DAY)
    take_in(warehouse, a_dump(wares(21), observed_at=at(12)))
    publish(warehouse)

    assert offering(warehouse, "state", GONE) is None


# -- numbers for the checks ------------------------------------------------------------------------------------------


def test_a_surge_is_what_the_newest_answer_made_stale(warehouse: Warehouse) -> None:
    """Of those that were active before it; what was stale already is neither."""
    lists = [wares(100), wares(99), wares(99), wares(80), wares(80)]
    found = []
    for day in range(len(lists)):
        take_in(warehouse, *days(*lists[: day + 1]))
        publish(warehouse)
        with warehouse.transaction() as connection:
            found.append([tuple(row) for row in health.inactive_surges(connection)])

    assert found == [
        [("shop", at(0), 0, 100)],
        [("shop", at(24), 0, 100)],
        [("shop", at(48), 1, 100)],
        [("shop", at(72), 0, 99)],
        [("shop", at(96), 19, 99)],
    ]


# -- a function of dumps and actions ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """A list of one of two sources, or an action on one of three pairs."""

    hour: int
    listed: tuple[int, ...] | None = None
    """Which of the pairs; an action: None."""
    source: int = 0
    kind: Act = Act.CALL
    pair: int = 0
    name: str | None = None


@st.composite
def stories(draw: st.DrawFn) -> list[Told]:
    hours = draw(st.lists(st.integers(0, 60), min_size=3, max_size=12, unique=True))
    lists = st.lists(st.sampled_from([0, 1, 2]), min_size=1, max_size=3, unique=True).map(sorted).map(tuple)
    return [
        Told(24 * hour, listed=draw(lists), source=draw(st.integers(0, 1)))
        if draw(st.booleans())
        else Told(
            24 * hour + 1,
            kind=draw(st.sampled_from(Act)),
            pair=draw(st.integers(0, 2)),
            name=draw(st.sampled_from([None, "one", "two"])),
        )
        for hour in hours
    ]


class Feed:
    """A story on its way into a registry, with sources and a provider of its own."""

    _numbers = count()

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse, number = warehouse, next(self._numbers)
        self.sources = [a_shop(name=f"{name}_{number}") for name in ("shop", "market")]
        self.prefix = f"{number}-"

    def tell(self, *story: Told) -> None:
        for told in story:
            if told.listed is not None:
                source = self.sources[told.source]
                listed = {f"{self.prefix}{pair}": {} for pair in told.listed}
                take_in(self.warehouse, a_dump(listed, source=source.name, observed_at=at(told.hour)), source=source)
            else:
                said = {"name": told.name} if told.kind in {Act.ADD, Act.CALL} else {}
                act(self.warehouse, told.kind, told.hour, ("shop", f"{self.prefix}{told.pair}"), **said)

    def state(self) -> list[tuple[Any, ...]]:
        """What is shown of it, with names that do not differ from story to story."""
        publish(self.warehouse, at(24 * 61))
        query = """
            select split_part(source, '_', 1), split_part(model_id, '-', 2), name, discovered_via, state, state_since,
                   enabled, is_usable, first_seen_at, last_seen_at, last_called_at, valid_from, valid_to
            from serving.offerings where model_id like :prefix order by 1, 2
        """
        pairs = """
            select split_part(model_id, '-', 2), discovered_via, first_seen_at, enabled, added_at, first_called_at,
                   last_called_at, spoken_for_at, marked_stale_at, purged_at
            from health.pairs where model_id like :prefix order by 1
        """
        shown = {"prefix": f"{self.prefix}%"}
        flags = """
            select split_part(source, '_', 1), split_part(model_id, '-', 2), flags.state, since, reason
            from health.flags join normalized.offerings using (offering_id) where model_id like :prefix order by 1, 2
        """
        return [row for each in (query, pairs, flags) for row in rows(self.warehouse, each, **shown)]


@pytest.fixture(scope="module")
def registry(server: Server, registry_template: str) -> Iterator[Warehouse]:
    """One registry for all examples."""
    with server.fresh_database(registry_template) as url, Warehouse(url) as warehouse:
        yield warehouse


@settings(max_examples=25)
@given(story=stories(), random=st.randoms(use_true_random=False))
def test_any_order_of_dumps_and_actions_gives_the_same(registry: Warehouse, story: list[Told], random: Random) -> None:
    """What is shown of offerings, what is known of pairs, and every flag."""
    in_time, shuffled = Feed(registry), Feed(registry)
    in_time.tell(*sorted(story, key=lambda told: told.hour))
    shuffled.tell(*random.sample(story, len(story)))

    assert shuffled.state() == in_time.state()


@settings(max_examples=12)
@given(story=stories())
def test_what_actions_amount_to_can_be_worked_out_again(registry: Warehouse, story: list[Told]) -> None:
    """A rebuild of the table finds nothing to change; with all its rows lost it gives the same."""
    feed = Feed(registry)
    feed.tell(*story)
    expected = feed.state()
    rows(registry, "delete from health.pairs returning 1")

    assert feed.state() == expected


def test_calls_at_once_are_all_counted(warehouse: Warehouse, registry_url: str) -> None:
    """Eight report calls of a few pairs while all is refreshed: the last call of each is the last."""
    pairs = [("shop", f"model-{number}") for number in range(3)]

    def report(worker: int) -> None:
        with Warehouse(registry_url) as own:
            for number in range(12):
                act(own, Act.CALL, worker + 8 * number, pairs[number % 3], name=f"name {number % 2}")
                if number % 4 == 0:
                    with own.transaction() as connection:
                        actions.refresh_pairs(connection)

    with ThreadPoolExecutor(8) as threads:
        for done in [threads.submit(report, worker) for worker in range(8)]:
            done.result()
    before = rows(warehouse, "select * from health.pairs order by model_id")
    publish(warehouse)

    assert rows(warehouse, "select model_id, first_called_at, last_called_at from health.pairs order by 1") == [
        (f"model-{number}", at(8 * number), at(7 + 8 * (9 + number))) for number in range(3)
    ]
    assert rows(warehouse, "select * from health.pairs order by model_id") == before
    assert rows(warehouse, "select count(*) from raw.actions") == [(96,)]
