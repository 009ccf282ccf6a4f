"""What the checks look at in the database, and what they find."""

from datetime import datetime
from typing import Any

import pytest

from model_registry_pipeline.domain.health.verdict import Verdict
from model_registry_pipeline.domain.source import Source
from model_registry_pipeline.settings import Settings
from model_registry_pipeline.warehouse import checks, health
from model_registry_pipeline.warehouse.engine import Warehouse
from model_registry_pipeline_tests.examples import a_dump, a_shop, at, wares
from model_registry_pipeline_tests.warehouse.feeding import SHOP, days, decide, fold, publish, take_in

HEALTHY, WARNING, CRITICAL = 0, 1, 2
NOW = at(1000)
MARKET = a_shop(name="market")


def synced(warehouse: Warehouse, *told: tuple[float, str], source: str = "shop") -> None:
    """Syncs of a source that ended at these hours, each as it is told."""
    with warehouse.transaction() as connection:
        for number, (hour, status) in enumerate(told):
            run_id = f"{source} {number}"
            health.begin_sync(connection, run_id, source, at(hour))
            if status != "running":
                health.note_sync(connection, run_id, source, status=status, completed_at=at(hour))


def hourly(warehouse: Warehouse, now: datetime = NOW, source: Source = SHOP, **settings: Any) -> dict[str, Verdict]:
    """The hourly verdicts on a source, and on all of it."""
    with warehouse.transaction() as connection:
        judged = list(
            checks.hourly(connection, [SHOP, MARKET], Settings(**settings), now, {"market": "set MARKET_KEY"})
        )
    return {each.check.name: each.verdict for each in judged if each.table in {source.name, "offerings"}}


def of_dumps(warehouse: Warehouse, source: Source = SHOP) -> dict[str, Verdict]:
    """The verdicts on the newest dump of a source."""
    with warehouse.transaction() as connection:
        judged = list(checks.of_dumps(connection, [SHOP, MARKET], Settings()))
    return {each.check.name: each.verdict for each in judged if each.table == source.name}


# -- hourly ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "rank", "age"),
    [
        pytest.param([], CRITICAL, None, id="never synced"),
        pytest.param([(999, "failed"), (999.5, "skipped")], CRITICAL, None, id="never with success"),
        pytest.param([(975, "completed")], HEALTHY, 25, id="25 h ago"),
        pytest.param([(974, "completed"), (999, "failed")], WARNING, 26, id="26 h ago, and failed since"),
        pytest.param([(974, "completed"), (999, "held")], WARNING, 26, id="26 h ago, and held since"),
        pytest.param([(950, "completed"), (951, "running")], CRITICAL, 50, id="50 h ago"),
        pytest.param([(900, "completed"), (9000, "completed")], CRITICAL, 100, id="what is dated ahead does not count"),
    ],
)
def test_a_source_is_as_fresh_as_its_last_success(
    warehouse: Warehouse, told: list[tuple[float, str]], rank: int, age: float | None
) -> None:
    """Whatever came after it."""
    synced(warehouse, *told)
    verdict = hourly(warehouse)["freshness"]

    assert (verdict.rank, verdict.facts.get("age_hours")) == (rank, age)


def test_a_source_that_nobody_configured_is_not_judged(warehouse: Warehouse) -> None:
    """It passes, and says what to set."""
    verdict = hourly(warehouse, source=MARKET)["freshness"]

    assert (verdict.rank, verdict.reason) == (HEALTHY, "not judged: set MARKET_KEY")


def test_only_the_last_ten_syncs_count(warehouse: Warehouse) -> None:
    """By when they began; skipped ones and those under way are none."""
    synced(warehouse, *((hour, "failed") for hour in range(20)), *((20 + hour, "completed") for hour in range(7)))
    assert hourly(warehouse)["failure_rate"].facts == {"failure_percent": 30, "failed_syncs": 3, "syncs": 10}
    synced(
        warehouse, *((100 + hour, "failed") for hour in range(3)), (104, "skipped"), (105, "running"), source="market"
    )

    assert hourly(warehouse, source=MARKET)["failure_rate"].facts["failure_percent"] == 100


