"""Hugging Face: the hub of open models. Its list is a top N, so absence from it says nothing."""

from collections.abc import Iterable

from model_registry_pipeline.domain.normalized.labels import labels
from model_registry_pipeline.domain.normalized.layouts import Listed
from model_registry_pipeline.domain.normalized.measuring import figure
from model_registry_pipeline.domain.records import Kind, Measurement, Metric, Offering
from model_registry_pipeline.domain.source import (
    MEASURED,
    PASSED_OVER,
    BearerToken,
    LinkPages,
    Measured,
    PassedOver,
    Source,
    StatedDay,
    Wire,
)

KINDS = {
    "audio-classification": Kind.CLASSIFICATION,
    "audio-to-audio": Kind.AUDIO,
    "automatic-speech-recognition": Kind.TRANSCRIPTION,
    "feature-extraction": Kind.EMBEDDING,
    "image-classification": Kind.CLASSIFICATION,
    "image-text-to-text": Kind.CHAT,
    "image-to-image": Kind.IMAGE,
    "image-to-video": Kind.VIDEO,
    "sentence-similarity": Kind.EMBEDDING,
    "text-classification": Kind.CLASSIFICATION,
    "text-generation": Kind.COMPLETION,
    "text-ranking": Kind.RERANK,
    "text-to-audio": Kind.AUDIO,
    "text-to-image": Kind.IMAGE,
    "text-to-speech": Kind.SPEECH,
    "text-to-video": Kind.VIDEO,
    "token-classification": Kind.CLASSIFICATION,
    "zero-shot-classification": Kind.CLASSIFICATION,
    "zero-shot-image-classification": Kind.CLASSIFICATION,
}
"""By pipeline tag; every other that is stated is OTHER."""
WEIGHTS = frozenset({"safetensors", "gguf", "pytorch", "onnx", "tf", "jax", "mlx", "diffusers", "openvino", "coreml"})
"""Tags that the hub gives to repositories in which weights of this format lie."""
LICENSE = "license:"
DOWNLOADS = Metric("downloads", "count", "popularity")
LIKES = Metric("likes", "count", "popularity")


class HuggingFaceModel(Wire):
    id: str
    pipeline_tag: str | None = None
    tags: tuple[str, ...] = ()
    createdAt: StatedDay | None = None  # noqa: N815 (their spelling)
    private: PassedOver = PASSED_OVER
    _id: PassedOver = PASSED_OVER
    modelId: PassedOver = PASSED_OVER  # noqa: N815 (their spelling; the same as id)
    library_name: str | None = None
    author: PassedOver = PASSED_OVER
    gated: PassedOver = PASSED_OVER
    disabled: PassedOver = PASSED_OVER
    sha: PassedOver = PASSED_OVER
    lastModified: PassedOver = PASSED_OVER  # noqa: N815 (their spelling; moves with every edit of a README)
    siblings: PassedOver = PASSED_OVER
    inference: PassedOver = PASSED_OVER
    downloads: Measured = MEASURED
    likes: Measured = MEASURED
    trendingScore: PassedOver = PASSED_OVER  # noqa: N815 (their spelling)


def parse(model: HuggingFaceModel) -> Offering | None:
    """A licence and the presence of weights stand among the tags; an absent tag says nothing."""
    tags = model.tags
    return Offering(
        provider_id="huggingface",
        model_id=model.id,
        kind=KINDS.get(model.pipeline_tag, Kind.OTHER) if model.pipeline_tag else None,
        created_on=model.createdAt or None,
        open_weights=True if not WEIGHTS.isdisjoint(tags) else None,
        license=license_of(tags),
        hugging_face_id=model.id,
        tags=labels(tags),
        library=model.library_name,
    )


def measure(model: HuggingFaceModel) -> tuple[Measurement, ...]:
    """Downloads of the last 30 days, and likes since ever."""
    return Measurement(DOWNLOADS, figure(model.downloads)), Measurement(LIKES, figure(model.likes))


def license_of(tags: Iterable[str]) -> str | None:
    """What stands behind the first `license:`."""
    for tag in tags:
        if tag.startswith(LICENSE):
            return tag[len(LICENSE) :]
    return None


SOURCE = Source(
    name="huggingface",
    label="Hugging Face",
    base_url="https://huggingface.co",
    path="/api/models",
    layout=Listed(wire=HuggingFaceModel, parse=parse, measure=measure),
    measures=1,
    complete=False,
    serves=False,
    auth=BearerToken("HF_TOKEN", required=False),
    query={"limit": "1000", "sort": "trendingScore"},
    pages=LinkPages(),
    website="https://huggingface.co/models",
    documentation="https://huggingface.co/docs/hub/api",
    terms="Hugging Face Terms of Service; each model has a licence of its own",
    about="Open models: their licence, kind, tags and age; the most trending ones only.",
    authoritative_for="Open models: licence, pipeline, tags, library, day of creation.",
    oddities=(
        "A top N, of up to `MODEL_REGISTRY_HUGGINGFACE_LIMIT` models: about a third of its rows change between dumps,"
        " so absence says nothing.",
        "`pipeline_tag` may be absent; one model had 1,824 tags.",
        "Downloads, likes and the trending score move every day and are no facts; the first two are kept as series.",
        "`lastModified` moves with every edit of a README.",
    ),
    evidence="8 recorded answers, 2025-05 to 2025-07: `maruel/genai` (Apache-2.0), test recordings.",
)
