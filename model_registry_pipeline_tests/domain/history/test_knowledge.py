"""What was known when, against a fresh walk over what had been recorded by then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from model_registry_pipeline.domain.history.acceptance import Decision, Sighting, walk
from model_registry_pipeline.domain.history.knowledge import Knowledge

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
FULL = frozenset(range(40))
CONTENTS = {
    "full": FULL,
    "one less": FULL - {0},
    "three quarters": frozenset(range(30)),
    "half": frozenset(range(20)),
    "half, one less": frozenset(range(1, 20)),
    "renamed": frozenset(range(100, 140)),
    "empty": frozenset[int](),
}


@dataclass(frozen=True)
class Event:
    """What became known at an hour: a dump, or a person's word on one."""

    hour: int
    sighting: Sighting | None = None
    decision: tuple[int, Decision] | None = None


def a_sighting(dump_id: int, day: float, content: str = "full", *, confirms: int | None = None) -> Sighting:
    return Sighting(
        dump_id=dump_id, observed_at=NOON + timedelta(days=day), offering_ids=CONTENTS[content], confirms=confirms
    )


def arrived(hour: int, *sightings: Sighting) -> list[Event]:
    return [Event(hour, sighting) for sighting in sightings]


def decided(hour: int, dump_id: int, decision: Decision) -> Event:
    return Event(hour, decision=(dump_id, decision))


@st.composite
def stories(draw: st.DrawFn) -> list[Event]:
    """Dumps of a fortnight in any order, some of one instant, some confirming others, and decisions on them."""
    events: list[Event] = []
    known: list[Sighting] = []
    hour = 0
    for _ in range(draw(st.integers(1, 14))):
        hour += draw(st.integers(0, 2))
        if known and draw(st.integers(0, 4)) == 0:
            target = draw(st.sampled_from(known))
            events.append(decided(hour, target.dump_id, draw(st.sampled_from(Decision))))
            continue
        day = draw(st.integers(0, 13))
        earlier = [each for each in known if each.observed_at < NOON + timedelta(days=day)]
        confirmed = draw(st.sampled_from(earlier)) if earlier and draw(st.integers(0, 4)) == 0 else None
        sighting = Sighting(
            dump_id=len(known) + 1,
            observed_at=NOON + timedelta(days=day),
            offering_ids=confirmed.offering_ids if confirmed else CONTENTS[draw(st.sampled_from(sorted(CONTENTS)))],
            rejected=0 if confirmed else draw(st.sampled_from([0, 0, 0, 30])),
            unreadable=None if confirmed else draw(st.sampled_from([None, None, None, "no list"])),
            confirms=confirmed.dump_id if confirmed else None,
        )
        known.append(sighting)
        events.append(Event(hour, sighting))
    return events


def known_on(events: Sequence[Event], hour: int, *, is_complete: bool = True) -> dict[int, str]:
    """The statuses that one walk over all that was recorded up to an hour gives, without any memory."""
    sightings = [event.sighting for event in events if event.sighting and event.hour <= hour]
    decisions = dict(event.decision for event in events if event.decision and event.hour <= hour)
    in_time = sorted(sightings, key=lambda sighting: (sighting.observed_at, sighting.dump_id))
    return {verdict.dump_id: verdict.status for verdict in walk(in_time, decisions=decisions, is_complete=is_complete)}


def accepted(statuses: Mapping[int, str]) -> set[int]:
    return {dump_id for dump_id, status in statuses.items() if status == "accepted"}


def learnt(events: Sequence[Event], *, is_complete: bool = True) -> Knowledge:
    """Knowledge that was told hour by hour."""
    knowledge = Knowledge(is_complete=is_complete)
    for hour in sorted({event.hour for event in events}):
        told = [event for event in events if event.hour == hour]
        knowledge.learn(
            at(hour),
            [event.sighting for event in told if event.sighting],
            dict(event.decision for event in told if event.decision),
        )
    return knowledge


def at(hour: int) -> datetime:
    """An instant of recording, later than any of observing."""
    return NOON + timedelta(days=100, hours=hour)


def counting(knowledge: Knowledge, moment: datetime) -> list[int]:
    """The dumps whose periods hold a moment, sorted; twice where two periods do."""
    periods = [*knowledge.closed, *knowledge.opened.values()]
    return sorted(
        period.dump_id
        for period in periods
        if period.known_from <= moment and (period.known_to is None or moment < period.known_to)
    )


@given(stories(), st.booleans())
@settings(max_examples=400)
def test_arrivals_end_where_one_walk_over_everything_ends(events: list[Event], is_complete: bool) -> None:
    """Brought forward arrival by arrival, in whatever order, the verdicts are those of one walk over everything."""
    knowledge = learnt(events, is_complete=is_complete)

    stands = {dump_id: verdict.status for dump_id, verdict in knowledge.verdicts.items()}
    assert stands == known_on(events, events[-1].hour, is_complete=is_complete)


@given(stories())
@settings(max_examples=400)
def test_at_any_time_the_dumps_that_counted_are_those_of_a_walk_over_what_was_recorded(events: list[Event]) -> None:
    """At each hour exactly those periods run that a fresh walk over what was recorded by then accepts, each once."""
    knowledge = learnt(events)

    for hour in range(events[-1].hour + 2):
        assert counting(knowledge, at(hour)) == sorted(accepted(known_on(events, hour))), f"known on hour {hour}"
    assert all(period.known_to is not None and period.known_from < period.known_to for period in knowledge.closed)
