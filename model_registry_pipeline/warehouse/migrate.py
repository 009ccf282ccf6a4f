"""The schema's versions: upgrade, downgrade, and what is made anew with each of them: the serving views, and the
provider records, which are the release's too."""

import hashlib
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from model_registry_pipeline.warehouse import providers
from model_registry_pipeline.warehouse.engine import Warehouse, WarehouseError, lock_key

HERE = Path(__file__).parent
VERSION_SCHEMA = "registry"
"""Where the schema's version is kept; the stages' schemas hold tables of the registry only."""
NEWEST_VERSION = "head"


def upgrade(warehouse: Warehouse, version: str = NEWEST_VERSION) -> None:
    """Bring a database to the schema of this code, with its data; a second process waits for the first.

    Raises WarehouseError when the database is newer than the code, or a right is missing.
    """
    if _is_current(warehouse):
        return
    with warehouse.transaction() as connection:
        _lock(connection)
        connection.execute(text(f"create schema if not exists {VERSION_SCHEMA}"))
        _refuse_newer(connection)
        # The views stand on the tables that a migration may alter; they are code and hold nothing.
        connection.execute(text("drop schema if exists serving cascade"))
        command.upgrade(_config(connection), version)
        if version == NEWEST_VERSION:
            providers.replace_providers(connection)
            _create_views(connection)


def downgrade(warehouse: Warehouse, version: str) -> None:
    """Bring a database back to an older version of the schema; `base` removes the registry's tables."""
    with warehouse.transaction() as connection:
        _lock(connection)
        connection.execute(text("drop schema if exists serving cascade"))
        command.downgrade(_config(connection), version)


def _lock(connection: Connection) -> None:
    connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": lock_key("schema")})


def _is_current(warehouse: Warehouse) -> bool:
    with warehouse.transaction() as connection:
        version = _version(connection)
        return version == _scripts().get_current_head() and _views_comment(connection) == _views_fingerprint()


def _version(connection: Connection) -> str | None:
    context = MigrationContext.configure(
        connection, opts={"version_table": "schema_version", "version_table_schema": VERSION_SCHEMA}
    )
    return context.get_current_revision()


def _refuse_newer(connection: Connection) -> None:
    version = _version(connection)
    if version is not None and version not in {script.revision for script in _scripts().walk_revisions()}:
        raise WarehouseError(
            f"The database's schema is version {version}, which this release does not know: "
            "use the newer release that made it."
        )


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(HERE / "migrations"))


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE / "migrations"))
    config.attributes["connection"] = connection
    return config


# -- views -----------------------------------------------------------------------------------------------------------


def _view_files() -> list[Path]:
    """The views in the order of their names; a number in front says what has to come first."""
    return sorted((HERE / "views").glob("*.sql"))


def _views_fingerprint() -> str:
    """Of the views and of the provider records: when one of their files changes, all are made anew."""
    files = [*_view_files(), providers.FILE]
    return hashlib.sha256(b"\n".join(path.read_bytes() for path in files)).hexdigest()


def _views_comment(connection: Connection) -> str | None:
    comment: str | None = connection.scalar(text("select obj_description(to_regnamespace('serving'), 'pg_namespace')"))
    return comment


def _create_views(connection: Connection) -> None:
    connection.execute(text("create schema serving"))
    for path in _view_files():
        connection.exec_driver_sql(path.read_text(encoding="utf-8"))
    connection.exec_driver_sql(f"comment on schema serving is '{_views_fingerprint()}'")
