"""What people and programs read."""

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from sqlalchemy import text

from model_registry_pipeline.domain.normalized.layouts import Listed
from model_registry_pipeline.domain.normalized.prices import settled
from model_registry_pipeline.domain.normalized.translate import parser_version
from model_registry_pipeline.domain.records import Kind, Offering, PriceLine, PriceState, Status
from model_registry_pipeline.domain.source import Wire
from model_registry_pipeline.warehouse import health, serving
from model_registry_pipeline.warehouse.engine import Warehouse
from model_registry_pipeline.warehouse.serving import VIEWS
from model_registry_pipeline_tests.examples import a_document, a_dump, a_shop, an_offering, at, wares
from model_registry_pipeline_tests.warehouse.feeding import (
    SHOP,
    days,
    decide,
    fold,
    publish,
    rows,
    store,
    take_in,
    value,
)


class Mirrored(Wire):
    id: str
    offering: msgspec.Raw


def _mirrored(model: Mirrored) -> Offering:
    return msgspec.json.decode(model.offering, type=Offering)


MIRROR = a_shop(name="mirror", layout=Listed(wire=Mirrored, parse=_mirrored))
"""A source that lists offerings as they are."""


def list_offerings(warehouse: Warehouse, *offerings: Offering, hour: float = 0) -> None:
    """The mirror lists exactly these."""
    listed = [
        {"id": offering.model_id, "offering": msgspec.Raw(msgspec.json.encode(offering))} for offering in offerings
    ]
    take_in(warehouse, a_dump(msgspec.json.encode(listed), source="mirror", observed_at=at(hour)), source=MIRROR)


def row_of(warehouse: Warehouse, view: str) -> dict[str, Any]:
    """The only row of a view."""
    with warehouse.transaction() as connection:
        (row,) = connection.execute(text(f"select * from serving.{view}")).mappings()
    return dict(row)


def a_line(usd: str, meter: str = "input", **but: Any) -> PriceLine:
    return PriceLine(**{"meter": meter, "unit": "mtok", "usd": Decimal(usd)} | but)


# -- the contract ----------------------------------------------------------------------------------------------------

CONTRACT = {
    "offerings": (
        "source provider_id model_id canonical_id name context_window_tokens max_output_tokens input_usd_per_mtok "
        "output_usd_per_mtok cache_read_usd_per_mtok cache_write_usd_per_mtok price_state is_free input_modalities "
        "output_modalities supports_tools supports_vision supports_reasoning released_on retires_on discovered_via "
        "state is_active is_available enabled is_usable first_seen_at last_seen_at"
    ),
    "versions": (
        "source provider_id model_id valid_from valid_to name context_window_tokens input_usd_per_mtok "
        "output_usd_per_mtok price_state dump_id dump_sha256 parser_version record_sha256"
    ),
    "changes": "source provider_id model_id observed_at kind field before after dump_id",
    "dumps": "dump_id source observed_at recorded_at origin status records rejected sha256 bytes",
    "prices": "source provider_id model_id meter unit usd above_tokens up_to_tokens above_output_tokens"
    " up_to_output_tokens service_tier region variant hours_utc effective_from effective_until price_state",
    "snapshots": "source day dump_id offerings listing_sha256",
    "syncs": ("run_id source started_at completed_at status fetched stored rejected appeared vanished changed error"),
    "pairs": "provider_id model_id discovered_via is_active is_available enabled is_usable first_seen_at last_seen_at",
    "flags": "source provider_id model_id state since reason",
    "providers": "provider_id sources total active free enabled first_seen_at last_seen_at",
}


@pytest.mark.parametrize("view", CONTRACT)
def test_a_view_has_the_columns_that_were_promised(warehouse: Warehouse, view: str) -> None:
    """Others read them by name."""
    with warehouse.transaction() as connection:
        columns = {name for name, _, _ in serving.view_columns(connection, view)}

    assert set(CONTRACT[view].split()) <= columns


def test_every_view_says_what_it_shows(warehouse: Warehouse) -> None:
    """In the database, where SQL clients show it, and to the UI."""
    told = rows(
        warehouse,
        "select relname, obj_description(oid) from pg_class "
        "where relnamespace = 'serving'::regnamespace and relkind = 'v' and relname <> 'record_facts'",
    )

    assert dict(told) == {view: serving.view_description(view) for view in VIEWS}
    assert all(told for _, told in told)


