"""Spellings of one provider that meet in one list name one platform: no entry takes another's place by an alias."""

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from model_registry_pipeline.domain.normalized.providers import provider_id_of
from model_registry_pipeline.sources import source_named
from model_registry_pipeline.sources.litellm import model_id
from model_registry_pipeline_tests.sources.recording import fixture_of

DUMPS = Path(__file__).parents[2] / ".dumps"
NEWEST = 3
"""Answers of each list: all 163 were looked at when this was written, and gave the same."""

ONE_PLATFORM = {
    ("codestral", "text-completion-codestral"): "two APIs of Codestral's endpoint",
    ("bedrock", "bedrock_converse"): "two APIs of Bedrock",
    ("vertex_ai", "vertex_ai-language-models"): "Vertex AI, by the family of the model",
    ("vertex_ai", "vertex_ai-embedding-models"): "as above",
    ("google-vertex", "google-vertex-anthropic"): "Vertex AI, by the software that calls it",
}
"""Spellings that meet, and why they are one provider."""


def entries(name: str, document: Any) -> Iterator[tuple[str, str]]:
    """Who serves what, as stated."""
    if name == "litellm":
        for key, model in document.items():
            if isinstance(model.get("litellm_provider"), str):
                stated = model["litellm_provider"]
                yield stated, model_id(key, provider_id_of(stated))
        return
    for provider in document.values() if isinstance(document, dict) else document:
        models = provider["models"]
        yield from (
            (provider["id"], model["id"]) for model in (models.values() if isinstance(models, dict) else models)
        )


def met(name: str, document: Any) -> set[tuple[str, ...]]:
    """The spellings that name one model of one provider."""
    spellings: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for stated, model in entries(name, document):
        spellings[provider_id_of(stated), model].add(stated)
    return {tuple(sorted(stated)) for stated in spellings.values() if len(stated) > 1}


@pytest.mark.parametrize("name", ["litellm", "models_dev", "genai_prices"])
@pytest.mark.skipif(not DUMPS.is_dir(), reason="recorded answers are not part of the project")
def test_no_alias_hides_an_entry(name: str) -> None:
    """In the newest recorded answers, only spellings of one platform meet."""
    folders = [DUMPS / name, DUMPS / "litellm_releases"] if name == "litellm" else [DUMPS / name]
    paths = [path for folder in folders for path in sorted(folder.glob("*.json"))[-NEWEST:]]
    found = set().union(*(met(name, json.loads(path.read_bytes())) for path in paths))

    assert paths
    assert found <= ONE_PLATFORM.keys()


def test_two_platforms_of_one_house_stay_two() -> None:
    """LiteLLM lists gpt-5.4 at Azure OpenAI and at Azure AI Foundry, and Codestral's free endpoint beside Mistral's."""
    fixture = fixture_of(source_named("litellm"))
    pairs = {(offering["provider_id"], offering["model_id"]) for offering in fixture.offerings}

    assert {("azure", "gpt-5.4"), ("azure_ai", "gpt-5.4"), ("codestral", "codestral-latest")} <= pairs
    assert met("litellm", fixture.document) == set()
