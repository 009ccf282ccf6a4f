"""The catalogue against what other sources were recorded to state: whoever differs is listed, and why."""

from model_registry_pipeline_tests.catalog_contradictions import (
    DOCUMENT,
    Statement,
    catalogue,
    contradictions,
    document,
    reason,
    recorded,
)

WRITE = "write it again: `python -m model_registry_pipeline_tests.catalog_contradictions`"


def test_every_contradiction_is_explained() -> None:
    """A fact that somebody states otherwise stands in the catalogue for a reason that is written down."""
    unexplained = [one for one in contradictions(recorded(), catalogue()) if reason(one) is None]

    assert unexplained == []


def test_the_document_lists_them() -> None:
    """docs/catalog-contradictions.md is what the catalogue and the recorded facts give."""
    assert DOCUMENT.read_text(encoding="utf-8") == document(), WRITE


def test_most_facts_have_a_second_witness() -> None:
    """What is compared is most of the catalogue: every model, by several sources."""
    stated = recorded()

    assert {one.slug for one in stated} == set(catalogue())
    assert len({one.source for one in stated}) >= 10
    assert sum(len(one.facts) for one in stated) >= 2000


def test_another_number_would_be_told() -> None:
    """A price or a window that is mistyped in the catalogue contradicts who stated it."""
    models = catalogue()
    stated = Statement("witness", "2026-01-01", "gpt-5-5", {"context_window_tokens": 1, "input_usd_per_mtok": "5"})
    found = contradictions([stated], models)

    assert [(one.slug, one.fact, one.theirs) for one in found] == [("gpt-5-5", "context_window_tokens", 1)]
    assert reason(found[0]) is None


def test_a_day_in_another_precision_is_the_same() -> None:
    """A month contains its days, and `pdf` is a file."""
    model = catalogue()["gpt-5-5"]
    month = {"released_on": model["released_on"][:7], "input_modalities": ["file", "image", "text"]}

    assert contradictions([Statement("witness", "2026-01-01", "gpt-5-5", month)], {"gpt-5-5": model}) == []
