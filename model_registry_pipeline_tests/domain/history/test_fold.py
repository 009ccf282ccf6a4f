"""From listings to versions, presence and changes."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_registry_pipeline.domain.history.diff import diff
from model_registry_pipeline.domain.history.fold import Folded, Presence, State, Version, fold
from model_registry_pipeline_tests.domain.history.facts import facts
from model_registry_pipeline_tests.examples import at, steps_of

MODEL = 7
CHEAP, DEAR, REWORDED, DEAR_REWORDED, EXTRA = 1, 2, 3, 4, 5
FACTS: dict[int, dict[str, Any]] = {
    CHEAP: {"name": "A", "description": "good"},
    DEAR: {"name": "B", "description": "good"},
    REWORDED: {"name": "A", "description": "better"},
    DEAR_REWORDED: {"name": "B", "description": "better"},
    EXTRA: {"name": "A", "description": "good"},
}
"""Records of one offering; EXTRA differs from CHEAP in what nobody named."""


def folded(*records: int | None, is_complete: bool = True) -> Folded:
    """What a record a day amounts to; None: the list is without it that day."""
    listings = [{} if record is None else {MODEL: record} for record in records]
    return fold(State(), steps_of(listings), FACTS.__getitem__, is_complete=is_complete)


def day(instant: datetime | None) -> int | None:
    """Days since the first dump."""
    return None if instant is None else (instant - at(0)).days


def versions(done: Folded) -> list[tuple[int, int | None, int | None]]:
    return [(version.record_id, day(version.valid_from), day(version.valid_to)) for version in done.versions]


def stays(done: Folded) -> list[tuple[int | None, int | None, int | None]]:
    return [(day(stay.listed_from), day(stay.listed_to), day(stay.last_seen_at)) for stay in done.presences]


def changes(done: Folded) -> list[tuple[Any, ...]]:
    """Without the offering, with the day."""
    return [(day(at), kind, *([field, old, new] if field else [])) for _, at, kind, field, old, new, _ in done.changes]


@pytest.mark.parametrize(
    ("records", "expected_versions", "expected_changes"),
    [
        pytest.param([CHEAP], [(CHEAP, 0, None)], [(0, "appeared")], id="appears"),
        pytest.param([CHEAP] * 3, [(CHEAP, 0, None)], [(0, "appeared")], id="stays as it is"),
        pytest.param([None, CHEAP], [(CHEAP, 1, None)], [(1, "appeared")], id="appears later"),
        pytest.param(
            [CHEAP, CHEAP, None, None],
            [(CHEAP, 0, 2)],
            [(0, "appeared"), (2, "vanished")],
            id="vanishes at the first miss",
        ),
        pytest.param(
            [CHEAP, None, CHEAP],
            [(CHEAP, 0, 1), (CHEAP, 2, None)],
            [(0, "appeared"), (1, "vanished"), (2, "returned")],
            id="returns as it was",
        ),
        pytest.param(
            [CHEAP, None, None, DEAR],
            [(CHEAP, 0, 1), (DEAR, 3, None)],
            [(0, "appeared"), (1, "vanished"), (3, "returned"), (3, "changed", "name", "A", "B")],
            id="returns, and something changed meanwhile",
        ),
        pytest.param(
            [CHEAP, None, EXTRA],
            [(CHEAP, 0, 1), (EXTRA, 2, None)],
            [(0, "appeared"), (1, "vanished"), (2, "returned")],
            id="returns with other unnamed fields",
        ),
        pytest.param(
            [CHEAP, DEAR, CHEAP],
            [(CHEAP, 0, 1), (DEAR, 1, 2), (CHEAP, 2, None)],
            [(0, "appeared"), (1, "changed", "name", "A", "B"), (2, "changed", "name", "B", "A")],
            id="changes and changes back",
        ),
        pytest.param(
            [CHEAP, REWORDED],
            [(CHEAP, 0, 1), (REWORDED, 1, None)],
            [(0, "appeared"), (1, "text", "description", "good", "better")],
            id="is reworded",
        ),
        pytest.param(
            [CHEAP, DEAR_REWORDED],
            [(CHEAP, 0, 1), (DEAR_REWORDED, 1, None)],
            [
                (0, "appeared"),
                (1, "text", "description", "good", "better"),
                (1, "changed", "name", "A", "B"),
            ],
            id="changes and is reworded: one version, a change a field",
        ),
        pytest.param(
            [CHEAP, EXTRA, CHEAP],
            [(CHEAP, 0, None)],
            [(0, "appeared")],
            id="differs in what nobody named: the same version",
        ),
        pytest.param(
            [CHEAP, EXTRA, DEAR],
            [(CHEAP, 0, 2), (DEAR, 2, None)],
            [(0, "appeared"), (2, "changed", "name", "A", "B")],
            id="changes after that",
        ),
    ],
)
def test_a_complete_list_tells_all(
    records: list[int | None], expected_versions: list[tuple[int, int, int | None]], expected_changes: list[Any]
) -> None:
    """What comes, goes, comes back and changes, each at its instant."""
    done = folded(*records)

    assert versions(done) == expected_versions
    assert changes(done) == expected_changes


@pytest.mark.parametrize(
    ("records", "expected_versions", "expected_changes"),
    [
        pytest.param([CHEAP, None, None], [(CHEAP, 0, None)], [(0, "appeared")], id="never vanishes"),
        pytest.param([CHEAP, None, CHEAP], [(CHEAP, 0, None)], [(0, "appeared")], id="and so never returns"),
        pytest.param(
            [CHEAP, None, DEAR],
            [(CHEAP, 0, 2), (DEAR, 2, None)],
            [(0, "appeared"), (2, "changed", "name", "A", "B")],
            id="changes when it is seen again",
        ),
    ],
)
def test_absence_from_a_partial_list_says_nothing(
    records: list[int | None], expected_versions: list[tuple[int, int, int | None]], expected_changes: list[Any]
) -> None:
    """A top N without a model is no news of it."""
    done = folded(*records, is_complete=False)

    assert versions(done) == expected_versions
    assert changes(done) == expected_changes


@pytest.mark.parametrize("is_complete", [True, False], ids=["complete", "partial"])
def test_each_stay_is_kept(is_complete: bool) -> None:
    """When a list held an offering: from, to the first miss, and the last sighting before that."""
    done = folded(CHEAP, DEAR, None, None, CHEAP, is_complete=is_complete)

    assert stays(done) == [(0, 2, 1), (4, None, None)]


def test_a_fold_may_be_taken_up_anywhere() -> None:
    """Rows of before that a later fold ends are told apart from the rows that it begins."""
    state = State()
    first, second = steps_of([{MODEL: CHEAP}, {}])
    begun = fold(state, [first], FACTS.__getitem__, is_complete=True)
    done = fold(state, [second], FACTS.__getitem__, is_complete=True)

    assert [version.valid_to for version in begun.versions] == [at(24)]
    assert (done.versions, done.presences) == ([], [])
    assert done.ended_versions == [Version(MODEL, CHEAP, at(0), 1, at(24))]
    assert done.ended_presences == [Presence(MODEL, at(0), at(24), at(0))]


# -- any listings ----------------------------------------------------------------------------------------------------

Listing = dict[str, dict[str, Any]]
"""Facts by model."""

listings = st.lists(st.dictionaries(st.sampled_from("abcd"), facts, max_size=4), min_size=1, max_size=8)


class Ids:
    """Offering and record ids for listings of facts."""

    def __init__(self, told: Sequence[Listing]) -> None:
        self.records: dict[str, int] = {}
        self.facts: dict[int, dict[str, Any]] = {}
        self.listings = [{ord(name): self._record(name, stated) for name, stated in each.items()} for each in told]

    def _record(self, name: str, stated: dict[str, Any]) -> int:
        record_id = self.records.setdefault(f"{name} {sorted(stated.items())!r}", len(self.records) + 1)
        self.facts[record_id] = stated
        return record_id


def run(told: Sequence[Listing], *, is_complete: bool, cuts: Sequence[int] = ()) -> tuple[Ids, Folded]:
    """Fold listings, a day each; cut into several folds where asked."""
    ids, state, whole = Ids(told), State(), Folded()
    steps = steps_of(ids.listings)
    borders = [0, *sorted(cut for cut in cuts if cut < len(steps)), len(steps)]
    for begin, end in itertools.pairwise(borders):
        part = fold(state, steps[begin:end], ids.facts.__getitem__, is_complete=is_complete)
        whole.versions += part.versions
        whole.presences += part.presences
        whole.changes += part.changes
    return ids, whole


@given(listings, st.booleans())
def test_versions_of_an_offering_never_overlap(told: list[Listing], is_complete: bool) -> None:
    """Half-open, one after the other, only the last one open, none of them empty."""
    _, done = run(told, is_complete=is_complete)

    for offering_id in {version.offering_id for version in done.versions}:
        mine = [version for version in done.versions if version.offering_id == offering_id]
        assert all(version.valid_to is not None for version in mine[:-1])
        assert all(version.valid_to is None or version.valid_from < version.valid_to for version in mine)
        assert all(a.valid_to is not None and a.valid_to <= b.valid_from for a, b in itertools.pairwise(mine))


@given(listings)
def test_at_every_instant_the_versions_are_the_listing(told: list[Listing]) -> None:
    """Of a complete source: exactly what is listed holds, with the facts that the listing states."""
    ids, done = run(told, is_complete=True)

    for index, listing in enumerate(told):
        held = {v.offering_id: ids.facts[v.record_id] for v in done.versions if holds(v, at(24 * index))}
        assert held.keys() == {ord(name) for name in listing}
        assert all(not diff(held[ord(name)], stated) for name, stated in listing.items())


def holds(version: Version, instant: datetime) -> bool:
    return version.valid_from <= instant and (version.valid_to is None or instant < version.valid_to)


@given(listings, st.booleans())
def test_changes_replay_to_versions(told: list[Listing], is_complete: bool) -> None:
    """Beginning with what appeared, the changes alone lead to the facts of every later version."""
    ids, done = run(told, is_complete=is_complete)
    standing: dict[int, dict[str, Any]] = {}

    for version in sorted(done.versions, key=lambda version: version.valid_from):
        flat = {field: new for field, _, new in diff({}, ids.facts[version.record_id])}
        steps = [
            (field, new)
            for offering_id, instant, kind, field, _, new, _ in done.changes
            if offering_id == version.offering_id and instant == version.valid_from and kind in {"changed", "text"}
        ]
        replayed = standing.get(version.offering_id, flat) | dict(steps)
        assert {field: value for field, value in replayed.items() if value is not None} == flat
        standing[version.offering_id] = flat


@given(listings, st.booleans(), st.lists(st.integers(1, 7), max_size=3, unique=True))
def test_folding_piece_by_piece_gives_the_same(told: list[Listing], is_complete: bool, cuts: list[int]) -> None:
    """Where a fold is cut into several makes no difference."""
    _, whole = run(told, is_complete=is_complete)
    _, pieces = run(told, is_complete=is_complete, cuts=cuts)

    assert (pieces.versions, pieces.presences, pieces.changes) == (whole.versions, whole.presences, whole.changes)


@given(listings)
def test_a_dump_that_repeats_the_one_before_changes_nothing(told: list[Listing]) -> None:
    """Every listing twice: the same changes."""
    doubled = [listing for listing in told for _ in range(2)]

    assert [change[2:6] for change in run(doubled, is_complete=True)[1].changes] == [
        change[2:6] for change in run(told, is_complete=True)[1].changes
    ]


# -- what can't be read ----------------------------------------------------------------------------------------------


@st.composite
def readings(draw: st.DrawFn) -> tuple[list[Listing], list[Listing]]:
    """What a source states day by day, and what can be read of it."""
    stated = draw(listings)
    read = []
    for listing in stated:
        hidden = {name: draw(st.sets(st.sampled_from(["name", "prices", "supports_tools"]))) for name in listing}
        read.append({name: without(facts, hidden[name]) for name, facts in listing.items()})
    return stated, read


def without(stated: dict[str, Any], hidden: set[str]) -> dict[str, Any]:
    lost = sorted(hidden & stated.keys())
    kept = {name: value for name, value in stated.items() if name not in hidden}
    return kept | {"unread": lost} if lost else kept


@given(facts, st.data(), st.booleans())
def test_whatever_can_not_be_read_a_model_that_stays_the_same_has_no_changes(
    stated: dict[str, Any], data: st.DataObject, is_complete: bool
) -> None:
    """In each dump some fields can't be read, others than in the one before, and some dumps are without the model."""
    days = st.none() | st.sets(st.sampled_from(["name", "prices", "supports_tools"]))
    told = [
        {} if hidden is None else {"a": without(stated, hidden)}
        for hidden in data.draw(st.lists(days, min_size=2, max_size=8))
    ]
    _, done = run(told, is_complete=is_complete)

    assert {kind for _, _, kind, *_ in done.changes} <= {"appeared", "vanished", "returned"}


