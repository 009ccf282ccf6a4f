"""GitHub Models: the catalogue of models to try on GitHub; it tells modalities, abilities and limits."""

from model_registry_pipeline.domain.normalized.labels import has, labels
from model_registry_pipeline.domain.normalized.layouts import Listed
from model_registry_pipeline.domain.normalized.modalities import kind_by_output, modalities, supports_vision
from model_registry_pipeline.domain.normalized.quantities import count, text
from model_registry_pipeline.domain.records import Offering
from model_registry_pipeline.domain.source import PASSED_OVER, BearerToken, PassedOver, Source, Wire


class GitHubLimits(Wire):
    max_input_tokens: int | None = None
    max_output_tokens: int | None = None


class GitHubModel(Wire):
    id: str
    name: str | None = None
    summary: str | None = None
    html_url: str | None = None
    tags: tuple[str, ...] | None = None
    capabilities: tuple[str, ...] | None = None
    limits: GitHubLimits | None = None
    supported_input_modalities: tuple[str, ...] | None = None
    supported_output_modalities: tuple[str, ...] | None = None
    publisher: PassedOver = PASSED_OVER
    """Who made it."""
    rate_limit_tier: PassedOver = PASSED_OVER
    registry: PassedOver = PASSED_OVER
    """Where on Azure it lies."""
    version: PassedOver = PASSED_OVER
    """A day for some makers, a running number for others."""


def parse(model: GitHubModel) -> Offering | None:
    """A capability that is listed is there; the list is not whole, so one that is absent may be there too."""
    takes, gives = modalities(model.supported_input_modalities), modalities(model.supported_output_modalities)
    can = model.capabilities
    limits = model.limits or GitHubLimits()
    return Offering(
        provider_id="github_models",
        model_id=model.id,
        name=text(model.name),
        kind=kind_by_output(gives),
        description=text(model.summary),
        url=text(model.html_url),
        tags=labels(model.tags),
        max_input_tokens=count(limits.max_input_tokens),
        max_output_tokens=count(limits.max_output_tokens),
        input_modalities=takes,
        output_modalities=gives,
        supports_tools=has(can, "tool-calling"),
        supports_vision=supports_vision(takes),
        supports_reasoning=has(can, "reasoning"),
        supports_streaming=has(can, "streaming"),
    )


SOURCE = Source(
    name="github_models",
    label="GitHub Models",
    base_url="https://models.github.ai",
    path="/catalog/models",
    layout=Listed(wire=GitHubModel, parse=parse),
    auth=BearerToken("GITHUB_TOKEN", required=False),
    headers={"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"},
    website="https://github.com/marketplace/models",
    documentation="https://docs.github.com/en/rest/models/catalog",
    terms="GitHub Terms for Additional Products and Features",
    about="First-party: the models that GitHub lets people try, with their modalities, abilities and limits.",
    authoritative_for="Which models GitHub Models serves, and the limits that hold there.",
    oddities=(
        "`capabilities` is not whole: it is empty for `microsoft/phi-4` and `cohere/cohere-command-a`, which stream."
        " An absent one is not stated.",
        "`max_output_tokens` is null for what embeds.",
        "A token without the permission `models: read` may be answered with an empty list, which is held.",
        "Use is free within rate limits, and paid beyond them: the list states no price.",
    ),
    evidence="1 recorded answer of 2026-04, 43 models.",
)
