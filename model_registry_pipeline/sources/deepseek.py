"""DeepSeek: its list tells ids and, since 2026, names, windows, output limits and modalities."""

from model_registry_pipeline.domain.source import BearerToken
from model_registry_pipeline.sources.formats.openai_list import openai_list

SOURCE = openai_list(
    name="deepseek",
    label="DeepSeek",
    base_url="https://api.deepseek.com",
    auth=BearerToken("DEEPSEEK_API_KEY"),
    website="https://api-docs.deepseek.com/quick_start/pricing",
    documentation="https://api-docs.deepseek.com/api/list-models",
    terms="DeepSeek Open Platform Terms of Service",
    about="First-party: which models DeepSeek serves now; in newer answers their windows, limits and modalities.",
    authoritative_for="Which models DeepSeek serves, their windows, output limits and modalities.",
    oddities=(
        "`deepseek-chat` and `deepseek-reasoner` are names that move on to the newest model without a trace here.",
        "No `created`: the list tells no day at all.",
        "Answers of 2025 tell the id only.",
    ),
    evidence="23 recorded answers of 2025-03 to 2025-08, two models each; the later fields from its documentation.",
)
