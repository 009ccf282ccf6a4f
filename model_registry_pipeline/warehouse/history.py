"""History: which dumps count, and what they amount to: versions, presence, changes, snapshots.

All of it is a function of the listings and the actions. It is rewritten from the earliest instant at which a verdict
changed, so that dumps may arrive in any order, one by one or all at once.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Row, Text, case, cast, select, text, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert

from model_registry_pipeline.domain.history.acceptance import Decision, Sighting, Verdict, judged_again_from
from model_registry_pipeline.domain.history.diff import UNREAD, Facts, decode_facts, last_read
from model_registry_pipeline.domain.history.fold import Folded, Presence, State, Step, Version, fold
from model_registry_pipeline.domain.history.knowledge import Knowledge
from model_registry_pipeline.domain.normalized.translate import parser_version
from model_registry_pipeline.domain.source import Source
from model_registry_pipeline.warehouse.engine import copy_into, copy_rows, lock_source, one_of
from model_registry_pipeline.warehouse.tables import (
    acceptances,
    actions,
    changes,
    dumps,
    listings,
    presence,
    records,
    verdicts,
    versions,
)


@dataclass(slots=True)
class Outcome:
    """What folding a source did."""

    judged: list[Verdict] = field(default_factory=list)
    """The verdicts that are new or changed."""
    since: datetime | None = None
    """History was rewritten from here on; None: it stands as it was."""
    appeared: int = 0
    vanished: int = 0
    returned: int = 0
    changed: int = 0
    """Offerings and instants with changed facts."""
    not_ready: int = 0
    """Dumps whose listing is of an older parser version: history waits until all are read again."""

    @property
    def held(self) -> list[Verdict]:
        return [verdict for verdict in self.judged if verdict.status == "held"]


def fold_source(connection: Connection, source: Source) -> Outcome:
    """Judge what is new of a source and bring its history up to date, in the transaction of `connection`."""
    lock_source(connection, source.name)
    version = parser_version(source)
    known = _known_dumps(connection, source.name)
    outcome = Outcome(not_ready=sum(row.parser_version != version for row in known))
    decisions = _decisions(connection, source.name)
    settled, new = _events(known, version, decisions)
    if outcome.not_ready or not new:
        return outcome
    is_reread = any(row.told is not None and not _is_judged(row, version) for row in known)

    base, affected = (None, known) if is_reread else _affected(known, settled, new)
    contents = _Contents(connection, [*affected, *([base] if base else [])])
    knowledge = _judge(source, known, base, settled, new, contents)
    judged = {row.dump_id: knowledge.verdicts[row.dump_id] for row in affected if row.dump_id in knowledge.verdicts}
    _store_verdicts(connection, affected, judged, version, decisions)
    _store_periods(connection, source.name, knowledge, is_anew=base is None)
    outcome.judged = [judged[row.dump_id] for row in affected if _says_other(row, judged)]

    outcome.since = _instant(affected[0]) if is_reread else _rewrite_from(affected, judged)
    if outcome.since is not None:
        accepted = [base] if base else []
        accepted += [row for row in affected if _status(row, judged) == "accepted"]
        _rewrite(connection, source, outcome.since, accepted, contents, outcome)
    if is_reread:
        _drop_unlisted_records(connection, source.name)
    return outcome


def _affected(
    known: Sequence[Row[Any]], settled: Sequence["_Event"], new: Sequence["_Event"]
) -> tuple[Row[Any] | None, Sequence[Row[Any]]]:
    """The last accepted dump that what is new can't bear on, and all dumps after it; all, when there is none."""
    became_known = min(event.known_at for event in new)
    if any(event.known_at >= became_known for event in settled):
        # What was known when is to be told over again, because something older turned up only now.
        return None, known
    first = judged_again_from(
        min(event.row.observed_at for event in new),
        _released(known),
        {row.dump_id: row.observed_at for row in known},
    )
    base = next((row for row in reversed(known) if row.observed_at < first and row.status == "accepted"), None)
    return base, known if base is None else [row for row in known if row.observed_at > base.observed_at]


