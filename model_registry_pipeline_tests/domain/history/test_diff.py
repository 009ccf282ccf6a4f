"""What changed between two sets of facts."""

from typing import Any

import msgspec
import pytest
from hypothesis import given

from model_registry_pipeline.domain.history.diff import decode_facts, diff, kind_of, last_read, price_field, told_steps
from model_registry_pipeline_tests.domain.history.facts import facts
from model_registry_pipeline_tests.examples import an_offering


def a_line(usd: str = "1", **but: object) -> dict[str, object]:
    return {"meter": "input", "unit": "mtok", "usd": usd} | but


@pytest.mark.parametrize(
    ("before", "after", "steps"),
    [
        pytest.param({"name": "A"}, {"name": "A"}, [], id="the same"),
        pytest.param({"name": "A", "kind": "chat"}, {"kind": "chat", "name": "A"}, [], id="another order"),
        pytest.param({"name": "A"}, {"name": "B"}, [("name", "A", "B")], id="another value"),
        pytest.param({}, {"supports_tools": False}, [("supports_tools", None, False)], id="false is not unstated"),
        pytest.param({"parameters": 7}, {}, [("parameters", 7, None)], id="no longer stated"),
        pytest.param(
            {"name": "A", "family": "a"},
            {"name": "B", "kind": "chat"},
            [("family", "a", None), ("kind", None, "chat"), ("name", "A", "B")],
            id="several, by name",
        ),
        pytest.param(
            {"prices": [a_line("1")]}, {"prices": [a_line("2")]}, [("input_usd_per_mtok", "1", "2")], id="a price"
        ),
        pytest.param({}, {"prices": [a_line("0")]}, [("input_usd_per_mtok", None, "0")], id="free is not unstated"),
        pytest.param(
            {"prices": [a_line("1"), a_line("2", above_tokens=200_000)]},
            {"prices": [a_line("1"), a_line("3", above_tokens=200_000)]},
            [("input_usd_per_mtok[above_tokens=200000]", "2", "3")],
            id="a price under a condition",
        ),
        pytest.param(
            {"prices": [a_line("1", above_tokens=128_000)]},
            {"prices": [a_line("1", above_tokens=200_000)]},
            [
                ("input_usd_per_mtok[above_tokens=128000]", "1", None),
                ("input_usd_per_mtok[above_tokens=200000]", None, "1"),
            ],
            id="the same price under another condition",
        ),
        pytest.param(
            {"prices": [a_line("1"), a_line("2", meter="output")]},
            {"prices": [a_line("2", meter="output"), a_line("1")]},
            [],
            id="price lines in another order",
        ),
    ],
)
def test_each_field_that_differs_is_a_step(
    before: dict[str, Any], after: dict[str, Any], steps: list[tuple[str, object, object]]
) -> None:
    """Fields by name, with what was and what is; what is not stated is null; a price line is a field of its own."""
    assert diff(before, after) == steps


@pytest.mark.parametrize(
    ("line", "field"),
    [
        pytest.param(a_line(), "input_usd_per_mtok", id="no condition"),
        pytest.param(a_line(meter="web_search", unit="request"), "web_search_usd_per_request", id="another unit"),
        pytest.param(
            a_line(service_tier="batch", region="eu", above_tokens=1),
            "input_usd_per_mtok[above_tokens=1,region=eu,service_tier=batch]",
            id="conditions, by name",
        ),
    ],
)
def test_a_price_line_is_named_by_what_it_counts_and_when_it_holds(line: dict[str, object], field: str) -> None:
    """The name says meter, unit and every condition."""
    assert price_field(line) == field


def test_a_rewording_is_of_its_own_kind() -> None:
    """Prose alerts nobody."""
    assert (kind_of("description"), kind_of("name")) == ("text", "changed")


@pytest.mark.parametrize(
    ("known", "before", "now", "steps"),
    [
        pytest.param({"name": "A"}, {"name": "A"}, {"unread": ["name"]}, [], id="becomes unreadable"),
        pytest.param({"name": "A"}, {"unread": ["name"]}, {"unread": ["name"]}, [], id="stays unreadable"),
        pytest.param({"name": "A"}, {"unread": ["name"]}, {"name": "A"}, [], id="is readable again"),
        pytest.param(
            {"name": "A"}, {"unread": ["name"]}, {"name": "B"}, [("name", "A", "B")], id="has changed meanwhile"
        ),
        pytest.param({"name": "A"}, {"unread": ["name"]}, {}, [("name", "A", None)], id="is withdrawn meanwhile"),
        pytest.param({}, {"unread": ["name"]}, {"name": "A"}, [], id="was never readable before"),
        pytest.param(
            {}, {}, {"name": "A", "unread": ["kind"]}, [("name", None, "A")], id="is new beside an unreadable one"
        ),
        pytest.param(
            {"name": "A", "kind": "chat"},
            {"name": "A", "unread": ["mode"]},
            {"unread": ["mode"]},
            [("name", "A", None)],
            id="is withdrawn beside one that was unreadable before",
        ),
        pytest.param(
            {"prices": [a_line("1"), a_line("2", meter="output")]},
            {"prices": [a_line("1"), a_line("2", meter="output")]},
            {"prices": [a_line("3", meter="output")], "unread": ["cost.input"]},
            [("output_usd_per_mtok", "2", "3")],
            id="one price of two",
        ),
    ],
)
def test_what_can_not_be_read_is_no_news(
    known: dict[str, Any], before: dict[str, Any], now: dict[str, Any], steps: list[tuple[str, object, object]]
) -> None:
    """Neither withdrawn nor new. What can be read beside it is told, and what has changed when it can be read again."""
    assert told_steps(known, before, now) == steps


def test_what_was_last_read_stays_known() -> None:
    """Each fact and each price line that a record with an unreadable field lacks."""
    known = {"name": "A", "kind": "chat", "prices": [a_line("1"), a_line("2", meter="output")]}
    now = {"kind": "image", "prices": [a_line("3", meter="output")], "unread": ["cost.input"]}

    read = last_read(known, known, now)
    assert diff({**known, "kind": "image", "prices": [a_line("1"), a_line("3", meter="output")]}, read) == []


def test_facts_are_the_stated_fields_of_an_offering() -> None:
    """A record's JSON holds what is stated, and nothing else."""
    assert decode_facts(msgspec.json.encode(an_offering(context_window_tokens=8192))) == {
        "provider_id": "shop",
        "model_id": "a",
        "context_window_tokens": 8192,
    }


@given(facts)
def test_nothing_differs_from_itself(stated: dict[str, Any]) -> None:
    """The same facts have no steps."""
    assert diff(stated, msgspec.json.decode(msgspec.json.encode(stated))) == []


@given(facts, facts)
def test_going_back_undoes_every_change(before: dict[str, Any], after: dict[str, Any]) -> None:
    """The steps back are the steps forth with their two sides swapped."""
    assert [(field, new, old) for field, old, new in diff(before, after)] == diff(after, before)


@given(facts, facts)
def test_the_steps_lead_from_one_to_the_other(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Applied to what was, they give what is."""
    nothing: dict[str, Any] = {}
    stood = {field: new for field, _, new in diff(nothing, before)}
    stood |= {field: new for field, _, new in diff(before, after)}

    assert {f: v for f, v in stood.items() if v is not None} == {f: new for f, _, new in diff(nothing, after)}
