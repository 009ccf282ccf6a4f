"""Dagster's own records: on the registry's PostgreSQL, in a schema of their own; its files under `<home>/dagster`."""

import os
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._config.config_schema import UserConfigSchema
from dagster._serdes import ConfigurableClassData
from dagster_postgres import DagsterPostgresStorage
from sqlalchemy import NullPool, create_engine, text

from model_registry_pipeline.settings import Settings, load_settings
from model_registry_pipeline.warehouse.addresses import DAGSTER_SCHEMA, dagster_address
from model_registry_pipeline.warehouse.engine import lock_key

CONFIG = "dagster.yaml"


class RegistryStorage(DagsterPostgresStorage):
    """What dagster.yaml names: Dagster's PostgreSQL storage, wherever the registry's database is."""

    @classmethod
    def config_type(cls) -> UserConfigSchema:
        return {}

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> "RegistryStorage":
        address = dagster_address(load_settings())
        engine = create_engine(address, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            # Held until the connection closes: of processes that start side by side one makes the schema and tables.
            connection.execute(text("select pg_advisory_lock(:key)"), {"key": lock_key("dagster")})
            if connection.scalar(text("select to_regnamespace(:schema)"), {"schema": DAGSTER_SCHEMA}) is None:
                connection.execute(text(f"create schema {DAGSTER_SCHEMA}"))
            return cls(address, inst_data=inst_data)


def open_instance() -> dg.DagsterInstance:
    """The instance of the CLI: the one that `make ui` shows. Close it, or use it as a context manager.

    Raises AddressError, EmbeddedError.
    """
    os.environ["DAGSTER_HOME"] = str(dagster_home(load_settings()))
    return dg.DagsterInstance.get()


def dagster_home(settings: Settings) -> Path:
    """DAGSTER_HOME, or `<home>/dagster`: made when missing, closed to others, with the shipped dagster.yaml in it.

    A dagster.yaml that somebody put there stays.
    """
    home = Path(os.environ.get("DAGSTER_HOME") or settings.home / "dagster").expanduser().absolute()
    if not home.is_dir():
        home.mkdir(parents=True, mode=0o700)
    config = home / CONFIG
    if config.is_symlink() and config.readlink() != _shipped_config():
        config.unlink()
    if not config.exists():
        config.symlink_to(_shipped_config())
    return home


def _shipped_config() -> Path:
    """Beside the package in a checkout, inside it in a wheel."""
    package = Path(str(files("model_registry_pipeline")))
    inside = package / CONFIG
    return inside if inside.exists() else package.parent / CONFIG
