"""genai-prices: prices kept by the makers of Pydantic, with the dates, hours and variants in which they hold."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

import msgspec

from model_registry_pipeline.domain.normalized.layouts import Nested
from model_registry_pipeline.domain.normalized.prices import (
    PER_MILLION,
    PER_THOUSAND,
    Conditions,
    Meter,
    Prices,
    price_line,
    settled,
)
from model_registry_pipeline.domain.normalized.providers import provider_id_of, spelling_of
from model_registry_pipeline.domain.normalized.quantities import count, text
from model_registry_pipeline.domain.records import Offering, PriceLine, Status
from model_registry_pipeline.domain.source import PASSED_OVER, PassedOver, Source, StatedDay, Wire

METERS = {
    "audio_hours": Meter("input_audio", "hour"),
    "cache_audio_read_mtok": Meter("cache_read_audio"),
    "cache_image_read_mtok": Meter("cache_read_image"),
    "cache_read_mtok": Meter("cache_read"),
    "cache_write_1h_mtok": Meter("cache_write_1h"),
    "cache_write_mtok": Meter("cache_write"),
    "input_annotated_document_kpages": Meter("annotation", "page", PER_THOUSAND),
    "input_audio_hours": Meter("input_audio", "hour"),
    "input_audio_mtok": Meter("input_audio"),
    "input_document_kpages": Meter("input", "page", PER_THOUSAND),
    "input_image_mtok": Meter("input_image"),
    "input_mchars": Meter("input", "character", PER_MILLION),
    "input_mtok": Meter("input"),
    "input_text_messages_kcount": Meter("input", "message", PER_THOUSAND),
    "input_video_mtok": Meter("input_video"),
    "output_audio_mtok": Meter("output_audio"),
    "output_citation_mtok": Meter("citation"),
    "output_image_mtok": Meter("output_image"),
    "output_mtok": Meter("output"),
    "output_reasoning_mtok": Meter("reasoning"),
    "output_video_mtok": Meter("output_video"),
    "requests_kcount": Meter("request", "request", PER_THOUSAND),
    "storage_searches_kcount": Meter("storage_search", "search", PER_THOUSAND),
    "web_searches_kcount": Meter("web_search", "search", PER_THOUSAND),
}


class GenaiTier(Wire):
    start: int
    """Tokens of context above which the price holds for the whole request."""
    price: Decimal


class GenaiTiers(Wire):
    base: Decimal
    tiers: tuple[GenaiTier, ...] = ()


class GenaiRates(Wire):
    more: dict[str, Decimal | GenaiTiers] = msgspec.field(default_factory=dict)
    """Prices by their names."""

    @staticmethod
    def understands(name: str) -> bool:
        return name in METERS


class GenaiConstraint(Wire):
    start_date: StatedDay | None = None
    start_time: str | None = None
    end_time: str | None = None
    type: PassedOver = PASSED_OVER


class GenaiConditionalRates(Wire):
    prices: GenaiRates
    constraint: GenaiConstraint | None = None
    when: dict[str, str] = msgspec.field(default_factory=dict)


class GenaiProvider(Wire):
    id: str
    name: PassedOver = PASSED_OVER
    api_pattern: PassedOver = PASSED_OVER
    description: PassedOver = PASSED_OVER
    extractors: PassedOver = PASSED_OVER
    fallback_model_providers: PassedOver = PASSED_OVER
    model_match: PassedOver = PASSED_OVER
    price_comments: PassedOver = PASSED_OVER
    pricing_url: PassedOver = PASSED_OVER
    pricing_urls: PassedOver = PASSED_OVER
    provider_match: PassedOver = PASSED_OVER


class GenaiModel(Wire):
    id: str
    name: str | None = None
    description: str | None = None
    context_window: int | None = None
    max_tokens: int | None = None
    deprecated: bool | None = None
    prices: GenaiRates | tuple[GenaiConditionalRates, ...] | None = None
    price_variants: tuple[GenaiConditionalRates, ...] = ()
    collapse: PassedOver = PASSED_OVER
    match: PassedOver = PASSED_OVER
    price_comments: PassedOver = PASSED_OVER
    prices_checked: PassedOver = PASSED_OVER


def parse(provider: GenaiProvider, model: GenaiModel) -> Offering | None:
    """`deprecated` is only ever stated where it is true."""
    return Offering(
        provider_id=provider_id_of(provider.id),
        provider_as_stated=spelling_of(provider.id),
        model_id=model.id,
        name=text(model.name),
        description=text(model.description),
        context_window_tokens=count(model.context_window),
        max_output_tokens=count(model.max_tokens),
        status=Status.DEPRECATED if model.deprecated else None,
        **prices(model)._asdict(),
    )


def prices(model: GenaiModel) -> Prices:
    """All prices with their dates, hours and variants."""
    rates = [GenaiConditionalRates(prices=model.prices)] if isinstance(model.prices, GenaiRates) else model.prices
    return settled([*dated_lines(rates or ()), *variant_lines(model.price_variants)])


def variant_lines(variants: Iterable[GenaiConditionalRates]) -> list[PriceLine]:
    """The variants' prices; dates are told apart for each variant."""
    groups: dict[tuple[tuple[str, str], ...], list[GenaiConditionalRates]] = {}
    for variant in variants:
        groups.setdefault(tuple(sorted(variant.when.items())), []).append(variant)
    return [line for group in groups.values() for line in dated_lines(group)]