def test_the_volume_is_what_is_active(warehouse: Warehouse) -> None:
    """Of all sources together; what is stale is none of it."""
    take_in(warehouse, *days(wares(30), wares(28), wares(28)))
    take_in(warehouse, *days(wares(12), source="market"), source=MARKET)
    publish(warehouse)

    assert hourly(warehouse, min_active_offerings=40)["volume"].rank == HEALTHY
    assert hourly(warehouse, min_active_offerings=41)["volume"].rank == CRITICAL
    assert hourly(warehouse)["volume"].facts == {"active_offerings": 40}


def test_an_empty_registry_is_judged(warehouse: Warehouse) -> None:
    """Every hourly check has a verdict before the first sync; of dumps there is none to judge."""
    assert {name: verdict.rank for name, verdict in hourly(warehouse).items()} == {
        "freshness": CRITICAL,
        "failure_rate": HEALTHY,
        "volume": CRITICAL,
    }
    assert of_dumps(warehouse) == {}


# -- of the newest dump ----------------------------------------------------------------------------------------------


def test_rejections_are_those_of_the_newest_dump(warehouse: Warehouse) -> None:
    """Of an older one that is read later nothing is told."""
    bad = {f"bad-{number}": {"id": ""} for number in range(2)}
    good, worse = a_dump(wares(20), observed_at=at(0)), a_dump(wares(20) | bad, observed_at=at(24))
    take_in(warehouse, worse)
    assert of_dumps(warehouse)["rejections"].facts == {"rejected_percent": 9.09, "rejected": 2, "records": 22}
    assert of_dumps(warehouse)["rejections"].rank == WARNING
    take_in(warehouse, good)
    assert of_dumps(warehouse)["rejections"].rank == WARNING
    take_in(warehouse, a_dump(wares(20), observed_at=at(48)))

    assert of_dumps(warehouse)["rejections"].rank == HEALTHY


def test_drift_is_that_of_the_newest_dump(warehouse: Warehouse) -> None:
    """New and vanished paths against the dump before; the first has nothing to drift from; once settled it is over."""
    told = []
    for day, facts in enumerate(
        ({"input": 1}, {"input": 1, "size": {"kg": 1}}, {"input": 1, "size": {"kg": 1}}, {"input": 1})
    ):
        take_in(warehouse, a_dump(wares(3, **facts), observed_at=at(24 * day)))
        told.append(of_dumps(warehouse)["no_drift"].reason)

    same = "the same paths as before"
    assert told == [same, "new: size.kg", same, "vanished: size.kg"]


def test_a_held_dump_is_told_until_a_newer_one_counts(warehouse: Warehouse) -> None:
    """With the dump and the reason."""
    take_in(warehouse, *days(wares(30), wares(5)))
    held = of_dumps(warehouse)["nothing_held"]
    assert (held.rank, held.reason) == (WARNING, "dump 2: 5 offerings, 30 before")
    decide(warehouse, 2, "accept", at(30))
    fold(warehouse)

    assert of_dumps(warehouse)["nothing_held"].rank == HEALTHY


def test_a_source_that_says_the_same_for_long_is_frozen(warehouse: Warehouse) -> None:
    """Accepted dumps count, and what they list; what is installed on a machine of ours stays as it is for years."""
    moving = [wares(20 + day) for day in range(16)]
    take_in(warehouse, *days(*moving, *([wares(35)] * 8)))

    assert of_dumps(warehouse)["frozen_upstream"].rank == WARNING
    with warehouse.transaction() as connection:
        local = checks.frozen_upstreams(connection, [a_shop(local=True)], Settings())
    assert local["shop"].rank == HEALTHY


# -- of what is published --------------------------------------------------------------------------------------------


def test_a_surge_is_what_the_newest_dump_made_inactive(warehouse: Warehouse) -> None:
    """More than a tenth of what was active before; the next dump ends it."""
    told = []
    for day, count in enumerate((30, 26, 26, 26)):
        take_in(warehouse, a_dump(wares(count), observed_at=at(24 * day)))
        publish(warehouse)
        with warehouse.transaction() as connection:
            told.append(checks.inactive_surges(connection, Settings()))

    assert [verdict.rank for verdict in told] == [HEALTHY, HEALTHY, WARNING, HEALTHY]
    assert "shop: 4 of 30" in told[2].reason
