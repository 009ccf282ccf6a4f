"""Keys: from the environment into a header, never into an address."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import httpx

from model_registry_pipeline.connectors.aws_signature import AwsKey
from model_registry_pipeline.connectors.errors import FetchError, NotConfiguredError
from model_registry_pipeline.connectors.google_token import access_token
from model_registry_pipeline.domain.source import AwsSignature, BearerToken, GoogleToken, KeyHeader, Source, Variable
from model_registry_pipeline.settings import Settings


@dataclass(frozen=True)
class Credentials:
    """What a request carries to be let in, and what must therefore never be shown."""

    headers: dict[str, str] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)
    """Grows by each signature that is made."""
    variable: str = ""
    """Where the key was found; empty: there is none."""
    sign: Callable[[httpx.URL, datetime], dict[str, str]] | None = None
    """The headers of one request alone, where each is signed."""

    def for_request(self, url: httpx.URL, now: datetime) -> dict[str, str]:
        """The headers of a GET at this instant."""
        if self.sign is None:
            return self.headers
        signed = self.sign(url, now)
        told = signed["Authorization"]
        self.secrets.update((told, told.rpartition("Signature=")[2]))
        return self.headers | signed


async def credentials(source: Source, settings: Settings) -> Credentials:
    """What lets a source's requests in; nothing where it needs none or an optional key is not set.

    Raises NotConfiguredError where a required key is not set, FetchError where it can't stand in a header, or where no
    access token is to be had for it.
    """
    auth = source.auth
    if auth is None:
        return Credentials()
    named = key_of(source, settings, source.keys[0])
    if named is None:
        return Credentials()
    name, key = named
    if isinstance(auth, GoogleToken) and name == auth.file:
        token = await access_token(source, auth.file, settings)
    else:
        token = _sendable(source, name, key)
    match auth:
        case BearerToken():
            return Credentials({"Authorization": f"Bearer {token}"}, {token}, name)
        case KeyHeader(header=header):
            return Credentials({header: token}, {token}, name)
        case AwsSignature(service=service):
            secret, session = (_further(source, settings, each) for each in (auth.secret, auth.session))
            signer = AwsKey(token, secret or "", session, settings.stated(auth.region) or "", service)
            return Credentials({}, {part for part in (token, secret, session) if part}, name, signer.headers)
        case GoogleToken():
            project = _further(source, settings, auth.project)
            counted = {"x-goog-user-project": project} if project else {}
            return Credentials({"Authorization": f"Bearer {token}"} | counted, {token}, name)


def _further(source: Source, settings: Settings, variable: Variable) -> str | None:
    named = key_of(source, settings, variable)
    return _sendable(source, *named) if named else None


def key_of(source: Source, settings: Settings, variable: Variable) -> tuple[str, str] | None:
    """Where a key was found, and the key. Raises NotConfiguredError where it is required and not set."""
    for name in variable.names:
        if key := settings.key(name):
            return name, key
    if variable.required:
        raise NotConfiguredError(f"{source.name} needs a key: set {' or '.join(variable.names)}")
    return None


def _sendable(source: Source, name: str, key: str) -> str:
    """A key that a header can carry. Raises FetchError for another."""
    if key.isascii() and key.isprintable():
        return key
    text = f"{source.name}: the key in {name} holds characters that no header can carry; set {name} anew"
    raise FetchError(text, tries=0)
