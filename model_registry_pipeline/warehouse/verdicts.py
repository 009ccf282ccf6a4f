"""What is known of a source's dumps, and the verdicts on them: which of them count."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, case, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from model_registry_pipeline.domain.history.acceptance import Decision, Sighting, Verdict, judged_again_from
from model_registry_pipeline.domain.history.knowledge import Knowledge
from model_registry_pipeline.domain.source import Source
from model_registry_pipeline.warehouse.engine import copy_rows, one_of, plain_rows
from model_registry_pipeline.warehouse.tables import acceptances, actions, dumps, listings, verdicts

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


def known_dumps(connection: Connection, source: str) -> Sequence[Row[Any]]:
    """A source's dumps that have a listing, in time order."""
    return list(connection.execute(_KNOWN_DUMPS.where(dumps.c.source == source)))


@dataclass(frozen=True, slots=True)
class Decided:
    """An accept or reject of a dump."""

    decision: Decision
    action_id: int
    recorded_at: datetime


def decisions_on(connection: Connection, source: str) -> Mapping[int, Sequence[Decided]]:
    """What people said of each dump; the last word counts."""
    rows = connection.execute(
        select(actions.c.dump_id, actions.c.kind, actions.c.action_id, actions.c.recorded_at)
        .join(dumps, dumps.c.dump_id == actions.c.dump_id)
        .where(dumps.c.source == source, actions.c.kind.in_([decision.value for decision in Decision]))
        .order_by(actions.c.action_id)
    )
    decisions: defaultdict[int, list[Decided]] = defaultdict(list)
    for dump_id, kind, action_id, recorded_at in rows:
        decisions[dump_id].append(Decided(Decision(kind), action_id, recorded_at))
    return decisions


class Event(NamedTuple):
    """A dump, or a person's word on one, and when it became known."""

    known_at: datetime
    row: Row[Any]
    decided: Decided | None = None


def events(
    known: Sequence[Row[Any]], version: str, decisions: Mapping[int, Sequence[Decided]]
) -> tuple[list[Event], list[Event]]:
    """What the verdicts take into account, and what they do not yet."""
    settled: list[Event] = []
    new: list[Event] = []
    for row in known:
        is_judged, known_at = has_verdict(row, version), row.recorded_at
        (settled if is_judged else new).append(Event(known_at, row))
        for decided in decisions.get(row.dump_id, ()):
            # A word on a dump counts from when there is the dump, and after any word before it.
            known_at = max(known_at, decided.recorded_at)
            is_heard = is_judged and row.action_id is not None and decided.action_id <= row.action_id
            (settled if is_heard else new).append(Event(known_at, row, decided))
    return settled, new


def has_verdict(row: Row[Any], version: str) -> bool:
    return row.status is not None and row.verdict_version == version


_OFFERINGS_LISTED = """
select array_agg(record_id), array_agg(offering_id) from normalized.records where record_id = any(%s)
"""
"""As two arrays, which a driver reads ten times as fast as rows."""

_BEYOND_IDS = 2**31
"""The ids of offerings are smaller."""


class Contents:
    """The listings of some dumps, as sets of record ids; of leaderboards, as sets of the ids of names."""

    def __init__(self, connection: Connection, rows: Sequence[Row[Any]]) -> None:
        found = connection.execute(
            select(listings.c.dump_id, listings.c.record_ids, listings.c.subject_ids).where(
                one_of(listings.c.dump_id, [row.dump_id for row in rows])
            )
        ).all()
        self._connection = connection
        self.record_ids = {row.dump_id: frozenset(row.record_ids) for row in found}
        self._subject_ids = {row.dump_id: row.subject_ids or () for row in found}
        self._offering_of: dict[int, int] = {}
        listed = frozenset[int]().union(*self.record_ids.values())
        # Most records stand in all of the listings. Whose they are makes no difference between these: as a listing has
        # one record an offering, each stands for its own.
        self._common = listed.intersection(*self.record_ids.values())
        self._common_numbers = frozenset(_BEYOND_IDS + record_id for record_id in self._common)
        self._learn(listed - self._common)

    def sighting(self, row: Row[Any]) -> Sighting:
        """What acceptance looks at in a dump."""
        # A name, and a record that stands for its offering, have numbers that are no offering's.
        others = map(self._offering_of.__getitem__, self.record_ids[row.dump_id] - self._common)
        names = (-subject_id for subject_id in self._subject_ids[row.dump_id])
        return Sighting(
            dump_id=row.dump_id,
            observed_at=row.observed_at,
            offering_ids=self._common_numbers.union(others, names),
            rejected=row.rejected,
            unreadable=row.unreadable,
            confirms=row.confirms_dump_id,
        )

    def by_offering(self, record_ids: frozenset[int]) -> dict[int, int]:
        """Records by their offering."""
        self._learn(record_ids - self._offering_of.keys())
        return {self._offering_of[record_id]: record_id for record_id in record_ids}

    def _learn(self, record_ids: frozenset[int]) -> None:
        if record_ids:
            ((known, offering_ids),) = plain_rows(self._connection, _OFFERINGS_LISTED, list(record_ids))
            self._offering_of.update(zip(known, offering_ids, strict=True))


def affected_by(
    known: Sequence[Row[Any]], settled: Sequence["Event"], new: Sequence["Event"]
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


def judge(
    source: Source,
    known: Sequence[Row[Any]],
    base: Row[Any] | None,
    settled: Sequence["Event"],
    new: Sequence["Event"],
    contents: "Contents",
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


def store_verdicts(
    connection: Connection,
    affected: Sequence[Row[Any]],
    judged: Mapping[int, Verdict],
    version: str,
    decisions: Mapping[int, Sequence[Decided]],
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


def store_periods(connection: Connection, source: str, knowledge: Knowledge, *, is_anew: bool) -> None:
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


def status_of(row: Row[Any], judged: Mapping[int, Verdict]) -> str | None:
    verdict = judged.get(row.dump_id)
    return row.status if verdict is None else verdict.status


def says_other(row: Row[Any], judged: Mapping[int, Verdict]) -> bool:
    return row.dump_id in judged and bool(row.status != judged[row.dump_id].status)


def rewrite_from(affected: Sequence[Row[Any]], judged: Mapping[int, Verdict]) -> datetime | None:
    """The first instant from which on history is another: where a dump counts that did not, or no longer counts."""
    for row in affected:
        if (row.status == "accepted") != (status_of(row, judged) == "accepted"):
            return instant_of(row)
    return None


def instant_of(row: Row[Any]) -> datetime:
    observed_at: datetime = row.observed_at
    return observed_at
