"""Texts of others in alerts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_registry_pipeline.domain.health.plain_text import MAX_CHARACTERS, plain


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("openai/gpt-4o:free", "openai/gpt-4o:free"),
        ("<!channel> look", "‹!channel› look"),
        ("&lt;!channel&gt;", "＆lt;!channel＆gt;"),
        ("@everyone, @here", "＠everyone, ＠here"),
        ("<@U123|you>", "‹＠U123|you›"),
        ("[click](https://evil.test)", "[click] (https:∕∕evil.test)"),
        ("<script>alert(1)</script>", "‹script›alert(1)‹/script›"),
        ("two\nlines\tand\r\nmore", "two lines and more"),
        ("\x1b[31mred\x00", "\\x1b[31mred\\x00"),
        ("gpt\u202e4o", "gpt\\u202e4o"),
        ("half \ud800", "half \\ud800"),
    ],
)
def test_a_text_shows_and_does_nothing(text: str, shown: str) -> None:
    """It calls nobody, links nowhere, is no HTML, and stays on its line."""
    assert plain(text) == shown


@given(st.text())
def test_no_text_does_anything(text: str) -> None:
    """Whatever others write: one line, of bounded length, that can be printed and sent, without what has a meaning."""
    shown = plain(text)

    assert len(shown) <= MAX_CHARACTERS
    assert shown.isprintable()
    assert not {"<", ">", "&", "@", "`"} & set(shown)
    assert "://" not in shown
    assert "](" not in shown
    shown.encode()


def test_a_long_text_is_cut() -> None:
    """To its beginning."""
    assert plain("model " * 100_000, limit=10) == "model mod…"
