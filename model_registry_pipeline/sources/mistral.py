"""Mistral: its list tells capabilities, windows, aliases and the day on which a model will be removed."""

from model_registry_pipeline.domain.normalized.labels import labels
from model_registry_pipeline.domain.normalized.layouts import Listed
from model_registry_pipeline.domain.normalized.modalities import modalities
from model_registry_pipeline.domain.normalized.quantities import count, text
from model_registry_pipeline.domain.records import Kind, Offering, Status
from model_registry_pipeline.domain.source import PASSED_OVER, BearerToken, PassedOver, Source, StatedDay, Wire

KINDS = (
    ("moderation", Kind.MODERATION),
    ("ocr", Kind.OCR),
    ("completion_chat", Kind.CHAT),
    ("completion_fim", Kind.COMPLETION),
    ("audio_speech", Kind.SPEECH),
    ("audio_transcription", Kind.TRANSCRIPTION),
    ("audio_transcription_realtime", Kind.TRANSCRIPTION),
    ("classification", Kind.CLASSIFICATION),
)
"""The first capability that a model has; those for one purpose come before chat, which they claim too."""


class MistralCapabilities(Wire):
    completion_chat: bool | None = None
    completion_fim: bool | None = None
    function_calling: bool | None = None
    fine_tuning: bool | None = None
    vision: bool | None = None
    reasoning: bool | None = None
    audio: bool | None = None
    audio_speech: bool | None = None
    audio_transcription: bool | None = None
    audio_transcription_realtime: bool | None = None
    classification: bool | None = None
    moderation: bool | None = None
    ocr: bool | None = None
    unified_resources: PassedOver = PASSED_OVER


class MistralModel(Wire):
    id: str
    name: str | None = None
    description: str | None = None
    aliases: tuple[str, ...] | None = None
    max_context_length: int | None = None
    capabilities: MistralCapabilities | None = None
    deprecation: StatedDay | None = None
    """When it will be removed; set once it is deprecated."""
    archived: bool | None = None
    """Of a fine-tuned model: it is put away and can't be called."""
    created: PassedOver = PASSED_OVER
    """The time of our request."""
    object: PassedOver = PASSED_OVER
    owned_by: PassedOver = PASSED_OVER
    type: PassedOver = PASSED_OVER
    root: PassedOver = PASSED_OVER
    job: PassedOver = PASSED_OVER
    default_model_temperature: PassedOver = PASSED_OVER
    deprecation_replacement_model: PassedOver = PASSED_OVER
    billing_model_name: PassedOver = PASSED_OVER


def parse(model: MistralModel) -> Offering | None:
    """An alias is a row of its own, with the facts of the model that it stands for today."""
    if model.archived:
        return None
    can = model.capabilities or MistralCapabilities()
    return Offering(
        provider_id="mistral",
        model_id=model.id,
        name=text(model.name),
        kind=next((kind for name, kind in KINDS if getattr(can, name)), None),
        status=Status.DEPRECATED if model.deprecation else None,
        description=text(model.description),
        aliases=labels(model.aliases),
        context_window_tokens=count(model.max_context_length),
        input_modalities=taken(can),
        supports_tools=can.function_calling,
        supports_vision=can.vision,
        supports_reasoning=can.reasoning,
        supports_fine_tuning=can.fine_tuning,
        retires_on=model.deprecation or None,
    )


def taken(can: MistralCapabilities) -> tuple[str, ...] | None:
    """What goes into a chat: text, and what is said to go in beside it; known where both others are stated."""
    if not can.completion_chat or can.vision is None or can.audio is None:
        return None
    return modalities(["text", *(["image"] if can.vision else []), *(["audio"] if can.audio else [])])


SOURCE = Source(
    name="mistral",
    label="Mistral",
    base_url="https://api.mistral.ai/v1",
    path="/models",
    layout=Listed(at="data", wire=MistralModel, parse=parse),
    auth=BearerToken("MISTRAL_API_KEY"),
    website="https://docs.mistral.ai/getting-started/models/models_overview",
    documentation="https://docs.mistral.ai/api/endpoint/models",
    terms="Mistral AI Commercial Terms of Service",
    about="First-party: Mistral's models with windows, capabilities, aliases and removal days.",
    authoritative_for="Which models Mistral serves, their aliases, windows, capabilities and removal.",
    oddities=(
        "`created` is the time of the request on every row: it is no date.",
        "Each alias is a row of its own (70 rows of 2025-09-24 bear 37 names), with the others in `aliases`.",
        "`deprecation` is the day of the removal: Mistral's own client says so to whoever calls such a model.",
        "Since 2025-08-17 `voxtral-mini-2507` and `voxtral-mini-latest` are listed twice, as a chat model and as one"
        " for transcription: one of the two is held, always the same, and the other told as a duplicate.",
        "Embedding models have no capability at all, so their kind is not stated.",
        "OCR models claim chat and tools as well.",
        "The list is that of the key: fine-tuned models (`ft:…`) are in it; archived ones are left out.",
    ),
    evidence="21 recorded answers of 2025-05 to 2025-09; the capabilities added in 2026 from one published record.",
)