def dated_lines(rates: Sequence[GenaiConditionalRates]) -> list[PriceLine]:
    """The last price whose constraint holds is used, so one from a day on ends all dated ones before it."""
    starts = sorted({_start(one) for one in rates if _start(one)})
    lines: list[PriceLine] = []
    for one in rates:
        conditions = variant_conditions(one.when)
        constraint = one.constraint or GenaiConstraint()
        if constraint.start_time and constraint.end_time:
            conditions["hours_utc"] = f"{constraint.start_time[:5]}-{constraint.end_time[:5]}"
        else:
            conditions["effective_from"] = _start(one) or None
            conditions["effective_until"] = next((start for start in starts if start > _start(one)), None)
        lines += rate_lines(one.prices, conditions)
    return lines


def _start(rates: GenaiConditionalRates) -> str:
    return rates.constraint.start_date or "" if rates.constraint else ""


def variant_conditions(when: dict[str, str]) -> Conditions:
    """`processing: batch` and `service_tier: flex` are service tiers; what is no tier or region stays in words."""
    tiers = [when[name] for name in ("processing", "service_tier", "speed") if name in when]
    others = {name: value for name, value in when.items() if name not in _NAMED}
    conditions: Conditions = {}
    if tiers:
        conditions["service_tier"] = "+".join(tiers)
    if "route" in when:
        conditions["region"] = when["route"]
    if others:
        conditions["variant"] = ",".join(f"{name}={value}" for name, value in sorted(others.items()))
    return conditions


_NAMED = frozenset({"processing", "service_tier", "speed", "route"})


def rate_lines(rates: GenaiRates, conditions: Conditions) -> list[PriceLine]:
    """Plain prices, and those that step up with the context."""
    lines = []
    for name, rate in rates.more.items():
        meter = METERS[name]
        if isinstance(rate, Decimal):
            lines.append(price_line(meter, rate, **conditions))
            continue
        lines.append(price_line(meter, rate.base, **conditions))
        lines += [price_line(meter, tier.price, **(conditions | {"above_tokens": tier.start})) for tier in rate.tiers]
    return lines


SOURCE = Source(
    name="genai_prices",
    label="genai-prices",
    base_url="https://raw.githubusercontent.com/pydantic/genai-prices/main",
    path="/prices/data.json",
    layout=Nested(parent_wire=GenaiProvider, wire=GenaiModel, parse=parse),
    package="genai-prices",
    website="https://github.com/pydantic/genai-prices",
    documentation="https://github.com/pydantic/genai-prices/blob/main/prices/data.schema.json",
    terms="MIT",
    about="Prices with the dates, the hours and the service tiers in which they hold; it works with no network.",
    units="Per million tokens (`_mtok`), per thousand requests, searches or pages (`_kcount`, `_kpages`), per million"
    " characters (`_mchars`), per hour: the name of a price says which.",
    authoritative_for="Prices that begin on a day, hold in hours of the day, step up with the context, or depend on a"
    " tier.",
    oddities=(
        "Of several conditional prices the last that holds is used, so a dated one ends those before it.",
        "`deprecated` is only ever stated where it is true.",
        "An id stands for all ids that its `match` takes: the provider's API need not know it.",
        "The installed package carries the same data as Python objects. It stands in when the fetch fails, and the sync"
        " says so; its instant is the newest day on which its keepers noted that they checked a price.",
    ),
    evidence="64 recorded answers, 2025-06-22 to 2026-03-03: `pydantic/genai-prices` (MIT), its own commits.",
)
