"""Provider records: what is known of who serves models, from the file beside this module."""

import csv
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, delete, select

from model_registry_pipeline.warehouse.engine import copy_rows
from model_registry_pipeline.warehouse.tables import providers

FILE = Path(__file__).parent / "providers.csv"
"""A line a provider; what is not known is empty."""
COLUMNS = tuple(column.name for column in providers.columns)

ProviderRow = tuple[str | None, ...]
"""A provider's values in the order of COLUMNS."""


@cache
def provider_rows() -> frozenset[ProviderRow]:
    """The records of this release."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return frozenset(tuple(row[name] or None for name in COLUMNS) for row in csv.DictReader(file))


def replace_providers(connection: Connection) -> int:
    """Make `normalized.providers` say what this release knows; only rows that differ are touched. Returns how many
    were."""
    new = provider_rows()
    old = {tuple(row) for row in connection.execute(select(providers))}
    gone = [row[0] for row in old - new]
    if gone:
        connection.execute(delete(providers).where(providers.c.provider_id.in_(gone)))
    copy_rows(connection, providers, COLUMNS, sorted(new - old, key=str))
    return len(old ^ new)
