"""An empty registry on which commands run, for each test that asks."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from model_registry_pipeline_tests.cli.examples import Place, a_place, run
from model_registry_pipeline_tests.conftest import Server
from model_registry_pipeline_tests.defs.examples import environment


@pytest.fixture(scope="session")
def template(server: Server, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A registry on which Dagster has made its own tables too, for copies."""
    name = "cli_template"
    server.create(name)
    with environment(server.url(name), tmp_path_factory.mktemp("template"), "http://127.0.0.1:1"):
        assert run("rebuild").code == 0
    return name


@pytest.fixture
def place(server: Server, template: str, tmp_path: Path) -> Iterator[Place]:
    yield from a_place(server, template, tmp_path)


@pytest.fixture(scope="module")
def state(filled: Place) -> dict[str, list[tuple[Any, ...]]]:
    """What is derived in a module's filled place, before anybody asked it or tried to change it."""
    return filled.state()
