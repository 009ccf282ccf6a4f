"""Groq: serves open models; its list tells ids, days and windows."""

from model_registry_pipeline.domain.source import BearerToken
from model_registry_pipeline.sources.formats.openai_list import openai_list

SOURCE = openai_list(
    name="groq",
    label="Groq",
    base_url="https://api.groq.com/openai/v1",
    auth=BearerToken("GROQ_API_KEY"),
    website="https://console.groq.com/docs/models",
    terms="Groq Services Agreement",
    about="First-party: which models Groq serves now, and their windows.",
)