def _released(rows: Iterable[Row[Any]]) -> list[Verdict]:
    """The stored verdicts that rest on later dumps."""
    verdicts = (
        Verdict(dump_id=row.dump_id, status=row.status, reason=row.reason, base_dump_id=row.base_dump_id)
        for row in rows
        if row.status == "accepted"
    )
    return [verdict for verdict in verdicts if verdict.confirmed_by]


def _judge(
    source: Source,
    known: Sequence[Row[Any]],
    base: Row[Any] | None,
    settled: Sequence["_Event"],
    new: Sequence["_Event"],
    contents: "_Contents",
) -> Knowledge:
    """Judge in the order in which things became known; without a base, from the beginning."""
    if base is None:
        settled, new = (), [*settled, *new]
    statuses = {event.row.dump_id: event.row.status for event in settled}
    standing = [] if base is None else [base, *(row for row in known if row.observed_at > base.observed_at)]
    knowledge = Knowledge(
        [contents.sighting(row) for row in standing if row.dump_id in statuses],
        statuses,
        {event.row.dump_id: event.decided.decision for event in settled if event.decided is not None},
        _released(standing),
        is_complete=source.complete,
        is_local=source.local,
    )
    arrivals: defaultdict[datetime, tuple[list[Sighting], dict[int, Decision]]] = defaultdict(lambda: ([], {}))
    for event in new:
        sightings, decisions = arrivals[event.known_at]
        if event.decided is None:
            sightings.append(contents.sighting(event.row))
        else:
            decisions[event.row.dump_id] = event.decided.decision
    for known_at in sorted(arrivals):
        knowledge.learn(known_at, *arrivals[known_at])
    return knowledge


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a source's history stands."""

    versions: int
    listed: int
    """Offerings in the latest accepted listing."""
    held: int
    """Held dumps that are newer than the latest accepted one."""
    held_reason: str | None


_STANDING = """
with judged as (
    select dump_id, observed_at, status, reason, records
    from history.verdicts join raw.dumps using (dump_id) join normalized.listings using (dump_id)
    where source = :source
),
latest as (select observed_at, records from judged where status = 'accepted' order by observed_at desc limit 1),
held as (
    select * from judged
    where status = 'held' and observed_at > coalesce((select observed_at from latest), '-infinity')
)
select
    (select count(*) from history.versions join normalized.offerings using (offering_id) where source = :source),
    coalesce((select records from latest), 0),
    (select count(*) from held),
    (select format('dump %s: %s', dump_id, reason) from held order by observed_at desc, dump_id desc limit 1)
"""


def standing(connection: Connection, source: str) -> Standing:
    """Where a source's history stands now."""
    return Standing(*connection.execute(text(_STANDING), {"source": source}).one())


# -- what is known ---------------------------------------------------------------------------------------------------

_KNOWN_DUMPS = (
    select(
        dumps.c.dump_id,
        dumps.c.observed_at,
        dumps.c.recorded_at,
        dumps.c.confirms_dump_id,
        listings.c.parser_version,
        listings.c.rejected,
        listings.c.unreadable,
        listings.c.sha256.label("listing_sha256"),
        # A verdict on another listing of the dump says nothing: the dump was read again and reads otherwise.
        case((verdicts.c.listing_sha256 == listings.c.sha256, verdicts.c.status)).label("status"),
        verdicts.c.status.label("told"),
        verdicts.c.reason,
        verdicts.c.base_dump_id,
        verdicts.c.parser_version.label("verdict_version"),
        verdicts.c.action_id,
    )
    .join(listings)
    .outerjoin(verdicts, verdicts.c.dump_id == dumps.c.dump_id)
    .order_by(dumps.c.observed_at, dumps.c.dump_id)
)


def _known_dumps(connection: Connection, source: str) -> Sequence[Row[Any]]:
    """A source's dumps that have a listing, in time order."""
    return list(connection.execute(_KNOWN_DUMPS.where(dumps.c.source == source)))


@dataclass(frozen=True, slots=True)
class _Decided:
    """An accept or reject of a dump."""

    decision: Decision
    action_id: int
    recorded_at: datetime


