"""Whether a source can be asked at all."""

from collections.abc import Iterator

import pytest

from model_registry_pipeline.connectors.configured import lacking
from model_registry_pipeline.domain.source import AwsSignature, BearerToken, Source, Variable
from model_registry_pipeline.settings import Settings
from model_registry_pipeline_tests.examples import a_shop

SIGNED = AwsSignature(
    service="shop", region=Variable("SHOP_REGION", default="eu"), variable="SHOP_ID", secret=Variable("SHOP_SECRET")
)


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("SHOP_KEY", "SHOP_OTHER_KEY", "SHOP_HOST", "SHOP_BASE_URL", "SHOP_ID", "SHOP_SECRET"):
        monkeypatch.delenv(name, raising=False)
    yield


@pytest.mark.parametrize(
    ("source", "variables", "told"),
    [
        pytest.param(a_shop(), {}, None, id="it needs nothing"),
        pytest.param(
            a_shop(auth=BearerToken("SHOP_KEY", others=("SHOP_OTHER_KEY",))),
            {},
            "shop needs a key: set SHOP_KEY or SHOP_OTHER_KEY",
            id="no key",
        ),
        pytest.param(a_shop(auth=BearerToken("SHOP_KEY")), {"SHOP_KEY": " "}, "SHOP_KEY", id="a blank key"),
        pytest.param(a_shop(auth=BearerToken("SHOP_KEY")), {"SHOP_KEY": "k"}, None, id="a key"),
        pytest.param(
            a_shop(auth=BearerToken("SHOP_KEY", others=("SHOP_OTHER_KEY",))),
            {"SHOP_OTHER_KEY": "k"},
            None,
            id="a key in another variable",
        ),
        pytest.param(a_shop(auth=BearerToken("SHOP_KEY", required=False)), {}, None, id="an optional key"),
        pytest.param(a_shop(auth=SIGNED), {"SHOP_ID": "k"}, "set SHOP_SECRET", id="half of a key"),
        pytest.param(a_shop(auth=SIGNED), {"SHOP_ID": "k", "SHOP_SECRET": "k"}, None, id="both halves"),
        pytest.param(
            a_shop(local=True, address_variables=("SHOP_HOST",)), {}, "set SHOP_BASE_URL or SHOP_HOST", id="no address"
        ),
        pytest.param(
            a_shop(local=True, address_variables=("SHOP_HOST",)), {"SHOP_HOST": "here"}, None, id="an address"
        ),
        pytest.param(a_shop(auth=BearerToken("SHOP_KEY"), package="shop"), {}, None, id="a package stands in"),
        pytest.param(a_shop(), {"MODEL_REGISTRY_SOURCES": "market"}, "MODEL_REGISTRY_SOURCES", id="not wanted"),
        pytest.param(a_shop(), {"SHOP_BASE_URL": "ftp://shop"}, None, id="wrongly configured is configured"),
    ],
)
def test_what_a_source_lacks_is_told_with_its_variable(
    monkeypatch: pytest.MonkeyPatch, source: Source, variables: dict[str, str], told: str | None
) -> None:
    """Nothing is lacking where a package stands in; what is set wrongly is for the sync to tell."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    found = lacking(source, Settings())

    assert found is None if told is None else told in str(found)
