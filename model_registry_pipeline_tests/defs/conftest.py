"""An empty registry for each test that asks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from model_registry_pipeline_tests.defs.examples import Registry, a_registry


@pytest.fixture
def registry(registry_url: str, tmp_path: Path) -> Iterator[Registry]:
    with a_registry(registry_url, tmp_path) as registry:
        yield registry
