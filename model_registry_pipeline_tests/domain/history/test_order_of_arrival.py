"""Verdicts are a function of the dumps and the decisions, whatever became known first."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_registry_pipeline.domain.history.acceptance import Decision, Sighting, Verdict, walk
from model_registry_pipeline.domain.history.knowledge import Knowledge, Period
from model_registry_pipeline_tests.examples import a_sighting, at

FULL, HALF, OTHER = range(20), range(10), range(30, 40)
RELEASED = [a_sighting(number, ids) for number, ids in enumerate([FULL, HALF, HALF, HALF, HALF], start=1)]
"""Dump 2 is released by dumps 3 to 5."""


def taken_up(settled: list[Sighting], decisions: dict[int, Decision] | None = None) -> Knowledge:
    """Knowledge that begins with what a walk said of these dumps."""
    verdicts = list(walk(settled, decisions=decisions))
    return Knowledge(
        settled,
        {verdict.dump_id: verdict.status for verdict in verdicts},
        decisions,
        [verdict for verdict in verdicts if verdict.confirmed_by],
    )


def by_dump(verdicts: list[Verdict]) -> dict[int, Verdict]:
    return {verdict.dump_id: verdict for verdict in verdicts}


def test_a_release_is_known_from_the_last_confirmation_on() -> None:
    """While a short list was held, nobody knew that it counts."""
    knowledge = Knowledge()
    for hour, sighting in enumerate(RELEASED):
        knowledge.learn(at(hour), [sighting], {})

    assert list(knowledge.opened.values()) == [Period(1, at(0)), *(Period(dump, at(4)) for dump in (2, 3, 4, 5))]


def test_a_release_is_taken_back_where_it_rests_on_news() -> None:
    """A late full list between a released dump and its confirmations is news for the released one too."""
    knowledge = taken_up(RELEASED)
    knowledge.learn(at(500), [a_sighting(9, FULL, observed_at=at(36))], {})

    assert {dump: verdict.status for dump, verdict in knowledge.verdicts.items()} == {
        2: "held",
        9: "accepted",
        3: "held",
        4: "held",
        5: "held",
    }
    assert knowledge.ended == dict.fromkeys((2, 3, 4, 5), at(500))


def test_a_decision_on_a_confirmation_is_news_for_the_released_dump() -> None:
    """Without the third confirmation there is no release."""
    knowledge = taken_up(RELEASED)
    knowledge.learn(at(500), [], {5: Decision.REJECT})

    assert knowledge.verdicts[2].status == "held"


@pytest.mark.parametrize(
    "settled", [pytest.param(RELEASED, id="released"), pytest.param([a_sighting(1), a_sighting(2)], id="never held")]
)
def test_what_is_settled_is_not_judged_again(settled: list[Sighting]) -> None:
    """A new dump at the end is judged alone: the cost of a day does not grow with the years."""
    knowledge = taken_up(settled)
    newest = a_sighting(9, settled[-1].offering_ids)
    knowledge.learn(at(500), [newest], {})

    assert list(knowledge.verdicts) == [9]


def test_what_was_said_of_a_dump_is_no_evidence_for_it() -> None:
    """Walking over dumps again gives what the first walk gave, whatever statuses they have by then."""
    sightings = [*RELEASED[:3], a_sighting(4, HALF, confirms=3), RELEASED[4]]
    statuses = dict.fromkeys(range(1, 6), "accepted")

    assert list(walk(sightings, base_verdicts=statuses)) == list(walk(sightings))


def test_a_decision_reaches_back_to_the_last_instant_that_is_settled() -> None:
    """A dump beside an accepted one of its instant needs no release, and so no later decision touches it."""
    old, full = range(100, 120), [a_sighting(number, FULL, observed_at=at(24 * number)) for number in range(4, 8)]
    sightings = [a_sighting(1, old), a_sighting(2, old, observed_at=at(24)), a_sighting(3, FULL, observed_at=at(24))]
    sightings += full
    before = Knowledge()
    before.learn(at(500), sightings, {4: Decision.ACCEPT})
    before.learn(at(501), [], {4: Decision.REJECT})

    assert before.verdicts == by_dump(list(walk(sightings, decisions={4: Decision.REJECT})))


# -- any order -------------------------------------------------------------------------------------------------------

CONTENTS = {"full": FULL, "half": HALF, "other": OTHER, "most of half": range(1, 10), "empty": (), "grown": range(25)}


@st.composite
def sources(draw: st.DrawFn) -> tuple[list[Sighting], dict[int, Decision]]:
    """Dumps of one source in time order, some confirming others, and decisions on some of them."""
    sightings: list[Sighting] = []
    hour = 0
    for number in range(1, draw(st.integers(2, 12)) + 1):
        hour += draw(st.sampled_from([0, 12, 24, 24, 60]))
        earlier = [sighting for sighting in sightings if sighting.observed_at < at(hour)]
        confirmed = draw(st.sampled_from(earlier)) if earlier and draw(st.integers(0, 5)) == 0 else None
        sightings.append(
            a_sighting(
                number,
                CONTENTS[draw(st.sampled_from(sorted(CONTENTS)))] if confirmed is None else confirmed.offering_ids,
                observed_at=at(hour),
                confirms=None if confirmed is None else confirmed.dump_id,
                unreadable="broken" if confirmed is None and draw(st.integers(0, 9)) == 0 else None,
            )
        )
    decisions = draw(st.dictionaries(st.integers(1, len(sightings)), st.sampled_from(Decision), max_size=2))
    return sightings, decisions


@given(sources(), st.randoms(use_true_random=False), st.booleans())
def test_any_order_of_arrival_ends_at_the_same_verdicts(
    source: tuple[list[Sighting], dict[int, Decision]], random: Random, is_complete: bool
) -> None:
    """Dumps and decisions, learned one by one in any order, are judged as the walk over all of them judges."""
    sightings, decisions = source
    events: list[tuple[list[Sighting], dict[int, Decision]]] = [([sighting], {}) for sighting in sightings]
    events += [([], {dump_id: decision}) for dump_id, decision in decisions.items()]
    random.shuffle(events)
    knowledge = Knowledge(is_complete=is_complete)
    for hour, (new, decided) in enumerate(events):
        knowledge.learn(at(hour), new, decided)
    walked = by_dump(list(walk(sightings, decisions=decisions, is_complete=is_complete)))

    assert knowledge.verdicts == walked
    assert knowledge.opened.keys() == {dump for dump, verdict in walked.items() if verdict.is_accepted}


@given(sources(), st.integers(0, 12), st.randoms(use_true_random=False))
def test_judging_may_be_taken_up_again_anywhere(
    source: tuple[list[Sighting], dict[int, Decision]], count: int, random: Random
) -> None:
    """Beginning with what is settled ends where beginning with nothing does."""
    sightings, decisions = source
    arrivals = random.sample(sightings, len(sightings))
    settled = sorted(arrivals[:count], key=lambda sighting: (sighting.observed_at, sighting.dump_id))
    knowledge = taken_up(settled, decisions)
    for hour, sighting in enumerate(arrivals[count:]):
        knowledge.learn(at(hour), [sighting], {})

    assert by_dump(list(walk(settled, decisions=decisions))) | knowledge.verdicts == by_dump(
        list(walk(sightings, decisions=decisions))
    )
