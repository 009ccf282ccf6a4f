"""Details that stop strict readers are mended; all else of a document stays byte for byte."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_registry_pipeline.domain.normalized.mending import MAX_DEPTH, TOO_DEEP, mended, unstorable

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inside: st.lists(inside) | st.dictionaries(st.text(), inside),
)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (b"[NaN, -Infinity,Infinity]", b'["NaN", "-Infinity","Infinity"]'),
        (b'["NaN", "a \\" NaN"]', b'["NaN", "a \\" NaN"]'),
        (b'["\\ud800x"]', b'["\\u0000x"]'),
        (b'["\\uDc00\\uD83D\\uDE00"]', b'["\\u0000\\uD83D\\uDE00"]'),
        (b'["\\\\ud800"]', b'["\\\\ud800"]'),
        (b'["unfinished NaN', b'["unfinished NaN'),
        (b"[nan]", b"[nan]"),
    ],
)
def test_only_what_is_meant_is_mended(document: bytes, expected: bytes) -> None:
    """Literals that JSON has not, and halves of surrogate pairs, outside of what merely looks like them."""
    assert mended(document) == expected


@given(values)
def test_good_json_stays_as_it_is(value: object) -> None:
    """Of any document that was no fault, not a byte changes."""
    document = json.dumps(value).encode()

    assert mended(document) == document


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 1000, 100_000])
def test_deep_nesting_is_cut_in_time(depth: int) -> None:
    """A hundred thousand levels cost what their bytes cost; what stands beside them stays."""
    document = mended(b'{"deep":' + b"[" * depth + b"]" * depth + b',"beside":1}')

    assert json.loads(document)["beside"] == 1
    assert unstorable(document) == TOO_DEEP


@pytest.mark.parametrize(
    ("body", "is_told"),
    [
        (b'"a\\u0000b"', True),
        (b'"a\\\\u0000b"', False),
        (b'"plain"', False),
        (b"[" * 50 + b"]" * 50, False),
        (b"[" + b"[]," * 500 + b"1]", False),
        (b"[" * 101 + b"]" * 101, True),
    ],
)
def test_what_postgresql_refuses_is_told(body: bytes, is_told: bool) -> None:
    """NUL and deep nesting; not what merely looks like them, nor many brackets side by side."""
    assert bool(unstorable(body)) is is_told
