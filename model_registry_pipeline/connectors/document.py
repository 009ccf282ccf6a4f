"""One document of a source, as it came: small ones in memory, large ones in a temporary file."""

import weakref
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from tempfile import SpooledTemporaryFile

from model_registry_pipeline.domain.raw.redaction import mask

MEMORY_BYTES = 4 * 1024 * 1024
"""Of all pages of one answer; what is beyond lies in temporary files, so that downloads side by side stay small."""


@dataclass(frozen=True, eq=False)
class Document:
    """One page of an answer. Its file goes away with it."""

    size: int
    """Bytes as they came, decompressed."""
    original_sha256: bytes
    """Of the bytes as they came, before masking."""
    _file: SpooledTemporaryFile[bytes] = field(repr=False)
    _secrets: frozenset[str] = field(repr=False)

    @classmethod
    def of(cls, body: bytes, secrets: Iterable[str] = ()) -> "Document":
        """A document with this body."""
        writer = DocumentWriter(memory_bytes=MEMORY_BYTES)
        writer.write(body)
        return writer.document(frozenset(secrets))

    def __post_init__(self) -> None:
        weakref.finalize(self, self._file.close)

    @property
    def body(self) -> bytes:
        """The bytes as they came, with known secrets masked. Read afresh each time: hold on to it, or to nothing."""
        self._file.seek(0)
        return mask(self._file.read(), self._secrets)

    @property
    def is_masked(self) -> bool:
        """Whether a known secret stood in it, so that `body` is not byte for byte what came."""
        return sha256(self.body).digest() != self.original_sha256


class DocumentWriter:
    """Takes a document piece by piece. Closed by whoever opened it, unless it became a document."""

    def __init__(self, memory_bytes: int) -> None:
        self.size = 0
        self._digest = sha256()
        # Zero would mean that nothing ever goes to disk.
        self._file: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(max(memory_bytes, 1))  # noqa: SIM115

    def write(self, piece: bytes) -> None:
        self.size += len(piece)
        self._digest.update(piece)
        self._file.write(piece)

    def document(self, secrets: frozenset[str]) -> Document:
        return Document(self.size, self._digest.digest(), self._file, secrets)

    def close(self) -> None:
        self._file.close()
