"""Commands that run something go through Dagster, so that the UI shows them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from model_registry_pipeline.cli.console import CommandError, err
from model_registry_pipeline.cli.printing import harmless
from model_registry_pipeline.settings import load_settings
from model_registry_pipeline.warehouse.engine import Warehouse, clear_errors
from model_registry_pipeline.warehouse.opening import open_warehouse

if TYPE_CHECKING:
    from model_registry_pipeline.defs.runs import Ran, Runner


@contextmanager
def running() -> Iterator[tuple["Runner", Warehouse]]:
    """Dagster takes a second to import: only commands that run something wait for it."""
    from model_registry_pipeline.definitions import defs  # noqa: PLC0415
    from model_registry_pipeline.defs.instance import open_instance  # noqa: PLC0415
    from model_registry_pipeline.defs.runs import Runner  # noqa: PLC0415

    # Dagster's own records are in the same database, and its errors come as they are.
    with clear_errors(), open_warehouse(load_settings()) as warehouse:
        try:
            instance = open_instance()
        except OSError as error:
            raise CommandError(
                f"DAGSTER_HOME, or MODEL_REGISTRY_HOME where it is unset, can't be used: {error}"
            ) from None
        with instance:
            yield Runner(defs, instance, warehouse), warehouse


def follow(runner: "Runner") -> "Ran":
    """Do all that is pending."""
    return told(runner.follow())


def told(ran: "Ran") -> "Ran":
    """Say what failed."""
    for fault in ran.faults:
        err.print(f"[red]failed:[/red] {harmless(fault)}")
    return ran
