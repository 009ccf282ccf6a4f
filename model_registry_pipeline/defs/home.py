"""Dagster's folder, DAGSTER_HOME: its configuration and the logs of steps."""

import os
from importlib.resources import files
from pathlib import Path

from model_registry_pipeline.settings import Settings

CONFIG = "dagster.yaml"


def dagster_home(settings: Settings) -> Path:
    """DAGSTER_HOME, or `<home>/dagster`: made when missing, closed to others, with the shipped dagster.yaml in it.

    A dagster.yaml that somebody put there stays.
    """
    home = Path(os.environ.get("DAGSTER_HOME") or settings.home / "dagster").expanduser().absolute()
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    config, shipped = home / CONFIG, _shipped_config()
    if config.is_symlink() and config.readlink() != shipped:
        config.unlink()
    if not config.exists():
        config.symlink_to(shipped)
    return home


def _shipped_config() -> Path:
    """Inside the package in a wheel, beside it in a checkout."""
    package = Path(str(files("model_registry_pipeline")))
    inside = package / CONFIG
    return inside if inside.exists() else package.parent / CONFIG
