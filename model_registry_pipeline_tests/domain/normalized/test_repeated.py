"""Names that stand twice in one object."""

import json

from hypothesis import given
from hypothesis import strategies as st

from model_registry_pipeline.domain.normalized.paths import shape_of
from model_registry_pipeline.domain.normalized.repeated import repeated_names

NAMES = st.sampled_from(["id", "price", 'a"', "é", '":'])
VALUES = st.sampled_from([0, 1, None, "", '":', '{"id":1}', "\\", "https://shop.test/", ["x"], {}, {"id": 1}])


@given(st.lists(st.tuples(NAMES, VALUES)), st.booleans(), st.sampled_from([":", ": "]))
def test_each_name_with_two_values_is_told(pairs: list[tuple[str, object]], is_ascii: bool, colon: str) -> None:
    """However an object is written, the names that are told are those under which it says two things."""
    members = (f"{json.dumps(name, ensure_ascii=is_ascii)}{colon}{json.dumps(value)}" for name, value in pairs)
    record = f"{{{','.join(members)}}}".encode()
    last = dict(pairs)

    assert set(repeated_names(record)) == {name for name, value in pairs if value != last[name]}
    assert shape_of(record).repeated == repeated_names(record)
