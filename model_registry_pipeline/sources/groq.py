"""Groq: serves open models; its list tells ids, days and windows."""

from model_registry_pipeline.domain.source import BearerToken
from model_registry_pipeline.sources.formats.openai_list import openai_list

SOURCE = openai_list(
    name="groq",
    label="Groq",
    base_url="https://api.groq.com/openai/v1",
    auth=BearerToken("GROQ_API_KEY"),
    website="https://console.groq.com/docs/models",
    documentation="https://console.groq.com/docs/api-reference#models",
    terms="Groq Services Agreement",
    about="First-party: which models Groq serves now, and their windows.",
    authoritative_for="Which models Groq serves now, their context windows and output limits.",
    oddities=(
        "A model with `active: false` is listed and can't be called: it is passed over.",
        "`owned_by` names the maker, not Groq.",
        "Speech models stand in the same list.",
    ),
    evidence="10 recorded answers, 2025-05-08 to 2025-07-23: `maruel/genai` (Apache-2.0), test recordings.",
)
