"""Names that mean one model have one key; names of two models never have."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_registry_pipeline.domain.serving.naming import Known, name_key, namesakes, owner_of


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Claude 3.5 Sonnet (20241022)", "claude-3-5-sonnet-20241022"),
        ("claude-4-1-opus-20250805", "claude-opus-4-1-20250805"),
        ("claude-3.5-sonnet-20241022", "eu.anthropic.claude-3-5-sonnet-20241022-v2:0"),
        ("claude-sonnet-4-5@20250929", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ("amazon.nova-lite-v1:0", "nova-lite"),
        ("gpt-4o-2024-08-06", "gpt-4o-20240806"),
        ("gpt-5 (high)", "openai/gpt-5"),
        ("claude-sonnet-4-20250514 (32k thinking)", "claude-sonnet-4-20250514"),
        ("gemini-2.5-flash-preview-05-20 (no think)", "google/gemini-2.5-flash-preview-05-20:thinking"),
        ("claude-opus-4-5-20251101-thinking-64k-medium-effort", "claude-opus-4-5-20251101"),
        ("DeepSeek V3 (0324)", "deepseek/deepseek-v3-0324:free"),
        ("Llama-3.3-70B-Instruct", "meta-llama/llama-3.3-70b-instruct"),
        ("Meta-Llama-3.1-405B-Instruct", "llama-3.1-405b-instruct"),
        ("Qwen2.5-Coder-32B-Instruct", "accounts/fireworks/models/qwen2p5-coder-32b-instruct".replace("p", ".")),
    ],
)
def test_spellings_of_one_model_have_one_key(name: str, other: str) -> None:
    """Case, separators, the order of words, vendors, regions, plans, revisions and settings are spelling."""
    assert name_key(name) == name_key(other) != ""


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("command-a", "command-a-plus"),
        ("gpt-4o", "gpt-4o-mini"),
        ("gpt-4o-mini", "gpt-4o-mini-search-preview"),
        ("gpt-4", "gpt-4.1"),
        ("gpt-4o", "gpt-4o-2024-08-06"),
        ("gemini-2.5-flash", "gemini-2.5-flash-lite"),
        ("gemini-2.5-pro", "gemini-2.5-pro-preview-05-06"),
        ("llama-3.1-8b", "llama-3.1-8b-instruct"),
        ("llama-3.1-8b-instruct", "llama-3.1-70b-instruct"),
        ("llama-3.1-70b-instruct", "llama-3.3-70b-instruct"),
        ("qwen3-235b-a22b-thinking-2507", "qwen3-235b-a22b-instruct-2507"),
        ("kimi-k2", "kimi-k2-thinking"),
        ("deepseek-v3", "deepseek-v3.1"),
        ("deepseek-v3", "deepseek-chat"),
        ("anthropic.claude-v2", "anthropic.claude-v1"),
        ("anthropic.claude-v2", "anthropic.claude-v2:1"),
        ("llama3.1:70b", "llama3.1:8b"),
        ("mistral-medium", "mistral"),
        ("qwen2.5-72b", "qwen2.5-72b-fp8"),
    ],
)
def test_two_models_have_two_keys(name: str, other: str) -> None:
    """Sizes, versions, dates, base and instruct, and every word that could mean another model, tell them apart."""
    assert name_key(name) != name_key(other)


def known(*ids: str) -> list[Known]:
    """`provider: id` each, with `= hugging face id` behind it."""
    parts = [each.partition(" = ") for each in ids]
    return [Known(*pair.split(": ", 1), hugging_face_id=weights or None) for pair, _, weights in parts]


def test_a_name_is_that_of_all_who_bear_it() -> None:
    """Who serves a model does not matter to a name without an owner."""
    listed = known("openai: gpt-5", "openrouter: openai/gpt-5", "azure: eu/gpt-5", "openai: gpt-5-mini")

    assert namesakes(["GPT 5 (high)"], listed) == {
        "GPT 5 (high)": {("openai", "gpt-5"), ("openrouter", "openai/gpt-5"), ("azure", "eu/gpt-5")}
    }


def test_a_name_that_moved_from_one_model_to_another_says_nothing() -> None:
    """Two Hugging Face ids under one name: `devstral-small` was the model of May and of July."""
    listed = known(
        "openrouter: mistralai/devstral-small = mistralai/Devstral-Small-2505",
        "vercel: mistral/devstral-small = mistralai/Devstral-Small-2507",
    )

    assert namesakes(["devstral-small"], listed) == {}


def test_a_copy_on_a_hub_does_not_take_the_name() -> None:
    """On a hub a model is its owner's: anybody may copy it; a name with its owner is found there, whatever its case."""
    listed = known("huggingface: unsloth/Qwen3-8B", "huggingface: Qwen/Qwen3-8B", "groq: qwen3-8b")

    assert namesakes(["Qwen3-8B", "qwen/qwen3-8b"], listed) == {
        "Qwen3-8B": {("groq", "qwen3-8b")},
        "qwen/qwen3-8b": {("huggingface", "Qwen/Qwen3-8B")},
    }


