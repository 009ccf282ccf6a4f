"""Addresses: every way of writing one reaches the same database, and none shows its password."""

import psycopg
import pytest
from sqlalchemy import create_engine, make_url, text

from model_registry_pipeline.settings import Settings
from model_registry_pipeline.warehouse.addresses import AddressError, dagster_address, masked, registry_address


def settings(database_url: str) -> Settings:
    return Settings.model_validate({"DATABASE_URL": database_url})


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param(
            "postgres://u:p@h:5433/d", {"user": "u", "password": "p", "host": "h", "port": 5433}, id="old scheme"
        ),
        pytest.param("postgresql+psycopg://h/d", {"host": "h"}, id="a driver named"),
        pytest.param("postgresql:///d", {}, id="all defaults"),
        pytest.param(
            "postgresql://u:p%40%2F%25%20%2B@h/d", {"user": "u", "password": "p@/% +", "host": "h"}, id="encoded"
        ),
        pytest.param("postgresql://[::1]:5432/d", {"host": "::1", "port": 5432}, id="IPv6"),
        pytest.param("postgresql://u@/d?host=/run/my%20db", {"user": "u", "host": "/run/my db"}, id="socket"),
        pytest.param("postgresql://%2Frun%2Fdb:6543/d", {"host": "/run/db", "port": "6543"}, id="socket as a host"),
        pytest.param("postgresql://a:1,b:2/d", {"host": "a,b", "port": "1,2"}, id="two hosts"),
        pytest.param(
            "postgresql://h/d?sslmode=verify-full&sslrootcert=/my%20ca.pem&connect_timeout=3",
            {"host": "h", "sslmode": "verify-full", "sslrootcert": "/my ca.pem", "connect_timeout": "3"},
            id="parameters",
        ),
    ],
)
def test_both_drivers_get_what_was_written(written: str, expected: dict[str, object]) -> None:
    """However DATABASE_URL is written, both drivers are given the same values, decoded."""
    for address, driver in ((registry_address, "psycopg"), (dagster_address, "psycopg2")):
        url = make_url(address(settings(written)))
        _, given = create_engine(url).dialect.create_connect_args(url)
        given.pop("context", None)
        options = given.pop("options", "")

        assert url.drivername == f"postgresql+{driver}"
        assert given == expected | {"dbname": "d"}
        assert options == ("-csearch_path=dagster" if driver == "psycopg2" else "")


@pytest.mark.parametrize(
    "written",
    [
        "mysql://u:hunter2@h/d",
        "hunter2",
        "postgresql://u:hunter2@h",
        "postgresql://u:hunter2@h:five/d",
        "postgresql://u:hunter%zz2@h/d",
        "postgresql://u:p@hunter2@h/d",
        "postgresql://u:p/hunter2@h/d",
        "postgresql://u:hunter2@h/d?no_such_parameter=1",
        "postgresql://u:hunter2@[::1/d",
        "host=h dbname=d password=hunter2",
    ],
)
def test_a_bad_address_is_one_line_without_the_password(written: str) -> None:
    """An address that can't be used is told in one line that says how to write it, and never quotes it."""
    with pytest.raises(AddressError) as told:
        registry_address(settings(written))

    assert "hunter" not in str(told.value)
    assert "\n" not in str(told.value)
    assert "postgresql://user:password@host:5432/name" in str(told.value)
    assert "hunter" not in masked(written)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("postgres://u:hunter2@h:5432/d?sslpassword=hunter2", "postgresql://u:***@h:5432/d"),
        ("postgresql://h/d?password=hunter2", "postgresql://h/d"),
        ("postgresql://u@/d?host=/run/db", "postgresql://u@/d?host=%2Frun%2Fdb"),
    ],
)
def test_masked(written: str, shown: str) -> None:
    """A masked address says which database, and keeps every password to itself."""
    assert masked(written) == shown


def test_dagsters_tables_have_their_own_schema(database_url: str) -> None:
    """A connection by Dagster's address makes its tables in Dagster's schema; the user's other options stay."""
    with psycopg.connect(database_url) as connection:
        connection.execute("create schema dagster")
    engine = create_engine(dagster_address(settings(f"{database_url}&options=-cstatement_timeout%3D7s")))
    with engine.begin() as connection:
        seen = connection.execute(text("select current_schema(), current_setting('statement_timeout')")).one()
    engine.dispose()

    assert tuple(seen) == ("dagster", "7s")
