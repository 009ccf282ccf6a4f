"""What genai-prices' own code takes as a price at an instant is what our price lines say for it."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import msgspec
from genai_prices.data import providers
from genai_prices.data_units import unit_data
from genai_prices.types import ModelInfo, ModelPrice, _providers_from_raw
from hypothesis import given
from hypothesis import strategies as st

from model_registry_pipeline.connectors.package import installed_document
from model_registry_pipeline.domain.normalized.translate import read_listing
from model_registry_pipeline.domain.records import Offering, PriceLine
from model_registry_pipeline.sources.genai_prices import METERS, SOURCE

HOURS = [time(), time(0, 30), time(1), time(3, 59), time(5), time(6), time(16, 29), time(16, 30), time(23, 59)]


def offerings() -> dict[tuple[str, str], Offering]:
    listing = read_listing(SOURCE, [installed_document("genai-prices").document])
    read = [msgspec.json.decode(record.facts, type=Offering, strict=False) for record in listing.records]
    return {(one.provider_as_stated or one.provider_id, one.model_id): one for one in read}


def instants(model: ModelInfo) -> Iterator[datetime]:
    """The days on which a price begins and those before, at hours of all kinds."""
    entries = [*(model.prices if isinstance(model.prices, list) else []), *(model.price_variants or [])]
    starts = {getattr(entry.constraint, "start_date", None) for entry in entries} - {None}
    for day in {date(2026, 1, 1)} | {start + timedelta(days=step) for start in starts for step in (-1, 0)}:  # type: ignore[operator]
        yield from (datetime.combine(day, hour, UTC) for hour in HOURS)


def told(
    lines: Iterable[PriceLine], at: datetime, tier: str | None, region: str | None
) -> dict[tuple[str, str, int], Decimal]:
    """What the lines say for an instant: of those that hold, the one of an hour and of a tier before the others."""
    found: dict[tuple[str, str, int], tuple[tuple[bool, bool], Decimal]] = {}
    day = at.date().isoformat()
    for line in lines:
        holds = (line.effective_from or "") <= day < (line.effective_until or "9999")
        if not holds or line.service_tier not in {None, tier} or line.region not in {None, region} or line.variant:
            continue
        if line.hours_utc and not _is_within(at.time(), line.hours_utc):
            continue
        key = (line.meter, line.unit, line.above_tokens or 0)
        rank = (bool(line.service_tier or line.region), bool(line.hours_utc))
        if key not in found or rank > found[key][0]:
            found[key] = rank, line.usd
    return {key: usd for key, (_, usd) in found.items()}


def _is_within(at: time, hours: str) -> bool:
    start, end = (time.fromisoformat(part) for part in hours.split("-"))
    return start <= at < end if start < end else at >= start or at < end


def theirs(price: ModelPrice) -> dict[tuple[str, str, int], Decimal]:
    """Their prices, by the same keys."""
    found = {}
    for name, stated in vars(price).items():
        if stated is None:
            continue
        meter = METERS[name]
        steps = (
            [(stated, 0)]
            if isinstance(stated, Decimal)
            else [(stated.base, 0), *((t.price, t.start) for t in stated.tiers)]
        )
        found |= {(meter.meter, meter.unit, above): Decimal(usd).scaleb(meter.shift) for usd, above in steps}
    return found


def test_dates_and_hours_say_what_the_package_says() -> None:
    """For every model of the installed package with conditions, around every date, at all hours, for every tier."""
    read, compared = offerings(), 0
    for provider in providers:
        for model in provider.models:
            if isinstance(model.prices, ModelPrice) and not model.price_variants:
                continue
            ours = read[provider.id, model.id].prices
            contexts: list[dict[str, str]] = [{}, *(variant.when for variant in model.price_variants or ())]
            for context in contexts:
                tiers = [context[name] for name in ("processing", "service_tier", "speed") if name in context]
                if set(context) - {"processing", "service_tier", "speed", "route"}:
                    continue
                for at in instants(model):
                    expected = theirs(model.get_prices(at, context))
                    said = told(ours, at, "+".join(tiers) or None, context.get("route"))
                    compared += len(expected)

                    assert {key: said.get(key) for key in expected} == expected, (provider.id, model.id, context, at)

    assert compared > 1000


DAYS = ["2026-01-01", "2026-02-01", "2026-03-01"]
RATES = st.dictionaries(st.sampled_from(["input_mtok", "output_mtok"]), st.integers(1, 9), min_size=1)
DATED = st.none() | st.builds(lambda day: {"start_date": day}, st.sampled_from(DAYS))
HOURLY = {"start_time": "01:00:00Z", "end_time": "04:00:00Z"}


@given(
    entries=st.lists(st.tuples(DATED, RATES), min_size=1, max_size=4),
    variants=st.lists(st.tuples(DATED, RATES), max_size=4),
    hourly=st.none() | st.tuples(st.integers(0, 4), RATES),
)
def test_whatever_the_order_of_conditions(entries: Any, variants: Any, hourly: Any) -> None:
    """The last of conditional prices that holds, the first of variants, each as their own code resolves it."""
    stated = [{"constraint": when, "prices": rates} for when, rates in entries]
    if hourly is not None:
        stated.insert(hourly[0], {"constraint": HOURLY, "prices": hourly[1]})
    tiers = [{"constraint": when, "prices": rates, "when": {"processing": "batch"}} for when, rates in variants]
    model = {"id": "m", "match": {"equals": "m"}, "prices": [_stated(one) for one in stated]}
    model["price_variants"] = [_stated(one) for one in tiers]
    document = [{"id": "p", "name": "P", "api_pattern": "p", "models": [model]}]
    (provider,) = _providers_from_raw(json.loads(json.dumps(document)))
    (record,) = read_listing(SOURCE, [json.dumps(document).encode()]).records
    ours = msgspec.json.decode(record.facts, type=Offering, strict=False).prices
    for day in ("2025-12-31", *DAYS):
        for hour in (time(0, 30), time(1)):
            at = datetime.combine(date.fromisoformat(day), hour, UTC)
            expected = theirs(provider.models[0].get_prices(at, {"processing": "batch"} if tiers else {}))
            said = told(ours, at, "batch" if tiers else None, None)

            assert {key: said.get(key) for key in expected} == expected


def _stated(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if value is not None}


def units() -> Iterator[tuple[str, int]]:
    """Every name of a price that the package knows, and of how many the price is."""
    for usage, unit in unit_data.items():
        yield unit.get("price_key", usage), unit["per"]


def test_every_price_of_the_package_has_a_meter() -> None:
    """In its unit: a million tokens, an hour, or one of what is counted."""
    million, hour = 1_000_000, 3600
    wanted = {
        name: million if name.endswith("_mtok") else hour if name.endswith("_hours") else 1 for name, _ in units()
    }
    ours = {name: Decimal(per).scaleb(METERS[name].shift) for name, per in units() if name in METERS}
    said = {name: {"mtok": million, "hour": hour}.get(METERS[name].unit, 1) for name in ours}

    assert len(wanted) > 50
    assert ours == said == wanted


def test_a_tool_s_uses_cost_what_a_thousand_of_them_are_stated_to_cost() -> None:
    """The form of 2025: by the tool; a free model with a tool that is not is paid."""
    model = {
        "id": "m",
        "prices": {"input_mtok": 0, "output_mtok": 0, "tool_use_kcount": {"web_search": 10, "file_search": "2.5"}},
    }
    (record,) = read_listing(SOURCE, [json.dumps([{"id": "p", "models": [model]}]).encode()]).records
    facts = json.loads(record.facts)

    assert facts["price_state"] == "paid"
    assert record.extra is None
    assert {(line["meter"], line["unit"], line["usd"]) for line in facts["prices"]} >= {
        ("web_search", "search", "0.01"),
        ("file_search", "call", "0.0025"),
    }


def test_a_condition_that_nobody_knows_makes_no_price_of_every_day() -> None:
    """It is told in words."""
    model = {
        "id": "m",
        "prices": [{"prices": {"input_mtok": 1}}, {"constraint": {"moon": "full"}, "prices": {"input_mtok": 2}}],
    }
    (record,) = read_listing(SOURCE, [json.dumps([{"id": "p", "models": [model]}]).encode()]).records

    assert [(line["usd"], line.get("variant")) for line in json.loads(record.facts)["prices"]] == [
        ("1", None),
        ("2", "moon=full"),
    ]