def _decisions(connection: Connection, source: str) -> Mapping[int, Sequence[_Decided]]:
    """What people said of each dump; the last word counts."""
    rows = connection.execute(
        select(actions.c.dump_id, actions.c.kind, actions.c.action_id, actions.c.recorded_at)
        .join(dumps, dumps.c.dump_id == actions.c.dump_id)
        .where(dumps.c.source == source, actions.c.kind.in_([decision.value for decision in Decision]))
        .order_by(actions.c.action_id)
    )
    decisions: defaultdict[int, list[_Decided]] = defaultdict(list)
    for dump_id, kind, action_id, recorded_at in rows:
        decisions[dump_id].append(_Decided(Decision(kind), action_id, recorded_at))
    return decisions


class _Event(NamedTuple):
    """A dump, or a person's word on one, and when it became known."""

    known_at: datetime
    row: Row[Any]
    decided: _Decided | None = None


def _events(
    known: Sequence[Row[Any]], version: str, decisions: Mapping[int, Sequence[_Decided]]
) -> tuple[list[_Event], list[_Event]]:
    """What the verdicts take into account, and what they do not yet."""
    settled: list[_Event] = []
    new: list[_Event] = []
    for row in known:
        is_judged, known_at = _is_judged(row, version), row.recorded_at
        (settled if is_judged else new).append(_Event(known_at, row))
        for decided in decisions.get(row.dump_id, ()):
            # A word on a dump counts from when there is the dump, and after any word before it.
            known_at = max(known_at, decided.recorded_at)
            is_heard = is_judged and row.action_id is not None and decided.action_id <= row.action_id
            (settled if is_heard else new).append(_Event(known_at, row, decided))
    return settled, new


def _is_judged(row: Row[Any], version: str) -> bool:
    return row.status is not None and row.verdict_version == version


_OFFERINGS_LISTED = """
select record_id, offering_id
from normalized.records
where record_id in (
    select unnest(record_ids) from normalized.listings where dump_id = any(cast(:dump_ids as integer[]))
)
"""


class _Contents:
    """The listings of some dumps, as sets of record ids."""

    def __init__(self, connection: Connection, rows: Sequence[Row[Any]]) -> None:
        ids = [row.dump_id for row in rows]
        found = connection.execute(
            select(listings.c.dump_id, listings.c.record_ids).where(one_of(listings.c.dump_id, ids))
        )
        self.record_ids = {dump_id: frozenset(record_ids) for dump_id, record_ids in found}
        self.offering_of: dict[int, int] = dict(connection.execute(text(_OFFERINGS_LISTED), {"dump_ids": ids}).all())

    def sighting(self, row: Row[Any]) -> Sighting:
        return Sighting(
            dump_id=row.dump_id,
            observed_at=row.observed_at,
            offering_ids=frozenset(map(self.offering_of.__getitem__, self.record_ids[row.dump_id])),
            rejected=row.rejected,
            unreadable=row.unreadable,
            confirms=row.confirms_dump_id,
        )

    def by_offering(self, record_ids: Iterable[int]) -> dict[int, int]:
        return {self.offering_of[record_id]: record_id for record_id in record_ids}


# -- judging ---------------------------------------------------------------------------------------------------------


def _store_verdicts(
    connection: Connection,
    affected: Sequence[Row[Any]],
    judged: Mapping[int, Verdict],
    version: str,
    decisions: Mapping[int, Sequence[_Decided]],
) -> None:
    rows = [
        {
            "dump_id": row.dump_id,
            "status": judged[row.dump_id].status,
            "reason": judged[row.dump_id].reason,
            "base_dump_id": judged[row.dump_id].base_dump_id,
            "parser_version": version,
            "listing_sha256": row.listing_sha256,
            "action_id": decisions[row.dump_id][-1].action_id if row.dump_id in decisions else None,
        }
        for row in affected
        if row.dump_id in judged
    ]
    statement = upsert(verdicts)
    replaced = {name: statement.excluded[name] for name in rows[0] if name != "dump_id"}
    connection.execute(statement.on_conflict_do_update(index_elements=["dump_id"], set_=replaced), rows)