@pytest.mark.parametrize("view", VIEWS)
def test_an_empty_registry_has_empty_views(warehouse: Warehouse, view: str) -> None:
    """No view fails for want of rows."""
    with warehouse.transaction() as connection:
        assert serving.count_rows(connection, view) == 0


# -- offerings -------------------------------------------------------------------------------------------------------

EVERYTHING = an_offering(
    name="A",
    kind=Kind.CHAT,
    family="letters",
    status=Status.PREVIEW,
    context_window_tokens=200_000,
    max_input_tokens=190_000,
    max_output_tokens=8_192,
    input_modalities=("image", "text"),
    output_modalities=("text",),
    supports_tools=True,
    supports_vision=False,
    supports_reasoning=True,
    supports_structured_output=False,
    supports_streaming=True,
    supports_prompt_caching=True,
    supports_fine_tuning=False,
    open_weights=True,
    license="apache-2.0",
    hugging_face_id="letters/a",
    parameters=7_000_000_000,
    quantization="fp8",
    created_on="2025-01-02",
    released_on="2025-01",
    knowledge_cutoff_on="2024",
    deprecated_on="2026-01-01",
    retires_on="2026-06-30",
    description="The first letter.",
    url="https://shop.test/a",
    **settled(
        [a_line("3"), a_line("15", "output"), a_line("0.3", "cache_read"), a_line("3.75", "cache_write")]
    )._asdict(),
)
STATED = {name: getattr(EVERYTHING, name) for name in EVERYTHING.__struct_fields__}


def test_what_is_stated_is_shown_as_stated(warehouse: Warehouse) -> None:
    """Each fact in its column, dates in the precision in which they were stated, prices exact."""
    list_offerings(warehouse, EVERYTHING)
    row = row_of(warehouse, "offerings")

    for name in row.keys() & STATED.keys():
        stated = STATED[name]
        assert row[name] == (list(stated) if isinstance(stated, tuple) else stated), name
    prices = [row[f"{meter}_usd_per_mtok"] for meter in ("input", "output", "cache_read", "cache_write")]
    assert prices == [Decimal(usd) for usd in ("3", "15", "0.3", "3.75")]
    assert (row["price_state"], row["is_free"]) == ("paid", False)


def test_what_is_not_stated_is_null(warehouse: Warehouse) -> None:
    """Unknown is not 0, not false and no default; what the registry itself knows is known."""
    list_offerings(warehouse, an_offering())
    row = row_of(warehouse, "offerings")

    known = {"source", "provider_id", "model_id", "price_state", "is_free", "discovered_via", "state", "is_active"}
    known |= {
        "enabled",
        "provider_enabled",
        "is_price_suspect",
        "is_usable",
        "first_seen_at",
        "last_seen_at",
        "valid_from",
        "dump_id",
        "record_sha256",
        "facts",
    }
    assert {name for name, value in row.items() if value is not None} == known
    assert (row["price_state"], row["is_free"]) == ("unknown", False)


def test_where_an_offering_stands(warehouse: Warehouse) -> None:
    """What the registry says of it, beside what its source states."""
    list_offerings(warehouse, an_offering())
    list_offerings(warehouse, an_offering(), hour=24)
    row = row_of(warehouse, "offerings")

    assert (row["source"], row["provider_id"], row["model_id"]) == ("mirror", "shop", "a")
    assert (row["discovered_via"], row["state"], row["is_active"], row["enabled"]) == ("INDEX", "listed", True, True)
    assert (row["is_available"], row["is_usable"], row["canonical_id"]) == (None, True, None)
    assert (row["first_seen_at"], row["last_seen_at"]) == (at(0), at(24))
    assert (row["valid_from"], row["valid_to"], row["dump_id"]) == (at(0), None, 1)


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"created_on": "2024"}, id="created in a year"),
        pytest.param({"created_on": "2024-05"}, id="created in a month"),
        pytest.param(settled([a_line("1", effective_from="2024-05")])._asdict(), id="a price from a month on"),
    ],
)
def test_a_day_that_is_stated_less_exactly_breaks_no_view(warehouse: Warehouse, facts: dict[str, Any]) -> None:
    """One source that says in which month something came takes the catalogue from nobody."""
    list_offerings(warehouse, an_offering(**facts), an_offering(model_id="b"))

    shown = {
        view: {model_id for (model_id,) in rows(warehouse, f"select (shown).model_id from serving.{view} as shown")}
        for view in ("offerings", "versions", "prices")
    }

    assert shown == {"offerings": {"a", "b"}, "versions": {"a", "b"}, "prices": {"a"} if "prices" in facts else set()}


