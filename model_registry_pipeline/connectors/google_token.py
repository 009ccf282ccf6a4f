"""Google Cloud's access token, fetched with the credentials that a file holds: a service account's key, a workload
identity, or a user's. How each is traded for a token is google-auth's matter; the requests are ours."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from model_registry_pipeline.connectors.client import tls, user_agent
from model_registry_pipeline.connectors.errors import FetchError, NotConfiguredError
from model_registry_pipeline.domain.source import Source
from model_registry_pipeline.settings import Settings

SCOPE = "https://www.googleapis.com/auth/cloud-platform"


@dataclass(frozen=True)
class TokenAnswer:
    """An answer as google-auth reads it."""

    status: int
    headers: Mapping[str, str]
    data: bytes


async def access_token(source: Source, variable: str, settings: Settings) -> str:
    """A new token for the credentials in the file that GOOGLE_APPLICATION_CREDENTIALS names.

    Raises NotConfiguredError where google-auth is not installed, FetchError where there is no token to be had.
    """
    try:
        async with asyncio.timeout(settings.deadline_seconds):
            return await asyncio.to_thread(_fetched, source, variable, settings)
    except TimeoutError:
        what = f"no access token within {settings.deadline_seconds:g} s (MODEL_REGISTRY_DEADLINE_SECONDS)"
        raise FetchError(f"{source.name}: {what}", tries=1) from None


def _fetched(source: Source, variable: str, settings: Settings) -> str:
    try:
        # An extra: it brings cryptography, which nobody else needs here.
        import google.auth  # noqa: PLC0415
        from google.auth.exceptions import GoogleAuthError, TransportError  # noqa: PLC0415
    except ModuleNotFoundError:
        raise NotConfiguredError(
            f"{source.name} reads {variable} with google-auth: pip install 'model-registry-pipeline[vertex]'"
        ) from None

    def ask(url: str, method: str = "GET", body: bytes | None = None, headers: Any = None, **_: Any) -> TokenAnswer:
        try:
            answer = client.request(method, url, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise TransportError(type(error).__name__) from None
        return TokenAnswer(answer.status_code, answer.headers, answer.content)

    refused = f"{source.name}: no access token for the file in {variable}"
    timeout = httpx.Timeout(settings.read_timeout_seconds, connect=settings.connect_timeout_seconds)
    with httpx.Client(headers={"User-Agent": user_agent()}, timeout=timeout, verify=tls()) as client:
        # The texts of these errors are not told: they may hold what the file holds, and what a server answered to it.
        try:
            found, _ = google.auth.default(scopes=[SCOPE], request=ask)
            found.refresh(ask)
        except TransportError as error:
            raise FetchError(f"{source.name}: Google's token service gives no answer ({error})", tries=1) from None
        # google-auth does not look at the shape of an answer before it reads it.
        except (GoogleAuthError, ValueError, TypeError, LookupError, AttributeError, OSError) as error:
            raise FetchError(f"{refused} ({type(error).__name__})", tries=1) from None
    token = found.token
    if not (isinstance(token, str) and token.isascii() and token.isprintable()):
        raise FetchError(f"{refused} (what came is none)", tries=1)
    return token
