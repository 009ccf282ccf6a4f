"""The catalogue: what its files say is whole, each fact has its origin, and slugs stay."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from model_registry_pipeline.connectors.package import Packaged, installed_document
from model_registry_pipeline.domain.normalized.translate import Listing, read_listing
from model_registry_pipeline.domain.records import Offering
from model_registry_pipeline.sources.catalog import SOURCE

SLUGS = Path(__file__).parent.parent / "catalog_slugs.txt"
"""Every slug that was ever given; only added to."""
LABS = [
    "alibaba",
    "amazon",
    "anthropic",
    "cohere",
    "deepseek",
    "google",
    "meta",
    "microsoft",
    "mistral",
    "nvidia",
    "openai",
    "xai",
]
UNSTATED = {"canonical_name", "origins", "price_state", "provider_id"}
"""Facts that are our own, or follow from others."""


@pytest.fixture(scope="module")
def packaged() -> Packaged:
    return installed_document("model-registry-pipeline")


@pytest.fixture(scope="module")
def models(packaged: Packaged) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(packaged.document)["models"]
    return found


@pytest.fixture(scope="module")
def listing(packaged: Packaged) -> Listing:
    return read_listing(SOURCE, [packaged.document])


def test_the_files_are_read_whole(listing: Listing, models: list[dict[str, Any]]) -> None:
    """No key that nobody named, no value that can't be read, no model twice."""
    assert [record.extra for record in listing.records if record.extra] == []
    assert listing.rejections == []
    assert len(listing.records) == len(models)


def test_the_main_labs_are_in_it(models: list[dict[str, Any]]) -> None:
    """At least 47 models, several of each main lab, each named and with a status."""
    by_lab = {lab: [model for model in models if model["lab"] == lab] for lab in LABS}

    assert len(models) >= 47
    assert min(len(of_lab) for of_lab in by_lab.values()) >= 3
    assert [model["slug"] for model in models if not model.get("name") or not model.get("status")] == []


def test_current_models_come_first(models: list[dict[str, Any]]) -> None:
    """The file of a lab begins with a model that is not on its way out."""
    first = {model["lab"]: model for model in reversed(models)}

    assert {lab for lab, model in first.items() if model["status"] == "deprecated"} == set()


def test_a_slug_is_a_name_of_its_own(models: list[dict[str, Any]]) -> None:
    """No slash, nothing that an address would have to escape, and no other model's."""
    slugs = [model["slug"] for model in models]

    assert [slug for slug in slugs if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug)] == []
    assert len(set(slugs)) == len(slugs)


def test_a_slug_never_changes(models: list[dict[str, Any]]) -> None:
    """What was once given is given still, to the same model; a new one is added to the list."""
    given = dict(line.split("\t") for line in SLUGS.read_text(encoding="utf-8").splitlines())
    now = {model["slug"]: f"{model['provider_id']}/{model['model_id']}" for model in models}

    assert now == given


def test_each_fact_has_its_origin(listing: Listing) -> None:
    """What an offering states is what its origins state, fact by fact."""
    for record in listing.records:
        offering = msgspec.json.decode(record.facts, type=Offering)
        stated = set(msgspec.json.decode(record.facts)) - UNSTATED
        told = {fact for origin in offering.origins for fact in origin.facts}

        assert (offering.model_id, told) == (offering.model_id, stated)


def test_each_score_has_its_origin(models: list[dict[str, Any]]) -> None:
    """A figure without who measured it, and when it was seen there, is none."""
    scores = [score for model in models for score in model["benchmarks"]]

    assert len(scores) >= 47
    assert [score for score in scores if not (score["source"] and score["url"] and score["observed_on"])] == []


def test_it_speaks_of_the_day_on_which_it_looked_last(packaged: Packaged, models: list[dict[str, Any]]) -> None:
    """Its instant is that of its newest origin, whenever it is read."""
    days = [origin["observed_on"] for model in models for origin in [*model["stated_by"], *model["benchmarks"]]]

    assert packaged.stated_at == datetime.fromisoformat(max(days)).replace(tzinfo=UTC)
    assert installed_document("model-registry-pipeline") == packaged
