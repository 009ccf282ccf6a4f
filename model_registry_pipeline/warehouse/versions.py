"""Versions, presence and changes, written from an instant on: what the dumps that count amount to."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Row, Text, cast, select, text
from sqlalchemy.dialects.postgresql import distinct_on

from model_registry_pipeline.domain.history.diff import UNREAD, Facts, decode_facts, last_read
from model_registry_pipeline.domain.history.fold import Folded, Presence, State, Step, Version, fold
from model_registry_pipeline.domain.source import Source
from model_registry_pipeline.warehouse.engine import copy_rows, one_of, staged
from model_registry_pipeline.warehouse.tables import changes, presence, records, versions
from model_registry_pipeline.warehouse.verdicts import Contents


class Rewritten(NamedTuple):
    """How much came of it."""

    appeared: int
    vanished: int
    returned: int
    changed: int
    """Offerings and instants with changed facts."""


def rewrite(
    connection: Connection, source: Source, since: datetime, accepted: Sequence[Row[Any]], contents: Contents
) -> Rewritten:
    """Write a source's history anew from an instant on. `accepted`: its accepted dumps in time order, from the last
    one before that instant on."""
    truncate(connection, source.name, since)
    if len(accepted) == 1 and accepted[0].observed_at >= since:
        return _begin(connection, accepted[0], contents)
    steps = list(_steps(since, accepted, contents))
    touched = sorted({offering_id for step in steps for offering_id in (*step.entered, *step.left)})
    is_begun = any(row.observed_at < since for row in accepted)
    state = _state(connection, touched) if is_begun else State()
    facts = _FactsReader(connection, steps, state)
    state.known = _last_read(connection, facts.unread(state))
    folded = fold(state, steps, facts, is_complete=source.complete)
    _write(connection, folded)
    return Rewritten(
        appeared=sum(change[2] == "appeared" for change in folded.changes),
        vanished=sum(change[2] == "vanished" for change in folded.changes),
        returned=sum(change[2] == "returned" for change in folded.changes),
        changed=len({change[:2] for change in folded.changes if change[2] in {"changed", "text"}}),
    )


_BEGIN = """
with listed as (
    select offering_id, record_id from normalized.records where record_id = any(cast(:record_ids as integer[]))
),
begun as (
    insert into history.versions (offering_id, valid_from, record_id, dump_id)
    select offering_id, :at, record_id, :dump_id from listed
),
entered as (
    insert into history.presence (offering_id, listed_from) select offering_id, :at from listed
)
insert into history.changes (offering_id, observed_at, kind, dump_id)
select offering_id, :at, 'appeared', :dump_id from listed
"""


def _begin(connection: Connection, first: Row[Any], contents: Contents) -> Rewritten:
    """The only dump that counts: all that it lists appeared. In SQL alone, for the first list may be a long one."""
    record_ids = sorted(contents.record_ids[first.dump_id])
    found = connection.execute(
        text(_BEGIN), {"record_ids": record_ids, "at": first.observed_at, "dump_id": first.dump_id}
    )
    return Rewritten(found.rowcount, 0, 0, 0)


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


def truncate(connection: Connection, source: str, since: datetime) -> None:
    """Bring history back to where it stood just before an instant."""
    connection.execute(text(_TRUNCATE), {"source": source, "since": since})


def _steps(since: datetime, accepted: Sequence[Row[Any]], contents: Contents) -> Iterable[Step]:
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
    rows = ((v.offering_id, v.valid_to) for v in ended)
    with staged(connection, "ended_versions", "offering_id int, valid_to timestamptz", rows):
        connection.execute(
            text(
                "update history.versions set valid_to = ended.valid_to from ended_versions as ended "
                "where versions.offering_id = ended.offering_id and versions.valid_to is null"
            )
        )


def _end_presences(connection: Connection, ended: Sequence[Presence]) -> None:
    if not ended:
        return
    rows = ((p.offering_id, p.listed_to, p.last_seen_at) for p in ended)
    columns = "offering_id int, listed_to timestamptz, last_seen_at timestamptz"
    with staged(connection, "ended_presence", columns, rows):
        connection.execute(
            text(
                "update history.presence set listed_to = ended.listed_to, last_seen_at = ended.last_seen_at "
                "from ended_presence as ended "
                "where presence.offering_id = ended.offering_id and presence.listed_to is null"
            )
        )
