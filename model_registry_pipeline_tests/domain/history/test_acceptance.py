"""Which dumps count: each rule at its boundary."""

from collections.abc import Sequence

import pytest

from model_registry_pipeline.domain.history.acceptance import Decision, Sighting, Verdict, walk
from model_registry_pipeline_tests.examples import a_sighting, at

ACCEPT, REJECT = Decision.ACCEPT, Decision.REJECT
FULL = range(20)
HALF = range(10)
ALL_OTHERS = range(100, 120)


def judged(*sightings: Sighting, **but: object) -> dict[int, Verdict]:
    """Verdicts by dump."""
    return {verdict.dump_id: verdict for verdict in walk(sightings, **but)}  # type: ignore[arg-type]


def statuses(*sightings: Sighting, **but: object) -> list[str]:
    """Statuses in time order."""
    verdicts = judged(*sightings, **but)
    return [verdicts[sighting.dump_id].status for sighting in sightings]


def days(*contents: Sequence[int]) -> list[Sighting]:
    """A dump a day, from dump 1 on."""
    return [a_sighting(number, ids) for number, ids in enumerate(contents, start=1)]


# -- by itself -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("listed", "rejected", "status"),
    [
        pytest.param(8, 2, "accepted", id="20 percent is fine"),
        pytest.param(79, 20, "held", id="a hair over 20 percent"),
        pytest.param(3, 1, "held", id="25 percent"),
        pytest.param(1, 0, "accepted", id="one record"),
        pytest.param(0, 0, "held", id="no records"),
        pytest.param(0, 1, "held", id="none that can be read"),
    ],
)
def test_a_dump_is_judged_by_what_can_be_read_of_it(listed: int, rejected: int, status: str) -> None:
    """More than 20 percent rejected, or no records at all, is held, also as the first of its source."""
    assert statuses(a_sighting(1, range(listed), rejected=rejected)) == [status]


def test_the_reason_is_told_in_numbers() -> None:
    """A verdict says what was found, and which dump it was compared with."""
    verdicts = judged(*days(FULL, HALF), a_sighting(3, HALF, rejected=5), a_sighting(4, ()))

    assert [(verdict.reason, verdict.base_dump_id) for verdict in verdicts.values()] == [
        ("the first of its source", None),
        ("10 offerings, 20 before", 1),
        ("5 of 15 records could not be read", 1),
        ("no records at all", 1),
    ]


@pytest.mark.parametrize(
    ("is_local", "status"), [pytest.param(True, "accepted", id="local"), pytest.param(False, "held", id="remote")]
)
def test_a_local_source_may_be_empty(is_local: bool, status: str) -> None:
    """A service on this machine may truly have nothing installed; a remote one has not."""
    assert statuses(*days(range(5), ()), is_local=is_local) == ["accepted", status]


def test_a_local_source_is_no_excuse_for_unreadable_records() -> None:
    """Records that are there but can't be read are no empty list."""
    assert statuses(a_sighting(1, (), rejected=1), is_local=True) == ["held"]


# -- against the one before ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "now", "status"),
    [
        pytest.param(range(20), range(14), "accepted", id="70 percent of 20"),
        pytest.param(range(20), range(13), "held", id="65 percent of 20"),
        pytest.param(range(30), range(21), "accepted", id="70 percent of 30: 0.7 * 30 is a hair above 21 as a float"),
        pytest.param(range(1000), range(699), "held", id="69.9 percent of 1000"),
        pytest.param(range(19), range(1), "accepted", id="a base of 19 is too small to judge by"),
        pytest.param(range(20), range(1), "held", id="a base of 20 is not"),
        pytest.param(range(20), range(10, 30), "accepted", id="50 percent of the ids"),
        pytest.param(range(20), range(11, 31), "held", id="45 percent of the ids"),
        pytest.param(range(21), range(11, 31), "held", id="10 of 21 ids: a hair under half"),
        pytest.param(range(19), ALL_OTHERS, "accepted", id="all ids of 19"),
        pytest.param(range(20), ALL_OTHERS, "held", id="all ids renamed"),
        pytest.param(range(20), range(500), "accepted", id="growth"),
    ],
)
def test_a_complete_list_shrinks_and_renames_by_little(before: range, now: range, status: str) -> None:
    """At least 70 percent of the count and 50 percent of the ids of a base of 20 or more, in whole numbers."""
    assert statuses(*days(before, now)) == ["accepted", status]


