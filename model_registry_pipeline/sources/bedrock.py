"""Amazon Bedrock: the foundation models of one region, with modalities and their life there."""

from model_registry_pipeline.domain.normalized.labels import labels
from model_registry_pipeline.domain.normalized.layouts import Listed
from model_registry_pipeline.domain.normalized.modalities import kind_by_output, modalities, supports_vision
from model_registry_pipeline.domain.normalized.quantities import count, parameter_count, text
from model_registry_pipeline.domain.records import Offering, Status
from model_registry_pipeline.domain.source import (
    PASSED_OVER,
    AwsSignature,
    PassedOver,
    Source,
    StatedDay,
    Variable,
    Wire,
)

REGION = Variable("AWS_REGION", others=("AWS_DEFAULT_REGION",), default="us-east-1")
STATUSES = {"ACTIVE": Status.STABLE, "LEGACY": Status.DEPRECATED}
SOUND = {"SPEECH": "audio"}
FINE_TUNING = "FINE_TUNING"
"""Ends `FINE_TUNING` and `PREFERENCE_FINE_TUNING`; distillation and continued pre-training are something else."""


class BedrockLifecycle(Wire):
    status: str | None = None
    startOfLifeTime: StatedDay | None = None  # noqa: N815 (their spelling, as below)
    legacyTime: StatedDay | None = None  # noqa: N815
    endOfLifeTime: StatedDay | None = None  # noqa: N815
    publicExtendedAccessTime: PassedOver = PASSED_OVER  # noqa: N815
    """From when a legacy model costs more."""


class BedrockSupport(Wire):
    isSupported: bool | None = None  # noqa: N815


class BedrockReasoning(Wire):
    embedded: bool | None = None
    """False on models that reason when they are told to."""


class BedrockConverse(Wire):
    maxTokensMaximum: int | None = None  # noqa: N815
    systemRoleSupported: bool | None = None  # noqa: N815
    reasoningSupported: BedrockReasoning | None = None  # noqa: N815
    additionalRequestFieldsSchema: PassedOver = PASSED_OVER  # noqa: N815
    maxTokensDefault: PassedOver = PASSED_OVER  # noqa: N815
    stopSequencesDefault: PassedOver = PASSED_OVER  # noqa: N815
    userDocumentTypesSupported: PassedOver = PASSED_OVER  # noqa: N815
    userImageTypesSupported: PassedOver = PASSED_OVER  # noqa: N815
    userVideoTypesSupported: PassedOver = PASSED_OVER  # noqa: N815


class BedrockDescription(Wire):
    shortDescription: str | None = None  # noqa: N815
    maxContextWindow: str | None = None  # noqa: N815
    """In words: `200k`."""
    releaseDate: StatedDay | None = None  # noqa: N815
    fullDescription: PassedOver = PASSED_OVER  # noqa: N815
    invokeExample: PassedOver = PASSED_OVER  # noqa: N815
    modelAttributes: PassedOver = PASSED_OVER  # noqa: N815
    policy: PassedOver = PASSED_OVER
    supportedFormats: PassedOver = PASSED_OVER  # noqa: N815
    supportedLanguages: PassedOver = PASSED_OVER  # noqa: N815
    supportedUseCases: PassedOver = PASSED_OVER  # noqa: N815
    unsupportedUseCases: PassedOver = PASSED_OVER  # noqa: N815
    version: PassedOver = PASSED_OVER