@pytest.mark.parametrize(
    ("prices", "state", "is_free", "price"),
    [
        pytest.param([], "unknown", False, None, id="none stated"),
        pytest.param([a_line("0"), a_line("0", "output")], "free", True, 0, id="free: 0 is stated"),
        pytest.param([a_line("0")], "unknown", False, 0, id="only the input is stated as 0"),
        pytest.param([a_line("0"), a_line("1", "output")], "paid", False, 0, id="free input, paid output"),
        pytest.param([a_line("-1"), a_line("-1", "output")], "variable", False, None, id="it varies"),
    ],
)
def test_free_is_0_and_unknown_is_null(
    warehouse: Warehouse, prices: list[PriceLine], state: str, is_free: bool, price: int | None
) -> None:
    """The price state tells apart what a number alone would not."""
    list_offerings(warehouse, an_offering(**settled(prices)._asdict()))
    row = row_of(warehouse, "offerings")

    assert (row["price_state"], row["is_free"], row["input_usd_per_mtok"]) == (state, is_free, price)


def test_what_is_in_a_plan_is_included_and_not_free(warehouse: Warehouse) -> None:
    """Without a number."""
    list_offerings(warehouse, an_offering(price_state=PriceState.INCLUDED))
    row = row_of(warehouse, "offerings")

    assert (row["price_state"], row["is_free"], row["input_usd_per_mtok"]) == ("included", False, None)


@pytest.mark.parametrize(
    ("lines", "price"),
    [
        pytest.param([a_line("1")], 1, id="the line without conditions"),
        pytest.param([a_line("1"), a_line("2", above_tokens=200_000)], 1, id="not the one for large contexts"),
        pytest.param([a_line("2", above_tokens=200_000)], None, id="also when there is no other"),
        pytest.param([a_line("1"), a_line("0.5", service_tier="batch")], 1, id="not the batch price"),
        pytest.param([a_line("1"), a_line("0.5", region="eu")], 1, id="not a region's"),
        pytest.param([a_line("1"), a_line("0.5", variant="hd")], 1, id="not a variant's"),
        pytest.param([a_line("1"), a_line("0.5", hours_utc="16:30-00:30")], 1, id="not the one at night"),
        pytest.param([a_line("9", unit="request")], None, id="not a price per request"),
        pytest.param([a_line("9", "output")], None, id="not another meter's"),
        pytest.param([a_line("1", up_to_tokens=128_000), a_line("2", above_tokens=128_000)], 1, id="the lowest tier"),
        pytest.param(
            [a_line("2", up_to_tokens=256_000), a_line("1", up_to_tokens=128_000)], 1, id="the lowest of two tiers"
        ),
        pytest.param(
            [a_line("1", up_to_output_tokens=199), a_line("2", above_output_tokens=199)], 1, id="a short answer's"
        ),
        pytest.param([a_line("2"), a_line("1", up_to_tokens=128_000)], 2, id="the plain line before a tier's"),
        pytest.param([a_line("1"), a_line("2")], 2, id="the dearer of two for the same"),
        pytest.param([a_line("1"), a_line("2", effective_from="2001-01-01")], 2, id="a dated line that holds"),
        pytest.param([a_line("1"), a_line("2", effective_from="2999-01-01")], 1, id="not one that holds later"),
        pytest.param([a_line("1", effective_until="2001-01-01"), a_line("2")], 2, id="not one that held"),
        pytest.param(
            [a_line("1", effective_from="2001-01-01"), a_line("2", effective_from="2002-01-01")], 2, id="the newest"
        ),
    ],
)
def test_the_base_price_holds_without_conditions_today(
    warehouse: Warehouse, lines: list[PriceLine], price: int | None
) -> None:
    """Of all stated prices the one that a plain request pays."""
    list_offerings(warehouse, an_offering(**settled(lines)._asdict()))

    assert row_of(warehouse, "offerings")["input_usd_per_mtok"] == price


