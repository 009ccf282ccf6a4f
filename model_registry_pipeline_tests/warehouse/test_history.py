"""History in the database: what counts, since when and until when."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import text

from model_registry_pipeline.domain.normalized import record
from model_registry_pipeline.domain.normalized.translate import parser_version
from model_registry_pipeline.domain.records import Offering
from model_registry_pipeline.warehouse import history, normalized, raw
from model_registry_pipeline.warehouse.engine import Warehouse
from model_registry_pipeline.warehouse.history import Standing
from model_registry_pipeline.warehouse.raw import NewDump
from model_registry_pipeline.warehouse.snapshots import unpublished_days
from model_registry_pipeline_tests.examples import a_dump, a_shop, at, wares
from model_registry_pipeline_tests.warehouse.feeding import (
    SHOP,
    counts,
    days,
    decide,
    fold,
    publish,
    read,
    rows,
    store,
    take_in,
    told,
    value,
)
from model_registry_pipeline_tests.warehouse.state import state_of

FULL = wares(20)
HALF = wares(10)
DERIVED = ("normalized.records", "history.versions", "history.changes", "history.presence", "history.snapshots")


def offerings(warehouse: Warehouse) -> dict[str, tuple[int, int, str]]:
    """(first seen, last seen, state) by model; instants as days."""
    found = rows(
        warehouse,
        """
        select model_id, extract(day from first_seen_at - '2025-01-01 00:00Z'),
               extract(day from last_seen_at - '2025-01-01 00:00Z'), state
        from serving.offerings order by model_id
        """,
    )
    return {name: (int(first), int(last), state) for name, first, last, state in found}


def statuses(warehouse: Warehouse) -> list[str]:
    return [status for (status,) in rows(warehouse, "select status from serving.dumps order by observed_at, dump_id")]


def state(warehouse: Warehouse) -> dict[str, list[str]]:
    with warehouse.transaction() as connection:
        return state_of(connection, "shop")


# -- what comes, goes, comes back and changes ------------------------------------------------------------------------


def test_a_life_is_told(warehouse: Warehouse) -> None:
    """Appeared, changed, reworded, vanished at the first miss, returned with what changed meanwhile."""
    take_in(
        warehouse,
        *days(
            {"a": {"input": 1, "description": "good"}, "b": {}},
            {"a": {"input": 2, "description": "better"}, "b": {}},
            {"b": {}},
            {"b": {}},
            {"a": {"input": "0", "output": 0, "description": "better"}, "b": {}},
        ),
    )

    assert told(warehouse) == [
        (0, "appeared", "a", None, None, None),
        (0, "appeared", "b", None, None, None),
        (24, "text", "a", "description", "good", "better"),
        (24, "changed", "a", "input_usd_per_mtok", "1", "2"),
        (48, "vanished", "a", None, None, None),
        (96, "returned", "a", None, None, None),
        (96, "changed", "a", "input_usd_per_mtok", "2", "0"),
        (96, "changed", "a", "output_usd_per_mtok", None, "0"),
        (96, "changed", "a", "price_state", "paid", "free"),
    ]


def test_what_can_not_be_read_is_unknown_and_no_change(warehouse: Warehouse) -> None:
    """A price that is an object for two days, beside a real change: null then, and told when it can be read again."""
    broken = {"usd": 2}
    take_in(
        warehouse,
        *days(
            {"a": {"input": 1, "output": 1}, "b": {"input": 5}},
            {"a": {"input": broken, "output": 2}, "b": {"input": broken}},
        ),
    )
    take_in(
        warehouse,
        *days(
            {},
            {},
            {"a": {"input": broken, "output": 2}, "b": {"input": broken}},
            {"a": {"input": 3}, "b": {"input": 5}},
        )[2:],
    )

    assert told(warehouse, ["changed"]) == [
        (24, "changed", "a", "output_usd_per_mtok", "1", "2"),
        (72, "changed", "a", "input_usd_per_mtok", "1", "3"),
        (72, "changed", "a", "output_usd_per_mtok", "2", None),
    ]
    found = rows(
        warehouse,
        """
        select model_id, valid_from, input_usd_per_mtok, output_usd_per_mtok, price_state
        from serving.versions order by 1, 2
        """,
    )
    assert found == [
        ("a", at(0), 1, 1, "paid"),
        ("a", at(24), None, 2, "unknown"),
        ("a", at(72), 3, None, "paid"),
        ("b", at(0), 5, None, "paid"),
        ("b", at(24), None, None, "unknown"),
        ("b", at(72), 5, None, "paid"),
    ]


def test_versions_are_half_open(warehouse: Warehouse) -> None:
    """A version ends where the next begins, or at the first dump without the offering; the newest is open."""
    take_in(
        warehouse, *days({"a": {"input": 1}, "b": {}}, {"a": {"input": 2}, "b": {}}, {"b": {}}, {"a": {"input": 2}})
    )

    found = rows(
        warehouse,
        """
        select model_id, input_usd_per_mtok, valid_from, valid_to, dump_id from serving.versions
        order by model_id, valid_from
        """,
    )
    assert found == [
        ("a", 1, at(0), at(24), 1),
        ("a", 2, at(24), at(48), 2),
        ("a", 2, at(72), None, 4),
        ("b", None, at(0), at(72), 1),
    ]


def test_first_and_last_sightings(warehouse: Warehouse) -> None:
    """What is listed was last seen by the latest accepted dump, with no row touched; what is gone, before its miss."""
    take_in(warehouse, *days(wares(3), wares(3), wares(2), wares(2)))

    assert offerings(warehouse) == {
        "ware-00": (0, 3, "listed"),
        "ware-01": (0, 3, "listed"),
        "ware-02": (0, 1, "missing"),
    }


def test_a_return_keeps_the_first_sighting(warehouse: Warehouse) -> None:
    """Also after a long absence."""
    take_in(warehouse, *days(wares(2), wares(1), *[wares(1)] * 5, wares(2)))

    assert offerings(warehouse)["ware-01"] == (0, 7, "listed")


def test_a_partial_list_tells_of_nobody_that_it_is_gone(warehouse: Warehouse) -> None:
    """Nor that it returned; it was last seen when it was last listed."""
    top = a_shop(complete=False)
    take_in(warehouse, *days(wares(30), wares(5), wares(4), wares(5)), source=top)
    publish(warehouse)

    assert {change[1] for change in told(warehouse)} == {"appeared"}
    assert offerings(warehouse)["ware-04"] == (0, 3, "listed")
    assert offerings(warehouse)["ware-29"] == (0, 0, "listed")
    assert value(warehouse, "select count(*) from history.versions where valid_to is not null") == 0


def test_a_late_dump_goes_to_its_instant(warehouse: Warehouse) -> None:
    """First sightings may move back; last sightings, current facts and staleness never do."""
    newer = days({"a": {"input": 1}}, {"a": {"input": 1}, "b": {}}, {"a": {"input": 3}})[1:]
    take_in(warehouse, *newer)
    before = rows(warehouse, "select model_id, input_usd_per_mtok, last_seen_at, state from serving.offerings")
    take_in(warehouse, a_dump({"a": {"input": 2}, "c": {}}, observed_at=at(0)))

    after = rows(warehouse, "select model_id, input_usd_per_mtok, last_seen_at, state from serving.offerings")
    assert [row for row in after if row[0] != "c"] == before
    assert offerings(warehouse)["a"] == (0, 2, "listed")
    assert [change for change in told(warehouse) if change[2] == "a"] == [
        (0, "appeared", "a", None, None, None),
        (24, "changed", "a", "input_usd_per_mtok", "2", "1"),
        (48, "changed", "a", "input_usd_per_mtok", "1", "3"),
    ]


def test_the_outcome_counts_what_was_written(warehouse: Warehouse) -> None:
    """For the ledger of syncs: what appeared, vanished, returned, and offerings whose facts changed."""
    outcomes = [
        take_in(warehouse, dump)
        for dump in days(
            {"a": {"input": 1}, "b": {}}, {"a": {"input": 2, "output": 3}}, {"a": {"input": 2, "output": 3}, "b": {}}
        )
    ]

    assert [(o.appeared, o.vanished, o.returned, o.changed) for o in outcomes] == [
        (2, 0, 0, 0),
        (0, 1, 0, 1),
        (0, 0, 1, 0),
    ]
    assert [outcome.since for outcome in outcomes] == [at(0), at(24), at(48)]


def test_runs_at_once_leave_what_one_leaves(warehouse: Warehouse, registry_url: str) -> None:
    """A backfill beside the daily run: whoever comes second waits, and finds nothing left to do."""
    dumps = days(FULL, wares(19, input=1), {}, FULL, wares(21))
    take_in(warehouse, *dumps)
    expected = state(warehouse)
    with warehouse.transaction() as connection:
        for table in DERIVED[1:]:
            connection.execute(text(f"delete from {table}"))
        for table in ("history.verdicts", "history.acceptances", "normalized.listings", "normalized.records"):
            connection.execute(text(f"delete from {table}"))

    def run() -> None:
        with Warehouse(registry_url) as own:
            take_in(own, *dumps)

    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(run) for _ in range(4)]:
            done.result()

    assert state(warehouse) == expected


# -- a day on which nothing happens ----------------------------------------------------------------------------------


@pytest.mark.parametrize("again", [pytest.param(0, id="the same dump"), pytest.param(24, id="the same list later")])
def test_nothing_new_writes_nothing(warehouse: Warehouse, again: int) -> None:
    """No row of records, versions, changes or presence, and none is touched."""
    take_in(warehouse, a_dump(FULL))
    before = [rows(warehouse, f"select xmin::text, t.* from {table} as t") for table in DERIVED]
    outcome = take_in(warehouse, a_dump(FULL, observed_at=at(again)))

    assert [rows(warehouse, f"select xmin::text, t.* from {table} as t") for table in DERIVED] == before
    assert (outcome.appeared, outcome.vanished, outcome.changed) == (0, 0, 0)


def test_folding_again_does_nothing(warehouse: Warehouse) -> None:
    """A fold with no news is no work."""
    take_in(warehouse, a_dump(FULL))

    assert fold(warehouse).since is None
    assert fold(warehouse).judged == []


# -- held ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "dump",
    [
        pytest.param(a_dump({}, observed_at=at(24)), id="empty"),
        pytest.param(a_dump(HALF, observed_at=at(24)), id="half"),
        pytest.param(a_dump({f"new-{name}": {} for name in FULL}, observed_at=at(24)), id="all ids renamed"),
        pytest.param(a_dump(b'{"error": "oops"}', observed_at=at(24)), id="no list"),
        pytest.param(a_dump(b"[" + b'{"id": 1},' * 9 + b'{"id": "a"}]', observed_at=at(24)), id="unreadable records"),
    ],
)
def test_a_held_dump_leaves_everything_as_it_was(warehouse: Warehouse, dump: NewDump) -> None:
    """It deletes, hides and ages nothing; it is kept, and told with its reason."""
    take_in(warehouse, a_dump(FULL))
    publish(warehouse)
    before = rows(warehouse, "select * from serving.offerings order by model_id"), told(warehouse)
    outcome = take_in(warehouse, dump)
    publish(warehouse)

    assert (rows(warehouse, "select * from serving.offerings order by model_id"), told(warehouse)) == before
    assert [verdict.status for verdict in outcome.held] == ["held"]
    assert outcome.since is None
    assert statuses(warehouse) == ["accepted", "held"]


def test_where_a_source_stands(warehouse: Warehouse) -> None:
    """Versions in all, offerings in the latest list that counts, and held dumps that are newer than it."""
    take_in(warehouse, *days(FULL, {}, FULL, HALF, {}))

    with warehouse.transaction() as connection:
        standing = history.standing(connection, "shop")
        nothing = history.standing(connection, "nobody")
    assert standing == Standing(versions=20, listed=20, held=2, held_reason="dump 5: no records at all")
    assert nothing == Standing(versions=0, listed=0, held=0, held_reason=None)


def test_time_releases_a_held_dump(warehouse: Warehouse) -> None:
    """From its own instant on, as if it had been believed at once."""
    for dump in days(FULL, HALF, HALF, HALF):
        take_in(warehouse, dump)
    waiting = value(warehouse, "select count(*) from serving.offerings where state = 'missing'")
    take_in(warehouse, *days(FULL, HALF, HALF, HALF, HALF))

    assert waiting == 0
    assert statuses(warehouse) == ["accepted"] * 5
    assert {change[0] for change in told(warehouse, ["vanished"])} == {24}


@pytest.mark.parametrize("news", ["a late full list", "a rejected confirmation"])
def test_a_release_is_taken_back_when_what_it_rests_on_goes(warehouse: Warehouse, news: str) -> None:
    """The days of a short list that flapped are held again, and history is the one that a rebuild gives."""
    take_in(warehouse, *days(FULL, HALF, HALF, HALF, HALF))
    released = statuses(warehouse)
    if news == "a late full list":
        take_in(warehouse, a_dump(FULL, observed_at=at(36), recorded_at=at(500)))
    else:
        decide(warehouse, 4, "reject", at(500))
        fold(warehouse)
    found = state(warehouse)
    with warehouse.derived_transaction() as connection:
        history.refold_source(connection, SHOP)

    assert released == ["accepted"] * 5
    assert statuses(warehouse)[1] == "held"
    assert told(warehouse, ["vanished"]) == []
    assert found == state(warehouse)


def test_an_accepted_dump_counts_from_its_instant_on(warehouse: Warehouse) -> None:
    """Also when others came after it."""
    take_in(warehouse, *days(FULL, HALF, FULL))
    decide(warehouse, 2, "accept", at(99))
    outcome = fold(warehouse)

    assert statuses(warehouse) == ["accepted", "accepted", "accepted"]
    assert outcome.since == at(24)
    assert {change[:2] for change in told(warehouse)} == {(0, "appeared"), (24, "vanished"), (48, "returned")}


def test_accepting_the_newest_dump_is_enough(warehouse: Warehouse) -> None:
    """A person confirms what is held now, and the next dump goes on from there."""
    take_in(warehouse, *days(FULL, FULL, HALF))
    decide(warehouse, 3, "accept", at(99))
    fold(warehouse)
    take_in(warehouse, *days(FULL, FULL, HALF, HALF))

    assert statuses(warehouse) == ["accepted"] * 4
    assert value(warehouse, "select count(*) from serving.offerings where state = 'missing'") == 10


def test_a_rejected_dump_leaves_no_trace(warehouse: Warehouse) -> None:
    """History is what it would have been without it."""
    take_in(warehouse, *days(FULL, wares(20, input=7), FULL))
    decide(warehouse, 2, "reject", at(99))
    fold(warehouse)

    assert statuses(warehouse) == ["accepted", "rejected", "accepted"]
    assert {change[1] for change in told(warehouse)} == {"appeared"}
    assert value(warehouse, "select count(*) from history.versions") == 20


def test_a_word_may_be_taken_back(warehouse: Warehouse) -> None:
    """The last one counts, and the tables are those of before."""
    take_in(warehouse, *days(FULL, HALF))
    for hour, kind in enumerate(["accept", "reject", "accept"], start=90):
        decide(warehouse, 2, kind, at(hour))
        fold(warehouse)
    accepted = state(warehouse)["versions"]
    decide(warehouse, 2, "reject", at(99))
    fold(warehouse)

    assert statuses(warehouse) == ["accepted", "rejected"]
    assert len(accepted) == 20
    assert value(warehouse, "select count(*) from history.versions where valid_to is not null") == 0


def test_an_accepted_empty_list_ends_everything(warehouse: Warehouse) -> None:
    """When a person says that a source has nothing left, it has nothing left."""
    take_in(warehouse, *days(FULL, {}))
    decide(warehouse, 2, "accept", at(99))
    fold(warehouse)

    assert {row[2] for row in offerings(warehouse).values()} == {"missing"}
    assert len(told(warehouse, ["vanished"])) == 20


def test_of_one_instant_the_later_recorded_counts(warehouse: Warehouse) -> None:
    """Same instant, other content: told, and deterministic."""
    take_in(warehouse, a_dump(wares(20, input=1)), a_dump(wares(20, input=2)))

    assert statuses(warehouse) == ["superseded", "accepted"]
    assert rows(warehouse, "select distinct input_usd_per_mtok from serving.offerings") == [(2,)]


# -- parser versions -------------------------------------------------------------------------------------------------


def test_history_waits_until_all_is_read_by_one_parser(warehouse: Warehouse) -> None:
    """Listings of two parser versions are never compared."""
    take_in(warehouse, *days(wares(20, context=1), wares(20, context=1)))
    newer = a_shop(version=2)
    before = state(warehouse)
    outcome = fold(warehouse, newer)

    assert outcome.not_ready == 2
    assert state(warehouse) == before


def test_a_new_parser_invents_no_changes(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a new parser reads otherwise was always so: old records go, versions begin where they began."""
    take_in(warehouse, *days(wares(20, context=1), wares(20, context=1)))
    monkeypatch.setattr(record, "plausible", lambda offering: (doubled(offering), ()))
    newer = a_shop(version=2)
    read(warehouse, newer)
    fold(warehouse, newer)

    assert {change[1] for change in told(warehouse)} == {"appeared"}
    assert rows(warehouse, "select distinct context_window_tokens, valid_from from serving.versions") == [(2, at(0))]
    assert counts(warehouse, "normalized.records") == {"normalized.records": 20}