def _store_periods(connection: Connection, source: str, knowledge: Knowledge, *, is_anew: bool) -> None:
    """Keep during which time each dump counted, as far as was known then."""
    if is_anew:
        connection.execute(
            text(
                "delete from history.acceptances using raw.dumps "
                "where acceptances.dump_id = dumps.dump_id and source = :source"
            ),
            {"source": source},
        )
    for dump_id, known_to in knowledge.ended.items():
        connection.execute(
            update(acceptances)
            .where(acceptances.c.dump_id == dump_id, acceptances.c.known_to.is_(None))
            .values(known_to=known_to)
        )
    copy_rows(
        connection,
        acceptances,
        ("dump_id", "known_from", "known_to"),
        ((p.dump_id, p.known_from, p.known_to) for p in (*knowledge.closed, *knowledge.opened.values())),
    )


def _status(row: Row[Any], judged: Mapping[int, Verdict]) -> str | None:
    verdict = judged.get(row.dump_id)
    return row.status if verdict is None else verdict.status


def _says_other(row: Row[Any], judged: Mapping[int, Verdict]) -> bool:
    return row.dump_id in judged and bool(row.status != judged[row.dump_id].status)


def _rewrite_from(affected: Sequence[Row[Any]], judged: Mapping[int, Verdict]) -> datetime | None:
    """The first instant from which on history is another: where a dump counts that did not, or no longer counts."""
    for row in affected:
        if (row.status == "accepted") != (_status(row, judged) == "accepted"):
            return _instant(row)
    return None


def _instant(row: Row[Any]) -> datetime:
    observed_at: datetime = row.observed_at
    return observed_at


# -- rewriting -------------------------------------------------------------------------------------------------------


def _rewrite(
    connection: Connection,
    source: Source,
    since: datetime,
    accepted: Sequence[Row[Any]],
    contents: _Contents,
    outcome: Outcome,
) -> None:
    _truncate(connection, source.name, since)
    steps = list(_steps(since, accepted, contents))
    touched = sorted({offering_id for step in steps for offering_id in (*step.entered, *step.left)})
    is_begun = any(row.observed_at < since for row in accepted)
    state = _state(connection, touched) if is_begun else State()
    facts = _FactsReader(connection, steps, state)
    state.known = _last_read(connection, facts.unread(state))
    folded = fold(state, steps, facts, is_complete=source.complete)
    _write(connection, folded)
    outcome.appeared = sum(change[2] == "appeared" for change in folded.changes)
    outcome.vanished = sum(change[2] == "vanished" for change in folded.changes)
    outcome.returned = sum(change[2] == "returned" for change in folded.changes)
    outcome.changed = len({change[:2] for change in folded.changes if change[2] in {"changed", "text"}})


BEGINNING = datetime(1, 1, 1, tzinfo=UTC)

_TRUNCATE = """
with gone as (delete from history.changes using normalized.offerings
    where changes.offering_id = offerings.offering_id and source = :source and observed_at >= :since),
gone_versions as (delete from history.versions using normalized.offerings
    where versions.offering_id = offerings.offering_id and source = :source and valid_from >= :since),
gone_presence as (delete from history.presence using normalized.offerings
    where presence.offering_id = offerings.offering_id and source = :source and listed_from >= :since),
open_versions as (update history.versions set valid_to = null from normalized.offerings
    where versions.offering_id = offerings.offering_id and source = :source
      and valid_from < :since and valid_to >= :since)
update history.presence set listed_to = null, last_seen_at = null from normalized.offerings
where presence.offering_id = offerings.offering_id and source = :source
  and listed_from < :since and listed_to >= :since
"""


def _truncate(connection: Connection, source: str, since: datetime) -> None:
    """Bring history back to where it stood just before an instant."""
    connection.execute(text(_TRUNCATE), {"source": source, "since": since})