@pytest.mark.parametrize(
    ("day", "price"),
    [
        pytest.param("2025-05-31", 1, id="the day before"),
        pytest.param("2025-06-01", 2, id="its first day"),
        pytest.param("2025-06-30", 2, id="its last day"),
        pytest.param("2025-07-01", 1, id="the first day on which it no longer holds"),
    ],
)
def test_dates_are_half_open(warehouse: Warehouse, day: str, price: int) -> None:
    """A dated line holds from its first day to the one before the day on which it ends."""
    dated = a_line("2", effective_from="2025-06-01", effective_until="2025-07-01")
    list_offerings(warehouse, an_offering(**settled([a_line("1"), dated])._asdict()))

    found = value(
        warehouse,
        "select serving.base_price(facts, 'input', cast(:day as date)) from serving.offerings",
        day=day,
    )
    assert found == price


def test_every_stated_price_is_shown_with_its_conditions(warehouse: Warehouse) -> None:
    """Of what is listed now, under the facts that hold now."""
    lines = [
        a_line("1"),
        a_line("2", above_tokens=200_000, service_tier="batch"),
        a_line("0.01", "web_search", unit="request"),
    ]
    list_offerings(warehouse, an_offering(**settled([a_line("7")])._asdict()), an_offering(model_id="gone"))
    list_offerings(warehouse, an_offering(**settled(lines)._asdict()), hour=24)

    found = rows(
        warehouse,
        "select model_id, meter, unit, usd, above_tokens, service_tier, price_state, valid_from from serving.prices"
        " order by usd",
    )
    assert found == [
        ("a", "web_search", "request", Decimal("0.01"), None, None, "paid", at(24)),
        ("a", "input", "mtok", Decimal(1), None, None, "paid", at(24)),
        ("a", "input", "mtok", Decimal(2), 200_000, "batch", "paid", at(24)),
    ]


# -- the other views -------------------------------------------------------------------------------------------------


def test_a_version_names_its_evidence(warehouse: Warehouse) -> None:
    """Version, record, dump, sha256 of the bytes, parser version."""
    dumps = days(wares(1, input=1), wares(1, input=2))
    take_in(warehouse, *dumps)

    found = rows(
        warehouse,
        "select valid_from, dump_sha256, parser_version, length(record_sha256) from serving.versions "
        "order by valid_from",
    )
    assert found == [(at(24 * day), dump.sha256.hex(), parser_version(SHOP), 64) for day, dump in enumerate(dumps)]


def test_a_dump_says_how_it_stands(warehouse: Warehouse) -> None:
    """Pending until it is judged; then accepted, held, rejected or superseded, with the reason."""
    take_in(warehouse, *days(wares(20), wares(20), {}), a_dump(wares(21), observed_at=at(24)))
    decide(warehouse, 1, "reject", at(99))
    fold(warehouse)
    store(warehouse, a_dump(wares(3), observed_at=at(96)))

    assert rows(warehouse, "select dump_id, status, reason, records, rejected from serving.dumps order by 1") == [
        (1, "rejected", "a person rejected it", 20, 0),
        (2, "superseded", "dump 4 of the same instant counts", 20, 0),
        (3, "held", "no records at all", 0, 0),
        (4, "accepted", "the first of its source", 21, 0),
        (5, "pending", None, None, None),
    ]
    (row,) = rows(
        warehouse, "select source, observed_at, recorded_at, origin, sha256, bytes from serving.dumps where dump_id = 5"
    )
    dump = a_dump(wares(3))
    assert row == ("shop", at(96), at(96), "fetch", dump.sha256.hex(), len(a_document(wares(3))))


def test_a_provider_counts_a_model_once(warehouse: Warehouse) -> None:
    """Whoever lists it; free and active are counted apart."""
    take_in(warehouse, a_dump(wares(2) | {"free": {"input": 0, "output": 0}}))
    list_offerings(warehouse, an_offering(model_id="ware-00"), an_offering(provider_id="other"))

    assert rows(warehouse, "select provider_id, sources, total, active, free from serving.providers order by 1") == [
        ("other", ["mirror"], 1, 1, 0),
        ("shop", ["mirror", "shop"], 3, 3, 1),
    ]


def test_snapshots_and_syncs_are_shown(warehouse: Warehouse) -> None:
    """As history and the ledger hold them."""
    take_in(warehouse, *days(wares(2)))
    publish(warehouse)
    with warehouse.transaction() as connection:
        health.begin_sync(connection, "run 1", "shop", at(0))

    sha256 = value(warehouse, "select encode(sha256, 'hex') from normalized.listings")
    assert rows(warehouse, "select * from serving.snapshots") == [("shop", date(2025, 1, 1), 1, 2, sha256)]
    assert rows(warehouse, "select source, status from serving.syncs") == [("shop", "running")]


