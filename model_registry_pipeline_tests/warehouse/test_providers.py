"""Provider records: what a release knows of providers stands in every registry, and beside what they list."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text

from model_registry_pipeline.domain.normalized.providers import provider_id_of
from model_registry_pipeline.warehouse import providers
from model_registry_pipeline.warehouse.engine import Warehouse
from model_registry_pipeline.warehouse.migrate import upgrade
from model_registry_pipeline.warehouse.providers import COLUMNS, provider_rows, replace_providers
from model_registry_pipeline_tests.examples import wares
from model_registry_pipeline_tests.warehouse.feeding import days, fold, publish, rows, take_in

KNOWN = [dict(zip(COLUMNS, row, strict=True)) for row in provider_rows()]
MAIN = [
    "alibaba",
    "anthropic",
    "azure",
    "bedrock",
    "cohere",
    "deepseek",
    "google",
    "meta",
    "mistral",
    "nvidia",
    "openai",
]


@pytest.fixture
def shop_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Another release's file of records."""
    path = tmp_path / "providers.csv"
    monkeypatch.setattr(providers, "FILE", path)
    provider_rows.cache_clear()
    return path


@pytest.fixture(autouse=True)
def _forget() -> object:
    """The records are read once a process."""
    yield
    provider_rows.cache_clear()


def write(path: Path, *lines: str) -> None:
    path.write_text("\n".join([",".join(COLUMNS), *lines]) + "\n", encoding="utf-8")
    provider_rows.cache_clear()


def test_the_main_providers_are_known() -> None:
    """At least a hundred, each once and named by its own id; the main ones with all that is asked of a record."""
    known = {str(one["provider_id"]): one for one in KNOWN}

    assert len(KNOWN) == len(known) >= 100
    assert [one for one in known if provider_id_of(one) != one] == []
    assert [
        one for one in MAIN if not all(known[one][name] for name in ("label", "kind", "website", "documentation"))
    ] == []


def test_what_is_stated_can_be_used() -> None:
    """Kinds are of five, addresses are addresses, and an API's protocol is told with it."""
    addresses = [one[name] for one in KNOWN for name in ("website", "documentation", "api") if one[name]]

    assert {one["kind"] for one in KNOWN} == {"lab", "cloud", "aggregator", "local", "registry", None}
    assert [address for address in addresses if urlsplit(address).scheme not in {"http", "https"}] == []
    assert [one for one in KNOWN if bool(one["api"]) > bool(one["protocol"])] == []


def test_a_registry_has_them_from_the_start(warehouse: Warehouse) -> None:
    """An upgrade fills them in; doing it again touches nothing."""
    stored = {tuple(row) for row in rows(warehouse, f"select {', '.join(COLUMNS)} from normalized.providers")}
    with warehouse.transaction() as connection:
        touched = replace_providers(connection)

    assert stored == provider_rows()
    assert touched == 0


def test_another_release_brings_its_own(warehouse: Warehouse, shop_file: Path) -> None:
    """A changed file is taken in by the next upgrade, row by row, and views are there again."""
    write(shop_file, "shop,Shop,cloud,https://shop.test,,,,", "stall,,,,,,,")
    upgrade(warehouse)
    before = rows(warehouse, "select provider_id, xmin::text from normalized.providers order by 1")
    write(shop_file, "shop,The Shop,cloud,https://shop.test,,,,", "stall,,,,,,,")
    upgrade(warehouse)
    after = rows(warehouse, "select provider_id, xmin::text from normalized.providers order by 1")

    assert [name for name, _ in after] == ["shop", "stall"]
    assert after[1] == before[1]
    assert after[0] != before[0]
    assert rows(warehouse, "select count(*) from serving.providers") == [(0,)]


def test_a_record_stands_beside_what_the_provider_lists(warehouse: Warehouse, shop_file: Path) -> None:
    """serving.providers tells who it is; of whom nothing is known, it tells what he lists."""
    take_in(warehouse, *days(wares(20)))
    fold(warehouse)
    publish(warehouse)
    query = "select provider_id, label, kind, website, documentation, total from serving.providers"
    unknown = rows(warehouse, query)
    write(shop_file, "shop,The Shop,cloud,https://shop.test,,,,")
    upgrade(warehouse)

    assert unknown == [("shop", None, None, None, None, 20)]
    assert rows(warehouse, query) == [("shop", "The Shop", "cloud", "https://shop.test", None, 20)]


def test_a_kind_that_is_none_is_refused(warehouse: Warehouse) -> None:
    """The table holds what its comment says."""
    with pytest.raises(Exception, match="providers_kind_check"), warehouse.transaction() as connection:
        connection.execute(text("insert into normalized.providers (provider_id, kind) values ('x', 'shop')"))
