"""Known secrets are taken out of whatever is kept or shown: bodies, addresses, headers, error texts."""

import json
import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import AnyStr
from urllib.parse import quote, quote_plus

MASK = "***"

MIN_SECRET_CHARACTERS = 8
"""A shorter value stands in too many innocent texts."""


def mask(text: AnyStr, secrets: Iterable[str]) -> AnyStr:
    """The text with every secret replaced by `***`, also where it is URL-encoded or JSON-escaped; the rest stays
    byte for byte. Secrets shorter than 8 characters are left alone."""
    known = frozenset(secret for secret in secrets if len(secret) >= MIN_SECRET_CHARACTERS)
    if not known:
        return text
    if isinstance(text, str):
        return _pattern(known).sub(MASK, text)
    return _bytes_pattern(known).sub(MASK.encode(), text)


@lru_cache(maxsize=64)
def _pattern(secrets: frozenset[str]) -> re.Pattern[str]:
    # The longest first: a secret that begins with another one goes as a whole.
    longest_first = sorted(secrets, key=lambda secret: (-len(secret), secret))
    return re.compile("|".join("".join(map(_written, secret)) for secret in longest_first))


@lru_cache(maxsize=64)
def _bytes_pattern(secrets: frozenset[str]) -> re.Pattern[bytes]:
    return re.compile(_pattern(secrets).pattern.encode())


@cache
def _written(character: str) -> str:
    """A pattern of all the ways in which servers write a character back; encoders do not agree on which to encode,
    but letters and digits they leave alone (and a search for a plain beginning is fast)."""
    if character.isascii() and character.isalnum():
        return character
    encoded = {quote(character, safe=""), f"%{ord(character):02X}", quote_plus(character)}
    escaped = {json.dumps(character)[1:-1], f"\\{character}", f"\\u{ord(character):04x}"}  # \/ as PHP does
    # The longest first: of `\\`, which is one backslash in JSON, no half may be left.
    forms = "|".join(map(re.escape, sorted(encoded | escaped, key=len, reverse=True)))
    return f"(?:(?i:{forms})|{re.escape(character)})"
