"""A place to run commands in: an empty registry, a loopback server for every source, a folder."""

import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from model_registry_pipeline.cli.main import main
from model_registry_pipeline.settings import load_settings
from model_registry_pipeline_tests.conftest import Server
from model_registry_pipeline_tests.connectors.faulty_server import FaultyServer, respond_json
from model_registry_pipeline_tests.defs.examples import environment
from model_registry_pipeline_tests.patience import PATIENCE_SECONDS

PROGRAM = Path(sys.executable).with_name("model-registry")


@dataclass
class Said:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        return self.err.splitlines()


def run(*words: object) -> Said:
    """A command in this process."""
    out, err = io.StringIO(), io.StringIO()
    logger = logging.getLogger("model_registry_pipeline.connectors")
    level = logger.level
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["model-registry", *map(str, words)])
        try:
            main()
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
        finally:
            logger.setLevel(level)
    return Said(code, out.getvalue(), err.getvalue())


def run_for_real(*words: object) -> Said:
    """A command in a process of its own."""
    command = [PROGRAM, *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=2 * PATIENCE_SECONDS, check=False)
    return Said(done.returncode, done.stdout, done.stderr)


@dataclass
class Place:
    """Where commands run: an empty registry, a loopback server for every source, a folder."""

    url: str
    upstream: FaultyServer
    patch: pytest.MonkeyPatch
    folder: Path

    def set(self, **variables: str) -> None:
        for name, value in variables.items():
            self.patch.setenv(name, value)
        load_settings.cache_clear()

    def serve(self, source: str, *answers: Any) -> None:
        path = {"openrouter": "/models", "groq": "/models"}[source]
        acts = [answer if callable(answer) else respond_json(answer) for answer in answers]
        self.upstream.play(*acts, at=f"/{source}{path}")

    def write(self, name: str, document: object) -> Path:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
        return path

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(query.encode()).fetchall()

    def state(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything that is derived, as its readers see it."""
        views = ("offerings", "versions", "changes", "prices", "dumps", "snapshots", "providers")
        return {view: sorted(map(repr, self.rows(f"select * from serving.{view}"))) for view in views}  # type: ignore[misc]


def a_filled_place(server: Server, template: str, folder: Path, document: object) -> Iterator[Place]:
    """A place after one sync of OpenRouter's list; only to be read."""
    for place in a_place(server, template, folder):
        place.serve("openrouter", document)
        said = run("sync", "--source", "openrouter")
        assert said.code == 0, said.err
        yield place


def a_place(server: Server, template: str, folder: Path) -> Iterator[Place]:
    with (
        server.fresh_database(template) as url,
        FaultyServer() as upstream,
        environment(url, folder, upstream.url) as patch,
    ):
        yield Place(url, upstream, patch, folder)
