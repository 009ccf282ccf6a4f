"""The JSON paths of records, and when they drift."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_registry_pipeline.domain.normalized import record as record_module
from model_registry_pipeline.domain.normalized.paths import (
    MAX_DEPTH,
    MAX_PATH,
    Drift,
    Shape,
    drift,
    shape_of,
)
from model_registry_pipeline.domain.normalized.translate import Memo, read_listing
from model_registry_pipeline_tests.domain.normalized.examples import a_source

POSTGRES_INDEX_BYTES = 2_704
"""The longest key that a B-tree takes."""

NAMES = st.sampled_from(["id", "name", "price", "tags", "a"])
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3))
RECORDS = st.dictionaries(NAMES, VALUES, max_size=5)


def naive(value: object, path: str = "") -> set[str]:
    """Paths that hold a value, by plain recursion."""
    if isinstance(value, dict):
        return {
            found for key, member in value.items() for found in naive(member, f"{path}.{key}" if path else str(key))
        }
    if isinstance(value, list):
        nested = [member for member in value if isinstance(member, dict | list)]
        return {f"{path}[]"}.union(*(naive(member, f"{path}[]") for member in nested))
    return {path}


def a_document(*records: object) -> bytes:
    return json.dumps({"data": records}).encode()


# -- of one record -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "paths"),
    [
        pytest.param({"id": "a", "context": None}, {"id", "context"}, id="null is a value"),
        pytest.param({"pricing": {"prompt": "1"}}, {"pricing.prompt"}, id="an object is its members"),
        pytest.param({"pricing": {}}, set(), id="an empty object holds nothing"),
        pytest.param({"tags": ["x", "y"]}, {"tags[]"}, id="a list is told once"),
        pytest.param({"tags": []}, {"tags[]"}, id="an empty list is a list"),
        pytest.param({"tiers": [{"size": 1}, {"usd": 2}]}, {"tiers[]", "tiers[].size", "tiers[].usd"}, id="of objects"),
        pytest.param({"a": [[1], [{"b": 1}]]}, {"a[]", "a[][]", "a[][].b"}, id="of lists"),
        pytest.param({"a": {"": 1}, "b.c": 2}, {"a.", "b.c"}, id="odd keys"),
    ],
)
def test_a_path_leads_to_each_value(record: object, paths: set[str]) -> None:
    """Each place of a record that holds a value has one path, however many values stand there."""
    assert shape_of(json.dumps(record).encode()).paths == paths


@given(RECORDS)
def test_paths_are_those_of_a_plain_recursion(record: dict[str, object]) -> None:
    """Whatever is nested in what, the paths are the ones that a plain walk over the record finds."""
    assert shape_of(json.dumps(record).encode()).paths == naive(record)


@given(RECORDS)
def test_order_and_spelling_make_no_path(record: dict[str, object]) -> None:
    """Another order of keys and other blanks are the same paths."""
    reordered = dict(reversed(record.items()))

    assert shape_of(json.dumps(reordered, indent=3).encode()).paths == shape_of(json.dumps(record).encode()).paths


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"a": "\\ud800"}', b"[" * 100_000, b"NaN"])
def test_what_is_no_json_has_no_paths(body: bytes) -> None:
    """A record that can't be read costs no more than its paths."""
    assert shape_of(body).paths == frozenset()


def test_a_number_that_no_type_holds_costs_nothing() -> None:
    """Its place is a path as any other, and a name that stands twice beside it is told."""
    assert shape_of(b'{"a":{"b":1e400,"b":2},"c":[1e400]}') == Shape(frozenset({"a.b", "c[]"}), ("b",))


def test_deep_records_are_told_down_to_a_depth() -> None:
    """What lies deeper than twelve levels belongs to the last of them."""
    deep: object = 1
    for _ in range(100):
        deep = {"k": deep}

    assert shape_of(json.dumps(deep).encode()).paths == {".".join(["k"] * MAX_DEPTH)}


def test_a_nul_in_a_key_is_shown() -> None:
    """PostgreSQL takes no NUL."""
    assert shape_of(b'{"a\\u0000b": 1}').paths == {"a\ufffdb"}


@pytest.mark.parametrize(
    "key", [pytest.param("k" * 100_000, id="long"), pytest.param("\U0001f600" * 100_000, id="long, four bytes each")]
)
@pytest.mark.parametrize("wrap", [lambda key, inner: {key: inner}, lambda key, inner: {key: [inner]}])
def test_huge_keys_fit_into_an_index(key: str, wrap: Callable[[str, object], object]) -> None:
    """However long keys are and however deep they nest, a path stays a key that PostgreSQL's index takes."""
    record: object = 1
    for _ in range(MAX_DEPTH + 3):
        record = wrap(key, record)

    found = shape_of(json.dumps(record).encode()).paths
    assert found
    assert all(len(path) <= MAX_PATH and len(path.encode()) < POSTGRES_INDEX_BYTES - 100 for path in found)


# -- of a dump ---------------------------------------------------------------------------------------------------------


@given(st.lists(st.lists(st.lists(RECORDS, max_size=4), min_size=1, max_size=2), max_size=4))
def test_a_dump_has_the_paths_of_its_records(dumps: list[list[list[dict[str, object]]]]) -> None:
    """Dump after dump, page after page: what each record by itself shows, be it a model or not."""
    memo, source = Memo(), a_source()

    for pages in dumps:
        found = read_listing(source, [a_document(*page) for page in pages], memo).paths
        assert found == set().union(*(naive(record) for page in pages for record in page))


def test_a_record_that_stayed_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the next dump only the records are looked at that the one before did not hold byte for byte."""
    read: list[bytes] = []

    def counted(record: bytes) -> Shape:
        read.append(record)
        return shape_of(record)

    monkeypatch.setattr(record_module, "shape_of", counted)
    memo, source = Memo(), a_source()
    read_listing(source, [a_document({"id": "a"}, {"id": "b"})], memo)
    read_listing(source, [a_document({"id": "a"}, {"id": "c"})], memo)

    assert read == [b'{"id": "a"}', b'{"id": "b"}', b'{"id": "c"}']


# -- drift -------------------------------------------------------------------------------------------------------------


SETS = st.frozensets(st.sampled_from("abcdef"))


@given(SETS, SETS, SETS)
def test_new_is_what_was_never_seen_and_vanished_what_the_last_dump_had(
    older: frozenset[str], previous: frozenset[str], now: frozenset[str]
) -> None:
    """A path that comes back is not new; one that has been away for long does not vanish again."""
    found = drift(older | previous, previous, now)

    assert set(found.new) == now - older - previous
    assert set(found.vanished) == previous - now
    assert bool(found) == (found != Drift())


def test_the_first_dump_tells_nothing() -> None:
    """Where nothing is known everything would be new."""
    assert not drift((), None, frozenset({"id"}))