def _steps(since: datetime, accepted: Sequence[Row[Any]], contents: _Contents) -> Iterable[Step]:
    """What each accepted dump from `since` on changes against the accepted one before it."""
    for before, row in pairwise([None, *accepted]):
        if row is None or row.observed_at < since:
            continue
        held = contents.record_ids[before.dump_id] if before is not None else frozenset[int]()
        now = contents.record_ids[row.dump_id]
        yield Step(
            dump_id=row.dump_id,
            observed_at=row.observed_at,
            previous_at=None if before is None else before.observed_at,
            entered=contents.by_offering(now - held),
            left=contents.by_offering(held - now),
        )


def _state(connection: Connection, offering_ids: list[int]) -> State:
    """The newest version and stay of each offering."""
    newest_versions = connection.execute(
        select(
            versions.c.offering_id,
            versions.c.record_id,
            versions.c.valid_from,
            versions.c.dump_id,
            versions.c.valid_to,
        )
        .ext(distinct_on(versions.c.offering_id))
        .where(one_of(versions.c.offering_id, offering_ids))
        .order_by(versions.c.offering_id, versions.c.valid_from.desc())
    )
    newest_presences = connection.execute(
        select(presence)
        .ext(distinct_on(presence.c.offering_id))
        .where(one_of(presence.c.offering_id, offering_ids))
        .order_by(presence.c.offering_id, presence.c.listed_from.desc())
    )
    return State(
        versions={row.offering_id: Version(*row) for row in newest_versions},
        presences={row.offering_id: Presence(*row) for row in newest_presences},
    )


class _FactsReader:
    """Facts by record id, read in one go for the records that the steps replace or bring back."""

    def __init__(self, connection: Connection, steps: Sequence[Step], state: State) -> None:
        wanted: set[int] = set()
        seen = {offering_id: version.record_id for offering_id, version in state.versions.items()}
        for step in steps:
            for offering_id, record_id in step.entered.items():
                before = seen.get(offering_id)
                if before is not None and before != record_id:
                    wanted |= {before, record_id}
                seen[offering_id] = record_id
        rows = connection.execute(
            select(records.c.record_id, cast(records.c.facts, Text)).where(one_of(records.c.record_id, wanted))
        )
        self._facts = {record_id: decode_facts(facts) for record_id, facts in rows}

    def __call__(self, record_id: int) -> Facts:
        return self._facts[record_id]

    def unread(self, state: State) -> list[int]:
        """The offerings whose newest version has fields that can't be read."""
        return [i for i, version in state.versions.items() if UNREAD in self._facts.get(version.record_id, ())]


def _last_read(connection: Connection, offering_ids: list[int]) -> dict[int, Facts]:
    """What was last read of each offering, over all its versions."""
    if not offering_ids:
        return {}
    rows = connection.execute(
        select(versions.c.offering_id, cast(records.c.facts, Text))
        .join(records, records.c.record_id == versions.c.record_id)
        .where(one_of(versions.c.offering_id, offering_ids))
        .order_by(versions.c.offering_id, versions.c.valid_from)
    )
    known: dict[int, Facts] = {}
    before: dict[int, Facts] = {}
    for offering_id, text_of in rows:
        now = decode_facts(text_of)
        known[offering_id] = last_read(known.get(offering_id, {}), before.get(offering_id, {}), now)
        before[offering_id] = now
    return known


def _write(connection: Connection, folded: Folded) -> None:
    _end_versions(connection, folded.ended_versions)
    _end_presences(connection, folded.ended_presences)
    copy_rows(
        connection,
        versions,
        ("offering_id", "valid_from", "valid_to", "record_id", "dump_id"),
        ((v.offering_id, v.valid_from, v.valid_to, v.record_id, v.dump_id) for v in folded.versions),
    )
    copy_rows(
        connection,
        presence,
        ("offering_id", "listed_from", "listed_to", "last_seen_at"),
        ((p.offering_id, p.listed_from, p.listed_to, p.last_seen_at) for p in folded.presences),
    )
    copy_rows(
        connection,
        changes,
        ("offering_id", "observed_at", "kind", "field", "before", "after", "dump_id"),
        (
            (offering_id, at, kind, name, _json(before), _json(after), dump_id)
            for offering_id, at, kind, name, before, after, dump_id in folded.changes
        ),
    )


