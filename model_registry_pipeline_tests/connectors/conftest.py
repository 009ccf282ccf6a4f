"""A faulty server that the example source points to."""

from collections.abc import Iterator

import pytest

from model_registry_pipeline_tests.connectors.faulty_server import FaultyServer


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyServer]:
    with FaultyServer() as running:
        monkeypatch.setenv("LISTER_BASE_URL", running.url)
        yield running
