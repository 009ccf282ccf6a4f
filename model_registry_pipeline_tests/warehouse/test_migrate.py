"""The schema's versions: up, down and up again, with data, by several processes, and never from the future."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from model_registry_pipeline.warehouse import migrate
from model_registry_pipeline.warehouse.engine import Warehouse, WarehouseError
from model_registry_pipeline.warehouse.migrate import downgrade, upgrade
from model_registry_pipeline.warehouse.tables import metadata
from model_registry_pipeline_tests.examples import wares
from model_registry_pipeline_tests.patience import PATIENCE_SECONDS
from model_registry_pipeline_tests.warehouse.feeding import days, decide, fold, publish, rows, take_in, value
from model_registry_pipeline_tests.warehouse.state import state_of

SCHEMAS = ["health", "history", "normalized", "raw", "registry", "serving"]


@pytest.fixture
def bare(database_url: str) -> Iterator[Warehouse]:
    """A database without the registry's schemas."""
    with Warehouse(database_url) as warehouse:
        yield warehouse


def schemas(warehouse: Warehouse) -> list[str]:
    found = rows(
        warehouse,
        "select nspname from pg_namespace where nspname !~ '^(pg_|information_schema|public$)' order by 1",
    )
    return [name for (name,) in found]


def contents(warehouse: Warehouse) -> dict[str, object]:
    """Every row of every table of the registry, and what is derived, in words."""
    tables = [f"{table.schema}.{table.name}" for table in metadata.sorted_tables]
    stored = {
        table: value(warehouse, f"select md5(string_agg(t::text, '|' order by t::text)) from {table} as t")
        for table in tables
    }
    with warehouse.transaction() as connection:
        return stored | {"state": state_of(connection, "shop")}


def fill(warehouse: Warehouse) -> None:
    take_in(warehouse, *days(wares(20), wares(19, input=1), {}, wares(20)))
    decide(warehouse, 2, "reject", days(wares(1))[0].observed_at)
    fold(warehouse)
    publish(warehouse)


def test_the_migrations_make_what_the_code_says(bare: Warehouse) -> None:
    """Tables, columns, types, defaults, indexes and constraints of the migrated schema are those of `tables`."""
    upgrade(bare)

    with bare.transaction() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "compare_type": True,
                "compare_server_default": True,
                "version_table": "schema_version",
                "version_table_schema": migrate.VERSION_SCHEMA,
                "include_name": lambda name, kind, _: kind != "schema" or name in {*SCHEMAS} - {"serving"},
            },
        )
        assert compare_metadata(context, metadata) == []
    assert schemas(bare) == SCHEMAS


def test_every_column_that_needs_a_word_has_it_in_the_database(bare: Warehouse) -> None:
    """Comments of tables and columns are those of the code."""
    upgrade(bare)
    stored = {
        (f"{schema}.{table}", column): comment
        for schema, table, column, comment in rows(
            bare,
            """
            select table_schema, table_name, column_name,
                   col_description(format('%I.%I', table_schema, table_name)::regclass, ordinal_position)
            from information_schema.columns
            """,
        )
    }

    for table in metadata.sorted_tables:
        for column in table.columns:
            assert stored[f"{table.schema}.{table.name}", column.name] == column.comment


def test_down_to_nothing_and_up_again(bare: Warehouse) -> None:
    """A downgrade to the beginning removes the registry's tables, and an upgrade makes them as new."""
    upgrade(bare)
    fill(bare)
    downgrade(bare, "base")
    assert schemas(bare) == ["registry"]
    upgrade(bare)
    fill(bare)

    assert schemas(bare) == SCHEMAS
    assert value(bare, "select count(*) from serving.offerings") == 20


def test_each_version_goes_down_and_up(bare: Warehouse) -> None:
    """Step by step: a downgrade undoes what its upgrade did, wherever it stops."""
    upgrade(bare)
    steps = [script.revision for script in migrate._scripts().walk_revisions()]
    for older in [*steps[1:], "base"]:
        downgrade(bare, older)
    for newer in reversed(steps):
        upgrade(bare, newer)
    upgrade(bare)

    assert value(bare, "select version_num from registry.schema_version") == steps[0]
    assert schemas(bare) == SCHEMAS


