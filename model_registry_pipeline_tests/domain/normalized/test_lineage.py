"""What another parser changes, told record by record and field by field."""

import json
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from model_registry_pipeline.domain.normalized.lineage import Key, Lineage

FIELDS = st.dictionaries(st.sampled_from(["name", "context", "price"]), st.integers(0, 2))
LISTINGS = st.dictionaries(st.tuples(st.just("shop"), st.sampled_from("abc")), FIELDS)


def as_bytes(listing: dict[Key, dict[str, int]]) -> dict[Key, bytes]:
    return {key: json.dumps(facts, sort_keys=True).encode() for key, facts in listing.items()}


@given(st.lists(st.tuples(LISTINGS, LISTINGS), max_size=4))
def test_each_difference_counts_once_by_record_and_field(
    dumps: list[tuple[dict[Key, dict[str, int]], dict[Key, dict[str, int]]]],
) -> None:
    """Added, removed and changed are the distinct differences of all dumps, in whatever number of dumps each shows."""
    lineage = Lineage()
    for before, after in dumps:
        lineage.compare(as_bytes(before), as_bytes(after))

    steps = {
        (key, json.dumps(before.get(key), sort_keys=True), json.dumps(after.get(key), sort_keys=True))
        for before, after in dumps
        for key in before.keys() | after.keys()
        if before.get(key) != after.get(key)
    }
    changed = [(json.loads(old), json.loads(new)) for _, old, new in steps if "null" not in {old, new}]
    assert lineage.added == sum(old == "null" for _, old, _ in steps)
    assert lineage.removed == sum(new == "null" for _, _, new in steps)
    assert lineage.changed == len(changed)
    assert lineage.fields == Counter(
        name for old, new in changed for name in old.keys() | new.keys() if old.get(name) != new.get(name)
    )
    assert bool(lineage) == bool(steps)


@given(LISTINGS)
def test_the_same_records_are_no_difference(listing: dict[Key, dict[str, int]]) -> None:
    """A parser that reads everything as before tells so."""
    lineage = Lineage()
    lineage.compare(as_bytes(listing), as_bytes(listing))

    assert not lineage
    assert lineage.told() == "0 records added, 0 removed, 0 changed"


def test_it_is_told_in_one_line_with_the_fields_that_moved_most_first() -> None:
    """People read the counts, and by which fields."""
    lineage = Lineage()
    for model in ("a", "b"):
        lineage.compare({("shop", model): b'{"name":"x"}'}, {("shop", model): b'{"name":"y","context":1}'})
    lineage.compare({("shop", "c"): b'{"name":"x"}'}, {("shop", "c"): b'{"name":"y"}', ("shop", "d"): b"{}"})

    assert lineage.told() == "1 records added, 0 removed, 3 changed (name 3, context 2)"