@pytest.mark.parametrize("now", [pytest.param(HALF, id="shrunk"), pytest.param(ALL_OTHERS, id="all others")])
def test_absence_from_a_partial_list_says_nothing(now: range) -> None:
    """A top N may hold others today."""
    assert statuses(*days(FULL, now), is_complete=False) == ["accepted", "accepted"]


def test_a_partial_list_is_never_empty() -> None:
    """What holds for every list by itself holds for a partial one."""
    assert statuses(*days(FULL, ()), is_complete=False) == ["accepted", "held"]


def test_the_base_is_the_last_that_counts() -> None:
    """A held dump is nobody's base: list after list is compared with the last good one."""
    verdicts = judged(*days(FULL, (), HALF, FULL))

    assert [verdict.status for verdict in verdicts.values()] == ["accepted", "held", "held", "accepted"]
    assert [verdict.base_dump_id for verdict in verdicts.values()] == [None, 1, 1, 1]


def test_many_small_steps_are_no_shrinking() -> None:
    """A list may shrink to anything, each step within the rule."""
    sizes = [100, 70, 49, 35, 25]

    assert set(statuses(*days(*(range(size) for size in sizes)))) == {"accepted"}


# -- released by time ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "status"),
    [
        pytest.param([24, 48, 72], "accepted", id="three over 48 h"),
        pytest.param([24, 48, 71.99], "held", id="three over a hair less"),
        pytest.param([24, 72], "held", id="two over 48 h"),
        pytest.param([24, 25, 26, 27], "held", id="four over 3 h"),
        pytest.param([24, 25, 26, 27, 72], "accepted", id="five, the last one after 48 h"),
        pytest.param([1, 2, 49], "accepted", id="the span is that of the later ones"),
        pytest.param([1, 2, 48.5], "held", id="not from the held one on"),
    ],
)
def test_later_dumps_release_a_held_one(hours: list[float], status: str) -> None:
    """Three later dumps that span at least 48 h and share its ids show that the shorter list is the truth."""
    held = a_sighting(2, HALF, observed_at=at(0))
    later = [a_sighting(3 + n, HALF, observed_at=at(hour)) for n, hour in enumerate(hours)]
    found = statuses(a_sighting(1, FULL, observed_at=at(-24)), held, *later)

    assert found == ["accepted", status, *[status] * len(hours)]


@pytest.mark.parametrize(
    ("shared", "status"), [pytest.param(9, "accepted", id="90 percent"), pytest.param(8, "held", id="80 percent")]
)
def test_releasing_takes_nearly_the_same_ids(shared: int, status: str) -> None:
    """Each of the later dumps holds at least 90 percent of the held one's ids."""
    later = [a_sighting(3 + n, [*range(shared), 50 + n]) for n in range(3)]

    assert judged(*days(FULL, HALF), *later)[2].status == status


def test_a_release_names_the_dumps_that_it_rests_on() -> None:
    """The reason tells what was odd, and who confirmed it."""
    verdict = judged(*days(FULL, HALF, HALF, HALF, HALF))[2]

    assert verdict.reason == "10 offerings, 20 before; confirmed by dumps 3, 4, 5"
    assert verdict.confirmed_by == [3, 4, 5]


def test_a_list_that_flaps_confirms_nothing() -> None:
    """One later dump that fits the old list settles the matter: what was short was a fault."""
    sightings = days(FULL, HALF, HALF, FULL, HALF, HALF, FULL, HALF, HALF)

    assert [
        verdict.dump_id for verdict in judged(*sightings).values() if verdict.is_accepted
    ] == [1, 4, 7]  # fmt: skip


