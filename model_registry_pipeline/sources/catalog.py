"""The catalogue: models of the main labs, kept in this project's own data files; it needs no network and no key."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, ClassVar, Literal

import msgspec

from model_registry_pipeline.domain.normalized.layouts import Listed
from model_registry_pipeline.domain.normalized.measuring import conditions, figure
from model_registry_pipeline.domain.normalized.modalities import modalities
from model_registry_pipeline.domain.normalized.prices import Meter, Prices, price_lines, settled
from model_registry_pipeline.domain.records import Kind, Measurement, Metric, Offering, Origin, Status
from model_registry_pipeline.domain.source import (
    MEASURED,
    PASSED_OVER,
    Fault,
    Measured,
    PassedOver,
    Source,
    StatedDay,
    Wire,
)

METERS = {
    "input": Meter("input"),
    "output": Meter("output"),
    "cache_read": Meter("cache_read"),
    "cache_write": Meter("cache_write"),
    "cache_write_1h": Meter("cache_write_1h"),
}
Capability = Literal[
    "attachments",
    "computer_use",
    "fine_tuning",
    "parallel_tools",
    "prompt_caching",
    "reasoning",
    "streaming",
    "structured_output",
    "system_prompt",
    "temperature",
    "tool_choice",
    "tools",
    "vision",
    "web_search",
]
"""What stands behind `supports_` in an offering."""


class CatalogRates(Wire):
    """US dollars per million tokens, and when they hold."""

    is_whole: ClassVar[bool] = True

    input: Decimal | None = None
    output: Decimal | None = None
    cache_read: Decimal | None = None
    cache_write: Decimal | None = None
    cache_write_1h: Decimal | None = None
    above_tokens: int | None = None
    hours_utc: str | None = None
    effective_from: StatedDay | None = None
    effective_until: StatedDay | None = None


class CatalogOrigin(Wire):
    source: str
    url: str
    observed_on: StatedDay
    facts: tuple[str, ...]
    record: str | None = None


class CatalogScore(Wire):
    benchmark: str
    score: Measured
    unit: str
    source: str
    url: str
    observed_on: str
    setting: str | None = None
    """At which effort, where one model is measured at several."""
    record: str | None = None


class CatalogModel(Wire):
    lab: str
    """Who makes it: the name of its file."""
    slug: str
    """Ours: it holds no slash and never changes."""
    provider_id: str
    model_id: str
    name: str | None = None
    family: str | None = None
    kind: Kind | None = None
    status: Status | None = None
    released_on: StatedDay | None = None
    knowledge_cutoff_on: StatedDay | None = None
    deprecated_on: StatedDay | None = None
    retires_on: StatedDay | None = None
    context_window_tokens: int | None = None
    max_input_tokens: int | None = None
    max_output_tokens: int | None = None
    embedding_dimensions: int | None = None
    input_modalities: tuple[str, ...] | None = None
    output_modalities: tuple[str, ...] | None = None
    supports: tuple[Capability, ...] = ()
    lacks: tuple[Capability, ...] = ()
    """Stated not to be supported."""
    open_weights: bool | None = None
    license: str | None = None
    hugging_face_id: str | None = None
    parameters: int | None = None
    rates: tuple[CatalogRates, ...] = ()
    stated_by: tuple[CatalogOrigin, ...] = ()
    benchmarks: Measured = MEASURED
    known_as: PassedOver = PASSED_OVER
    """Its ids on the lists of others."""


def parse(model: CatalogModel) -> Offering | None:
    """The permanent name is the lab's and the slug: `openai/gpt-5-5`."""
    return Offering(
        provider_id=model.provider_id,
        model_id=model.model_id,
        name=model.name,
        canonical_name=f"{model.lab}/{model.slug}",
        family=model.family,
        kind=model.kind,
        status=model.status,
        context_window_tokens=model.context_window_tokens,
        max_input_tokens=model.max_input_tokens,
        max_output_tokens=model.max_output_tokens,
        embedding_dimensions=model.embedding_dimensions,
        input_modalities=modalities(model.input_modalities),
        output_modalities=modalities(model.output_modalities),
        released_on=model.released_on or None,
        knowledge_cutoff_on=model.knowledge_cutoff_on or None,
        deprecated_on=model.deprecated_on or None,
        retires_on=model.retires_on or None,
        open_weights=model.open_weights,
        license=model.license,
        hugging_face_id=model.hugging_face_id,
        parameters=model.parameters,
        origins=tuple(msgspec.convert(origin, Origin, from_attributes=True) for origin in model.stated_by),
        **capabilities(model),
        **prices(model)._asdict(),
    )


def capabilities(model: CatalogModel) -> dict[str, Any]:
    """`supports_…`, true or false; what stands in neither list is not stated."""
    return {f"supports_{name}": name in model.supports for name in (*model.supports, *model.lacks)}


def prices(model: CatalogModel) -> Prices:
    """Each rate under its own conditions."""
    return settled(
        line
        for rates in model.rates
        for line in price_lines(
            rates,
            METERS,
            above_tokens=rates.above_tokens,
            hours_utc=rates.hours_utc,
            effective_from=rates.effective_from or None,
            effective_until=rates.effective_until or None,
        )
    )


def measure(model: CatalogModel) -> Iterator[Measurement | Fault]:
    """What others measured, as of the day on which it was read there."""
    try:
        scores = _scores.decode(bytes(model.benchmarks) or b"null") or ()
    except msgspec.ValidationError as error:
        yield Fault("benchmarks", str(error))
        return
    for score in scores:
        variant = conditions({"setting": score.setting})
        yield Measurement(
            Metric(score.benchmark, score.unit), figure(score.score), variant=variant, measured_on=score.observed_on
        )


_scores = msgspec.json.Decoder(tuple[CatalogScore, ...] | None)

SOURCE = Source(
    name="catalog",
    label="Catalogue",
    base_url="",
    path="/catalog.json",
    layout=Listed(at="models", wire=CatalogModel, parse=parse, measure=measure),
    measures=1,
    serves=False,
    package="model-registry-pipeline",
    website="",
    terms="Facts, each with its origin; Artificial Analysis asks to be named",
    about="The main labs' models, with the origin of each fact; it works with no network and no key.",
    units="US dollars per million tokens.",
    authoritative_for="Nothing: it gathers what others state. Slugs are its own.",
    oddities=(
        "It is as old as the release: `as_of` in its files is the newest day on which an origin was looked at.",
        "A fact on which its origins differ is taken from the lab's own list or from most of them, else left out;"
        " docs/catalog-contradictions.md lists who states otherwise, and why.",
        "`stable` means: on the newest lists, none of which calls it a preview or deprecated. A model that was shut"
        " down is `deprecated`, with the day where one is stated.",
        "A model of which only genai-prices tells (those since September 2026) has a name, a window and prices.",
        "Open models that their lab does not serve stand under `huggingface`, without a price.",
    ),
    evidence="The answers of 18 lists as recorded; origins.toml beside the files says which and when.",
)