@given(readings(), st.booleans())
def test_every_change_is_true_whatever_can_not_be_read(
    told: tuple[list[Listing], list[Listing]], is_complete: bool
) -> None:
    """What a change says is so was stated in that dump, and what it says was so, in an earlier one."""
    stated, read = told
    _, done = run(read, is_complete=is_complete)

    for offering_id, instant, kind, field, before, after, _ in done.changes:
        if kind in {"changed", "text"}:
            days = [naive_fields(listing.get(chr(offering_id), {})) for listing in stated[: day(instant) + 1]]  # type: ignore[operator]
            assert days[-1].get(field) == after
            assert before in [each.get(field) for each in days[:-1]]


@given(readings(), st.booleans(), st.lists(st.integers(1, 7), max_size=3, unique=True))
def test_what_was_last_read_is_carried_over_a_cut(
    told: tuple[list[Listing], list[Listing]], is_complete: bool, cuts: list[int]
) -> None:
    """Where a fold is cut into several makes no difference to what can't be read either."""
    _, read = told
    _, whole = run(read, is_complete=is_complete)
    _, pieces = run(read, is_complete=is_complete, cuts=cuts)

    assert (pieces.versions, pieces.changes) == (whole.versions, whole.changes)


@given(readings())
def test_a_version_holds_what_could_be_read(told: tuple[list[Listing], list[Listing]]) -> None:
    """At every instant the facts are those of that dump: what can't be read is unknown there, and not as before."""
    _, read = told
    ids, done = run(read, is_complete=True)

    for index, listing in enumerate(read):
        held = {v.offering_id: ids.facts[v.record_id] for v in done.versions if holds(v, at(24 * index))}
        for name, stated in listing.items():
            assert not diff(held[ord(name)], stated)
            assert held[ord(name)].get("unread") == stated.get("unread")


