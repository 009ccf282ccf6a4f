"""Prices in doubt: found in history, settled by later dumps, other sources and people.

`health.suspicions` is a function of history and the actions, and is worked out as a whole: what one source says may
settle what another said long ago.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Row, select, text

from model_registry_pipeline.domain.health.suspicion import (
    A_PERSON,
    Move,
    Statement,
    disputed,
    settlement,
)
from model_registry_pipeline.domain.health.suspicious_prices import Doubts
from model_registry_pipeline.domain.history.acceptance import Decision
from model_registry_pipeline.domain.history.diff import price_field
from model_registry_pipeline.warehouse import health
from model_registry_pipeline.warehouse.engine import copy_rows, lock_key
from model_registry_pipeline.warehouse.tables import suspicions


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


def refresh_suspicions(connection: Connection, *, factor: float, moved_percent: float) -> Sequence[Suspicion]:
    """Make `health.suspicions` say what history and the actions amount to; only rows that differ are touched.

    `factor`: how many times a price has to move, or to be apart from another, to be in doubt; `moved_percent`: of a
    source's prices, more than which may not move in one dump.
    """
    connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": lock_key("suspicions")})
    accepted_at = _accepted_by_people(connection)
    found = [
        *_moves(connection, accepted_at, Decimal(str(factor)), Decimal(str(moved_percent))),
        *_disputes(connection, accepted_at, Decimal(str(factor))),
    ]
    new, old = set(found), {Suspicion(*row) for row in connection.execute(select(suspicions))}
    if gone := old - new:
        connection.execute(
            text(_DELETE), {"keys": _json([(s.offering_id, s.field, s.kind, s.observed_at) for s in gone])}
        )
    copy_rows(connection, suspicions, Suspicion._fields, list(new - old))
    return found


_DELETE = """
delete from health.suspicions using jsonb_array_elements(cast(:keys as jsonb)) as gone
where offering_id = (gone ->> 0)::int and field = gone ->> 1 and kind = gone ->> 2
  and observed_at = (gone ->> 3)::timestamptz
"""


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


_ACCEPTED = """
select dump_id, recorded_at
from (
    select distinct on (dump_id) dump_id, kind, recorded_at from raw.actions
    where dump_id is not null order by dump_id, action_id desc
) as last
where kind = :accept
"""


_DECIDED = f"""
select distinct dump_id from health.suspicions join ({_ACCEPTED}) as accepted using (dump_id) where settled_at is null
"""


def _accepted_by_people(connection: Connection) -> dict[int, datetime]:
    return dict(connection.execute(text(_ACCEPTED), {"accept": Decision.ACCEPT.value}).all())


def decided(connection: Connection) -> list[int]:
    """Dumps that a person accepted since the prices that they made doubtful were last looked at."""
    dumps = connection.execute(text(_DECIDED), {"accept": Decision.ACCEPT.value}).scalars()
    return sorted(dumps)


def _in_bulk(connection: Connection, query: str, **parameters: object) -> Sequence[Row[Any]]:
    """The rows of a query over whole tables. Right after a long replay, before PostgreSQL has looked at the tables, its
    plan would go row by row: 28 s instead of 0.1."""
    connection.execute(text("set local enable_nestloop = off"))
    rows = connection.execute(text(query), parameters).all()
    connection.execute(text("set local enable_nestloop = on"))
    return rows


# -- moves -----------------------------------------------------------------------------------------------------------

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


def _moves(
    connection: Connection, accepted_at: Mapping[int, datetime], factor: Decimal, moved_percent: Decimal
) -> Iterator[Suspicion]:
    rows = _in_bulk(connection, _MOVES, factor=factor, moved_percent=moved_percent)
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


# -- disputes --------------------------------------------------------------------------------------------------------

_OPPOSED = """
with lines as materialized (
    select versions.offering_id, source, provider_id, model_id, valid_from, versions.dump_id,
        line - 'usd' as terms, (line ->> 'usd')::numeric as usd
    from history.versions
    join normalized.offerings using (offering_id)
    join normalized.records using (record_id)
    cross join lateral jsonb_array_elements(facts -> 'prices') as line
    where valid_to is null and (line ->> 'usd')::numeric > 0
),
opposed as (
    select distinct provider_id, model_id, terms
    from lines
    join lines as other using (provider_id, model_id, terms)
    where lines.source <> other.source and lines.usd >= :factor * other.usd
)
select * from lines join opposed using (provider_id, model_id, terms)
order by provider_id, model_id, terms, source
"""


def _disputes(connection: Connection, accepted_at: Mapping[int, datetime], factor: Decimal) -> Iterator[Suspicion]:
    lines = _in_bulk(connection, _OPPOSED, factor=factor)
    first_stated = _first_stated(connection, lines)
    by_price = groupby(lines, key=lambda line: (line.provider_id, line.model_id, line.terms))
    for (provider_id, _, terms), group in by_price:
        stated = {line.source: line for line in group}
        doubted = disputed({source: line.usd for source, line in stated.items()}, provider_id, factor)
        for source, opponent in doubted.items():
            line, field = stated[source], price_field(terms)
            since, dump_id = first_stated[line.offering_id, field]
            observed_at = max(since, first_stated[stated[opponent].offering_id, field][0])
            settled_at = max(accepted_at[dump_id], observed_at) if dump_id in accepted_at else None
            yield Suspicion(
                line.offering_id,
                field,
                "dispute",
                observed_at,
                dump_id,
                None,
                line.usd,
                opponent,
                settled_at,
                None if settled_at is None else A_PERSON,
            )


_STEPS_TO = """
select distinct on (offering_id, field) offering_id, field, observed_at, dump_id
from history.changes
where offering_id = any(cast(:offering_ids as integer[])) and kind = 'changed' and field = any(cast(:fields as text[]))
order by offering_id, field, observed_at desc
"""
_BIRTHS = """
select offering_id, observed_at, dump_id from history.changes
where offering_id = any(cast(:offering_ids as integer[])) and kind = 'appeared'
"""


def _first_stated(connection: Connection, lines: Sequence[Row[Any]]) -> dict[tuple[int, str], tuple[datetime, int]]:
    """Since when each line is stated as it is, and by which dump: its last step, or the offering's first sighting."""
    wanted = {(line.offering_id, price_field(line.terms)): line for line in lines}
    some = {"offering_ids": sorted({key[0] for key in wanted}), "fields": sorted({key[1] for key in wanted})}
    births = {row.offering_id: (row.observed_at, row.dump_id) for row in connection.execute(text(_BIRTHS), some)}
    steps = {
        (row.offering_id, row.field): (row.observed_at, row.dump_id)
        for row in connection.execute(text(_STEPS_TO), some)
    }
    return {key: steps.get(key) or births[key[0]] for key in wanted}


# -- what is in doubt now --------------------------------------------------------------------------------------------

_OPEN = """
select source,
    count(*) filter (where kind = 'jump') as jumps,
    count(*) filter (where kind = 'mass_move') as mass_moves,
    count(*) filter (where kind = 'dispute') as disputes,
    (array_agg(
        provider_id || '/' || model_id || ': ' || reason
        order by kind <> 'jump', kind <> 'dispute', provider_id, model_id, field
    ))[1] as example
from serving.suspicions
where settled_at is null
group by source
order by source
"""


def open_suspicions(connection: Connection) -> dict[str, Doubts]:
    """By source, how many prices are in doubt and why; a source without any is left out."""
    rows = connection.execute(text(_OPEN)).mappings()
    return {row["source"]: msgspec.convert({**row}, Doubts) for row in rows}