def test_dumps_that_count_by_themselves_for_nothing_neither_confirm_nor_deny() -> None:
    """Empty, unreadable and rejected dumps among the later ones are passed over."""
    sightings = days(FULL, HALF, HALF, (), FULL, FULL, HALF, HALF)
    sightings[4] = a_sighting(5, FULL, unreadable="half a document")
    found = judged(*sightings, decisions={6: REJECT})

    assert found[2].confirmed_by == [3, 7, 8]
    assert [found[dump].status for dump in (4, 5, 6)] == ["held", "held", "rejected"]


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({"ids": ()}, id="empty"),
        pytest.param({"ids": HALF, "rejected": 5}, id="a third unreadable"),
        pytest.param({"ids": (), "unreadable": "a page of HTML"}, id="not the list at all"),
    ],
)
def test_what_is_broken_is_never_released_by_time(broken: dict[str, object]) -> None:
    """However often a broken answer repeats, it stays held."""
    assert set(statuses(*(a_sighting(number, **broken) for number in range(1, 12)))) == {"held"}  # type: ignore[arg-type]


def test_history_moves_on_with_the_first_list_that_is_confirmed() -> None:
    """Of two shrunk lists the one that is confirmed first counts; the other is judged against it from there on."""
    other = range(30, 40)
    sightings = days(FULL, HALF, other, other, other, other, HALF, HALF, HALF)

    assert statuses(*sightings) == ["accepted", "held", *["accepted"] * 7]
    assert judged(*sightings)[7].base_dump_id == 6


# -- what people say -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sighting", "decision", "status"),
    [
        pytest.param(a_sighting(2, HALF), ACCEPT, "accepted", id="accept a short one"),
        pytest.param(a_sighting(2, ()), ACCEPT, "accepted", id="accept an empty one"),
        pytest.param(a_sighting(2, HALF, rejected=90), ACCEPT, "accepted", id="accept one with many rejections"),
        pytest.param(a_sighting(2, (), unreadable="HTML"), ACCEPT, "held", id="nothing can make HTML a list"),
        pytest.param(a_sighting(2, FULL), REJECT, "rejected", id="reject a good one"),
        pytest.param(a_sighting(2, (), unreadable="HTML"), REJECT, "rejected", id="reject an unreadable one"),
    ],
)
def test_a_persons_word_goes_first(sighting: Sighting, decision: Decision, status: str) -> None:
    """Accept and reject override every rule; only what can't be read at all can't be accepted."""
    assert statuses(a_sighting(1), sighting, decisions={2: decision})[1] == status


def test_the_next_dump_is_compared_with_what_a_person_accepted() -> None:
    """An accepted short list is the base of the next one; without a rejected first one the second is the first."""
    assert judged(*days(FULL, HALF, HALF), decisions={2: ACCEPT})[3].base_dump_id == 2
    assert judged(*days(FULL, HALF, HALF), decisions={1: REJECT})[2].reason == "the first of its source"


def test_accepting_a_later_dump_leaves_the_earlier_one_held() -> None:
    """A person said from when on the short list counts."""
    found = statuses(*days(FULL, HALF, HALF, HALF, HALF, HALF), decisions={4: ACCEPT})

    assert found == ["accepted", "held", "held", "accepted", "accepted", "accepted"]


# -- the same instant ------------------------------------------------------------------------------------------------


def twins(*contents: Sequence[int], **but: object) -> list[str]:
    """After a full list, several dumps of one instant, in the order in which they were recorded."""
    same = [a_sighting(number, ids, observed_at=at(24)) for number, ids in enumerate(contents, start=2)]
    return statuses(a_sighting(1), *same, **but)[1:]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(twins(FULL, FULL), ["superseded", "accepted"], id="the later recorded wins"),
        pytest.param(twins(FULL, ()), ["accepted", "held"], id="unless it does not count itself"),
        pytest.param(twins((), FULL), ["held", "accepted"], id="an earlier one that does not count is held as ever"),
        pytest.param(twins(FULL, FULL, decisions={2: ACCEPT}), ["accepted", "superseded"], id="a person chooses"),
        pytest.param(twins(FULL, FULL, decisions={3: REJECT}), ["accepted", "rejected"], id="a person refuses"),
        pytest.param(
            twins(FULL, FULL, decisions={2: ACCEPT, 3: ACCEPT}), ["superseded", "accepted"], id="a person wants both"
        ),
    ],
)
def test_one_dump_of_an_instant_counts(found: list[str], expected: list[str]) -> None:
    """Same instant, other content: the later recorded counts, and the other is superseded."""
    assert found == expected


