"""Keys: from the environment into a header, never into an address."""

from dataclasses import dataclass

from model_registry_pipeline.connectors.errors import FetchError, NotConfiguredError
from model_registry_pipeline.domain.source import BearerToken, KeyHeader, Source
from model_registry_pipeline.settings import Settings


@dataclass(frozen=True)
class Credentials:
    """What a request carries to be let in, and what must therefore never be shown."""

    headers: dict[str, str]
    secrets: frozenset[str]
    variable: str = ""
    """Where the key was found."""


def credentials(source: Source, settings: Settings) -> Credentials:
    """The headers that hold a source's key; none where it needs none or an optional one is not set.

    Raises NotConfiguredError where a required key is not set, FetchError where it can't stand in a header.
    """
    if source.auth is None:
        return Credentials({}, frozenset())
    variables = (source.auth.variable, *source.auth.others)
    variable = next((name for name in variables if settings.key(name)), source.auth.variable)
    key = settings.key(variable)
    if key is None:
        if source.auth.required:
            raise NotConfiguredError(f"{source.name} needs a key: set {' or '.join(variables)}")
        return Credentials({}, frozenset())
    if not (key.isascii() and key.isprintable()):
        text = f"{source.name}: the key in {variable} holds characters that no header can carry; set {variable} anew"
        raise FetchError(text, tries=0)
    match source.auth:
        case BearerToken():
            return Credentials({"Authorization": f"Bearer {key}"}, frozenset({key}), variable)
        case KeyHeader(header=header):
            return Credentials({header: key}, frozenset({key}), variable)
