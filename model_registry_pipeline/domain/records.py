"""The nouns of the registry, frozen. What decides about them lives in the stage folders beside this file."""

from decimal import Decimal
from enum import StrEnum
from typing import Literal

import msgspec


class Kind(StrEnum):
    """What a model does with a call."""

    CHAT = "chat"
    COMPLETION = "completion"
    EMBEDDING = "embedding"
    RERANK = "rerank"
    MODERATION = "moderation"
    IMAGE = "image"
    VIDEO = "video"
    SPEECH = "speech"
    TRANSCRIPTION = "transcription"
    AUDIO = "audio"
    REALTIME = "realtime"
    SEARCH = "search"
    OCR = "ocr"
    CLASSIFICATION = "classification"
    OTHER = "other"


class Status(StrEnum):
    """How finished the provider says the model is."""

    ALPHA = "alpha"
    BETA = "beta"
    PREVIEW = "preview"
    STABLE = "stable"
    DEPRECATED = "deprecated"


class PriceState(StrEnum):
    """What the stated prices amount to."""

    PAID = "paid"
    FREE = "free"
    INCLUDED = "included"
    VARIABLE = "variable"
    UNKNOWN = "unknown"


class PriceLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, order=True):
    """One stated price: a meter, its unit, and the conditions under which it holds.

    A line without conditions is the base price; every condition that is set must hold for the line to apply.
    """

    meter: str
    """What is counted: input, output, cache_read, cache_write, cache_write_1h, reasoning, input_image,
    output_image, input_audio, output_audio, input_video, output_video, request, web_search, training …"""
    unit: str
    """`mtok` is a million tokens; the others are one image, second, minute, request, page, character …"""
    usd: Decimal
    """US dollars per unit, exactly as stated."""
    above_tokens: int | None = None
    """Holds for requests whose context is larger than this."""
    up_to_tokens: int | None = None
    """Holds for requests whose context is not larger than this."""
    above_output_tokens: int | None = None
    """Holds for requests whose answer is longer than this."""
    up_to_output_tokens: int | None = None
    """Holds for requests whose answer is not longer than this."""
    service_tier: str | None = None
    """batch, flex, priority …"""
    region: str | None = None
    variant: str | None = None
    """What else the source tells apart: a resolution, a quality, a search context size. `other`, `other 2` …: cheaper
    prices that it states beside this one without saying when they hold."""
    hours_utc: str | None = None
    """The daily window `HH:MM-HH:MM` in which the line holds; with days of the week where stated."""
    effective_from: str | None = None
    """First day, ISO 8601, inclusive."""
    effective_until: str | None = None
    """First day on which the line no longer holds, ISO 8601."""


class Origin(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who stated some of an offering's facts, where a source gathers them from others (our catalogue)."""

    source: str
    url: str
    observed_on: str
    """ISO 8601 day on which it said so."""
    record: str | None = None
    """Its own id of the model, where that is another."""
    facts: tuple[str, ...]
    """The names of the offering's fields that it stated."""


class Offering(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A model as one provider offers it, as one source tells it. `None`: the source does not say."""

    provider_id: str
    """Who serves it, after the alias table."""
    model_id: str
    """The provider's own id, byte for byte."""
    provider_as_stated: str | None = None
    """The source's spelling of the provider, where it differs from `provider_id`."""
    name: str | None = None
    canonical_name: str | None = None
    """The source's own permanent name for the model, such as OpenRouter's canonical slug."""
    family: str | None = None
    kind: Kind | None = None
    status: Status | None = None
    description: str | None = None
    url: str | None = None
    aliases: tuple[str, ...] | None = None
    tags: tuple[str, ...] | None = None
    """The source's own labels, sorted."""
    library: str | None = None
    """The software that the weights are made for, such as transformers."""
    context_window_tokens: int | None = None
    max_input_tokens: int | None = None
    max_output_tokens: int | None = None
    embedding_dimensions: int | None = None
    input_modalities: tuple[str, ...] | None = None
    """Sorted: audio, file, image, pdf, text, video …"""
    output_modalities: tuple[str, ...] | None = None
    supports_tools: bool | None = None
    supports_tool_choice: bool | None = None
    supports_parallel_tools: bool | None = None
    supports_vision: bool | None = None
    supports_reasoning: bool | None = None
    supports_structured_output: bool | None = None
    supports_streaming: bool | None = None
    supports_prompt_caching: bool | None = None
    supports_fine_tuning: bool | None = None
    supports_web_search: bool | None = None
    supports_computer_use: bool | None = None
    supports_system_prompt: bool | None = None
    supports_attachments: bool | None = None
    supports_temperature: bool | None = None
    prices: tuple[PriceLine, ...] = ()
    """Sorted; empty when no price is stated."""
    price_state: PriceState = PriceState.UNKNOWN
    """Derived from `prices` (or stated: included, variable)."""
    created_on: str | None = None
    """Day on which the source says that the entry or the weights came to it; not the release."""
    released_on: str | None = None
    """ISO 8601 day, or month or year where no more is stated."""
    knowledge_cutoff_on: str | None = None
    """ISO 8601 day, or month or year where no more is stated."""
    deprecated_on: str | None = None
    retires_on: str | None = None
    open_weights: bool | None = None
    license: str | None = None
    hugging_face_id: str | None = None
    parameters: int | None = None
    """How many weights, as stated (`7B` is 7,000,000,000)."""
    quantization: str | None = None
    origins: tuple[Origin, ...] = ()
    """From where the source has these facts, if it says so."""
    unread: tuple[str, ...] = ()
    """Where in the record something is stated that can't be read, sorted: facts that rest on it are not known, which
    does not mean that they are no longer stated."""


class Rejection(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What could not be read, where it stood, and why."""

    kind: Literal["record", "field", "duplicate"]
    """record: the whole record is missing from the listing. field: that field is null. duplicate: a second
    record of the same offering with other facts, or an earlier value of the same name in one object, gave way."""
    position: str
    """Where in the documents: `data[12]`, `openai.models.gpt-4o`; with several pages `page 2: data[12]`."""
    reason: str
    field: str | None = None
    """The path inside the record, for kind `field`."""
    model_id: str | None = None


class Metric(msgspec.Struct, frozen=True):
    """What is measured, in the measuring source's own sense: metrics of one name are comparable, others are not."""

    name: str
    """downloads, intelligence_index, swe_bench_verified_resolved …"""
    unit: str
    """percent (0 to 100), fraction (0 to 1), points, rank, count, usd, second, tokens_per_second …; as stated, never
    brought to another."""
    kind: Literal["score", "popularity"] = "score"
    """score: how well, how fast or at what cost a model works. popularity: how much it is used or liked."""


class Measurement(msgspec.Struct, frozen=True, gc=False):
    """A figure that somebody measured. It is no fact about an offering: it moves, and others measure otherwise."""

    metric: Metric
    value: Decimal | int | None
    """Exactly as stated; None: not stated, or not measured."""
    subject: str | None = None
    """Whom it is of, as a leaderboard spells the name; None: the offering of the record that it stands in."""
    variant: str | None = None
    """Under which conditions, where one model is measured under several: `edit_format=diff, effort=high`."""
    measured_on: str | None = None
    """The day of measuring, ISO 8601, where stated."""