class BedrockModel(Wire):
    modelId: str  # noqa: N815
    modelName: str | None = None  # noqa: N815
    modelFamily: str | None = None  # noqa: N815
    inputModalities: tuple[str, ...] | None = None  # noqa: N815
    outputModalities: tuple[str, ...] | None = None  # noqa: N815
    responseStreamingSupported: bool | None = None  # noqa: N815
    customizationsSupported: tuple[str, ...] | None = None  # noqa: N815
    inferenceTypesSupported: tuple[str, ...] | None = None  # noqa: N815
    modelLifecycle: BedrockLifecycle | None = None  # noqa: N815
    explicitPromptCaching: BedrockSupport | None = None  # noqa: N815
    converse: BedrockConverse | None = None
    description: BedrockDescription | None = None
    modelArn: PassedOver = PASSED_OVER  # noqa: N815
    """The id behind the region."""
    providerName: PassedOver = PASSED_OVER  # noqa: N815
    """Who made the model."""
    batchSupported: PassedOver = PASSED_OVER  # noqa: N815
    consoleIDEMetadata: PassedOver = PASSED_OVER  # noqa: N815
    featuresSupported: PassedOver = PASSED_OVER  # noqa: N815
    guardrailsSupported: PassedOver = PASSED_OVER  # noqa: N815
    intelligentPromptRouting: PassedOver = PASSED_OVER  # noqa: N815
    latencyOptimizationSupported: PassedOver = PASSED_OVER  # noqa: N815


def parse(model: BedrockModel) -> Offering | None:
    """How a model may be called (on demand, provisioned, through an inference profile) stands among the tags."""
    takes, gives = (
        modalities(SOUND.get(word, word) for word in words) if words else None
        for words in (model.inputModalities, model.outputModalities)
    )
    life = model.modelLifecycle or BedrockLifecycle()
    converse = model.converse or BedrockConverse()
    told = model.description or BedrockDescription()
    customizations = model.customizationsSupported
    return Offering(
        provider_id="bedrock",
        model_id=model.modelId,
        name=text(model.modelName),
        family=text(model.modelFamily),
        kind=kind_by_output(gives),
        status=STATUSES.get(life.status or ""),
        description=text(told.shortDescription),
        tags=labels(model.inferenceTypesSupported),
        context_window_tokens=parameter_count(told.maxContextWindow),
        max_output_tokens=count(converse.maxTokensMaximum),
        input_modalities=takes,
        output_modalities=gives,
        supports_vision=supports_vision(takes),
        supports_reasoning=(converse.reasoningSupported or BedrockReasoning()).embedded or None,
        supports_streaming=model.responseStreamingSupported,
        supports_prompt_caching=(model.explicitPromptCaching or BedrockSupport()).isSupported,
        supports_fine_tuning=None if customizations is None else any(c.endswith(FINE_TUNING) for c in customizations),
        supports_system_prompt=converse.systemRoleSupported,
        created_on=life.startOfLifeTime or None,
        released_on=told.releaseDate or None,
        deprecated_on=life.legacyTime or None,
        retires_on=life.endOfLifeTime or None,
    )


SOURCE = Source(
    name="bedrock",
    label="Amazon Bedrock",
    base_url="https://bedrock.{AWS_REGION}.amazonaws.com",
    places=(REGION,),
    path="/foundation-models",
    layout=Listed(at="modelSummaries", wire=BedrockModel, parse=parse),
    auth=AwsSignature("bedrock", REGION),
    website="https://docs.aws.amazon.com/bedrock/latest/userguide/models-supported.html",
    documentation="https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListFoundationModels.html",
    terms="AWS Service Terms",
    about="First-party: the foundation models of one AWS region, their modalities, customizations and lifecycle.",
    authoritative_for="Which models Bedrock serves in a region, how they may be called, and when they leave it.",
    oddities=(
        "The list is that of one region, the one in AWS_REGION.",
        "An id may end in a context length (`…:0:200k`): the same model, for provisioned throughput alone. It is an"
        " offering of its own, and its length is not read out of the id.",
        "`ACTIVE` is held as stable and `LEGACY` as deprecated; the four dates of the lifecycle came to the API in late"
        " 2025, and no recorded answer has them.",
        "`converse`, `batchSupported`, `featuresSupported` and `description` are objects on one to three models of 98,"
        " and null on all others.",
        "`reasoningSupported.embedded` is false on models that reason (Claude Opus 4.1; gpt-oss in five answers of"
        " six): false is held as not stated.",
        "`responseStreamingSupported` is null, not false, on models that give images.",
    ),
    evidence="18 recorded answers of 2025-03 to 2025-09; the dates of the lifecycle rest on the documentation.",
)
