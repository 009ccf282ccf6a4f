"""What a file's name tells."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_registry_pipeline.domain.raw.names import (
    Drop,
    Replay,
    UnreadableNameError,
    parse_drop_name,
    parse_replay_name,
)

KNOWN = {"openai", "models_dev", "github_models", "vercel_ai_gateway"}
DAY = datetime(2026, 2, 19, tzinfo=UTC)
INSTANT = datetime(2026, 2, 19, 0, 31, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "source", "observed_at"),
    [
        ("openai_models_2026-02-19.json", "openai", DAY),
        ("openai_2026-02-19.json", "openai", DAY),
        ("openai_models_2026-02-19T003102Z.json", "openai", INSTANT),
        ("openai_2026-02-19T003102Z.json.gz", "openai", INSTANT),
        ("models_dev_models_2026-02-19.json", "models_dev", DAY),
        ("models_dev_2026-02-19.json.gz", "models_dev", DAY),
        ("github_models_2026-02-19.json", "github_models", DAY),
        ("openai_2026-02-19.yml", "openai", DAY),
        ("openai_2026-02-19T003102Z.csv.gz", "openai", INSTANT),
        ("github_models_models_2026-02-19.json", "github_models", DAY),
        ("vercel_ai_gateway_models_2026-02-19.json", "vercel_ai_gateway", DAY),
    ],
)
def test_a_drop_s_name_tells_source_and_instant(name: str, source: str, observed_at: datetime) -> None:
    """A source's name may hold underscores, and end in `_models` itself."""
    assert parse_drop_name(name, KNOWN) == Drop(source, observed_at)


def test_the_longer_name_of_two_sources_wins() -> None:
    """A file of `github` would then be named `github_2026-02-19.json`."""
    assert parse_drop_name("github_models_2026-02-19.json", {"github", "github_models"}).source == "github_models"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("acme_models_2026-02-19.json", "no source is called 'acme'"),
        ("models_2026-02-19.json", "no source is called 'models'"),
        ("OpenAI_2026-02-19.json", "no source is called"),
        ("../openai_2026-02-19.json", "no source is called"),
        ("openai_2026-02-30.json", "does not exist"),
        ("openai_2026-02-19T256102Z.json", "does not exist"),
        ("openai_0000-01-01.json", "does not exist"),
        ("openai.json", "is not named"),
        ("openai_2026-02-19", "is not named"),
        ("openai_2026-02-19.json.zst", "is not named"),
        ("openai_2026-02-19.json\n", "is not named"),
        ("openai_2026-02-19T0031Z.json", "is not named"),
        ("openai_٢٠٢٦-٠٢-١٩.json", "is not named"),
        ("_2026-02-19.json", "is not named"),
        ("", "is not named"),
    ],
)
def test_a_name_that_does_not_tell_is_refused_with_its_reason(name: str, reason: str) -> None:
    """And the name stands harmlessly in the sentence."""
    with pytest.raises(UnreadableNameError, match=reason) as refusal:
        parse_drop_name(name, KNOWN)

    assert str(refusal.value).isprintable()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("2026-02-19.json", Replay(DAY, None)),
        ("2026-02-19.json.gz", Replay(DAY, None)),
        ("2026-02-19T003102Z.json", Replay(INSTANT, None)),
        ("2026-02-19-1.json", Replay(DAY.replace(second=1), None)),
        ("2026-02-19-61.json", Replay(DAY.replace(minute=1, second=1), None)),
        ("2026-02-19_page2.json", Replay(DAY, 2)),
        ("2026-02-19T003102Z_page10.json.gz", Replay(INSTANT, 10)),
        ("2026-02-19_data.json", Replay(DAY, None)),
        ("2026-02-19-first-try.json", Replay(DAY, None)),
    ],
)
def test_a_replayed_file_s_name_tells_its_instant(name: str, expected: Replay) -> None:
    """A date alone is its first instant, its numbered followers come seconds later; pages of one dump share theirs."""
    assert parse_replay_name(name) == expected


FILES = ("general/open-ai", "pricing/open-ai")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("2026-02-19_pricing_open-ai.json", Replay(DAY, None, "pricing/open-ai")),
        ("2026-02-19T003102Z_general_open-ai.json.gz", Replay(INSTANT, None, "general/open-ai")),
        ("2026-02-19.json", Replay(DAY, None)),
    ],
)
def test_a_file_of_a_list_in_named_files_tells_which_it_is(name: str, expected: Replay) -> None:
    """A slash can't stand in a file's name; one that names none of them holds all."""
    assert parse_replay_name(name, FILES) == expected


def test_a_file_of_no_known_name_is_refused() -> None:
    """Nobody would know whose models it holds."""
    with pytest.raises(UnreadableNameError, match="names none of the files"):
        parse_replay_name("2026-02-19_pricing_other.json", FILES)


def test_files_of_a_day_keep_their_order() -> None:
    """Each has an instant of its own, so that none takes another's place."""
    names = ["2026-02-19.json", "2026-02-19-1.json", "2026-02-19-2.json", "2026-02-19-10.json", "2026-02-20.json"]

    instants = [parse_replay_name(name).observed_at for name in names]

    assert instants == sorted(set(instants))


@pytest.mark.parametrize("name", ["1.100.0.json", "data.json", "2026-02-19.xml", "2026-02-30.json", "x2026-02-19.json"])
def test_a_file_without_an_instant_is_refused(name: str) -> None:
    """Its place in history would be a guess."""
    with pytest.raises(UnreadableNameError):
        parse_replay_name(name)


@given(st.text())
def test_any_name_is_read_or_refused(name: str) -> None:
    """Nothing else comes of it."""
    for parse in (lambda: parse_drop_name(name, KNOWN), lambda: parse_replay_name(name)):
        try:
            parse()
        except UnreadableNameError as refusal:
            assert str(refusal).isprintable()
