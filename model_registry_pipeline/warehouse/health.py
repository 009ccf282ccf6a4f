"""The ledger of syncs, and the flags on offerings."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby

from sqlalchemy import Connection, Row, delete, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from model_registry_pipeline.domain.health.staleness import Flag
from model_registry_pipeline.warehouse.engine import copy_rows, one_of
from model_registry_pipeline.warehouse.tables import dumps, flags, syncs, verdicts

# -- syncs -----------------------------------------------------------------------------------------------------------


def begin_sync(connection: Connection, run_id: str, source: str, started_at: datetime) -> None:
    """Open a run's row for a source. A row of an earlier run that never ended is told to be interrupted."""
    connection.execute(
        update(syncs)
        .where(syncs.c.source == source, syncs.c.status == "running", syncs.c.run_id != run_id)
        .values(status="failed", completed_at=started_at, error="interrupted: its run ended before it did")
    )
    opened = {"run_id": run_id, "source": source, "started_at": started_at, "status": "running"}
    ended = ("completed_at", "dump_id", "fetched", "stored", "rejected", "appeared", "vanished", "changed", "error")
    connection.execute(
        upsert(syncs)
        .values(opened)
        .on_conflict_do_update(index_elements=["run_id", "source"], set_=opened | dict.fromkeys(ended, None))
    )


def note_sync(connection: Connection, run_id: str, source: str, **columns: object) -> None:
    """Fill in a run's row for a source; a run that opened none (a backfill) has nothing to fill in."""
    connection.execute(update(syncs).where(syncs.c.run_id == run_id, syncs.c.source == source).values(**columns))


def syncs_of(connection: Connection, run_id: str) -> Sequence[Row[tuple[object, ...]]]:
    """The rows of a run, by source."""
    return connection.execute(select(syncs).where(syncs.c.run_id == run_id).order_by(syncs.c.source)).all()


# -- flags -----------------------------------------------------------------------------------------------------------

_ABSENT = """
select offering_id, source, valid_to
from (
    select distinct on (offering_id) offering_id, valid_to from history.versions order by offering_id, valid_from desc
) as newest
join normalized.offerings using (offering_id)
where valid_to is not null
"""


def absent_offerings(connection: Connection) -> list[tuple[int, str, datetime]]:
    """(offering_id, source, instant of the first miss) of every offering that its source no longer lists."""
    return [(row.offering_id, row.source, row.valid_to) for row in connection.execute(text(_ABSENT))]


def accepted_instants(connection: Connection) -> dict[str, list[datetime]]:
    """The instants of each source's accepted dumps, in order."""
    rows = connection.execute(
        select(dumps.c.source, dumps.c.observed_at)
        .join(verdicts, verdicts.c.dump_id == dumps.c.dump_id)
        .where(verdicts.c.status == "accepted")
        .order_by(dumps.c.source, dumps.c.observed_at)
    )
    return {source: [row.observed_at for row in group] for source, group in groupby(rows, lambda row: row.source)}


def replace_flags(connection: Connection, judged: Mapping[int, Flag]) -> int:
    """Make `health.flags` say exactly this; only rows that differ are touched. Returns how many were."""
    new = {(offering_id, flag.state, flag.since, flag.reason) for offering_id, flag in judged.items()}
    old = {tuple(row) for row in connection.execute(select(flags))}
    gone = [row[0] for row in old - new]
    if gone:
        connection.execute(delete(flags).where(one_of(flags.c.offering_id, gone)))
    copy_rows(connection, flags, ("offering_id", "state", "since", "reason"), sorted(new - old))
    return len(old ^ new)
