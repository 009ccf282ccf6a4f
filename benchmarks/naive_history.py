"""The naive history of three sources: each dump into plain dictionaries, each step between them told. Nothing of the
product is imported; it knows of each source only what stands here.

Every dump counts: none of the recorded ones is empty, broken or cut.
"""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

Key = tuple[str, str]
"""(provider, model)."""
Facts = dict[str, Any]
Entry = tuple[Key, Facts]


class Event(NamedTuple):
    """One step of one model at the instant of the dump that shows it. Values as JSON; `null` is not stated."""

    observed_at: datetime
    kind: str
    provider_id: str
    model_id: str
    field: str | None = None
    before: str | None = None
    after: str | None = None


class Told(NamedTuple):
    """What a folder of dumps amounts to."""

    events: set[Event]
    fields: set[str]
    """Those that are read here; of others nothing is said."""
    ambiguous: set[Key]
    """Models with several entries in one dump that state different things: which one holds is a matter of taste."""
    dumps: int
    listed: int


def told(source: str, folder: Path) -> Told:
    """Fold a folder of dated dumps."""
    read, fields = READERS[source]
    events: set[Event] = set()
    ambiguous: set[Key] = set()
    last_known: dict[Key, Facts] = {}
    previous: dict[Key, Facts] = {}
    dumps = listed = 0
    for path in sorted(folder.glob("*.json"), key=instant):
        at = instant(path)
        now: dict[Key, Facts] = {}
        for key, facts in read(json.loads(path.read_bytes(), parse_float=Decimal)):
            if now.setdefault(key, facts) != facts:
                ambiguous.add(key)
        events |= {Event(at, "vanished", *key) for key in previous.keys() - now.keys()}
        for key, facts in now.items():
            known = last_known.get(key)
            if known is None:
                events.add(Event(at, "appeared", *key))
            elif key not in previous:
                events.add(Event(at, "returned", *key))
            if known is not None and known != facts:
                events |= {
                    Event(at, "changed", *key, field, as_json(known[field]), as_json(facts[field]))
                    for field in fields
                    if known[field] != facts[field]
                }
        last_known |= now
        previous = now
        dumps, listed = dumps + 1, listed + len(now)
    return Told(events, set(fields), ambiguous, dumps, listed)


def instant(path: Path) -> datetime:
    """When a dump was observed: `2025-11-02T003102Z.json`, `2025-11-02.json`; `2025-11-02-1.json` a second later."""
    stem = path.name.partition(".")[0]
    if "T" in stem:
        return datetime.strptime(stem, "%Y-%m-%dT%H%M%SZ").replace(tzinfo=UTC)
    return datetime.fromisoformat(stem[:10]).replace(tzinfo=UTC, second=int(stem[11:] or 0))


def as_json(value: Any) -> str:
    """A value as the changes show it: money as text, without exponent or trailing zeros."""
    return json.dumps(f"{value:f}" if isinstance(value, Decimal) else value, ensure_ascii=False, sort_keys=True)


# -- what the sources write ------------------------------------------------------------------------------------------


def money(stated: Any, times: int = 1) -> Decimal | None:
    """US dollars; -1 is how they write that it varies."""
    if stated is None or Decimal(stated) == -1:
        return None
    number = Decimal(stated) * times
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()


def count(stated: Any) -> int | None:
    """Tokens; 0 is how they write that they do not know."""
    return int(stated) or None if stated is not None else None


def words(stated: Any) -> str | None:
    return stated if stated and stated.strip() else None


