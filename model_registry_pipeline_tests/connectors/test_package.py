"""Lists out of installed packages."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.metadata import version

import pytest

from model_registry_pipeline.connectors import package
from model_registry_pipeline.connectors.package import Packaged, PackageError, installed_document


@pytest.fixture(scope="module")
def packaged() -> Packaged:
    return installed_document("genai-prices")


def test_genai_prices_reads_its_own_data_out_of_our_json(packaged: Packaged) -> None:
    """Nothing is lost and no price is changed on the way: its own reader gives the same objects."""
    from genai_prices.data import providers  # noqa: PLC0415 - 1.6 MB of Python
    from genai_prices.types import _providers_from_raw  # noqa: PLC0415

    assert _providers_from_raw(json.loads(packaged.document, parse_float=Decimal)) == providers


def test_the_json_is_what_genai_prices_publishes(packaged: Packaged) -> None:
    """Prices are numbers, dates and times ISO 8601, `or` is not `or_`, and what is not stated is not there."""
    providers = json.loads(packaged.document, parse_float=Decimal)
    models = {(provider["id"], model["id"]): model for provider in providers for model in provider["models"]}
    claude = models["anthropic", "claude-2"]

    assert claude["match"] == {"or": [{"starts_with": "claude-2"}, {"contains": "claude-v2"}]}
    assert claude["prices"] == {"input_mtok": 8, "output_mtok": 24}
    assert models["anthropic", "claude-3-5-haiku-latest"]["prices"]["cache_read_mtok"] == Decimal("0.08")
    assert b'"_' not in packaged.document
    assert b"null" not in packaged.document.replace(b"`null`", b"")
    constraints = [
        price["constraint"]
        for model in models.values()
        if isinstance(model["prices"], list)
        for price in model["prices"]
        if "constraint" in price
    ]
    assert {"start_date": "2026-03-13"} in constraints
    assert {"start_time": "00:30:00Z", "end_time": "16:30:00Z"} in constraints


def test_it_takes_its_place_before_its_release(packaged: Packaged) -> None:
    """The instant is the newest day on which a price was checked: in the past, and not among prices announced."""
    assert packaged.version == version("genai-prices")
    if packaged.version == "0.2.3":
        assert packaged.stated_at == datetime(2026, 11, 3, tzinfo=UTC)
    starts = [date.fromisoformat(day) for day in _values(json.loads(packaged.document), "start_date")]
    assert packaged.stated_at.date() < max(starts)


def _values(value: object, key: str) -> list[str]:
    if isinstance(value, dict):
        return [v for k, v in value.items() if k == key] + [x for v in value.values() for x in _values(v, key)]
    return [found for item in value for found in _values(item, key)] if isinstance(value, list) else []


def test_the_same_version_gives_the_same_bytes(packaged: Packaged) -> None:
    """A dump's identity is its instant and its bytes: twice is nothing new."""
    assert installed_document("genai-prices") == packaged


def test_the_catalogues_numbers_are_exact() -> None:
    """Its prices are the digits of its files, and its instant is the one that they state."""
    packaged = installed_document("model-registry-pipeline")
    content = json.loads(packaged.document, parse_float=Decimal)
    prices = [rates["input"] for model in content["models"] for rates in model.get("rates", ()) if "input" in rates]

    assert datetime.fromisoformat(content["as_of"]) == packaged.stated_at
    assert Decimal("0.8") in prices
    assert max(len(str(price)) for price in prices) <= 8


def test_an_unknown_package_is_told_with_the_known_ones() -> None:
    """Nothing is imported by a name that someone states."""
    with pytest.raises(PackageError, match=r"'os'; known: genai-prices"):
        installed_document("os")


def test_a_package_that_is_not_installed_is_told_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line, not an ImportError."""
    monkeypatch.setitem(package.READERS, "not-here", package.READERS["genai-prices"])

    with pytest.raises(PackageError, match="pip install not-here"):
        installed_document("not-here")
