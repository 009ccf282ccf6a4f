"""What providers' own lists say can be called here. Runtime state: it is neither evidence nor derived from it."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from model_registry_pipeline.domain.health.availability import Pair, own_provider, suspicion, tells_availability
from model_registry_pipeline.domain.source import Source
from model_registry_pipeline.warehouse.engine import replace_rows
from model_registry_pipeline.warehouse.tables import availability, own_lists


class OwnList(NamedTuple):
    """Where the knowledge of one provider's own list stands."""

    source: str
    provider_id: str | None
    checked_at: datetime
    answered_at: datetime | None
    available: int
    """Models in the last answer that was believed."""
    error: str | None
    """Why there is nothing newer."""


def claim(connection: Connection, source: str, now: datetime, cached_for: timedelta) -> bool:
    """Whether the caller is to ask a source: nobody has within `cached_for`. Of callers at once one is told so."""
    # After a clock that went ahead was set right, what it left behind is no answer of this minute.
    is_old = (own_lists.c.checked_at <= now - cached_for) | (own_lists.c.checked_at > now)
    claimed = connection.scalar(
        upsert(own_lists)
        .values(source=source, checked_at=now)
        .on_conflict_do_update(index_elements=["source"], set_={"checked_at": now}, where=is_old)
        .returning(own_lists.c.source)
    )
    return claimed is not None


def note_failure(connection: Connection, source: str, error: str) -> None:
    """A source did not answer, or not as it should: what was known stays."""
    connection.execute(own_lists.update().where(own_lists.c.source == source).values(error=error))


def note_answer(
    connection: Connection, source: Source, listed: Collection[Pair], rejected: int, answered_at: datetime
) -> str | None:
    """Take in a provider's own list, unless a newer one is known; why it is not believed, or None."""
    known = connection.execute(select(own_lists).where(own_lists.c.source == source.name).with_for_update()).one()
    if known.answered_at is not None and known.answered_at > answered_at:
        return None
    error = suspicion(source, listed, rejected, _accepted(connection, source.name))
    provider_id = None if error else own_provider(source, listed, known.provider_id)
    if error is None and provider_id is None:
        error = "it lists models of several providers, so it tells of none what can be called"
    if error is not None:
        note_failure(connection, source.name, error)
        return error
    _replace(connection, source.name, listed, answered_at)
    connection.execute(
        own_lists.update()
        .where(own_lists.c.source == source.name)
        .values(
            provider_id=provider_id,
            first_answered_at=known.first_answered_at or answered_at,
            answered_at=answered_at,
            error=None,
        )
    )
    return None


def note_dump(connection: Connection, source: Source) -> None:
    """A sync is an answer too: the newest list that was fetched, and counts."""
    if not tells_availability(source):
        return
    newest = connection.execute(text(_FETCHED), {"source": source.name}).one_or_none()
    if newest is not None:
        connection.execute(
            upsert(own_lists)
            .values(source=source.name, checked_at=newest.observed_at)
            .on_conflict_do_nothing(index_elements=["source"])
        )
        note_answer(connection, source, _accepted(connection, source.name), 0, newest.observed_at)


def known_lists(connection: Connection, sources: Sequence[str]) -> list[OwnList]:
    """What is known of some sources' lists, by name."""
    return [OwnList(*row) for row in connection.execute(text(_KNOWN), {"sources": list(sources)})]


_KNOWN = """
select own_lists.source, own_lists.provider_id, checked_at, answered_at, count(*) filter (where is_available), error
from health.own_lists left join health.availability using (source)
where own_lists.source = any(:sources)
group by own_lists.source
order by own_lists.source
"""
_NEWEST = """
select dump_id, observed_at, origin from raw.dumps join history.verdicts using (dump_id)
where source = :source and status = 'accepted' order by observed_at desc, dump_id desc limit 1
"""
_FETCHED = f"select * from ({_NEWEST}) as newest where origin = 'fetch'"
_ACCEPTED = f"""
select provider_id, model_id
from ({_NEWEST}) as newest
join normalized.listings using (dump_id)
cross join unnest(record_ids) as listed (record_id)
join normalized.records using (record_id)
join normalized.offerings using (offering_id)
"""


def _accepted(connection: Connection, source: str) -> set[Pair]:
    """What the source's newest accepted dump lists."""
    rows: Sequence[Any] = connection.execute(text(_ACCEPTED), {"source": source}).all()
    return {(row.provider_id, row.model_id) for row in rows}


def _replace(connection: Connection, source: str, listed: Collection[Pair], now: datetime) -> None:
    """Only rows that say something new are touched: `since` is when it began to hold."""
    old = connection.execute(select(availability).where(availability.c.source == source)).all()
    said = {(row.provider_id, row.model_id): row for row in old}
    now_said = dict.fromkeys(said, False) | dict.fromkeys(listed, True)
    new = (
        said[pair] if pair in said and said[pair].is_available is is_available else (source, *pair, is_available, now)
        for pair, is_available in now_said.items()
    )
    replace_rows(connection, availability, old, new)
