"""Dagster's folder, DAGSTER_HOME: its configuration and the logs of steps."""

import os
from contextlib import suppress
from importlib.resources import files
from pathlib import Path

from model_registry_pipeline.settings import Settings

CONFIG = "dagster.yaml"
SHIPPED_CONFIG = Path(str(files("model_registry_pipeline"))) / CONFIG
"""In a checkout a link to the one at the top, in a wheel a copy."""


def dagster_home(settings: Settings) -> Path:
    """DAGSTER_HOME, or `<home>/dagster`: made when missing, closed to others, with the shipped dagster.yaml in it.

    A dagster.yaml that somebody put there stays.
    """
    home = Path(os.environ.get("DAGSTER_HOME") or settings.home / "dagster").expanduser().absolute()
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    config = home / CONFIG
    if not config.exists():
        config.unlink(missing_ok=True)  # a link to where the project was before it moved
        with suppress(FileExistsError):  # another process was quicker
            config.symlink_to(SHIPPED_CONFIG)
    return home
