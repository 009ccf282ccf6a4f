"""The daily digest."""

from typing import Any

import pytest

from model_registry_pipeline.domain.health.alerts import MAX_BODY
from model_registry_pipeline.domain.health.digest import News, digest
from model_registry_pipeline_tests.examples import at


def a_change(model_id: str = "a", **but: Any) -> News:
    stated = {"source": "shop", "provider_id": "lab", "model_id": model_id, "observed_at": at(0), "kind": "changed"}
    return News(**stated | but)


def a_price(before: Any, after: Any, **but: Any) -> News:
    return a_change(field="input_usd_per_mtok", before=before, after=after, **but)


def lines(*news: News, older: int = 0, partial: tuple[str, ...] = ()) -> list[str]:
    found = digest(at(30), news, older, partial)
    return found.body.splitlines() if found else []


def test_what_changed_is_told_by_kind() -> None:
    """New models, prices with before, after and percent, retirements, vanished and returned ones."""
    news = [
        a_change("new", kind="appeared"),
        a_change("new", kind="appeared", source="other"),
        a_price("2.5", "5", model_id="dear"),
        a_change("dear", field="output_usd_per_mtok", before="10.00", after="7.50"),
        a_change("old", field="retires_on", after="2025-12-31"),
        a_change("gone", kind="vanished"),
        a_change("back", kind="returned"),
    ]
    found = digest(at(30), news, 0, ())

    assert found
    assert found.title == (
        "models 2025-01-02: 1 new models, 1 price changes, 1 retirements announced, 1 vanished, 1 returned"
    )
    assert found.body.splitlines() == [
        "New models (1)",
        "- lab new (other, shop)",
        "Price changes (1)",
        "- lab dear: input $2.5 to $5 (+100 %); output $10 to $7.5 (-25 %) (shop)",
        "Retirements announced (1)",
        "- lab old: retires_on 2025-12-31 (shop)",
        "Vanished (1)",
        "- lab gone (shop)",
        "Returned (1)",
        "- lab back (shop)",
    ]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("0", "1", "input $0 to $1"),
        ("1", "0", "input $1 to $0 (-100 %)"),
        (None, "1", "input not stated to $1"),
        ("1", None, "input $1 to not stated"),
        ("3", "3.01", "input $3 to $3.01 (+0.3 %)"),
        ("0.0000001", "1000", "input $0.0000001 to $1000 (+999,999,999,900 %)"),
        ({"odd": 1}, "1", "input not stated to $1"),
    ],
)
def test_a_price_is_told_exactly(before: Any, after: Any, told: str) -> None:
    """Without an exponent, without a percentage of nothing, and whatever stands in the table."""
    assert lines(a_price(before, after)) == ["Price changes (1)", f"- lab a: {told} (shop)"]


def test_a_price_in_doubt_is_marked() -> None:
    """It may be a slip of the provider."""
    assert lines(a_price("1", "1000", is_suspicious=True))[1].endswith("(+99,900 %) SUSPICIOUS (shop)")


def test_the_first_list_of_a_source_is_counted() -> None:
    """Its models are not new, it is."""
    news = [a_change(str(number), kind="appeared", is_first_list=True) for number in range(340)]

    assert lines(*news) == ["Sources read for the first time (1)", "- shop: 340 models"]


def test_comings_and_goings_of_a_top_list_are_counted() -> None:
    """A top N swaps a third of its rows between two looks; its prices are told all the same."""
    news = [a_change(str(number), kind="appeared") for number in range(340)]

    assert lines(*news, a_price("1", "2"), partial=("shop",)) == [
        "Price changes (1)",
        "- lab a: input $1 to $2 (+100 %) (shop)",
        "New in a top list (1)",
        "- shop: 340 models",
    ]


def test_a_digest_has_an_end() -> None:
    """Ten lines of a kind, and how many more there are; whatever ids and sources are called."""
    news = [a_change("x" * 500 + str(number), kind=kind) for number in range(5000) for kind in ("appeared", "vanished")]
    found = digest(at(30), news, 12345, ())

    assert found
    assert len(found.body) <= MAX_BODY
    assert found.body.count("- and 4,990 more") == 2
    assert "12,345 older changes came to light" in found.body


def test_nothing_is_told_of_nothing() -> None:
    """No changes, no message; nor for a retirement that is no longer announced."""
    assert digest(at(30), [], 0, ()) is None
    assert digest(at(30), [a_change(field="retires_on", before="2025-12-31")], 0, ()) is None


def test_what_others_write_does_nothing() -> None:
    """Ids come from providers."""
    assert lines(a_change("<!channel> @everyone\n- owned", kind="appeared"))[1] == (
        "- lab ‹!channel› ＠everyone - owned (shop)"
    )
