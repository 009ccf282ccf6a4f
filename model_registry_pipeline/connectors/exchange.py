"""One request and its answer: a whole page, word that nothing changed, or a ExchangeError."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from tempfile import gettempdir

import httpx

from model_registry_pipeline.connectors.address import within_origin
from model_registry_pipeline.connectors.auth import Credentials
from model_registry_pipeline.connectors.client import RedirectError
from model_registry_pipeline.connectors.coding import CodingError, decoder
from model_registry_pipeline.connectors.document import Document, DocumentWriter
from model_registry_pipeline.connectors.errors import ExchangeError, faults
from model_registry_pipeline.domain.raw.retry import Meaning, meaning, stated_wait_seconds
from model_registry_pipeline.domain.source import Source

MAX_REDIRECTS = 3

MAX_ETAG_CHARACTERS = 1024


@dataclass(frozen=True)
class Limits:
    """What one page may take."""

    bytes: int
    """Decompressed."""
    memory_bytes: int
    """What is beyond lies in a temporary file."""
    wait_seconds: float
    """A longer Retry-After ends the tries."""


@dataclass(frozen=True)
class Page:
    """One answer."""

    url: httpx.URL
    """Where it came from, after redirects."""
    status: int
    etag: str | None
    next_link: str | None
    """`Link: <…>; rel="next"`."""
    document: Document | None
    """None: not modified."""


@dataclass(frozen=True)
class Asker:
    """Asks one source for one page at a time, in the source's name."""

    client: httpx.AsyncClient
    source: Source
    credentials: Credentials

    async def ask(self, url: httpx.URL, limits: Limits, etag: str | None = None) -> Page:
        """GET a page. Follows redirects within the origin only, so that no credential ever leaves it."""
        for _ in range(1 + MAX_REDIRECTS):
            try:
                with faults():
                    return await self._answer(url, limits, etag)
            except RedirectError as elsewhere:
                url = within_origin(url, str(elsewhere), "a redirect")
        raise ExchangeError(f"redirects more than {MAX_REDIRECTS} times")

    async def _answer(self, url: httpx.URL, limits: Limits, etag: str | None) -> Page:
        own = self.credentials.for_request(url, datetime.now(UTC))
        headers = self.source.headers | own | ({"If-None-Match": etag} if etag else {})
        async with self.client.stream("GET", url, headers=headers) as response:
            self._judge(response, limits, etag)
            is_unchanged = response.status_code == HTTPStatus.NOT_MODIFIED
            return Page(
                url=url,
                status=response.status_code,
                etag=_usable(response.headers.get("ETag")) or (etag if is_unchanged else None),
                next_link=response.links.get("next", {}).get("url"),
                document=None if is_unchanged else await self._document(response, limits),
            )

    def _judge(self, response: httpx.Response, limits: Limits, etag: str | None) -> None:
        """Raises ExchangeError unless the answer is one to take."""
        status = response.status_code
        answers = f"answers {status} {_phrase(status)}".rstrip()
        match meaning(status):
            case Meaning.LIST:
                return
            case Meaning.UNCHANGED if etag is None:
                raise ExchangeError(f"{answers}, though nothing was asked that it could answer so", is_transient=True)
            case Meaning.UNCHANGED if not _is_same(response.headers.get("ETag", etag), etag):
                raise ExchangeError(f"{answers}, but for another ETag than the one asked about", is_transient=True)
            case Meaning.UNCHANGED:
                return
            case Meaning.REDIRECT:
                raise ExchangeError(f"{answers} without saying where")
            case Meaning.TRY_AGAIN:
                wait = stated_wait_seconds(response.headers.get("Retry-After"), _answered_at(response))
                if wait is not None and wait > limits.wait_seconds:
                    raise ExchangeError(
                        f"{answers} and asks to wait {wait:.0f} s, longer than MODEL_REGISTRY_RETRY_AFTER_CAP_SECONDS"
                        f" ({limits.wait_seconds:.0f}) allows; try again later"
                    )
                raise ExchangeError(answers, is_transient=True, wait_seconds=wait)
            case Meaning.REFUSAL:
                is_absent = status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
                raise ExchangeError(f"{answers}; {self._advice(status)}", is_absent=is_absent)

    def _advice(self, status: int) -> str:
        if status not in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            return f"if it has moved, set {self.source.name.upper()}_BASE_URL"
        if self.source.auth is None:
            return "it takes no key from us, so it refuses this machine or this address"
        if not self.credentials.variable:
            return f"it wants a key: set {self.source.auth.variable}"
        return f"the key in {self.credentials.variable} is wrong, expired or not allowed to list models: renew it"

    async def _document(self, response: httpx.Response, limits: Limits) -> Document:
        # Not response.aiter_raw(), which refuses the answers of a MockTransport: they are read already.
        assert isinstance(response.stream, httpx.AsyncByteStream)
        writer = DocumentWriter(limits.memory_bytes)
        try:
            decode = decoder(response.headers.get("Content-Encoding", ""))
            async for raw in response.stream:
                for piece in decode.pieces(raw):
                    _keep(piece, writer, limits.bytes)
            decode.finish()
            return writer.document(frozenset(self.credentials.secrets))
        except CodingError as error:
            writer.close()
            raise ExchangeError(f"sends {error}", is_transient=True) from None
        except BaseException:
            writer.close()
            raise


def _keep(piece: bytes, writer: DocumentWriter, max_bytes: int) -> None:
    if writer.size + len(piece) > max_bytes:
        raise ExchangeError("sends more than MODEL_REGISTRY_MAX_BYTES allows (all pages, decompressed)")
    try:
        writer.write(piece)
    except OSError as error:
        folder = gettempdir()
        raise ExchangeError(
            f"its answer cannot be kept in {folder} ({error.strerror}): make room or set TMPDIR"
        ) from None


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _usable(etag: str | None) -> str | None:
    """An ETag that can be sent back."""
    return etag if etag and etag.isascii() and etag.isprintable() and len(etag) <= MAX_ETAG_CHARACTERS else None


def _is_same(stated: str | None, asked: str | None) -> bool:
    """The weak comparison of RFC 9110: proxies that compress make an ETag weak."""
    return (stated or "").removeprefix("W/") == (asked or "").removeprefix("W/")


def _answered_at(response: httpx.Response) -> datetime:
    """By the server's own clock where it tells, so that a Retry-After date is counted from the clock that set it."""
    try:
        stated = parsedate_to_datetime(response.headers["Date"])
    except (KeyError, ValueError):
        return datetime.now(UTC)
    return stated.replace(tzinfo=stated.tzinfo or UTC)
