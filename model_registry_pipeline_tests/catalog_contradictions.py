"""Who states otherwise than the catalogue, and why: docs/catalog-contradictions.md.

    python -m model_registry_pipeline_tests.catalog_contradictions           # write the document again
    python -m model_registry_pipeline_tests.catalog_contradictions record    # first read the recorded answers again

The answers, the newest of each source in `.dumps/<source>/`, are not part of the project; what they state of the
catalogue's models is, as bare facts, in catalog_facts.json.
"""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from model_registry_pipeline.connectors.package import installed_document
from model_registry_pipeline.domain.normalized.translate import read_listing
from model_registry_pipeline.domain.source import Source, UnreadableError
from model_registry_pipeline.sources import all_sources, source_named
from model_registry_pipeline_tests.docs_tables import ROOT, table

DOCUMENT = ROOT / "docs/catalog-contradictions.md"
FACTS = Path(__file__).parent / "catalog_facts.json"
DUMPS = ROOT / ".dumps"
FOLDERS = {"openrouter": "openrouter_2026_format"}
"""Where a source's newest answer lies, if not in a folder of its name."""

COMPARED = (
    *("kind", "status", "released_on", "knowledge_cutoff_on", "deprecated_on", "retires_on"),
    *("context_window_tokens", "max_output_tokens", "embedding_dimensions", "input_modalities", "output_modalities"),
    *("supports_tools", "supports_vision", "supports_reasoning", "supports_structured_output", "open_weights"),
    *("license", "hugging_face_id", "parameters"),
)
PRICES = ("input", "output", "cache_read", "cache_write")
CONDITIONS = {"above_tokens", "up_to_tokens", "service_tier", "region", "variant", "hours_utc"}

Facts = dict[str, Any]


class Statement(msgspec.Struct):
    """What a source states of one of the catalogue's models."""

    source: str
    observed_on: str
    slug: str
    facts: Facts


class Contradiction(NamedTuple):
    """A fact that another source states otherwise than the catalogue."""

    slug: str
    fact: str
    ours: Any
    origins: tuple[str, ...]
    """Who states it as the catalogue has it."""
    theirs: Any
    source: str
    observed_on: str


# -- what is stated ----------------------------------------------------------------------------------------------------


@cache
def as_of() -> str:
    """The day of the catalogue."""
    return installed_document("model-registry-pipeline").stated_at.date().isoformat()


def catalogue() -> dict[str, Facts]:
    """Each model's facts, by slug; its origins stand among them."""
    document = installed_document("model-registry-pipeline").document
    listing = read_listing(source_named("catalog"), [document])
    found = (msgspec.json.decode(record.facts) for record in listing.records)
    return {facts["canonical_name"].partition("/")[2]: facts for facts in found}


def comparable(facts: Facts) -> Facts:
    """What can be held against another source's: facts of one meaning, and that day's prices without conditions."""
    found = {name: facts[name] for name in COMPARED if name in facts}
    found |= {
        f"{line['meter']}_usd_per_mtok": line["usd"]
        for line in facts.get("prices", ())
        if line["meter"] in PRICES
        and line["unit"] == "mtok"
        and not CONDITIONS & line.keys()
        and line.get("effective_from", "") <= as_of() < line.get("effective_until", "9")
    }
    return found


def statements() -> Iterator[Statement]:
    """What the newest recorded answer of each source states of the catalogue's models."""
    models = catalogue()
    for source in all_sources():
        if source.name == "catalog" or (answer := newest(source)) is None:
            continue
        observed_on, document = answer
        try:
            records = {(one.provider_id, one.model_id): one for one in read_listing(source, [document]).records}
        except UnreadableError:
            continue
        for slug, model in models.items():
            record = next((records[key] for key in names(model, source.name) if key in records), None)
            if record is None:
                continue
            facts = comparable(msgspec.json.decode(record.facts))
            if record.provider_id != model["provider_id"]:
                # Who resells a model, or measures it, has prices of his own.
                facts = {name: value for name, value in facts.items() if not name.endswith("_usd_per_mtok")}
            shared = {name: facts[name] for name in facts if name in comparable(model)}
            yield Statement(source.name, observed_on, slug, shared)


def names(model: Facts, source: str) -> Iterator[tuple[str, str]]:
    """(provider_id, model_id) under which a source may have a model."""
    yield model["provider_id"], model["model_id"]
    if known := known_as().get(model["canonical_name"].partition("/")[2], {}).get(source):
        provider_id, _, model_id = known.partition("/")
        yield source, known
        yield provider_id, model_id


