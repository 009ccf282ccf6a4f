"""Known secrets are taken out of whatever is kept or shown: bodies, addresses, headers, error texts."""

import json
import re
from collections.abc import Iterable
from functools import lru_cache
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
    written = {form for secret in secrets for form in _forms(secret)}
    # The longest first: a secret that begins with another one goes as a whole.
    return re.compile("|".join(re.escape(form) for form in sorted(written, key=lambda form: (-len(form), form))))


@lru_cache(maxsize=64)
def _bytes_pattern(secrets: frozenset[str]) -> re.Pattern[bytes]:
    return re.compile(_pattern(secrets).pattern.encode())


def _forms(secret: str) -> set[str]:
    """The ways in which servers write a value back."""
    encoded = {quote(secret, safe=""), quote(secret), quote_plus(secret)}
    escaped = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    slashes_escaped = {form.replace("/", "\\/") for form in escaped}  # as PHP writes JSON
    lower_hex = {re.sub(r"%[0-9A-F]{2}", lambda code: code[0].lower(), form) for form in encoded}
    return {secret} | encoded | lower_hex | escaped | slashes_escaped