def test_a_name_with_an_owner_is_found_by_it() -> None:
    """In the id, in the stated Hugging Face id, or as the provider; another owner's model of that name is another."""
    listed = known(
        "openrouter: qwen/qwen3-32b",
        "groq: fast-qwen = Qwen/Qwen3-32B",
        "qwen: qwen3-32b",
        "somebody: else/qwen3-32b",
        "groq: qwen3-32b",
    )

    assert namesakes(["Qwen/Qwen3-32B"], listed) == {
        "Qwen/Qwen3-32B": {("openrouter", "qwen/qwen3-32b"), ("groq", "fast-qwen"), ("qwen", "qwen3-32b")}
    }


def test_a_mode_at_the_end_is_tried_last() -> None:
    """`grok-4-fast-reasoning` is a model of its own where one is listed; else it is a mode of `grok-4-fast`."""
    listed = known("xai: grok-4-fast-reasoning", "xai: grok-4-fast", "openai: gpt-5", "mistral: mistral-medium")
    found = namesakes(["grok-4-fast-reasoning", "grok-4-fast-high", "gpt-5-medium", "mistral-medium"], listed)

    assert {name: {model_id for _, model_id in pairs} for name, pairs in found.items()} == {
        "grok-4-fast-reasoning": {"grok-4-fast-reasoning"},
        "grok-4-fast-high": {"grok-4-fast"},
        "gpt-5-medium": {"gpt-5"},
        "mistral-medium": {"mistral-medium"},
    }


def test_a_name_that_nobody_bears_stays_without_a_model() -> None:
    """Nothing is guessed: neither from half a name nor from none."""
    assert namesakes(["gpt-6", "", "///", "(high)", "2025"], known("openai: gpt-5", "x: 2025", "x: :free")) == {}


@given(
    words=st.lists(st.sampled_from(["gpt", "turbo", "mini", "4", "27b", "instruct", "2024"]), min_size=1, max_size=6),
    data=st.data(),
)
def test_separators_and_case_make_no_difference(words: list[str], data: st.DataObject) -> None:
    """However the words of a name are set apart and written, its key is the same."""
    spelled = words[0]
    for word in words[1:]:
        spelled += data.draw(st.sampled_from(["-", "_", " ", ".", " - "])) + word
    spelled = data.draw(st.sampled_from([str.lower, str.upper, str.title]))(spelled)

    assert name_key(spelled) == name_key("-".join(words))


@given(st.text(max_size=30))
def test_any_text_has_a_key(name: str) -> None:
    """Whatever a leaderboard or a list calls a model, the rule has an answer, in one line."""
    assert name_key(name) == " ".join(name_key(name).split())
    assert "/" not in owner_of(name)
