"""Masking known secrets."""

import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_registry_pipeline.domain.raw.redaction import mask

SURROUNDINGS = "*{}\n"
secrets = st.text(st.characters(codec="utf-8", exclude_characters=SURROUNDINGS), min_size=8, max_size=20)
surroundings = st.text(SURROUNDINGS, max_size=20)

SPELLINGS = {
    "as it is": lambda secret: secret,
    "URL-encoded": lambda secret: quote(secret, safe=""),
    "URL-encoded in lower case": lambda secret: quote(secret, safe="").lower() if secret.islower() else quote(secret),
    "as a form": quote_plus,
    "JSON": lambda secret: json.dumps(secret)[1:-1],
    "JSON, not ASCII": lambda secret: json.dumps(secret, ensure_ascii=False)[1:-1],
    "JSON as PHP writes it": lambda secret: json.dumps(secret)[1:-1].replace("/", "\\/"),
}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
@given(secret=secrets, before=surroundings, after=surroundings)
def test_a_secret_is_masked_in_every_spelling_and_the_rest_stays(
    spelling: object, secret: str, before: str, after: str
) -> None:
    """In text and in bytes, byte for byte around it."""
    written = before + spelling(secret) + after  # type: ignore[operator]

    assert mask(written, [secret]) == before + "***" + after
    assert mask(written.encode(), [secret]) == (before + "***" + after).encode()


@given(text=st.binary(), secret=secrets)
def test_what_holds_no_secret_stays_byte_for_byte(text: bytes, secret: str) -> None:
    """Bytes of any kind pass."""
    if mask(text, [secret]) != text:
        assert b"***" in mask(text, [secret])
    else:
        assert secret.encode() not in text


def test_bytes_that_are_no_text_pass() -> None:
    """A body need not be UTF-8."""
    assert mask(b"\xff\xfesk-12345678\x00", ["sk-12345678"]) == b"\xff\xfe***\x00"


@pytest.mark.parametrize("secret", ["", "a", "1234567"])
def test_a_short_value_is_no_secret(secret: str) -> None:
    """It would mask half of an innocent list."""
    assert mask("a 1234567", [secret]) == "a 1234567"


def test_a_secret_that_begins_with_another_goes_as_a_whole() -> None:
    """Else its end would be shown."""
    assert mask("key: abcdefgh-and-more", ["abcdefgh", "abcdefgh-and-more"]) == "key: ***"


def test_without_secrets_nothing_is_done() -> None:
    """The same object comes back: no copy of a large body."""
    body = b"x" * 1000

    assert mask(body, []) is body
