"""Content codings, undone piece by piece from the raw bytes: the whole content, or an error.

httpx is not asked to: a truncated gzip stream raises nothing there, and of two gzip members the second is lost.
"""

import zlib
from collections.abc import Iterator

PIECE_BYTES = 256 * 1024
"""At most this much comes out at once, so that whoever counts stops a gzip bomb early."""

GZIP = 16 + zlib.MAX_WBITS


class CodingError(Exception):
    """The bytes are not whole or not coded as stated. The text says what was found."""


class Plain:
    """No coding."""

    def pieces(self, raw: bytes) -> Iterator[bytes]:
        yield raw

    def finish(self) -> None:
        return


class Gzip:
    """One gzip stream of one or more members (RFC 1952 allows several: they stand one after the other)."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(GZIP)

    def pieces(self, raw: bytes) -> Iterator[bytes]:
        """Decompress the next bytes. Raises CodingError on bytes that are no gzip, and on a bad checksum."""
        while raw:
            if self._member.eof:
                self._member = zlib.decompressobj(GZIP)
            try:
                piece = self._member.decompress(raw, PIECE_BYTES)
            except zlib.error as error:
                raise CodingError(f"broken gzip ({error})") from None
            raw = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
            yield piece

    def finish(self) -> None:
        """Raises CodingError when the last member is not whole."""
        if not self._member.eof:
            raise CodingError("gzip that ends too early")


def decoder(content_encoding: str) -> Plain | Gzip:
    """The decoder for a `Content-Encoding` header. Raises CodingError for a coding that was not asked for."""
    match content_encoding.strip().lower():
        case "" | "identity":
            return Plain()
        case "gzip" | "x-gzip":
            return Gzip()
        case other:
            raise CodingError(f"content coding {other!r}, which was not asked for")
