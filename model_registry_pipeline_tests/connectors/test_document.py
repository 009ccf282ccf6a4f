"""Documents in memory and on disk."""

import gc
from hashlib import sha256

from model_registry_pipeline.connectors.document import Document, DocumentWriter


def test_a_document_is_what_was_written() -> None:
    """As often as it is read; its hash is that of the bytes before masking."""
    document = Document.of(b"key: sk-12345678", secrets=["sk-12345678"])

    assert document.body == document.body == b"key: ***"
    assert (document.size, document.original_sha256) == (16, sha256(b"key: sk-12345678").digest())
    assert document.is_masked


def test_where_no_memory_is_left_everything_goes_to_disk() -> None:
    """To a spooled file a limit of nothing means no limit."""
    for left in (0, -5):
        writer = DocumentWriter(memory_bytes=left)
        writer.write(b"[1]")

        assert writer._file._rolled
        writer.close()


def test_its_file_goes_away_with_it() -> None:
    """Nobody needs to close a document."""
    writer = DocumentWriter(memory_bytes=1)
    writer.write(b"[1]")
    document, file = writer.document(frozenset()), writer._file

    del document, writer
    gc.collect()

    assert file.closed
