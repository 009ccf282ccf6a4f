"""The catalogue in the registry: its facts beside who states them, and programs that call its models."""

import pytest

from model_registry_pipeline.connectors.package import installed_document
from model_registry_pipeline.sources.catalog import SOURCE
from model_registry_pipeline.warehouse.engine import Warehouse
from model_registry_pipeline.warehouse.providers import quickstart_of
from model_registry_pipeline_tests.examples import a_dump
from model_registry_pipeline_tests.warehouse.feeding import publish, rows, take_in


@pytest.fixture
def filled(warehouse: Warehouse) -> Warehouse:
    """A registry that holds the catalogue and nothing else."""
    packaged = installed_document("model-registry-pipeline")
    take_in(warehouse, a_dump(packaged.document, source="catalog", observed_at=packaged.stated_at), source=SOURCE)
    publish(warehouse)
    return warehouse


def test_a_fact_is_told_with_its_origins(filled: Warehouse) -> None:
    """serving.catalog has a row a fact and origin: who, under which id, when, and where."""
    told = rows(
        filled,
        """
        select slug, value #>> '{}', stated_by, stated_as, observed_on, url
        from serving.catalog where model_id = 'gpt-5.5' and fact = 'released_on' order by stated_by
        """,
    )

    assert told == [
        (
            *("gpt-5-5", "2026-04-23", "artificial_analysis", "gpt-5-5", "2026-07-03"),
            "https://artificialanalysis.ai/api/v2/data/llms/models",
        ),
        ("gpt-5-5", "2026-04-23", "models_dev", "gpt-5.5", "2026-07-04", "https://models.dev/api.json"),
    ]


def test_every_fact_that_is_told_has_a_value(filled: Warehouse) -> None:
    """No origin states what the offering does not."""
    query = "select count(*), count(*) filter (where value is null), count(distinct slug) from serving.catalog"
    told, empty, slugs = rows(filled, query)[0]

    assert (empty, slugs) == (0, rows(filled, "select count(*) from serving.offerings")[0][0])
    assert told > 2000


def test_each_model_has_a_quickstart(filled: Warehouse) -> None:
    """In each language, but for models that their lab publishes and does not serve with a chat."""
    lacking = []
    with filled.transaction() as connection:
        for provider_id, model_id in rows(filled, "select provider_id, model_id from serving.offerings order by 1, 2"):
            program = quickstart_of(connection, provider_id, model_id, "python")
            if program is None or model_id not in program:
                lacking.append((provider_id, model_id))

    assert lacking == [("bedrock", "amazon.titan-embed-text-v2:0")]


def test_the_kind_decides_what_is_called(filled: Warehouse) -> None:
    """An embedding model embeds, a rerank model ranks, and of an unknown provider nothing is told."""
    with filled.transaction() as connection:
        embedding = quickstart_of(connection, "openai", "text-embedding-3-large", "python")
        rerank = quickstart_of(connection, "cohere", "rerank-v3.5", "curl")
        nobody = quickstart_of(connection, "nobody", "a-model", "curl")

    assert embedding is not None
    assert rerank is not None
    assert "embeddings.create" in embedding
    assert "/rerank" in rerank
    assert nobody is None
