"""Quickstart: the shortest program that calls a model, in three languages, by the protocol that its provider speaks.

Keys come from the environment. A kind of model, or a protocol, without a template has no quickstart.
"""

import json
import re
import shlex
from typing import Literal, NamedTuple, get_args
from urllib.parse import quote

from model_registry_pipeline.domain.records import Kind
from model_registry_pipeline.domain.serving.snippets import SNIPPETS

Language = Literal["python", "javascript", "curl"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

NO_KEY = "unused"
"""What the libraries are given for a server that asks for no key: they insist on one."""


class Access(NamedTuple):
    """How a provider is called; None: not known, or not the same for everybody."""

    protocol: str | None
    api: str | None
    """Base URL."""
    key_variable: str | None


def quickstart(access: Access, model_id: str, language: Language, kind: Kind | None = None) -> str | None:
    """A program that says hello to a model (embeds a text, ranks two …); None: there is no template for it.

    A model whose kind nobody states is taken for one that chats.
    """
    snippet = SNIPPETS.get((access.protocol or "", kind or Kind.CHAT), {}).get(language)
    key = access.key_variable
    if snippet is None or (key is not None and not key.isidentifier()):
        return None
    api = access.api or ""
    values = {
        "model": json.dumps(model_id),
        "path": quote(model_id, safe=""),
        "api": api,
        "root": api.removesuffix("/v1"),
        "key": _key(key, language),
    }
    return _filled(snippet, values) if language != "curl" else _curl(snippet, values)


def _key(variable: str | None, language: Language) -> str:
    if variable is None:
        return NO_KEY if language == "curl" else json.dumps(NO_KEY)
    return {"python": f'os.environ["{variable}"]', "javascript": f"process.env.{variable}", "curl": f"${variable}"}[
        language
    ]


def _curl(snippet: str, values: dict[str, str]) -> str:
    """The lines before the last are the address and the headers; the last is the body."""
    *head, body = snippet.splitlines()
    quoted = shlex.quote(_filled(body, values))
    return " \\\n".join([*(_filled(line, values) for line in head), f"  -d {quoted}"]) + "\n"


def _filled(snippet: str, values: dict[str, str]) -> str:
    return _PLACE.sub(lambda place: values[place[1]], snippet)


_PLACE = re.compile(r"<(model|path|api|root|key)>")