def test_a_superseded_dump_is_told_by_whom() -> None:
    """The reason names the dump that counts in its stead."""
    verdicts = judged(a_sighting(1), a_sighting(2, observed_at=at(0)))

    assert verdicts[1].reason == "dump 2 of the same instant counts"


def test_twins_are_compared_with_the_dump_before_their_instant() -> None:
    """A short list is not measured by its own twin."""
    verdicts = judged(a_sighting(1), a_sighting(2, observed_at=at(24)), a_sighting(3, HALF, observed_at=at(24)))

    assert {verdict.base_dump_id for verdict in verdicts.values()} == {None, 1}


# -- not modified ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("confirmed", "decision", "status"),
    [
        pytest.param(FULL, None, "accepted", id="accepted"),
        pytest.param(HALF, None, "held", id="held"),
        pytest.param(HALF, ACCEPT, "accepted", id="accepted by a person"),
        pytest.param(FULL, REJECT, "rejected", id="rejected by a person"),
    ],
)
def test_a_304_shares_the_acceptance_of_what_it_confirms(
    confirmed: range, decision: Decision | None, status: str
) -> None:
    """Whether the list that still holds counted decides whether it counts again."""
    sightings = [*days(FULL, confirmed), a_sighting(3, confirmed, confirms=2)]
    found = judged(*sightings, decisions={} if decision is None else {2: decision})

    assert found[3].status == status
    assert found[3].reason == "not modified since dump 2"


def test_a_304_may_confirm_a_dump_from_before_the_base() -> None:
    """The walk goes on from a base; what it judged before is handed to it."""
    found = judged(a_sighting(9, HALF, confirms=3), base=a_sighting(5), base_verdicts={3: "accepted"})

    assert found[9].status == "accepted"


def test_a_304_of_a_superseded_dump_is_judged_by_itself() -> None:
    """That another dump of the same instant counts says nothing against the content."""
    sightings = [a_sighting(1), a_sighting(2, observed_at=at(0)), a_sighting(3, confirms=1), a_sighting(4, HALF)]

    assert statuses(*sightings) == ["superseded", "accepted", "accepted", "held"]


def test_a_persons_word_on_a_304_goes_before_what_it_confirms() -> None:
    """A decision is about one dump."""
    assert statuses(*days(FULL), a_sighting(2, confirms=1), decisions={2: REJECT}) == ["accepted", "rejected"]


def test_a_304_of_the_old_list_denies_the_new_one() -> None:
    """While the source says that its old list still holds, a short one in between is a fault."""
    later = [a_sighting(3, HALF), a_sighting(4, FULL, confirms=1), a_sighting(5, HALF), a_sighting(6, HALF)]

    assert statuses(*days(FULL, HALF), *later) == ["accepted", "held", "held", "accepted", "held", "held"]


def test_a_304_of_what_counted_settles_what_is_held_before_it() -> None:
    """It counts whatever its content, so that nothing before it is left to be released by what comes after."""
    other, half_of_other = range(100, 120), range(100, 110)
    sightings = [*days(FULL, other, half_of_other), a_sighting(4, FULL, confirms=1)]
    sightings += [a_sighting(number, half_of_other) for number in range(5, 9)]
    found = statuses(*sightings, decisions={2: ACCEPT})

    assert found[:4] == ["accepted", "accepted", "held", "accepted"]


# -- late dumps ------------------------------------------------------------------------------------------------------


def test_a_late_dump_is_judged_at_its_instant() -> None:
    """What follows it is judged again: with the growth in between, the short list after it is held."""
    early, late, after = (
        a_sighting(1, range(30)),
        a_sighting(9, range(60), observed_at=at(12)),
        a_sighting(2, range(30)),
    )

    assert statuses(early, after) == ["accepted", "accepted"]
    assert statuses(early, late, after) == ["accepted", "accepted", "held"]


def test_a_late_full_list_takes_back_a_release() -> None:
    """Between a short list and its confirmations, a full one shows that the list flapped."""
    sightings = days(FULL, HALF, HALF, HALF, HALF)
    late = a_sighting(9, FULL, observed_at=at(36))

    assert statuses(*sightings)[1] == "accepted"
    assert statuses(*sightings[:2], late, *sightings[2:]) == ["accepted", "held", "accepted", *["held"] * 3]
