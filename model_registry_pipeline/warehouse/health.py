"""The ledger of syncs, the flags on offerings, and prices in doubt as their rows tell."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from model_registry_pipeline.domain.health.staleness import Flag
from model_registry_pipeline.warehouse.engine import replace_rows
from model_registry_pipeline.warehouse.tables import dumps, flags, syncs, verdicts

# -- syncs -----------------------------------------------------------------------------------------------------------


def begin_sync(connection: Connection, run_id: str, source: str, started_at: datetime) -> None:
    """Open a run's row for a source, or begin it anew."""
    opened = {"run_id": run_id, "source": source, "started_at": started_at, "status": "running"}
    kept = {"sync_id", *opened}
    ended = {column.name: None for column in syncs.columns if column.name not in kept}
    connection.execute(
        upsert(syncs).values(opened).on_conflict_do_update(index_elements=["run_id", "source"], set_=opened | ended)
    )


def resume_sync(connection: Connection, run_id: str, of_run_id: str, source: str, started_at: datetime) -> bool:
    """Open a row for a run that goes on where another ended, with that one's dump; whether that one had a row."""
    earlier = connection.execute(
        select(syncs.c.dump_id, syncs.c.fallback).where(syncs.c.run_id == of_run_id, syncs.c.source == source)
    ).one_or_none()
    if earlier is None:
        return False
    begin_sync(connection, run_id, source, started_at)
    note_sync(connection, run_id, source, **earlier._mapping)
    return True


def note_sync(connection: Connection, run_id: str, source: str, **columns: object) -> bool:
    """Fill in a run's row for a source; whether there is one: a backfill opens none.

    What failed on the way to a sync that came to its end is no error of it; that another list stood in, is.
    """
    if columns.get("status") in {"completed", "held"}:
        columns = {"error": syncs.c.fallback, **columns}
    filled = connection.execute(
        update(syncs).where(syncs.c.run_id == run_id, syncs.c.source == source).values(**columns)
    )
    return filled.rowcount > 0


def running_runs(connection: Connection) -> list[str]:
    """The runs that have a row which says that they still work on a source."""
    return list(connection.scalars(select(syncs.c.run_id).where(syncs.c.status == "running").distinct()))


def close_syncs(connection: Connection, run_id: str, now: datetime) -> None:
    """Tell that a run ended before its work on some sources did."""
    connection.execute(
        update(syncs)
        .where(syncs.c.run_id == run_id, syncs.c.status == "running")
        .values(status="failed", completed_at=now, error="interrupted: its run ended before it did")
    )


def syncs_of(connection: Connection, run_id: str) -> Sequence[Row[tuple[object, ...]]]:
    """The rows of a run, by source."""
    return connection.execute(select(syncs).where(syncs.c.run_id == run_id).order_by(syncs.c.source)).all()


# -- flags -----------------------------------------------------------------------------------------------------------

_UNLISTED = """
select
    offering_id, source, newest.valid_to as missing_since, pairs.discovered_via, pairs.marked_stale_at,
    greatest(pairs.last_called_at, pairs.spoken_for_at) as revived_at,
    coalesce(stays.last_seen_at, latest.observed_at) as last_seen_at
from (
    select distinct on (offering_id) offering_id, valid_to from history.versions order by offering_id, valid_from desc
) as newest
join normalized.offerings using (offering_id)
left join health.pairs using (provider_id, model_id)
join (
    select source, max(observed_at) as observed_at from history.verdicts join raw.dumps using (dump_id)
    where status = 'accepted' group by source
) as latest using (source)
cross join lateral (
    select case when bool_or(listed_to is null) then null else max(last_seen_at) end as last_seen_at
    from history.presence where presence.offering_id = newest.offering_id
) as stays
where newest.valid_to is not null or pairs.marked_stale_at is not null
"""


def unlisted_offerings(connection: Connection) -> Sequence[Row[Any]]:
    """Offerings that their source no longer lists (`missing_since`: the first miss), and those that a person marked
    as stale, with what is known of their pairs."""
    return connection.execute(text(_UNLISTED)).all()


_ONLY_CALLED = """
select
    offering_id, marked_stale_at, greatest(last_called_at, spoken_for_at) as last_sign_at,
    exists (
        select from normalized.offerings as other join history.versions using (offering_id)
        where other.provider_id = pairs.provider_id and other.model_id = pairs.model_id and valid_to is null
    ) as is_listed
from health.pairs
join normalized.offerings using (provider_id, model_id)
where discovered_via = 'INFERENCE' and source = 'inference'
"""


def called_offerings(connection: Connection) -> Sequence[Row[Any]]:
    """Offerings that calls told of first, and whether a source lists their pair now."""
    return connection.execute(text(_ONLY_CALLED)).all()


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
    new = ((offering_id, flag.state, flag.since, flag.reason) for offering_id, flag in judged.items())
    return replace_rows(connection, flags, connection.execute(select(flags)), new)


_WENT_INACTIVE = """
with latest as (
    select source, max(observed_at) as observed_at from history.verdicts join raw.dumps using (dump_id)
    where status = 'accepted' group by source
)
select
    latest.source, latest.observed_at,
    count(*) filter (where flags.state = 'stale' and flags.since = latest.observed_at) as went,
    count(*) filter (where flags.state is distinct from 'stale' or flags.since >= latest.observed_at) as active_before
from latest
join normalized.offerings using (source)
join (select distinct offering_id from history.versions) as known using (offering_id)
left join health.flags using (offering_id)
group by 1, 2
order by 1
"""


def inactive_surges(connection: Connection) -> Sequence[Row[Any]]:
    """By source: `went`, how many offerings its newest accepted dump (`observed_at`) made stale, of `active_before`."""
    return connection.execute(text(_WENT_INACTIVE)).all()


# -- prices in doubt -------------------------------------------------------------------------------------------------


class Suspicion(NamedTuple):
    """A row of `health.suspicions`."""

    offering_id: int
    field: str
    kind: str
    observed_at: datetime
    dump_id: int
    before: Decimal | None
    after: Decimal | None
    other_source: str | None
    settled_at: datetime | None
    settled_by: str | None
