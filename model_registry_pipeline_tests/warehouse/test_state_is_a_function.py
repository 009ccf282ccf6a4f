"""State is a function of the dumps and the actions: any order, any batching, any repetition give identical tables."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from model_registry_pipeline.domain.source import Source
from model_registry_pipeline.warehouse import history, raw
from model_registry_pipeline.warehouse.engine import Warehouse
from model_registry_pipeline.warehouse.snapshots import refresh_snapshots
from model_registry_pipeline_tests.conftest import Server
from model_registry_pipeline_tests.examples import Wares, a_document, a_dump, a_shop, at, wares
from model_registry_pipeline_tests.warehouse.feeding import find_dump, fold, read
from model_registry_pipeline_tests.warehouse.state import state_of


@dataclass(frozen=True)
class Said:
    """A dump."""

    observed: int
    recorded: int
    document: bytes
    confirms: "Said | None" = None


@dataclass(frozen=True)
class Decided:
    """An accept or a reject; of one dump the later in the story is the later word."""

    recorded: int
    about: Said
    kind: str


Event = Said | Decided


def listed(shape: str, price: int, words: str) -> bytes:
    """A list of 24 wares, of which the first costs so much, or what became of it."""
    full: Wares = wares(24, input=1, description=words)
    full = full | {"ware-00": {"input": price, "description": words, "unnamed": words}}
    names = sorted(full)
    kept = {
        "full": names,
        "unreadable price": names,
        "most": names[3:],
        "half": names[:12],
        "other half": names[12:],
        "empty": [],
    }
    if shape == "unreadable price":
        full = full | {name: full[name] | {"input": {"usd": price}} for name in names[:2]}
    if shape == "not a list":
        return b'{"error": "try again"}'
    if shape == "some broken":
        return b'[{"id": 1},' + a_document(full)[1:]
    if shape == "many broken":
        return b"[" + b'{"id": 1},' * 20 + a_document(full)[1:]
    return a_document({name: full[name] for name in kept[shape]})


documents = st.builds(
    listed,
    st.sampled_from(
        [
            *["full"] * 3,
            *["unreadable price"] * 2,
            "most",
            "half",
            "half",
            "other half",
            "empty",
            "not a list",
            "some broken",
            "many broken",
        ]
    ),
    st.integers(1, 3),
    st.sampled_from(["good", "better"]),
)


@st.composite
def stories(draw: st.DrawFn) -> list[Event]:
    """What a source said and what people decided, in time order; no two contents at one instant."""
    said: list[Said] = []
    hour = 0
    for _ in range(draw(st.integers(2, 9))):
        hour += draw(st.sampled_from([1, 24, 24, 24, 60]))
        recorded = hour + draw(st.sampled_from([0, 0, 0, 30, 100]))
        if said and draw(st.integers(0, 6)) == 0:
            confirmed = draw(st.sampled_from([each for each in said if each.confirms is None]))
            said.append(Said(hour, max(recorded, confirmed.recorded), confirmed.document, confirmed))
        else:
            said.append(Said(hour, recorded, draw(documents)))
    decided = [
        Decided(about.recorded + draw(st.integers(0, 100)), about, draw(st.sampled_from(["accept", "reject"])))
        for about in draw(st.lists(st.sampled_from(said), max_size=3))
    ]
    return [*said, *sorted(decided, key=lambda each: each.recorded)]


class Feed:
    """A story on its way into a registry, as a source of its own."""

    _numbers = count()

    def __init__(self, warehouse: Warehouse) -> None:
        self.source: Source = a_shop(name=f"shop_{next(self._numbers)}")
        self._warehouse = warehouse
        self._stored: dict[Said, int] = {}

    def tell(self, event: Event) -> None:
        with self._warehouse.transaction() as connection:
            if isinstance(event, Decided):
                raw.record_action(
                    connection,
                    kind=event.kind,
                    actor="test",
                    recorded_at=at(event.recorded),
                    dump_id=self._stored[event.about],
                )
                return
            dump = a_dump(
                event.document,
                source=self.source.name,
                observed_at=at(event.observed),
                recorded_at=at(event.recorded),
                confirms=find_dump(connection, self._stored[event.confirms]) if event.confirms else None,
            )
            self._stored[event], _ = raw.store_dump(connection, dump)

    def follow(self) -> None:
        read(self._warehouse, self.source)
        fold(self._warehouse, self.source)

    def refold(self) -> None:
        with self._warehouse.derived_transaction() as connection:
            history.refold_source(connection, self.source)

    def forget(self) -> None:
        """Drop everything that is derived."""
        with self._warehouse.transaction() as connection:
            for table in ("versions", "presence", "changes"):
                connection.execute(
                    text(
                        f"delete from history.{table} using normalized.offerings "
                        f"where {table}.offering_id = offerings.offering_id and source = :source"
                    ),
                    {"source": self.source.name},
                )
            for table in ("history.verdicts", "history.acceptances", "normalized.listings", "normalized.rejections"):
                connection.execute(
                    text(
                        f"delete from {table} where dump_id in (select dump_id from raw.dumps where source = :source)"
                    ),
                    {"source": self.source.name},
                )
            connection.execute(
                text(
                    "delete from normalized.records using normalized.offerings "
                    "where records.offering_id = offerings.offering_id and source = :source"
                ),
                {"source": self.source.name},
            )
            for table in ("normalized.offerings", "normalized.paths", "history.snapshots"):
                connection.execute(text(f"delete from {table} where source = :source"), {"source": self.source.name})

    def state(self) -> dict[str, list[str]]:
        with self._warehouse.derived_transaction() as connection:
            refresh_snapshots(connection)
            return state_of(connection, self.source.name)


def at_once(feed: Feed, story: Sequence[Event], random: Random) -> None:
    for event in story:
        feed.tell(event)
    feed.follow()


def one_by_one(feed: Feed, story: Sequence[Event], random: Random) -> None:
    """As it became known, day by day."""
    for event in sorted(story, key=lambda event: event.recorded):
        feed.tell(event)
        feed.follow()


def shuffled(feed: Feed, story: Sequence[Event], random: Random) -> None:
    for event in in_some_order(story, random):
        feed.tell(event)
        feed.follow()


def in_batches(feed: Feed, story: Sequence[Event], random: Random) -> None:
    for event in in_some_order(story, random):
        feed.tell(event)
        if random.random() < 0.3:
            feed.follow()
    feed.follow()


def twice(feed: Feed, story: Sequence[Event], random: Random) -> None:
    """Every dump comes again, right away or after others; decisions are not repeated: each is one."""
    order = in_some_order(story, random)
    for position, event in enumerate(order):
        feed.tell(event)
        for again in random.sample(order[: position + 1], min(2, position + 1)):
            if isinstance(again, Said):
                feed.tell(again)
        if random.random() < 0.5:
            feed.follow()
    feed.follow()
    feed.follow()


def forgetting(feed: Feed, story: Sequence[Event], random: Random) -> None:
    """All derived rows are lost half way."""
    order = in_some_order(story, random)
    for position, event in enumerate(order):
        feed.tell(event)
        if position == len(order) // 2:
            feed.follow()
            feed.forget()
    feed.follow()


def refolding(feed: Feed, story: Sequence[Event], random: Random) -> None:
    """History is folded anew half way and at the end."""
    order = in_some_order(story, random)
    for position, event in enumerate(order):
        feed.tell(event)
        if position == len(order) // 2:
            feed.follow()
            feed.refold()
    feed.follow()
    feed.refold()


def in_some_order(story: Sequence[Event], random: Random) -> list[Event]:
    """A 304 comes after what it confirms, a decision after its dump and after earlier ones on it."""
    waiting, order = list(story), []
    while waiting:
        free = [i for i, event in enumerate(waiting) if not any(needs(event, earlier) for earlier in waiting[:i])]
        order.append(waiting.pop(random.choice(free)))
    return order


def needs(event: Event, earlier: Event) -> bool:
    if isinstance(event, Said):
        return earlier == event.confirms
    return event.about == (earlier if isinstance(earlier, Said) else earlier.about)


WAYS = (one_by_one, shuffled, in_batches, twice, forgetting, refolding)


@pytest.fixture(scope="module")
def registry(server: Server, registry_template: str) -> Iterator[Warehouse]:
    """One registry for all examples: each feed is a source of its own."""
    with server.fresh_database(registry_template) as url, Warehouse(url) as warehouse:
        yield warehouse


@pytest.mark.parametrize("way", WAYS, ids=[way.__name__ for way in WAYS])
@settings(max_examples=12)
@given(story=stories(), random=st.randoms(use_true_random=False))
def test_the_tables_are_the_same_however_they_came_about(
    registry: Warehouse,
    way: Callable[[Feed, Sequence[Event], Random], None],
    story: list[Event],
    random: Random,
) -> None:
    """All at once gives the same rows as this way."""
    reference, feed = Feed(registry), Feed(registry)
    at_once(reference, story, random)
    way(feed, story, random)

    expected, found = reference.state(), feed.state()
    for table, rows in expected.items():
        assert found[table] == rows, table
