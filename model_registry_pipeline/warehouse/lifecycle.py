"""The life of offerings and pairs: the rules applied to what the tables hold, and the results stored."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from model_registry_pipeline.domain.health.birth import Discovery
from model_registry_pipeline.domain.health.disuse import disuse
from model_registry_pipeline.domain.health.purging import is_purgeable
from model_registry_pipeline.domain.health.staleness import Flag, marked, staleness
from model_registry_pipeline.settings import Settings
from model_registry_pipeline.warehouse import health
from model_registry_pipeline.warehouse.actions import Pair
from model_registry_pipeline.warehouse.engine import lock_key


def refresh_flags(connection: Connection, settings: Settings, now: datetime) -> Mapping[int, Flag]:
    """Judge every offering that is not simply listed, and make `health.flags` say exactly that.

    Lists age by the instants of their sources' accepted dumps; `now` ages only what nothing but calls told of.
    """
    # Two that judge at once would both store what is new.
    connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": lock_key("flags")})
    judged = _of_lists(connection, settings) | _of_calls(connection, settings, now)
    health.replace_flags(connection, judged)
    return judged


def _of_lists(connection: Connection, settings: Settings) -> dict[int, Flag]:
    answers = health.accepted_instants(connection)
    judged: dict[int, Flag] = {}
    for row in health.unlisted_offerings(connection):
        if row.discovered_via == Discovery.MANUAL:
            continue
        flag: Flag | None = None
        if row.missing_since is not None:
            stale_after = settings.stale_after(row.source)
            flag = staleness(row.missing_since, answers[row.source], stale_after, revived_at=row.revived_at)
        flag = marked(flag, row.marked_stale_at, max(filter(None, (row.last_seen_at, row.revived_at))))
        if flag is not None:
            judged[row.offering_id] = flag
    return judged


def _of_calls(connection: Connection, settings: Settings, now: datetime) -> dict[int, Flag]:
    unused_after = timedelta(days=settings.inference_stale_after_days)
    judged: dict[int, Flag] = {}
    for row in health.called_offerings(connection):
        flag = None if row.is_listed else disuse(row.last_sign_at, now, unused_after)
        flag = marked(flag, row.marked_stale_at, row.last_sign_at)
        if flag is not None:
            judged[row.offering_id] = flag
    return judged


_UNSEEN = """
select provider_id, model_id
from serving.pairs
where is_active and 'manual' <> all(sources) and last_seen_at < :seen_before
  and (cast(:provider_id as text) is null or provider_id = :provider_id)
  and not exists (
      select from normalized.offerings
      join history.versions using (offering_id)
      join normalized.listings using (dump_id)
      where offerings.provider_id = pairs.provider_id and offerings.model_id = pairs.model_id
        and valid_to is null and not is_complete
  )
order by 1, 2
"""
_INACTIVE = """
select provider_id, model_id, discovered_via, array_agg(case when not is_active then state_since end) as stale_since
from serving.offerings
group by 1, 2, 3
having not bool_or(is_active)
order by 1, 2
"""


def unseen_pairs(connection: Connection, seen_before: datetime, provider_id: str | None = None) -> list[Pair]:
    """The active pairs that nothing told of since an instant; none that a person added, nor one that stands in a
    partial list: that it is not seen there says nothing."""
    rows = connection.execute(text(_UNSEEN), {"seen_before": seen_before, "provider_id": provider_id})
    return [(row.provider_id, row.model_id) for row in rows]


def active_pairs(connection: Connection, provider_id: str | None = None) -> int:
    """How many pairs are active."""
    query = "select count(*) from serving.pairs where is_active and provider_id = coalesce(:provider_id, provider_id)"
    count: int = connection.execute(text(query), {"provider_id": provider_id}).scalar_one()
    return count


def purgeable_pairs(connection: Connection, now: datetime, purge_after: timedelta) -> Sequence[Pair]:
    """The pairs that have been inactive for longer than `purge_after`."""
    return [
        (row.provider_id, row.model_id)
        for row in connection.execute(text(_INACTIVE))
        if is_purgeable(Discovery(row.discovered_via), row.stale_since, now, purge_after)
    ]
