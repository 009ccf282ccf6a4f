"""Names that stand twice in one object."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_registry_pipeline.domain.normalized.paths import shape_of
from model_registry_pipeline.domain.normalized.repeated import repeated_names

NAMES = st.sampled_from(["id", "price", 'a"', "é", '":'])
VALUES = st.sampled_from([0, 1, None, "", '":', '{"id":1}', "\\", "https://shop.test/", ["x"], {}, {"id": 1}])


COLONS = st.sampled_from([":", ": ", " :", "\n:"])


@given(st.lists(st.tuples(NAMES, VALUES, COLONS)), st.booleans(), st.booleans())
def test_each_name_with_two_values_is_told(
    members: list[tuple[str, object, str]], is_ascii: bool, is_inside: bool
) -> None:
    """However an object is written, and wherever it stands in the record, the names that are told are those under
    which it says two things."""
    written = (f"{json.dumps(name, ensure_ascii=is_ascii)}{colon}{json.dumps(value)}" for name, value, colon in members)
    text = f"{{{','.join(written)}}}"
    record = (f'{{"inside":{text}}}' if is_inside else text).encode()
    last = {name: value for name, value, _ in members}

    assert set(repeated_names(record)) == {name for name, value, _ in members if value != last[name]}
    assert shape_of(record).repeated == repeated_names(record)


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(b'{"a":1,"a" :2}', id="a blank before a colon"),
        pytest.param(b'{"o":{"t":"\\u0022:","a":1,"a":2}}', id="a quote written as a number"),
        pytest.param(b'{"o":{"t":"\\"\\u003a","a":1,"a":2}}', id="a colon written as a number"),
    ],
)
def test_no_spelling_hides_a_name(record: bytes) -> None:
    """What looks like as many names as were read, and holds one more, is looked at."""
    assert shape_of(record).repeated == ("a",)