@cache
def known_as() -> dict[str, dict[str, str]]:
    """The models' ids on the lists of others, by slug."""
    models = json.loads(installed_document("model-registry-pipeline").document)["models"]
    return {model["slug"]: model.get("known_as", {}) for model in models}


def newest(source: Source) -> tuple[str, bytes] | None:
    """The day and the document of a source's newest answer, recorded or installed."""
    found = [
        (path.name[:10], path) for path in sorted((DUMPS / FOLDERS.get(source.name, source.name)).glob("20*.json"))
    ]
    installed = installed_document(source.package) if source.package else None
    if installed and (not found or installed.stated_at.date().isoformat() > found[-1][0]):
        return installed.stated_at.date().isoformat(), installed.document
    return (found[-1][0], found[-1][1].read_bytes()) if found else None


def recorded() -> list[Statement]:
    """The statements as they were recorded."""
    return msgspec.json.decode(FACTS.read_bytes(), type=list[Statement])


# -- what contradicts --------------------------------------------------------------------------------------------------


def contradictions(stated: Iterable[Statement], models: Mapping[str, Facts]) -> list[Contradiction]:
    """Facts that differ, by model and fact."""
    found = []
    for statement in stated:
        model = models.get(statement.slug)
        ours = comparable(model) if model else {}
        for name, theirs in statement.facts.items():
            if model and name in ours and not agree(name, ours[name], theirs):
                said = "prices" if name.endswith("_usd_per_mtok") else name
                origins = tuple(one["source"] for one in model["origins"] if said in one["facts"])
                row = (statement.slug, name, ours[name], origins, theirs, statement.source, statement.observed_on)
                found.append(Contradiction(*row))
    order = list(models)
    return sorted(found, key=lambda one: (order.index(one.slug), one.fact, one.source))


def agree(name: str, ours: Any, theirs: Any) -> bool:
    """Whether two values say the same: a day in another precision does, and so does `pdf` for a file."""
    if name.endswith("_on"):
        return bool(ours.startswith(theirs) or theirs.startswith(ours))
    if name.endswith("_modalities"):
        return {"file" if word == "pdf" else word for word in ours} == {
            "file" if word == "pdf" else word for word in theirs
        }
    return bool(ours == theirs)


# -- why ---------------------------------------------------------------------------------------------------------------


def reason(one: Contradiction) -> str | None:
    """Why the other states otherwise; None: nobody has looked yet."""
    key = (one.slug, one.fact, one.source)
    return SINGLE.get(key) or next((why for holds, why in GENERAL if holds(one)), None)


SINGLE = {
    ("claude-3-haiku", "released_on", "models_dev"): "Anthropic's own list says the 7th, and so does the model's id.",
    ("claude-3-haiku", "input_modalities", "openrouter"): "OpenRouter passes no files on to it.",
    ("codestral-2508", "input_modalities", "openrouter"): "Mistral's own list states that it takes text only.",
    ("deepseek-v4-flash", "max_output_tokens", "litellm"): "8,192 was the limit of DeepSeek's models before V4.",
    ("deepseek-v4-pro", "max_output_tokens", "litellm"): "8,192 was the limit of DeepSeek's models before V4.",
    ("embed-v4", "context_window_tokens", "cohere"): "Cohere's answer is from August 2025; both others are newer.",
    ("gemini-2-0-flash", "output_modalities", "litellm"): "Images came out of an experimental variant only.",
    ("glm-5-1", "max_output_tokens", "models_dev"): "131,072 is 128K counted in 1,024s; two others count in thousands.",
    ("glm-4-7", "max_output_tokens", "litellm"): "128,000 is 128K counted in thousands; two others count in 1,024s.",
    ("devstral-2", "max_output_tokens", "litellm"): "256,000 is 256K counted in thousands; its window is 262,144.",
    ("grok-4-5", "cache_read_usd_per_mtok", "litellm"): "genai-prices notes that 0.50 is the price of Grok 4.6.",
    ("llama-3-3-70b-instruct", "kind", "huggingface"): "`text-generation` is the pipeline of chat models there, too.",
    ("mistral-embed", "context_window_tokens", "models_dev"): "Rounded; Mistral's own list says 8,192.",
    ("mistral-large-3", "released_on", "models_dev"): "A year before its id, 2512.",
    ("mistral-medium-3-1", "context_window_tokens", "models_dev"): "Mistral's own list says 131,072.",
    (
        "mistral-small-4",
        "context_window_tokens",
        "models_dev",
    ): "256K counted in thousands; two newer lists say 262,144.",
    ("nemotron-3-nano-30b-a3b", "released_on", "models_dev"): "A year before any recorded list had it.",
    ("nova-2-lite", "context_window_tokens", "models_dev"): "Its entry there is that of the Nova of 2024.",
    ("nova-2-lite", "input_usd_per_mtok", "models_dev"): "The price within one region; across regions it is lower.",
    ("nova-2-lite", "output_usd_per_mtok", "models_dev"): "The price within one region; across regions it is lower.",
    ("phi-4", "context_window_tokens", "models_dev"): "Three lists, and Microsoft's own on GitHub, say 16,384.",
    ("phi-4", "max_output_tokens", "models_dev"): "Two lists, and Microsoft's own on GitHub, say 16,384.",
    ("qwen3-coder-plus", "supports_reasoning", "litellm"): "Two lists say that it does not.",
    (
        "qwen3-max",
        "supports_reasoning",
        "litellm",
    ): "Two lists say that it does not; its thinking variant is another model.",
}
"""By model, fact and who states otherwise."""

