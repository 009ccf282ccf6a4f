"""The fingerprint of a dump: what makes the same content the same."""

from collections.abc import Iterable
from hashlib import sha256


def dump_sha256(documents: Iterable[bytes]) -> bytes:
    """SHA-256 of a dump. One document: of its bytes, so that `sha256sum` of the file gives the same.

    Several pages: of their SHA-256 digests (32 bytes each) in order, so that where a page ends counts too.
    Documents are read one at a time. Raises ValueError when there is none.
    """
    return combined_sha256([sha256(document).digest() for document in documents])


def combined_sha256(digests: list[bytes]) -> bytes:
    """The same, from the SHA-256 of each document."""
    if not digests:
        raise ValueError("a dump without documents has no fingerprint")
    return digests[0] if len(digests) == 1 else sha256(b"".join(digests)).digest()
