"""What in the lake is no longer what was stored: every document's bytes held against their length and sha256."""

from collections.abc import Iterator

import msgspec
from sqlalchemy import Connection, any_, func, literal, select

from model_registry_pipeline.warehouse.raw import DamagedError, checked
from model_registry_pipeline.warehouse.tables import documents, dumps

BATCH = 100
"""Documents held in memory at a time."""


class Damage(msgspec.Struct, frozen=True):
    """One document that can't be trusted."""

    document_id: int
    reason: str
    dump_ids: tuple[int, ...]
    """The dumps that it is a part of; what was read of them before stays as it was read."""


def document_count(connection: Connection) -> int:
    """How many documents there are to look at."""
    return connection.scalar(select(func.count()).select_from(documents)) or 0


def damaged(connection: Connection) -> Iterator[Damage | None]:
    """Of each document in turn what is wrong with it; None: nothing."""
    found = connection.execution_options(yield_per=BATCH).execute(select(documents).order_by(documents.c.document_id))
    for row in found:
        try:
            whole = checked(row.document_id, row.sha256, row.body)
        except DamagedError as error:
            yield Damage(row.document_id, str(error), _dumps_with(connection, row.document_id))
        else:
            is_long = len(whole) == row.bytes
            reason = f"Document {row.document_id} of the lake is damaged: its length is another"
            yield None if is_long else Damage(row.document_id, reason, _dumps_with(connection, row.document_id))


def _dumps_with(connection: Connection, document_id: int) -> tuple[int, ...]:
    is_part = literal(document_id) == any_(dumps.c.document_ids)
    return tuple(connection.scalars(select(dumps.c.dump_id).where(is_part).order_by(dumps.c.dump_id)))