FILES = {"file", "pdf"}
LIMITS = {"context_window_tokens", "max_output_tokens"}
FIVE_PERCENT = 20
MONTH_DAYS = 31


def is_rounded(one: Contradiction) -> bool:
    return one.fact in LIMITS and abs(one.ours - one.theirs) * FIVE_PERCENT <= one.ours


def is_only_files(one: Contradiction) -> bool:
    return one.fact == "input_modalities" and set(one.ours) ^ set(one.theirs) <= FILES


def is_days_apart(one: Contradiction) -> bool:
    apart = date.fromisoformat(one.ours) - date.fromisoformat(one.theirs) if one.fact == "released_on" else None
    return apart is not None and abs(apart.days) <= MONTH_DAYS


def is_price_since_then(one: Contradiction) -> bool:
    return one.fact.endswith("_usd_per_mtok") and one.observed_on < as_of() and "genai_prices" in one.origins


GENERAL: list[tuple[Callable[[Contradiction], bool], str]] = [
    (
        lambda one: one.source == "cohere" and one.fact == "context_window_tokens",
        "Cohere's list counts the longest answer on top of the documented window.",
    ),
    (lambda one: one.source == "genai_prices" and is_rounded(one), "genai-prices rounds, as price pages do."),
    (
        is_price_since_then,
        "The price has moved since that answer: genai-prices dates the change, or looked at it later.",
    ),
    (
        lambda one: one.source == "litellm" and is_only_files(one),
        "LiteLLM has no word for files among its modalities; it tells documents by a flag.",
    ),
    (
        lambda one: one.source == "openrouter" and is_only_files(one),
        "OpenRouter tells what its endpoint takes, which may read a file for the model.",
    ),
    (is_rounded, "The same limit, counted in 1,024s or in thousands, or one token apart."),
    (
        is_days_apart,
        "Preview, announcement and general availability are days apart; the day of models.dev is kept throughout.",
    ),
    (
        lambda one: one.source == "openrouter" and one.fact in {*LIMITS, "input_modalities", "supports_tools"},
        "OpenRouter tells what its endpoints of that day give; hosts limit a model in their own ways.",
    ),
]
"""The first that holds."""

# -- the document ------------------------------------------------------------------------------------------------------

HEAD = """\
# Contradictions of the catalogue

Who states otherwise than the [catalogue](../model_registry_pipeline/catalog), according to the newest recorded answer
of each source, and why the catalogue stands as it does. Written by
`python -m model_registry_pipeline_tests.catalog_contradictions`; a test holds it against the recorded facts.

Compared are facts of one meaning that both state: {compared} facts of {models} models in the answers of {sources}
sources. {differ} of them differ. Prices are compared with those of the model's own provider only.
"""


def document() -> str:
    """The whole document."""
    models, stated = catalogue(), recorded()
    found = contradictions(stated, models)
    head = HEAD.format(
        compared=f"{sum(len(one.facts) for one in stated):,}",
        models=len({one.slug for one in stated}),
        sources=len({one.source for one in stated}),
        differ=len(found),
    )
    rows = (
        (
            f"`{one.slug}`",
            f"`{one.fact}`",
            f"{shown(one.ours)} ({', '.join(one.origins)})",
            f"{shown(one.theirs)} ({one.source}, {one.observed_on})",
            reason(one) or "**Nobody has looked yet.**",
        )
        for one in found
    )
    return f"{head}\n{table(('model', 'fact', 'the catalogue, with', 'stated otherwise', 'why'), rows)}\n"


def shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def record() -> None:
    """Read the recorded answers again."""
    rows = sorted(statements(), key=lambda one: (one.source, one.slug))
    lines = ",\n".join(json.dumps(msgspec.to_builtins(one), sort_keys=True) for one in rows)
    FACTS.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] == ["record"]:
        record()
    DOCUMENT.write_text(document(), encoding="utf-8")
