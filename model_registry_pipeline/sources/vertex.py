"""Vertex AI: Google's publisher models on Google Cloud; its list tells ids, versions and launch stages."""

from model_registry_pipeline.domain.normalized.layouts import Listed
from model_registry_pipeline.domain.records import Offering, Status
from model_registry_pipeline.domain.source import PASSED_OVER, CursorPages, GoogleToken, PassedOver, Source, Wire

STAGES = {
    "EXPERIMENTAL": Status.ALPHA,
    "GA": Status.STABLE,
    "PRIVATE_PREVIEW": Status.PREVIEW,
    "PUBLIC_PREVIEW": Status.PREVIEW,
}
OPEN = {
    "PROPRIETARY": False,
    "GOOGLE_OWNED_OSS": True,
    "GOOGLE_OWNED_OSS_WITH_GOOGLE_CHECKPOINT": True,
    "THIRD_PARTY_OWNED_OSS": True,
    "THIRD_PARTY_OWNED_OSS_WITH_GOOGLE_CHECKPOINT": True,
}
MODELS = "/models/"
NO_VERSION = "default"


class VertexModel(Wire):
    name: str
    versionId: str | None = None  # noqa: N815 (their spelling, as below)
    launchStage: str | None = None  # noqa: N815
    openSourceCategory: str | None = None  # noqa: N815
    frameworks: PassedOver = PASSED_OVER
    predictSchemata: PassedOver = PASSED_OVER  # noqa: N815
    publisherModelTemplate: PassedOver = PASSED_OVER  # noqa: N815
    """The name and the version again."""
    supportedActions: PassedOver = PASSED_OVER  # noqa: N815
    """Links into the console."""
    versionState: PassedOver = PASSED_OVER  # noqa: N815


def parse(model: VertexModel) -> Offering | None:
    """The id is the last part of the name, as it stands in a call; the version that it stands for is told beside it."""
    model_id = model.name.rpartition(MODELS)[2]
    version = model.versionId
    return Offering(
        provider_id="vertex",
        model_id=model_id,
        canonical_name=f"{model_id}@{version}" if version and version != NO_VERSION else None,
        status=STAGES.get(model.launchStage or ""),
        open_weights=OPEN.get(model.openSourceCategory or ""),
    )


SOURCE = Source(
    name="vertex",
    label="Vertex AI",
    base_url="https://us-central1-aiplatform.googleapis.com/v1beta1",
    path="/publishers/google/models",
    layout=Listed(at="publisherModels", wire=VertexModel, parse=parse),
    auth=GoogleToken(),
    query={"pageSize": "100"},
    pages=CursorPages(next_field="nextPageToken", parameter="pageToken"),
    website="https://cloud.google.com/vertex-ai/generative-ai/docs/models",
    documentation="https://cloud.google.com/vertex-ai/docs/reference/rest/v1beta1/publishers.models/list",
    terms="Google Cloud Platform Terms of Service",
    about="First-party: Google's own models on Google Cloud, and how far each is launched.",
    authoritative_for="The launch stage of Google's models on Vertex AI.",
    oddities=(
        "The list is far from whole: 10 models in 2026-02, and neither `gemini-2.5-flash-image` nor any embedding model"
        " among them, though Vertex AI serves them.",
        "Models of other publishers, Claude and Llama among them, are not in Google's list.",
        "`versionId` `default` names no version; `text-bison` of version `002` is also called `text-bison@002`.",
        "`EXPERIMENTAL` is held as alpha.",
        "`openSourceCategory` and `launchStage` are absent on some rows: not stated.",
        "An access token holds for an hour: with GOOGLE_APPLICATION_CREDENTIALS each sync gets a new one.",
    ),
    evidence="13 recorded answers of 2025-08 to 2026-02.",
)