def day(stated: Any) -> str | None:
    """A day, a month or a year; None for what is none, as 31 February or the year 9999."""
    if not stated:
        return None
    found = re.fullmatch(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", stated)
    try:
        year = date(int(found[1]), int(found[2] or 1), int(found[3] or 1)).year if found else 0
    except ValueError:
        return None
    return stated if 1990 <= year < 2090 else None


# -- OpenRouter: `{"data": [{"id": …}]}`, dollars per token as text --------------------------------------------------

OPENROUTER_PRICES = {
    "prompt": "input_usd_per_mtok",
    "completion": "output_usd_per_mtok",
    "input_cache_read": "cache_read_usd_per_mtok",
    "input_cache_write": "cache_write_usd_per_mtok",
    "internal_reasoning": "reasoning_usd_per_mtok",
}
OPENROUTER_PARAMETERS = {
    "tools": "supports_tools",
    "reasoning": "supports_reasoning",
    "structured_outputs": "supports_structured_output",
}


def openrouter(document: Any) -> Iterator[Entry]:
    for model in document["data"]:
        pricing, parameters = model.get("pricing") or {}, model.get("supported_parameters")
        yield (
            ("openrouter", model["id"]),
            {
                "name": words(model.get("name")),
                "canonical_name": words(model.get("canonical_slug")),
                "hugging_face_id": words(model.get("hugging_face_id")),
                "context_window_tokens": count(model.get("context_length")),
                "max_output_tokens": count((model.get("top_provider") or {}).get("max_completion_tokens")),
                "request_usd_per_request": money(pricing.get("request")),
                "web_search_usd_per_search": money(pricing.get("web_search")),
                **{ours: money(pricing.get(theirs), 10**6) for theirs, ours in OPENROUTER_PRICES.items()},
                **{
                    ours: theirs in parameters if parameters else None for theirs, ours in OPENROUTER_PARAMETERS.items()
                },
            },
        )


# -- models.dev: providers that hold their models, dollars per million tokens ----------------------------------------

MODELS_DEV_PRICES = ("input", "output", "cache_read", "cache_write", "reasoning", "input_audio", "output_audio")
MODELS_DEV_FLAGS = {
    "tool_call": "supports_tools",
    "reasoning": "supports_reasoning",
    "structured_output": "supports_structured_output",
    "attachment": "supports_attachments",
    "temperature": "supports_temperature",
    "open_weights": "open_weights",
}


def models_dev(document: Any) -> Iterator[Entry]:
    for provider in document.values():
        for model in provider["models"].values():
            cost, limit = model.get("cost") or {}, model.get("limit") or {}
            yield (
                (provider_of(provider["id"]), model["id"]),
                {
                    "name": words(model.get("name")),
                    "family": words(model.get("family")),
                    "status": model.get("status"),
                    "context_window_tokens": count(limit.get("context")),
                    "max_input_tokens": count(limit.get("input")),
                    "max_output_tokens": count(limit.get("output")),
                    "released_on": day(model.get("release_date")),
                    "knowledge_cutoff_on": day(model.get("knowledge")),
                    **{f"{meter}_usd_per_mtok": money(cost.get(meter)) for meter in MODELS_DEV_PRICES},
                    **{ours: model.get(theirs) for theirs, ours in MODELS_DEV_FLAGS.items()},
                },
            )


# -- LiteLLM: `{key: {…}}`, dollars per token ------------------------------------------------------------------------

LITELLM_PRICES = {
    "input_cost_per_token": "input_usd_per_mtok",
    "output_cost_per_token": "output_usd_per_mtok",
    "cache_read_input_token_cost": "cache_read_usd_per_mtok",
    "cache_creation_input_token_cost": "cache_write_usd_per_mtok",
    "cache_creation_input_token_cost_above_1hr": "cache_write_1h_usd_per_mtok",
    "input_cost_per_token_above_200k_tokens": "input_usd_per_mtok[above_tokens=200000]",
    "output_cost_per_token_above_200k_tokens": "output_usd_per_mtok[above_tokens=200000]",
    "cache_read_input_token_cost_above_200k_tokens": "cache_read_usd_per_mtok[above_tokens=200000]",
    "input_cost_per_token_priority": "input_usd_per_mtok[service_tier=priority]",
    "output_cost_per_token_priority": "output_usd_per_mtok[service_tier=priority]",
    "input_cost_per_token_batches": "input_usd_per_mtok[service_tier=batch]",
    "output_cost_per_token_batches": "output_usd_per_mtok[service_tier=batch]",
    "output_cost_per_reasoning_token": "reasoning_usd_per_mtok",
    "input_cost_per_audio_token": "input_audio_usd_per_mtok",
}
LITELLM_FLAGS = {
    "supports_function_calling": "supports_tools",
    "supports_reasoning": "supports_reasoning",
    "supports_prompt_caching": "supports_prompt_caching",
    "supports_response_schema": "supports_structured_output",
    "supports_web_search": "supports_web_search",
    "supports_system_messages": "supports_system_prompt",
    "supports_native_streaming": "supports_streaming",
}


def litellm(document: Any) -> Iterator[Entry]:
    for key, model in document.items():
        if key in {"sample_spec", "fallback_generalizations"}:
            continue
        provider, (head, _, rest) = provider_of(model["litellm_provider"]), key.partition("/")
        if "input_cost_per_token_batch_requests" in model:
            model["input_cost_per_token_batches"] = model["input_cost_per_token_batch_requests"]
        yield (
            (provider, rest if rest and provider_of(head) == provider else key),
            {
                "url": words(model.get("source")),
                "max_input_tokens": count(model.get("max_input_tokens")),
                "max_output_tokens": count(model.get("max_output_tokens")),
                "deprecated_on": day(model.get("deprecation_date")),
                **{ours: money(model.get(theirs), 10**6) for theirs, ours in LITELLM_PRICES.items()},
                **{ours: model.get(theirs) for theirs, ours in LITELLM_FLAGS.items()},
            },
        )


# -- one id a provider -----------------------------------------------------------------------------------------------

PROVIDERS = {
    "alibaba": ["dashscope"],
    "amazon_nova": ["amazon-nova"],
    "azure": ["azure_text"],
    "bedrock": ["amazon-bedrock", "bedrock_converse"],
    "cloudflare_ai_gateway": ["cloudflare-ai-gateway"],
    "cloudflare_workers_ai": ["cloudflare", "cloudflare-workers-ai"],
    "codestral": ["text-completion-codestral"],
    "cohere": ["cohere_chat"],
    "fireworks": ["fireworks-ai", "fireworks_ai", "fireworks_ai-embedding-models"],
    "friendli": ["friendliai"],
    "github_copilot": ["github-copilot"],
    "github_models": ["github-models"],
    "gmi": ["gmicloud"],
    "google": ["gemini", "palm"],
    "inception": ["text-completion-inception"],
    "jina": ["jina_ai"],
    "lambda": ["lambda_ai"],
    "meta": ["llama", "meta_llama"],
    "moonshot": ["moonshotai"],
    "novita": ["novita-ai"],
    "nvidia": ["nvidia_nim"],
    "openai": ["text-completion-openai"],
    "snowflake": ["snowflake-cortex"],
    "together": ["together_ai", "togetherai"],
    "vercel_ai_gateway": ["vercel"],
    "vertex": ["google-vertex", "google-vertex-anthropic", "vertex_ai"],
}
SPELLINGS = {spelling: provider for provider, spellings in PROVIDERS.items() for spelling in spellings}


def provider_of(stated: str) -> str:
    """Spellings of one provider, as the three sources' dumps have them; another one is the id."""
    return "vertex" if stated.startswith("vertex_ai-") else SPELLINGS.get(stated, stated)


READERS: dict[str, tuple[Callable[[Any], Iterator[Entry]], list[str]]] = {
    "openrouter": (openrouter, list(next(openrouter({"data": [{"id": ""}]}))[1])),
    "models_dev": (models_dev, list(next(models_dev({"": {"id": "", "models": {"": {"id": ""}}}}))[1])),
    "litellm": (litellm, list(next(litellm({"": {"litellm_provider": ""}}))[1])),
}
"""How a source reads, and the fields that are read."""
