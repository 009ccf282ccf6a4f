"""Providers, modalities, labels and sizes are written in one way, whatever the sources write."""

import pytest

from model_registry_pipeline.domain.normalized.labels import has, is_among, labels
from model_registry_pipeline.domain.normalized.modalities import kind_by_output, modalities, supports_vision
from model_registry_pipeline.domain.normalized.providers import provider_id_of, spelling_of
from model_registry_pipeline.domain.normalized.quantities import count, parameter_count, text
from model_registry_pipeline.domain.records import Kind


@pytest.mark.parametrize(
    ("stated", "provider_id"),
    [
        ("gemini", "google"),
        ("vertex_ai-language-models", "vertex"),
        ("vertex_ai", "vertex"),
        ("google-vertex", "vertex"),
        ("amazon-bedrock", "bedrock"),
        ("aws", "bedrock"),
        ("x-ai", "xai"),
        ("togetherai", "together"),
        ("Together_AI", "together"),
        ("openai", "openai"),
        ("azure-openai", "azure"),
        ("azure-ai", "azure_ai"),
        ("azure_ai", "azure_ai"),
        ("bedrock_converse", "bedrock"),
        ("bedrock-mantle", "bedrock_mantle"),
        ("mistral-ai", "mistral"),
        ("codestral", "codestral"),
        ("text-completion-codestral", "codestral"),
        ("SomeBody New", "SomeBody New"),
    ],
)
def test_a_provider_has_one_id(stated: str, provider_id: str) -> None:
    """An unknown spelling is its own id; a known one is kept beside the id."""
    assert provider_id_of(stated) == provider_id
    assert spelling_of(stated) == (None if stated == provider_id else stated)
    assert provider_id_of(provider_id) == provider_id


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        (["text", "image"], ("image", "text")),
        (["Text", "images", "image", "documents"], ("file", "image", "text")),
        (["hologram"], ("hologram",)),
        ([], None),
        ([" "], None),
        (None, None),
    ],
)
def test_modalities_have_one_vocabulary(stated: list[str] | None, expected: tuple[str, ...] | None) -> None:
    """Sorted and told once; an empty list states nothing."""
    assert modalities(stated) == expected


def test_vision_and_kind_follow_from_modalities() -> None:
    """Only where they are stated."""
    assert [supports_vision(takes) for takes in (("image", "text"), ("text",), None)] == [True, False, None]
    assert [kind_by_output(gives) for gives in (("image",), ("image", "text"), None)] == [Kind.IMAGE, None, None]


@pytest.mark.parametrize(
    ("stated", "parameters"),
    [
        ("7B", 7_000_000_000),
        ("70.6B", 70_600_000_000),
        ("494.03M", 494_030_000),
        ("1.5 b", 1_500_000_000),
        ("1T", 10**12),
        ("22M", 22_000_000),
        ("8x7B", None),
        ("", None),
        ("big", None),
        (None, None),
        ("0B", None),
    ],
)
def test_a_size_in_words_is_a_number(stated: str | None, parameters: int | None) -> None:
    """Exactly; what is no plain size is not guessed."""
    assert parameter_count(stated) == parameters


def test_what_says_nothing_is_not_stated() -> None:
    """A blank text and a count of 0 are how sources write that they do not know."""
    assert [text(stated) for stated in ("a", " ", "", None)] == ["a", None, None, None]
    assert [count(stated) for stated in (5, 0, None)] == [5, None, None]


@pytest.mark.parametrize(
    ("stated", "sorted_", "has_tools", "tools_among"),
    [
        (("vision", "tools", "vision"), ("tools", "vision"), True, True),
        (("vision",), ("vision",), None, False),
        ((), None, None, None),
        (None, None, None, None),
    ],
    ids=["it stands", "it does not", "an empty list", "no list"],
)
def test_a_word_says_something_by_standing_in_a_list(
    stated: tuple[str, ...] | None, sorted_: tuple[str, ...] | None, has_tools: bool | None, tools_among: bool | None
) -> None:
    """By not standing there only where the list is whole, and there is one."""
    assert labels(stated) == sorted_
    assert has(stated, "tools", "functions") is has_tools
    assert is_among(stated, "tools") is tools_among
