"""Content codings, undone piece by piece."""

import gzip

from hypothesis import given
from hypothesis import strategies as st

from model_registry_pipeline.connectors.coding import PIECE_BYTES, Gzip


@given(members=st.lists(st.binary(max_size=2000), min_size=1, max_size=4), size=st.integers(1, 3000))
def test_gzip_is_undone_wherever_it_is_cut_into_chunks(members: list[bytes], size: int) -> None:
    """One member or several, in chunks of any size."""
    coded = b"".join(gzip.compress(member) for member in members)
    decode = Gzip()

    chunks = [coded[start : start + size] for start in range(0, len(coded), size)]
    content = b"".join(piece for chunk in chunks for piece in decode.pieces(chunk))
    decode.finish()

    assert content == b"".join(members)


def test_a_bomb_comes_out_in_small_pieces() -> None:
    """Who counts them can stop before they fill the memory."""
    bomb = gzip.compress(bytes(20_000_000))

    assert max(len(piece) for piece in Gzip().pieces(bomb)) <= PIECE_BYTES
