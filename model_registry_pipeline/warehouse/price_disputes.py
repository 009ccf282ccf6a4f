"""Prices that other sources state otherwise, far from them, for the same pair: as they stand now."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, text

from model_registry_pipeline.domain.health.suspicion import A_PERSON, disputed
from model_registry_pipeline.domain.history.diff import price_field
from model_registry_pipeline.warehouse.engine import rows_in_bulk
from model_registry_pipeline.warehouse.health import Suspicion

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


def price_disputes(connection: Connection, accepted_at: Mapping[int, datetime], factor: Decimal) -> Iterator[Suspicion]:
    lines = rows_in_bulk(connection, _OPPOSED, factor=factor)
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