def test_data_survives_an_upgrade(warehouse: Warehouse) -> None:
    """Run again, and with the views made anew, every row is as it was."""
    fill(warehouse)
    before = contents(warehouse)
    upgrade(warehouse)
    with warehouse.transaction() as connection:
        connection.execute(text("comment on schema serving is 'views of an older release'"))
    upgrade(warehouse)

    assert contents(warehouse) == before
    assert value(warehouse, "select count(*) from serving.offerings") == 20


def test_views_follow_the_code(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A release with other views makes them, though the tables are the same; one with the same does nothing."""
    views = tmp_path / "views"
    views.mkdir()
    (views / "00_one.sql").write_text("create view serving.one as select 1 as one;")
    oid = value(warehouse, "select 'serving.offerings'::regclass::oid")
    upgrade(warehouse)
    assert value(warehouse, "select 'serving.offerings'::regclass::oid") == oid
    monkeypatch.setattr(migrate, "_view_files", lambda: sorted(views.glob("*.sql")))
    upgrade(warehouse)

    assert rows(warehouse, "select relname from pg_class where relnamespace = 'serving'::regnamespace") == [("one",)]


def test_older_code_refuses_a_newer_schema(warehouse: Warehouse) -> None:
    """In one clear line, and nothing is touched."""
    fill(warehouse)
    with warehouse.transaction() as connection:
        connection.execute(text("update registry.schema_version set version_num = '9999'"))
    before = contents(warehouse)

    with pytest.raises(WarehouseError, match="schema is version 9999, which this release does not know") as told:
        upgrade(warehouse)
    assert "\n" not in str(told.value)
    assert contents(warehouse) == before
    assert value(warehouse, "select count(*) from serving.offerings") == 20


def test_a_failed_upgrade_leaves_what_was_there(bare: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """An upgrade is one transaction: all of it, or none."""
    monkeypatch.setattr(migrate, "_create_views", lambda connection: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        upgrade(bare)

    assert schemas(bare) == []


def test_a_missing_right_is_told_in_a_line(bare: Warehouse) -> None:
    """Whoever may not make schemas is told so, with what to do."""
    with bare.transaction() as connection:
        connection.execute(text("create role visitor login"))
    url = bare.engine.url.set(username="visitor").render_as_string(hide_password=False)
    try:
        with (
            Warehouse(url) as visitor,
            pytest.raises(WarehouseError, match=r"lacks a right: permission denied .*Grant it") as told,
        ):
            upgrade(visitor)
        assert "\n" not in str(told.value)
    finally:
        with bare.transaction() as connection:
            connection.execute(text("drop role visitor"))


def test_eight_upgrades_at_once_make_one_schema(database_url: str) -> None:
    """The first makes it, the others wait and find it made."""
    together = threading.Barrier(8, timeout=PATIENCE_SECONDS)
    faults: list[BaseException] = []

    def run() -> None:
        with Warehouse(database_url) as own:
            together.wait()
            try:
                upgrade(own)
            except BaseException as fault:
                faults.append(fault)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert faults == []
    with Warehouse(database_url) as warehouse:
        assert schemas(warehouse) == SCHEMAS


UPGRADE = """
import sys
from model_registry_pipeline.warehouse.engine import Warehouse
from model_registry_pipeline.warehouse.migrate import upgrade
with Warehouse(sys.argv[1]) as warehouse:
    sys.stdin.readline()
    upgrade(warehouse)
"""


def test_two_processes_upgrade_at_once(database_url: str) -> None:
    """As two commands started together do."""
    processes = [
        subprocess.Popen([sys.executable, "-c", UPGRADE, database_url], stdin=subprocess.PIPE, env={**os.environ})
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"go\n")
        process.stdin.flush()
    codes = [process.wait(PATIENCE_SECONDS) for process in processes]
    for process in processes:
        assert process.stdin is not None
        process.stdin.close()

    assert codes == [0, 0]
    with Warehouse(database_url) as warehouse:
        assert schemas(warehouse) == SCHEMAS