# -- against a naive reference ---------------------------------------------------------------------------------------


def naive(told: Sequence[Listing], *, is_complete: bool) -> Iterator[tuple[int, str, str, str | None, Any, Any]]:
    """(day, model, kind, field, before, after), by comparing plain dictionaries; nothing is shared with the fold."""
    last_known: Listing = {}
    listed: set[str] = set()
    for number, listing in enumerate(told):
        for name in listed - listing.keys():
            if is_complete:
                yield number, name, "vanished", None, None, None
        for name, stated in listing.items():
            if name not in last_known:
                yield number, name, "appeared", None, None, None
            else:
                if is_complete and name not in listed:
                    yield number, name, "returned", None, None, None
                old, new = naive_fields(last_known[name]), naive_fields(stated)
                for field in set(old) | set(new):
                    if old.get(field) != new.get(field):
                        kind = "text" if field == "description" else "changed"
                        yield number, name, kind, field, old.get(field), new.get(field)
            last_known[name] = stated
        listed = set(listing)


def naive_fields(stated: Mapping[str, Any]) -> dict[str, Any]:
    """Each price line by what it says besides the price."""
    fields = {name: value for name, value in stated.items() if name != "prices"}
    for line in stated.get("prices", []):
        conditions = [f"{name}={line[name]}" for name in ("above_tokens", "service_tier") if name in line]
        name = line["meter"] + "_usd_per_" + line["unit"] + (f"[{','.join(conditions)}]" if conditions else "")
        fields[name] = line["usd"]
    return fields


