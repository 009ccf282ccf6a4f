"""Where the database is: one address as people write it, made into what each driver reads."""

import re

import psycopg
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import URL

from model_registry_pipeline.settings import Settings
from model_registry_pipeline.warehouse.embedded import embedded_address

DAGSTER_SCHEMA = "dagster"
"""Dagster's own tables lie here, in the registry's database and out of its schemas."""
EXAMPLE = "postgresql://user:password@host:5432/name"
SCHEME = re.compile(r"(?:postgres|postgresql)(?:\+psycopg2?)?://")


class AddressError(Exception):
    """DATABASE_URL can't be used. The text is one line, and holds nothing of its password."""


def registry_address(settings: Settings) -> str:
    """SQLAlchemy's URL of the registry's database, for psycopg 3. Starts the embedded PostgreSQL when DATABASE_URL
    is unset. Raises AddressError, EmbeddedError."""
    return _for_driver("psycopg", _address(settings)).render_as_string(hide_password=False)


def dagster_address(settings: Settings) -> str:
    """SQLAlchemy's URL of the same database for Dagster, which needs psycopg 2, in Dagster's schema.

    Raises AddressError, EmbeddedError.
    """
    url = _for_driver("psycopg2", _address(settings))
    # PostgreSQL takes the last of several: a search path of the user's own gives way, other options stay.
    options = f"{url.query.get('options', '')} -csearch_path={DAGSTER_SCHEMA}".strip()
    return url.update_query_dict({"options": options}).render_as_string(hide_password=False)


def masked(address: str) -> str:
    """An address for messages: without its password, and without its parameters, which may hold others."""
    try:
        url = _for_driver("psycopg", address)
    except AddressError:
        return "an address that can't be read"
    where = {name: value for name, value in url.query.items() if name in {"host", "port"}}
    return url.set(drivername="postgresql", query=where).render_as_string(hide_password=True)


def _address(settings: Settings) -> str:
    return settings.database_url or embedded_address(settings.home)


def _for_driver(driver: str, address: str) -> URL:
    given = _parameters(address)
    # SQLAlchemy takes a socket's folder and a list of hosts after the question mark only.
    plain = not re.match(r"/|.*,", given.get("host", ""))
    port = given.pop("port", None) if plain else None
    return URL.create(
        f"postgresql+{driver}",
        username=given.pop("user", None),
        password=given.pop("password", None),
        host=given.pop("host", None) if plain else None,
        port=int(port) if port else None,
        database=given.pop("dbname"),
        query=given,
    )


def _parameters(address: str) -> dict[str, str]:
    """What libpq reads in an address. Its errors quote what it can't read, which may be the password: not shown."""
    scheme = SCHEME.match(address)
    if scheme is None:
        raise AddressError(f"DATABASE_URL must be a PostgreSQL address: {EXAMPLE}.")
    try:
        parameters = conninfo_to_dict(f"postgresql://{address[scheme.end() :]}")
        given = {name: str(value) for name, value in parameters.items() if value is not None}
    except psycopg.Error:
        given = None
    # An @ in the host is one of the password's; a port that is none, what followed a slash in it.
    if given is None or "@" in given.get("host", "") or not re.fullmatch(r"[0-9,]*", given.get("port", "")):
        raise AddressError(
            f"DATABASE_URL can't be read: write it as {EXAMPLE}, with special characters of the user and the password "
            "percent-encoded (@ is %40, / is %2F), and none but PostgreSQL's own parameters."
        )
    if "dbname" not in given:
        raise AddressError(f"DATABASE_URL names no database: write it as {EXAMPLE}.")
    return given
