"""Dagster's own records: on the registry's PostgreSQL, in a schema of their own."""

import os
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import dagster as dg
from dagster._config.config_schema import UserConfigSchema
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable
from dagster._core.storage.event_log.sql_event_log import SqlEventLogStorage
from dagster._serdes import ConfigurableClassData
from dagster_postgres import DagsterPostgresStorage, PostgresEventLogStorage
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from model_registry_pipeline.defs.home import dagster_home
from model_registry_pipeline.settings import load_settings
from model_registry_pipeline.warehouse.addresses import DAGSTER_SCHEMA, dagster_address
from model_registry_pipeline.warehouse.engine import WarehouseError, described, lock_key

MADE_WHOLE = "All tables of Dagster are here."
_MADE = "select obj_description(to_regnamespace(:schema), 'pg_namespace')"


def open_instance() -> dg.DagsterInstance:
    """The instance that the UI shows as well. Close it, or use it as a context manager.

    Raises AddressError, EmbeddedError, WarehouseError, and OSError when DAGSTER_HOME can't be made.
    """
    os.environ["DAGSTER_HOME"] = str(dagster_home(load_settings()))
    return dg.DagsterInstance.get()


class EventLog(PostgresEventLogStorage):
    """Where nothing is ever observed, only made. Otherwise Dagster would look, before each step, for observations of
    every asset upstream that was never made: eight hundred queries to publish with a dozen sources out of sixty."""

    asset_records_have_last_observation = True


class RegistryStorage(DagsterPostgresStorage):
    """What dagster.yaml names: Dagster's PostgreSQL storage, wherever the registry's database is.

    Its configuration is empty, so no password shows in `ps`, where Dagster puts the instance's configuration.
    """

    @classmethod
    def config_type(cls) -> UserConfigSchema:
        return {}

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> "RegistryStorage":
        address = dagster_address(load_settings())
        engine = create_engine(address, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        try:
            with engine.connect() as connection:
                # Held until the connection closes: of processes that start together one makes the schema and tables.
                connection.execute(text("select pg_advisory_lock(:key)"), {"key": lock_key("dagster")})
                if connection.scalar(text(_MADE), {"schema": DAGSTER_SCHEMA}) == MADE_WHOLE:
                    return cls(address, inst_data=inst_data)._keeping_connections()
                # Dagster makes its tables in many transactions and takes the first of them for all. What a process
                # that was killed meanwhile left behind has never held a run, and would refuse every one.
                connection.execute(text(f"drop schema if exists {DAGSTER_SCHEMA} cascade"))
                connection.execute(text(f"create schema {DAGSTER_SCHEMA}"))
                storage = cls(address, inst_data=inst_data)
                connection.execute(text(f"comment on schema {DAGSTER_SCHEMA} is '{MADE_WHOLE}'"))
                return storage._keeping_connections()
        except DBAPIError as error:
            raise WarehouseError(described(error)) from error

    def _keeping_connections(self) -> "RegistryStorage":
        """By default Dagster opens a connection for every event that it stores: 4 ms each, a thousand for a long
        replay. One that is kept is looked at before it is used, so that a run outlives a restart of the database;
        opening one is tried for ten seconds."""
        # Dagster's storage makes its event log itself and lets no other class be named.
        self.event_log_storage.__class__ = EventLog
        for storage in (self.run_storage, self.event_log_storage, self.schedule_storage):
            storage.optimize_for_webserver(statement_timeout=60_000, pool_recycle=3600, max_overflow=5)
            # None of them lets it be said otherwise.
            vars(storage)["_engine"].pool._pre_ping = True
        return self


def forget_runs(instance: dg.DagsterInstance, job: str, before: datetime, most: int = 50) -> int:
    """Remove what is kept of a check-only job's runs that began before an instant, the oldest first; how many runs.

    Never of a job that materializes: the status of its partitions would go too.
    """
    runs = instance.get_run_records(
        dg.RunsFilter(job_name=job, created_before=before), limit=most, order_by="id", ascending=True
    )
    over = [record.dagster_run.run_id for record in runs if record.dagster_run.is_finished]
    for run_id in over:
        instance.delete_run(run_id)
    if over:
        # Dagster keeps the results of checks whose run is gone, and has no way to remove them.
        storage = instance.event_log_storage
        assert isinstance(storage, SqlEventLogStorage)
        with storage.index_connection() as connection:
            connection.execute(AssetCheckExecutionsTable.delete().where(AssetCheckExecutionsTable.c.run_id.in_(over)))
    return len(over)
