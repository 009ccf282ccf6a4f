"""What makes the same content the same."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_registry_pipeline.domain.raw.fingerprint import combined_sha256, dump_sha256


@given(st.binary())
def test_one_document_has_the_fingerprint_of_its_file(document: bytes) -> None:
    """`sha256sum` gives the same."""
    assert dump_sha256([document]) == sha256(document).digest()


@given(st.lists(st.binary(), min_size=1), st.lists(st.binary(), min_size=1))
def test_other_pages_have_another_fingerprint(one: list[bytes], other: list[bytes]) -> None:
    """Their order counts, and where one ends."""
    assert (dump_sha256(one) == dump_sha256(other)) == (one == other)


@given(st.lists(st.binary(), min_size=1))
def test_digests_give_what_documents_give(documents: list[bytes]) -> None:
    """For whoever has hashed them on the way."""
    assert combined_sha256([sha256(document).digest() for document in documents]) == dump_sha256(documents)


def test_no_document_has_no_fingerprint() -> None:
    """A dump without documents is a mistake of the caller."""
    with pytest.raises(ValueError, match="without documents"):
        dump_sha256([])
