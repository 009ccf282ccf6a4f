"""Three users of the database, as docs/reliability.md grants them: who makes the tables, who writes, who reads."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from model_registry_pipeline.settings import load_settings
from model_registry_pipeline.warehouse.engine import Warehouse, WarehouseError
from model_registry_pipeline_tests.cli.examples import Place, a_place, run
from model_registry_pipeline_tests.conftest import Server
from model_registry_pipeline_tests.defs.examples import a_list
from model_registry_pipeline_tests.examples import a_dump, wares
from model_registry_pipeline_tests.warehouse.feeding import read, store, value

DOCUMENT = Path(__file__).parents[2] / "docs/reliability.md"
WRITER, READER = f"writer_{os.getpid()}", f"reader_{os.getpid()}"


def grants() -> str:
    """The statements of the document, for roles of this test's own."""
    (statements,) = re.findall(
        r"## Who may do what in the database.*?```sql\n(.*?)```", DOCUMENT.read_text(), re.DOTALL
    )
    return str(statements).replace("registry_writer", WRITER).replace("registry_reader", READER)


@pytest.fixture
def place(server: Server, registry_template: str, tmp_path: Path) -> Iterator[Place]:
    """A registry that its owner has made, synced once, and given to the others."""
    for place in a_place(server, registry_template, tmp_path):
        place.serve("openrouter", a_list("a/one"), a_list("a/one", "a/two"))
        assert run("sync", "--source", "openrouter").code == 0
        with psycopg.connect(place.url, autocommit=True) as owner:
            owner.execute(grants().encode())
        yield place
        with psycopg.connect(place.url, autocommit=True) as owner:
            owner.execute(f"drop owned by {WRITER}, {READER}; drop role {WRITER}; drop role {READER}".encode())


def become(place: Place, role: str) -> None:
    place.set(DATABASE_URL=re.sub(r"//[^@/]*@", f"//{role}@", place.url))
    load_settings.cache_clear()


def test_a_writer_does_a_day_s_work_and_can_undo_none(place: Place) -> None:
    """Fetch, read, fold, publish, decide; but neither change nor remove what was said, nor any table."""
    become(place, WRITER)
    synced, decided, rebuilt = run("sync", "--source", "openrouter"), run("reject", 2), run("rebuild")
    url = load_settings().database_url
    refused = []
    for statement in (
        "delete from raw.dumps", "update raw.documents set body = ''", "truncate raw.actions", "drop table raw.dumps",
        "alter table raw.dumps disable trigger all", "set session_replication_role = replica", "drop schema serving",
    ):  # fmt: skip
        with psycopg.connect(url or "") as writer, pytest.raises(psycopg.errors.InsufficientPrivilege) as told:
            writer.execute(statement.encode())
        refused.append(str(told.value))

    assert synced.code == 0, synced.err
    assert (decided.code, rebuilt.code) == (0, 0), decided.err + rebuilt.err
    assert len(refused) == 7
    assert place.rows("select count(*) from raw.dumps") == [(2,)]


def test_a_reader_reads_and_no_more(place: Place) -> None:
    """Every view; a command that would write says in a line which right it lacks."""
    become(place, READER)
    reading = [run(*words) for words in (("stats",), ("models",), ("dumps",), ("show", "openrouter", "a/one"))]
    syncing = run("sync", "--source", "openrouter")

    assert [said.code for said in reading] == [0] * 4, [said.err for said in reading]
    assert syncing.code == 1
    assert len(syncing.lines) <= 2, syncing.err
    assert re.search(r"lacks a right|read-only transaction", syncing.err)
    assert place.rows("select count(*) from raw.dumps") == [(1,)]


def test_a_missing_right_is_told_as_what_it_is_and_holds_nobody_up(warehouse: Warehouse) -> None:
    """Also in the middle of a transaction, with the lock in hand under which ids are given out."""
    with warehouse.transaction() as connection:
        connection.execute(
            text(
                f"create role {WRITER} login; grant usage on schema raw, normalized to {WRITER};"
                f" grant all on all tables in schema raw, normalized to {WRITER}"
            )
        )
    store(warehouse, a_dump(wares(2)))
    url = warehouse.engine.url.set(username=WRITER).render_as_string(hide_password=False)
    try:
        with Warehouse(url) as writer:
            with pytest.raises(WarehouseError, match="lacks a right: permission denied for sequence"):
                read(writer)
            read(warehouse)
    finally:
        with warehouse.transaction() as connection:
            connection.execute(text(f"drop owned by {WRITER}; drop role {WRITER}"))

    assert value(warehouse, "select count(*) from normalized.records") == 2
