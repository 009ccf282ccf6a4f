"""A row a source and day, and whether what is published is what history tells."""

from typing import Any

from sqlalchemy import Connection, text

_SNAPSHOTS = """
with last as (
    select distinct on (source, day) source, day, dump_id, records, listing_sha256
    from (
        select source, (observed_at at time zone 'UTC')::date as day, observed_at, dump_id,
               -- Of a leaderboard 0: it lists no offerings.
               cardinality(record_ids) as records, listings.sha256 as listing_sha256
        from history.verdicts join raw.dumps using (dump_id) join normalized.listings using (dump_id)
        where status = 'accepted'
    ) as accepted
    order by source, day, observed_at desc, dump_id desc
),
gone as (
    delete from history.snapshots
    where not exists (select from last where last.source = snapshots.source and last.day = snapshots.day)
)
insert into history.snapshots (source, day, dump_id, offerings, listing_sha256)
select * from last
on conflict (source, day) do update
set dump_id = excluded.dump_id, offerings = excluded.offerings, listing_sha256 = excluded.listing_sha256
where snapshots.dump_id <> excluded.dump_id or snapshots.listing_sha256 <> excluded.listing_sha256
"""


def refresh_snapshots(connection: Connection) -> int:
    """Bring `history.snapshots` up to date with the verdicts; the rows it holds then."""
    connection.execute(text(_SNAPSHOTS))
    count: int | None = connection.scalar(text("select count(*) from history.snapshots"))
    assert count is not None
    return count


_UNPUBLISHED = """
select source, day, last.dump_id, (select max(action_id) from raw.actions) as decided
from (
    select distinct on (source, day) source, (observed_at at time zone 'UTC')::date as day, dump_id,
           listings.sha256 as listing_sha256
    from history.verdicts join raw.dumps using (dump_id) join normalized.listings using (dump_id)
    where status = 'accepted'
    order by source, day, observed_at desc, dump_id desc
) as last
full join history.snapshots using (source, day)
where (last.dump_id, last.listing_sha256) is distinct from (snapshots.dump_id, snapshots.listing_sha256)
"""


def unpublished_days(connection: Connection) -> list[tuple[Any, ...]]:
    """The days of sources that `history.snapshots` does not show as history tells them: the dump that it should show,
    and the last action, without which a dump that is taken back twice would look as it did the first time."""
    return [tuple(row) for row in connection.execute(text(_UNPUBLISHED))]
