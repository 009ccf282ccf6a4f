"""OpenAI's `GET /models`, which many providers speak: ids, owners and days; some add limits of their own."""

from model_registry_pipeline.domain.normalized.layouts import Listed
from model_registry_pipeline.domain.normalized.modalities import kind_by_output, modalities, supports_vision
from model_registry_pipeline.domain.normalized.quantities import count, text
from model_registry_pipeline.domain.records import Offering
from model_registry_pipeline.domain.source import PASSED_OVER, Auth, PassedOver, Source, StatedDay, Wire


class OpenAIModel(Wire):
    id: str
    name: str | None = None
    created: StatedDay | None = None
    shutdown_date: StatedDay | None = None
    """Null until one is announced (OpenAI)."""
    context_window: int | None = None
    max_completion_tokens: int | None = None
    max_output_tokens: int | None = None
    """The same by DeepSeek's name."""
    input_modalities: tuple[str, ...] | None = None
    output_modalities: tuple[str, ...] | None = None
    active: bool | None = None
    """False: listed, but not to be called (Groq)."""
    object: PassedOver = PASSED_OVER
    owned_by: PassedOver = PASSED_OVER
    """Who made it, or who serves it; providers do not agree which."""
    permission: PassedOver = PASSED_OVER
    parent: PassedOver = PASSED_OVER
    root: PassedOver = PASSED_OVER
    public_apps: PassedOver = PASSED_OVER
    effort: PassedOver = PASSED_OVER
    """How hard a model can be told to think (DeepSeek)."""
    api_capabilities: PassedOver = PASSED_OVER


def openai_list(
    *,
    name: str,
    label: str,
    base_url: str,
    auth: Auth | None,
    website: str,
    terms: str,
    about: str,
    provider_id: str | None = None,
    path: str = "/models",
    documentation: str = "",
    authoritative_for: str = "",
    oddities: tuple[str, ...] = (),
    evidence: str = "",
) -> Source:
    """A source that speaks OpenAI's list; its provider is called as it is, unless said otherwise."""
    provider = provider_id or name

    def parse(model: OpenAIModel) -> Offering | None:
        if model.active is False:
            return None
        takes, gives = modalities(model.input_modalities), modalities(model.output_modalities)
        return Offering(
            provider_id=provider,
            model_id=model.id,
            name=text(model.name),
            kind=kind_by_output(gives),
            context_window_tokens=count(model.context_window),
            max_output_tokens=count(model.max_completion_tokens) or count(model.max_output_tokens),
            input_modalities=takes,
            output_modalities=gives,
            supports_vision=supports_vision(takes),
            created_on=model.created or None,
            retires_on=model.shutdown_date or None,
        )

    return Source(
        name=name,
        label=label,
        base_url=base_url,
        path=path,
        layout=Listed(at="data", wire=OpenAIModel, parse=parse),
        version=2,
        auth=auth,
        website=website,
        documentation=documentation,
        terms=terms,
        about=about,
        authoritative_for=authoritative_for,
        oddities=oddities,
        evidence=evidence,
    )