# -- questions -------------------------------------------------------------------------------------------------------


@pytest.fixture
def catalogue(warehouse: Warehouse) -> Warehouse:
    """Twenty wares of which the last went stale and the first is free, and a model of another source."""
    full = wares(20, input=1) | {"ware-00": {"input": 0, "output": 0}}
    fewer = {name: facts for name, facts in full.items() if name != "ware-19"}
    take_in(warehouse, *days(full, fewer, fewer))
    list_offerings(warehouse, an_offering(provider_id="other"), hour=12)
    publish(warehouse)
    return warehouse


def test_stats_count_offerings(catalogue: Warehouse) -> None:
    """In all, by provider, by source, by how they were discovered, and seen within a day of the newest sighting."""
    with catalogue.transaction() as connection:
        stats = serving.stats(connection)

    assert stats == {
        "total": 21,
        "active": 20,
        "inactive": 1,
        "free": 1,
        "by_provider": {
            "shop": {"total": 20, "active": 19, "free": 1},
            "other": {"total": 1, "active": 1, "free": 0},
        },
        "by_source": {
            "mirror": {"total": 1, "active": 1, "free": 0},
            "shop": {"total": 20, "active": 19, "free": 1},
        },
        "by_discovered_via": {"INDEX": 21},
        "recently_seen": 19,
    }


def test_stats_of_nothing_are_zeros(warehouse: Warehouse) -> None:
    """An empty registry is counted as well."""
    with warehouse.transaction() as connection:
        stats = serving.stats(connection)

    assert (stats["total"], stats["active"], stats["by_source"], stats["recently_seen"]) == (0, 0, {}, 0)


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        pytest.param({}, 21, id="all"),
        pytest.param({"provider_id": "other"}, 1, id="a provider's"),
        pytest.param({"provider_id": "'; drop schema serving; --"}, 0, id="nobody's"),
        pytest.param({"source": "shop"}, 20, id="a source's"),
        pytest.param({"is_free": True}, 1, id="free"),
        pytest.param({"is_free": False, "source": "shop"}, 19, id="not free"),
        pytest.param({"is_active": True}, 20, id="active"),
        pytest.param({"is_active": False}, 1, id="inactive"),
    ],
)
def test_models_are_asked_for_by_what_they_are(catalogue: Warehouse, asked: dict[str, Any], count: int) -> None:
    """Each filter narrows; values are bound, never SQL."""
    with catalogue.transaction() as connection:
        found = serving.models(connection, **asked)

    assert len(found) == count
    names = [(row["provider_id"], row["model_id"], row["source"]) for row in found]
    assert names == sorted(names)


def test_showing_a_model_names_the_evidence_of_each_source(catalogue: Warehouse) -> None:
    """What each source says, its dump, and the sha256 of the bytes."""
    list_offerings(catalogue, an_offering(provider_id="other"), an_offering(model_id="ware-01"), hour=36)
    with catalogue.transaction() as connection:
        found = serving.show(connection, "shop", "ware-01")
        prices = serving.prices_of(connection, "shop", "ware-01")

    assert [(row["source"], row["dump_id"], row["observed_at"]) for row in found] == [
        ("mirror", 5, at(36)),
        ("shop", 1, at(0)),
    ]
    assert all(len(row["dump_sha256"]) == 64 for row in found)
    assert [(row["source"], row["meter"], row["usd"]) for row in prices] == [("shop", "input", Decimal(1))]


def test_an_unknown_model_brings_the_nearest_names(catalogue: Warehouse) -> None:
    """For people who mistype."""
    with catalogue.transaction() as connection:
        assert serving.show(connection, "shop", "wear-01") == []
        near = serving.nearest(connection, "shop", "wear-01")

    assert ("shop", "ware-01") in near
    assert len(near) == 5


def test_dumps_come_newest_first(catalogue: Warehouse) -> None:
    """By source and by status, as many as asked."""
    with catalogue.transaction() as connection:
        newest = serving.dumps(connection, source="shop", status=None, limit=2)
        held = serving.dumps(connection, source=None, status="held", limit=10)
        one = serving.dump_standing(connection, 1)
        none = serving.dump_standing(connection, 999)

    assert [row["dump_id"] for row in newest] == [3, 2]
    assert held == []
    assert one is not None
    assert (one["status"], one["unreadable"]) == ("accepted", None)
    assert none is None
