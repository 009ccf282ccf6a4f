"""`quickstart`: the shortest program that calls a model."""

from enum import StrEnum
from typing import Annotated

import typer

from model_registry_pipeline.cli.console import CommandError, out
from model_registry_pipeline.cli.pairs import Model, Provider, known_pair
from model_registry_pipeline.settings import load_settings
from model_registry_pipeline.warehouse.opening import open_warehouse
from model_registry_pipeline.warehouse.providers import quickstart_of

app = typer.Typer()


class Shown(StrEnum):
    """The languages that there are programs in."""

    PYTHON = "python"
    JAVASCRIPT = "javascript"
    CURL = "curl"


@app.command()
def quickstart(
    provider: Provider,
    model: Model,
    language: Annotated[Shown, typer.Option(help="What it is written in.")] = Shown.PYTHON,
) -> None:
    """The shortest program that calls a model at a provider, its key taken from the environment."""
    with open_warehouse(load_settings()) as warehouse:
        pair = known_pair(warehouse, provider, model)
        with warehouse.transaction() as connection:
            program = quickstart_of(connection, *pair, language.value)
    if program is None:
        raise CommandError(f"how {model!r} is called at {provider!r} is not known")
    out.file.write(program if program.endswith("\n") else f"{program}\n")