def doubled(offering: Offering) -> Offering:
    return msgspec.structs.replace(offering, context_window_tokens=2 * (offering.context_window_tokens or 0))


def test_a_dump_that_is_read_otherwise_by_the_same_parser_is_judged_again(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where it no longer counts: nothing of its old reading stays behind."""
    take_in(warehouse, *days(wares(20, context=1), wares(20, context=3)))
    expected = state(warehouse)
    for reading in ({"listing": True}, {}):
        if reading:
            monkeypatch.setattr(record, "plausible", lambda offering: (doubled(offering), ()))
        else:
            monkeypatch.undo()
        read_all(warehouse)
        fold(warehouse)
        if reading:
            assert rows(warehouse, "select distinct context_window_tokens from serving.offerings") == [(6,)]

    assert state(warehouse) == expected


def read_all(warehouse: Warehouse) -> None:
    with warehouse.transaction() as connection:
        dumps = list(raw.dumps_of(connection, "shop", None, None))
    normalized.normalize(warehouse, SHOP, dumps, lambda _: None)


# -- pending, rebuilt, published -------------------------------------------------------------------------------------


def pending(warehouse: Warehouse) -> dict[str, str]:
    with warehouse.transaction() as connection:
        return history.pending_sources(connection, {"shop": parser_version(SHOP), "market": parser_version(SHOP)})


def test_what_is_read_or_decided_is_pending_until_it_is_folded(warehouse: Warehouse) -> None:
    """And is told apart: the same work has the same name, other work another."""
    assert pending(warehouse) == {}
    store(warehouse, a_dump(FULL))
    assert pending(warehouse) == {}
    read(warehouse)
    first = pending(warehouse)
    assert first.keys() == {"shop"}
    assert pending(warehouse) == first
    fold(warehouse)
    assert pending(warehouse) == {}
    decide(warehouse, 1, "reject", at(1))
    second = pending(warehouse)
    assert second.keys() == {"shop"}
    fold(warehouse)
    decide(warehouse, 1, "accept", at(2))
    assert len({str(first), str(second), str(pending(warehouse))}) == 3


def test_folding_anew_gives_the_same(warehouse: Warehouse) -> None:
    """In one transaction, with verdicts and versions as they were."""
    take_in(warehouse, *days(FULL, HALF, wares(19, input=1), {}, FULL))
    decide(warehouse, 2, "accept", at(200))
    fold(warehouse)
    before = state(warehouse)
    with warehouse.derived_transaction() as connection:
        history.refold_source(connection, SHOP)

    assert state(warehouse) == before


def test_sources_do_not_touch_each_other(warehouse: Warehouse) -> None:
    """Folding, and folding anew, one source leaves the rows of the other as they are."""
    market = a_shop(name="market")
    take_in(warehouse, *days(FULL, HALF, wares(19)))
    before = state(warehouse)
    take_in(warehouse, *days(FULL, wares(18, input=1), source="market"), source=market)
    with warehouse.derived_transaction() as connection:
        history.refold_source(connection, market)

    assert state(warehouse) == before


def snapshots(warehouse: Warehouse) -> list[tuple[object, ...]]:
    return rows(warehouse, "select day::text, dump_id, offerings from serving.snapshots order by day")


def unpublished(warehouse: Warehouse) -> list[tuple[object, ...]]:
    with warehouse.transaction() as connection:
        return unpublished_days(connection)


def test_a_snapshot_is_the_days_last_accepted_dump(warehouse: Warehouse) -> None:
    """By UTC day; a day without one has no row; gaps are gaps."""
    for hour, listed in [(0, wares(20)), (23.99, wares(21)), (24, wares(22)), (47, {}), (71.9, {}), (96, wares(23))]:
        store(warehouse, a_dump(listed, observed_at=at(hour)))
    read(warehouse)
    fold(warehouse)
    publish(warehouse)

    assert snapshots(warehouse) == [("2025-01-01", 2, 21), ("2025-01-02", 3, 22), ("2025-01-05", 6, 23)]
    assert unpublished(warehouse) == []


def test_a_snapshot_follows_history(warehouse: Warehouse) -> None:
    """A late dump, a rejected one, and a day that loses its only dump: each is unpublished until it is published."""
    take_in(warehouse, *days(wares(20), wares(21)))
    publish(warehouse)
    take_in(warehouse, a_dump(wares(22), observed_at=at(12)))
    assert len(unpublished(warehouse)) == 1
    publish(warehouse)
    assert snapshots(warehouse) == [("2025-01-01", 3, 22), ("2025-01-02", 2, 21)]
    decide(warehouse, 2, "reject", at(99))
    fold(warehouse)
    assert len(unpublished(warehouse)) == 1
    publish(warehouse)

    assert snapshots(warehouse) == [("2025-01-01", 3, 22)]
    assert unpublished(warehouse) == []


def test_work_of_another_decision_is_other_work(warehouse: Warehouse) -> None:
    """A dump that is rejected, accepted and rejected again is to be published three times."""
    take_in(warehouse, *days(wares(20), wares(21)))
    publish(warehouse)
    work = []
    for hour, kind in enumerate(["reject", "accept", "reject"], start=99):
        decide(warehouse, 2, kind, at(hour))
        fold(warehouse)
        work.append(repr(unpublished(warehouse)))
        publish(warehouse)

    assert len(set(work)) == 3


def test_publishing_again_touches_nothing(warehouse: Warehouse) -> None:
    """Rows that are right stay the rows that they are."""
    take_in(warehouse, *days(wares(20), wares(21), wares(19)))
    publish(warehouse)
    before = rows(warehouse, "select xmin::text, * from history.snapshots")
    publish(warehouse, timedelta(hours=23))

    assert rows(warehouse, "select xmin::text, * from history.snapshots") == before