@given(listings, st.booleans())
def test_the_fold_agrees_with_a_naive_reference(told: list[Listing], is_complete: bool) -> None:
    """Plain dictionaries, compared day by day, tell the same changes at the same instants."""
    _, done = run(told, is_complete=is_complete)
    found = [(day(at), chr(offering_id), *rest[:4]) for offering_id, at, *rest in done.changes]

    assert sorted(found, key=repr) == sorted(naive(told, is_complete=is_complete), key=repr)


def test_only_rows_of_before_are_ended() -> None:
    """A row that this fold began is inserted with its end, also where a row of before, which a return replaced, has
    given its place in memory to it."""
    absent, listed = range(100), range(100, 200)
    state = State(
        versions={
            offering: Version(offering, CHEAP, at(0), 1, at(24) if offering in absent else None)
            for offering in (*absent, *listed)
        },
        presences={
            offering: Presence(offering, at(0), at(24) if offering in absent else None)
            for offering in (*absent, *listed)
        },
    )
    steps = steps_of(
        [dict.fromkeys(listed, CHEAP), *(dict.fromkeys((*absent, *listed), record) for record in (DEAR, CHEAP)), {}]
    )
    done = fold(state, steps[1:], FACTS.__getitem__, is_complete=True)

    assert [version.offering_id for version in done.ended_versions] == list(listed)
    assert {(version.valid_from, version.valid_to) for version in done.ended_versions} == {(at(0), at(24))}
    assert sorted(stay.offering_id for stay in done.ended_presences) == list(listed)
