"""How reading a source can fail."""

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx


class NotConfiguredError(Exception):
    """A source lacks the key or the address that it needs. The text names the variable to set; a run skips it."""


class FetchError(Exception):
    """A source could not be read. The text is one line without secrets: who, what happened, what to do."""

    def __init__(self, text: str, *, tries: int) -> None:
        super().__init__(text)
        self.tries = tries
        """Tries for the page that failed; 0: the request could not be made."""


@dataclass
class ExchangeError(Exception):
    """What went wrong with one request, before it is known whose it was. Never leaves this package."""

    what: str
    """May still hold secrets."""
    is_transient: bool = False
    """Another try may help."""
    wait_seconds: float | None = None
    """As the server asked; None: our own delay."""
    is_absent: bool = False
    """The server says that there is nothing at this address."""

    def __str__(self) -> str:
        return self.what


@contextmanager
def faults() -> Iterator[None]:
    """Whatever httpx and the layers under it raise becomes an ExchangeError."""
    try:
        yield
    except httpx.ConnectTimeout:
        raise ExchangeError("no connection within MODEL_REGISTRY_CONNECT_TIMEOUT_SECONDS", is_transient=True) from None
    except httpx.TimeoutException:
        raise ExchangeError("silent for longer than MODEL_REGISTRY_READ_TIMEOUT_SECONDS", is_transient=True) from None
    except (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL, UnicodeError) as error:
        # InvalidURL is no HTTPError; a host name that IDNA refuses is a UnicodeError from the resolver.
        raise ExchangeError(f"the request cannot be made ({error})") from None
    except httpx.HTTPError as error:
        if refused := _certificate_error(error):
            raise ExchangeError(
                f"its TLS certificate is not trusted ({refused.verify_message});"
                " for a certificate authority of your own set SSL_CERT_FILE"
            ) from None
        raise ExchangeError(f"no whole answer ({_reason(error)})", is_transient=True) from None
    except OSError as error:
        raise ExchangeError(f"no whole answer ({_reason(error)})", is_transient=True) from None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        # A host with several addresses fails once for each; the first stands for them.
        error = error.exceptions[0] if isinstance(error, BaseExceptionGroup) else error.__cause__ or error.__context__


def _certificate_error(error: BaseException) -> ssl.SSLCertVerificationError | None:
    return next((cause for cause in _causes(error) if isinstance(cause, ssl.SSLCertVerificationError)), None)


def _reason(error: BaseException) -> str:
    """What the lowest layer said: `All connection attempts failed` is only what the highest one says."""
    *_, lowest = _causes(error)
    if isinstance(lowest, ConnectionError) and lowest.errno:
        return os.strerror(lowest.errno)  # asyncio's own text is "Connect call failed"
    return str(lowest) or type(lowest).__name__
