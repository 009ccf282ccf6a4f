"""The HTTP client: how this program presents itself, whom it trusts, and what it never does by itself."""

import logging
import ssl
from functools import cache
from importlib.metadata import PackageNotFoundError, version

import httpx

from model_registry_pipeline.settings import Settings

# At INFO httpx logs every address with its query, and a query may hold a key.
for _logger in ("httpx", "httpcore"):
    logging.getLogger(_logger).setLevel(logging.WARNING)


class RedirectError(Exception):
    """The server points elsewhere. The text is its `Location` header."""


def open_client(settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """A client for one source: no redirects, no coding but gzip, certificates always verified.

    `transport` takes the place of the network in tests.
    """
    return httpx.AsyncClient(
        headers={"User-Agent": user_agent(), "Accept": "application/json", "Accept-Encoding": "gzip"},
        timeout=httpx.Timeout(settings.read_timeout_seconds, connect=settings.connect_timeout_seconds),
        # Followed by httpx, a redirect would carry `x-api-key` to another origin (openai-python#3516).
        follow_redirects=False,
        event_hooks={"response": [_stop_at_redirect]},
        verify=tls(),
        transport=transport,
    )


@cache
def user_agent() -> str:
    """Who asks: the project and its version."""
    try:
        return f"model-registry-pipeline/{version('model-registry-pipeline')}"
    except PackageNotFoundError:
        return "model-registry-pipeline"


@cache
def tls() -> ssl.SSLContext:
    """One for all clients: loading the certificates takes longer than a download. SSL_CERT_FILE adds one's own CA."""
    return httpx.create_ssl_context()


async def _stop_at_redirect(response: httpx.Response) -> None:
    """Before httpx reads the `Location`: a bad one makes it raise, with redirects off too."""
    if response.has_redirect_location:
        raise RedirectError(response.headers["Location"])
