"""What a provider's own list says of what can be called."""

import pytest

from model_registry_pipeline.domain.health.availability import Pair, own_provider, suspicion, tells_availability
from model_registry_pipeline.domain.source import BearerToken, Source
from model_registry_pipeline_tests.examples import a_shop

KEYED, OPEN, LOCAL = a_shop(auth=BearerToken("SHOP_API_KEY")), a_shop(), a_shop(local=True)


def models(count: int, first: int = 0, provider: str = "shop") -> list[Pair]:
    return [(provider, f"model-{number}") for number in range(first, first + count)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param(KEYED, True, id="asked with a key"),
        pytest.param(LOCAL, True, id="local"),
        pytest.param(OPEN, False, id="anybody's list says nothing of what answers to us"),
        pytest.param(
            a_shop(auth=BearerToken("SHOP_API_KEY"), complete=False), False, id="of a part, absence is no news"
        ),
        pytest.param(a_shop(auth=BearerToken("SHOP_API_KEY"), serves=False), False, id="a registry asked with a key"),
        pytest.param(a_shop(local=True, serves=False), False, id="a registry of our own"),
    ],
)
def test_some_lists_tell_what_can_be_called(source: Source, expected: bool) -> None:
    """Those that answer to our own key, or are our own, are complete, and of somebody who serves models."""
    assert tells_availability(source) is expected


@pytest.mark.parametrize(
    ("source", "listed", "known", "expected"),
    [
        pytest.param(KEYED, models(2), None, "shop", id="it lists its own models"),
        pytest.param(KEYED, models(2, provider="other"), None, "other", id="under its provider's name"),
        pytest.param(KEYED, [*models(1), *models(1, provider="other")], None, None, id="it lists those of several"),
        pytest.param(KEYED, models(1, provider="other"), "shop", None, id="now of one, before of another"),
        pytest.param(LOCAL, [], None, "shop", id="nothing is installed, and nothing was before"),
        pytest.param(LOCAL, [], "ollama", "ollama", id="nothing is installed any more"),
    ],
)
def test_a_list_is_a_providers_own(source: Source, listed: list[Pair], known: str | None, expected: str | None) -> None:
    """When it names one provider and never another."""
    assert own_provider(source, listed, known) == expected


@pytest.mark.parametrize(
    ("source", "listed", "rejected", "accepted", "reason"),
    [
        pytest.param(KEYED, models(40), 0, models(40), None, id="as ever"),
        pytest.param(KEYED, models(40), 0, [], None, id="the first that is known"),
        pytest.param(KEYED, models(3), 0, models(5), None, id="of so few some may go"),
        pytest.param(KEYED, [], 0, models(5), "no records at all", id="nothing"),
        pytest.param(KEYED, [], 0, [], "no records at all", id="nothing, and nothing before"),
        pytest.param(KEYED, models(10), 0, models(40), "10 offerings, 40 before", id="a quarter"),
        pytest.param(KEYED, models(40, 30), 0, models(40), "10 of 40 ids still there", id="all renamed"),
        pytest.param(KEYED, models(3), 7, models(5), "7 of 10 records could not be read", id="unreadable"),
        pytest.param(LOCAL, [], 0, models(40), None, id="here nothing is installed any more"),
        pytest.param(LOCAL, models(1), 9, [], "9 of 10 records could not be read", id="local, and unreadable"),
    ],
)
def test_an_answer_that_cannot_be_right_is_no_news(
    source: Source, listed: list[Pair], rejected: int, accepted: list[Pair], reason: str | None
) -> None:
    """As for dumps; only a service of our own may truly have nothing."""
    assert suspicion(source, listed, rejected, accepted) == reason
