"""Prices that jumped, or moved with many others of their source, and what has settled that since."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, text

from model_registry_pipeline.domain.health.suspicion import Move, Statement, settlement
from model_registry_pipeline.domain.history.diff import price_field
from model_registry_pipeline.warehouse import health
from model_registry_pipeline.warehouse.engine import rows_in_bulk
from model_registry_pipeline.warehouse.health import Suspicion

_MOVES = r"""
with steps as (
    select offering_id, source, provider_id, model_id, field, observed_at, dump_id,
        (before #>> '{}')::numeric as before, (after #>> '{}')::numeric as after,
        lead(observed_at) over (partition by offering_id, field order by observed_at) as ended_at
    from history.changes
    join normalized.offerings using (offering_id)
    where kind = 'changed' and field like '%\_usd\_per\_%'
),
sized as (
    select source, valid_from, valid_to, coalesce(jsonb_array_length(facts -> 'prices'), 0) as prices
    from history.versions
    join normalized.records using (record_id)
    join normalized.offerings on offerings.offering_id = versions.offering_id
),
stood as (
    -- How many prices a source stated just before each instant.
    select source, observed_at, sum(sum(prices)) over (
        partition by source order by observed_at rows between unbounded preceding and 1 preceding
    ) as prices
    from (
        select source, valid_from as observed_at, prices from sized
        union all
        select source, valid_to, -prices from sized where valid_to is not null
    ) as events
    group by 1, 2
),
mass as (
    select source, observed_at
    from steps
    join stood using (source, observed_at)
    -- A 0 that is no longer stated is no price that moved.
    where before is not null and (before > 0 or after is not null)
    group by source, observed_at, stood.prices
    -- One offering alone is no mass.
    having count(*) * 100 > :moved_percent * stood.prices and count(distinct offering_id) > 1
)
select steps.*, case when is_jump then 'jump' else 'mass_move' end as kind
from steps
cross join lateral (
    select coalesce(before > 0 and after > 0 and greatest(before, after) >= :factor * least(before, after), false)
        as is_jump
) as judged
left join mass using (source, observed_at)
where is_jump or (mass.source is not null and before is not null and (before > 0 or after is not null))
"""


def price_moves(
    connection: Connection, accepted_at: Mapping[int, datetime], factor: Decimal, moved_percent: Decimal
) -> Iterator[Suspicion]:
    rows = rows_in_bulk(connection, _MOVES, factor=factor, moved_percent=moved_percent)
    if not rows:
        return
    evidence = _Evidence(connection, rows)
    for row in rows:
        move = Move(before=row.before, after=row.after, observed_at=row.observed_at, ended_at=row.ended_at)
        settled = settlement(move, evidence.stated_at(row), evidence.others(row), accepted_at.get(row.dump_id))
        yield Suspicion(
            row.offering_id,
            row.field,
            row.kind,
            row.observed_at,
            row.dump_id,
            row.before,
            row.after,
            None if settled is None else settled.source,
            None if settled is None else settled.at,
            None if settled is None else settled.by,
        )


class _Evidence:
    """What may settle moves: when their source said the same again, and what others say of the same pairs."""

    def __init__(self, connection: Connection, moves: Sequence[Row[Any]]) -> None:
        self._answers = health.accepted_instants(connection)
        self._stays: defaultdict[int, list[tuple[datetime, datetime | None]]] = defaultdict(list)
        ids = sorted({move.offering_id for move in moves})
        for offering_id, listed_from, listed_to in connection.execute(text(_STAYS), {"offering_ids": ids}):
            self._stays[offering_id].append((listed_from, listed_to))
        self._stated: defaultdict[tuple[str, str, str], list[Statement]] = defaultdict(list)
        for row in connection.execute(text(_STATED), {"offering_ids": ids}):
            for line in row.prices:
                usd = Decimal(line["usd"])
                statement = Statement(source=row.source, usd=usd, since=row.valid_from, until=row.valid_to)
                self._stated[row.provider_id, row.model_id, price_field(line)].append(statement)

    def stated_at(self, move: Row[Any]) -> Iterator[datetime]:
        """The accepted dumps that list the offering, from the move on until its price steps again."""
        answers = self._answers[move.source]
        for instant in answers[bisect_left(answers, move.observed_at) :]:
            if move.ended_at is not None and instant >= move.ended_at:
                return
            if any(begin <= instant and (end is None or instant < end) for begin, end in self._stays[move.offering_id]):
                yield instant

    def others(self, move: Row[Any]) -> list[Statement]:
        """What other sources state, and stated, of the same price of the same pair."""
        stated = self._stated[move.provider_id, move.model_id, move.field]
        return [statement for statement in stated if statement.source != move.source]


_STAYS = """
select offering_id, listed_from, listed_to from history.presence
where offering_id = any(cast(:offering_ids as integer[]))
"""
_STATED = """
with pairs as (
    select distinct provider_id, model_id from normalized.offerings
    where offering_id = any(cast(:offering_ids as integer[]))
)
select source, provider_id, model_id, valid_from, valid_to, facts -> 'prices' as prices
from pairs
join normalized.offerings using (provider_id, model_id)
join history.versions using (offering_id)
join normalized.records using (record_id)
where facts ? 'prices'
"""
