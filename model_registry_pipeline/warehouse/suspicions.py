"""Prices in doubt: found in history, settled by later dumps, other sources and people.

`health.suspicions` is a function of history and the actions, and is worked out as a whole: what one source says may
settle what another said long ago.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import msgspec
from sqlalchemy import Connection, select, text

from model_registry_pipeline.domain.health.suspicious_prices import Doubts
from model_registry_pipeline.domain.history.acceptance import Decision
from model_registry_pipeline.warehouse.engine import lock_key, replace_rows
from model_registry_pipeline.warehouse.health import Suspicion
from model_registry_pipeline.warehouse.price_disputes import price_disputes
from model_registry_pipeline.warehouse.price_moves import price_moves
from model_registry_pipeline.warehouse.tables import suspicions


def refresh_suspicions(connection: Connection, *, factor: float, moved_percent: float) -> Sequence[Suspicion]:
    """Make `health.suspicions` say what history and the actions amount to; only rows that differ are touched.

    `factor`: how many times a price has to move, or to be apart from another, to be in doubt; `moved_percent`: of a
    source's prices, more than which may not move in one dump.
    """
    connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": lock_key("suspicions")})
    accepted_at = _accepted_by_people(connection)
    found = [
        *price_moves(connection, accepted_at, Decimal(str(factor)), Decimal(str(moved_percent))),
        *price_disputes(connection, accepted_at, Decimal(str(factor))),
    ]
    replace_rows(connection, suspicions, connection.execute(select(suspicions)), found)
    return found


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


_OPEN = """
select source,
    count(*) filter (where suspicions.kind = 'jump') as jumps,
    count(*) filter (where suspicions.kind = 'mass_move') as mass_moves,
    count(*) filter (where suspicions.kind = 'dispute') as disputes,
    (array_agg(
        provider_id || '/' || model_id || ': ' || reason
        order by suspicions.kind <> 'jump', suspicions.kind <> 'dispute', provider_id, model_id, field
    ))[1] as example
from serving.suspicions
join serving.offerings using (source, provider_id, model_id)
where settled_at is null and is_active
group by source
order by source
"""


def open_suspicions(connection: Connection) -> dict[str, Doubts]:
    """By source, how many prices of active offerings are in doubt and why; a source without any is left out."""
    rows = connection.execute(text(_OPEN)).mappings()
    return {row["source"]: msgspec.convert({**row}, Doubts) for row in rows}
