"""Faults of a document's text that cost a field or a record, not the dump: `NaN`, half surrogate pairs, deep nesting.

They stop every strict JSON reader at the whole document. Nothing else is mended: what is cut off or garbled stays so.
"""

import re
from collections.abc import Iterator

MAX_DEPTH = 100
"""A record nested deeper than this is nobody's model, and breaks readers that recurse (PostgreSQL's among them)."""

# An unfinished string ends with the text, so that each byte is looked at once.
_STRING = rb'"(?:[^"\\]++|\\.)*+(?:"|\Z)'
_STRING_OR_LITERAL = re.compile(_STRING + rb"|-?\b(?:NaN|Infinity)\b", re.DOTALL)
_STRING_OR_BRACKET = re.compile(_STRING + rb"|[\[\]{}]", re.DOTALL)
_ESCAPE = re.compile(rb"\\(?:u([dD][89abAB]..\\u[dD][c-fC-F]..)|u([dD][89a-fA-F]..)|u....|.)", re.DOTALL)

TOO_DEEP = f"nested more than {MAX_DEPTH} levels deep"
_CUT = b'"\\u0000' + TOO_DEEP.encode() + b'"'


def mended(document: bytes) -> bytes:
    """The document with `NaN` and `Infinity` quoted, halves of surrogate pairs made NUL (which no field may hold),
    and what is nested too deeply cut off."""
    return b"".join(_shallow(_STRING_OR_LITERAL.sub(_mended_token, document)))


def unstorable(body: bytes) -> str | None:
    """Why PostgreSQL can't store a JSON text, in words; None: it can."""
    if b"\\u0000" in body:
        if _CUT in body:
            return TOO_DEEP
        if any(escape[0] == b"\\u0000" for escape in _ESCAPE.finditer(body)):
            return "holds NUL or half a surrogate pair, which PostgreSQL can't store"
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH and _CUT in b"".join(_shallow(body)):
        return TOO_DEEP
    return None


def printable(text: str) -> str:
    """A text for people, without what a terminal or PostgreSQL would stumble over."""
    return text if text.isprintable() else ascii(text)[1:-1]


def _mended_token(token: re.Match[bytes]) -> bytes:
    text = token[0]
    if not text.startswith(b'"'):
        return b'"' + text + b'"'
    return _ESCAPE.sub(_whole_character, text) if b"\\ud" in text.lower() else text


def _whole_character(escape: re.Match[bytes]) -> bytes:
    return b"\\u0000" if escape[2] else escape[0]


def _shallow(document: bytes) -> Iterator[bytes]:
    depth, kept = 0, 0
    for token in _STRING_OR_BRACKET.finditer(document):
        if token[0] in b"[{":
            depth += 1
            if depth == MAX_DEPTH + 1:
                yield document[kept : token.start()]
        elif token[0] in b"]}":
            if depth == MAX_DEPTH + 1:
                yield _CUT
                kept = token.end()
            depth -= 1
    if depth <= MAX_DEPTH:
        yield document[kept:]
