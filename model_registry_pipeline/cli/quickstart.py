"""`quickstart`: the shortest program that calls a model."""

import sys
from enum import StrEnum
from typing import Annotated

import typer

from model_registry_pipeline.cli.console import CommandError
from model_registry_pipeline.registry import unknown_model
from model_registry_pipeline.settings import load_settings
from model_registry_pipeline.warehouse import questions, serving
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
    provider: Annotated[str, typer.Argument(help="Who serves it, such as `openai`.")],
    model: Annotated[str, typer.Argument(help="The provider's own id of it.")],
    language: Annotated[Shown, typer.Option(help="What it is written in.")] = Shown.PYTHON,
) -> None:
    """The shortest program that calls a model at a provider, its key taken from the environment."""
    with open_warehouse(load_settings()) as warehouse, warehouse.transaction() as connection:
        if not questions.is_known(connection, provider, model):
            raise unknown_model(provider, model, serving.nearest(connection, provider, model))
        program = quickstart_of(connection, provider, model, language.value)
    if program is None:
        raise CommandError(f"how {model!r} is called at {provider!r} is not known")
    sys.stdout.write(program if program.endswith("\n") else f"{program}\n")