def _json(value: object) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()


def _end_versions(connection: Connection, ended: Sequence[Version]) -> None:
    if not ended:
        return
    connection.execute(
        text("create temporary table ended_versions (offering_id int, valid_to timestamptz) on commit drop")
    )
    copy_into(connection, "ended_versions", "offering_id, valid_to", ((v.offering_id, v.valid_to) for v in ended))
    connection.execute(
        text(
            "update history.versions set valid_to = ended.valid_to from ended_versions as ended "
            "where versions.offering_id = ended.offering_id and versions.valid_to is null"
        )
    )
    connection.execute(text("drop table ended_versions"))


def _end_presences(connection: Connection, ended: Sequence[Presence]) -> None:
    if not ended:
        return
    connection.execute(
        text(
            "create temporary table ended_presence "
            "(offering_id int, listed_to timestamptz, last_seen_at timestamptz) on commit drop"
        )
    )
    copy_into(
        connection,
        "ended_presence",
        "offering_id, listed_to, last_seen_at",
        ((p.offering_id, p.listed_to, p.last_seen_at) for p in ended),
    )
    connection.execute(
        text(
            "update history.presence set listed_to = ended.listed_to, last_seen_at = ended.last_seen_at "
            "from ended_presence as ended "
            "where presence.offering_id = ended.offering_id and presence.listed_to is null"
        )
    )
    connection.execute(text("drop table ended_presence"))


def _drop_unlisted_records(connection: Connection, source: str) -> None:
    """After a new parser version: records that no listing holds any more, and offerings without a record."""
    connection.execute(
        text(
            """
            delete from normalized.records using normalized.offerings
            where records.offering_id = offerings.offering_id and source = :source
              and not exists (
                select
                from (
                    select unnest(record_ids) as record_id
                    from normalized.listings join raw.dumps using (dump_id)
                    where source = :source
                ) as listed
                where listed.record_id = records.record_id
              )
            """
        ),
        {"source": source},
    )
    connection.execute(
        text(
            """
            delete from normalized.offerings
            where source = :source
              and not exists (select from normalized.records where records.offering_id = offerings.offering_id)
            """
        ),
        {"source": source},
    )


_SNAPSHOTS = """
with last as (
    select distinct on (source, day) source, day, dump_id, records, listing_sha256
    from (
        select source, (observed_at at time zone 'UTC')::date as day, observed_at, dump_id,
               records, listings.sha256 as listing_sha256
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


def pending_sources(connection: Connection, parser_versions: Mapping[str, str]) -> dict[str, str]:
    """Sources whose listings or decisions are newer than their verdicts, with what tells this work from other."""
    pending: dict[str, str] = {}
    for source, version in parser_versions.items():
        known = _known_dumps(connection, source)
        decisions = _decisions(connection, source)
        if any(row.parser_version != version for row in known):
            continue
        _, new = _events(known, version, decisions)
        if new:
            pending[source] = repr([(event.row.dump_id, event.decided and event.decided.action_id) for event in new])
    return pending


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


def unpublished(connection: Connection) -> list[tuple[Any, ...]]:
    """The days of sources that `history.snapshots` does not show as history tells them: the dump that it should show,
    and the last action, without which a dump that is taken back twice would look as it did the first time."""
    return [tuple(row) for row in connection.execute(text(_UNPUBLISHED))]


def refold_source(connection: Connection, source: Source) -> Outcome:
    """Forget a source's verdicts and history, and fold it all anew, in one transaction: readers see before or after."""
    lock_source(connection, source.name)
    _truncate(connection, source.name, BEGINNING)
    connection.execute(
        text(
            "delete from history.verdicts using raw.dumps where verdicts.dump_id = dumps.dump_id and source = :source"
        ),
        {"source": source.name},
    )
    outcome = fold_source(connection, source)
    _drop_unlisted_records(connection, source.name)
    return outcome
