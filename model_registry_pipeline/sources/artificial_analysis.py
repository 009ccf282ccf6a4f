"""Artificial Analysis: measures language models of all makers, at each effort of reasoning that they offer."""

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from model_registry_pipeline.domain.normalized.layouts import Listed
from model_registry_pipeline.domain.normalized.measuring import figure
from model_registry_pipeline.domain.normalized.prices import Meter, Prices, price_lines, settled
from model_registry_pipeline.domain.normalized.quantities import text
from model_registry_pipeline.domain.records import Measurement, Metric, Offering
from model_registry_pipeline.domain.source import (
    MEASURED,
    PASSED_OVER,
    Fault,
    KeyHeader,
    Measured,
    PassedOver,
    Source,
    StatedDay,
    Wire,
)

METERS = {
    "price_1m_input_tokens": Meter("input"),
    "price_1m_output_tokens": Meter("output"),
    "price_1m_cache_hit_tokens": Meter("cache_read"),
    "price_1m_cache_write_tokens": Meter("cache_write"),
}
SPEEDS = {
    "median_output_tokens_per_second": Metric("artificial_analysis_output_tokens_per_second", "tokens_per_second"),
    "median_time_to_first_token_seconds": Metric("artificial_analysis_time_to_first_token", "second"),
    "median_time_to_first_answer_token": Metric("artificial_analysis_time_to_first_answer_token", "second"),
}
ANSWER = "median_time_to_first_answer_token"
"""Ends in `_seconds` where the speeds stand in an object of their own."""
OWN = "artificial_analysis_"


class ArtificialAnalysisCreator(Wire):
    slug: str | None = None
    id: PassedOver = PASSED_OVER
    name: PassedOver = PASSED_OVER


class ArtificialAnalysisPricing(Wire):
    price_1m_input_tokens: Decimal | None = None
    price_1m_output_tokens: Decimal | None = None
    price_1m_cache_hit_tokens: Decimal | None = None
    price_1m_cache_write_tokens: Decimal | None = None
    price_1m_blended_3_to_1: PassedOver = PASSED_OVER
    price_1m_blended_7_to_2_to_1: PassedOver = PASSED_OVER
    """Follows from the others."""


class ArtificialAnalysisModel(Wire):
    slug: str
    id: str | None = None
    name: str | None = None
    release_date: StatedDay | None = None
    model_creator: ArtificialAnalysisCreator | None = None
    pricing: ArtificialAnalysisPricing | None = None
    evaluations: Measured = MEASURED
    performance: Measured = MEASURED
    """The speeds, in the interface of 2026."""
    artificial_analysis_intelligence_index_cost: PassedOver = PASSED_OVER
    """What it cost them to run their own index."""
    median_output_tokens_per_second: Measured = MEASURED
    median_time_to_first_token_seconds: Measured = MEASURED
    median_time_to_first_answer_token: Measured = MEASURED


def parse(model: ArtificialAnalysisModel) -> Offering | None:
    """It serves no model: the provider is the list itself, and the maker stands in the canonical name."""
    maker = model.model_creator.slug if model.model_creator else None
    return Offering(
        provider_id="artificial_analysis",
        model_id=model.slug,
        name=text(model.name),
        canonical_name=f"{maker}/{model.slug}" if maker else None,
        aliases=(model.id,) if model.id else None,
        released_on=model.release_date or None,
        **prices(model.pricing)._asdict(),
    )


def prices(stated: ArtificialAnalysisPricing | None) -> Prices:
    """All zero is how the list writes that it has no price: of 63 such models, its newer interface left 55 null."""
    lines = price_lines(stated, METERS)
    return settled(lines if any(line.usd for line in lines) else ())


def measure(model: ArtificialAnalysisModel) -> Iterator[Measurement | Fault]:
    """Indices in points, other scores as fractions, and medians of speed, of which 0 means that none was measured."""
    try:
        speeds = _figures.decode(bytes(model.performance) or b"null") or {}
    except msgspec.ValidationError as error:
        yield Fault("performance", str(error))
        speeds = {}
    for name, metric in SPEEDS.items():
        spelling = f"{name}_seconds" if name == ANSWER else name
        yield Measurement(metric, figure(speeds.get(spelling, getattr(model, name))) or None)
    try:
        scores = _figures.decode(bytes(model.evaluations) or b"null") or {}
    except msgspec.ValidationError as error:
        yield Fault("evaluations", str(error))
        return
    for name, score in scores.items():
        unit = "points" if name.endswith("_index") else "fraction"
        yield Measurement(Metric(OWN + name.removeprefix(OWN), unit), figure(score))


_figures = msgspec.json.Decoder(dict[str, msgspec.Raw] | None)


SOURCE = Source(
    name="artificial_analysis",
    label="Artificial Analysis",
    base_url="https://artificialanalysis.ai/api/v2",
    path="/data/llms/models",
    layout=Listed(at="data", wire=ArtificialAnalysisModel, parse=parse, measure=measure),
    measures=2,
    serves=False,
    auth=KeyHeader("ARTIFICIAL_ANALYSIS_API_KEY", "x-api-key", others=("AA_API_KEY",)),
    website="https://artificialanalysis.ai",
    documentation="https://artificialanalysis.ai/documentation",
    terms="Free API: attribution to https://artificialanalysis.ai/ is required",
    about="Independent measurements of language models: indices, scores, speed; also prices and release days.",
    units="US dollars per million tokens.",
    authoritative_for="Its own measurements: the intelligence index, scores of evaluations, medians of speed.",
    oddities=(
        "An entry is a model at an effort of reasoning: `gpt-5-medium`, `gpt-5-minimal`.",
        "The slug is taken as the model's id, because people and other lists know it; the documentation calls the id "
        "(kept as an alias) stable and the slug rarely changed: none of 276 changed in nine months.",
        "A price of 0 for input and output means that none is known, not that it is free: of 63 such models of "
        "2026-06-29 its newer interface told 55 as null two days before.",
        "A speed of 0 means that it was not measured; a score of 0 is a score.",
        "The interface of 2026 (`/language/models/free`, whose answers read as well) holds the speeds in `performance`,"
        " and names makers without a slug.",
        "The blended price follows from the others and is passed over.",
        "A maker's slug may change: `moonshotai` became `kimi`.",
    ),
    evidence="Ten answers: 2025-09-23 as served (`ksy2728/AI-GO`), nine of 2026-06-15 to 2026-07-03 with the list "
    "moved to `models` (`fstandhartinger/model-market-comparison`); one page of the interface of 2026, 2026-06-27.",
)
