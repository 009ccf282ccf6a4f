"""Which dumps count. A list that is empty, broken or much shorter is a fault more often than a withdrawal."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from itertools import groupby

import msgspec

MAX_REJECTED_PERCENT = 20
MIN_BASE = 20
MIN_COUNT_PERCENT = 70
MIN_KEPT_PERCENT = 50
RELEASING_DUMPS = 3
RELEASING_SPAN = timedelta(hours=48)
RELEASING_SHARED_PERCENT = 90
_CONFIRMED_BY = "; confirmed by dumps "


class Decision(StrEnum):
    """What a person said of a dump."""

    ACCEPT = "accept"
    REJECT = "reject"


class Sighting(msgspec.Struct, frozen=True, kw_only=True):
    """What acceptance looks at in a dump."""

    dump_id: int
    observed_at: datetime
    offering_ids: frozenset[int]
    """Whom it lists, each by a number that the other dumps at hand use for it too."""
    rejected: int = 0
    """Records that could not be read."""
    unreadable: str | None = None
    confirms: int | None = None
    """The earlier dump that this one (a 304) says still holds."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a dump counts, why, and which accepted dump it was compared with."""

    dump_id: int
    status: str
    """accepted, held, rejected (by a person), or superseded (another dump of the same instant counts)."""
    reason: str
    base_dump_id: int | None = None

    @property
    def is_accepted(self) -> bool:
        return self.status == "accepted"

    @property
    def confirmed_by(self) -> list[int]:
        """The later dumps that released it; none where its acceptance rests on no later one."""
        _, _, told = self.reason.partition(_CONFIRMED_BY)
        return [int(dump_id) for dump_id in told.split(", ")] if told and self.is_accepted else []


def walk(
    sightings: Sequence[Sighting],
    *,
    base: Sighting | None = None,
    base_verdicts: Mapping[int, str] | None = None,
    decisions: Mapping[int, Decision] | None = None,
    is_complete: bool = True,
    is_local: bool = False,
) -> Iterator[Verdict]:
    """Judge a source's dumps in time order, each against the accepted one before it.

    `sightings` are sorted by (observed_at, dump_id) and all later than `base`, the last accepted dump before them;
    `base_verdicts` are the statuses of earlier dumps that a 304 may confirm.
    """
    decisions = decisions or {}
    # What an earlier walk said of these dumps is no evidence.
    anew = {sighting.dump_id for sighting in sightings}
    statuses = {dump_id: status for dump_id, status in (base_verdicts or {}).items() if dump_id not in anew}
    following = 0
    for _, of_one_instant in groupby(sightings, key=lambda sighting: sighting.observed_at):
        group = list(of_one_instant)
        following += len(group)
        later = sightings[following:]
        judge = partial(
            _judge, base=base, decisions=decisions, statuses=statuses, is_complete=is_complete, is_local=is_local
        )
        # Where one of an instant counts anyhow, later dumps need not release another.
        if len(group) > 1 and any(judge(sighting, later=())[0] == "accepted" for sighting in group):
            later = ()
        chosen: Sighting | None = None
        # Of one instant the later recorded dump speaks, unless it does not count itself; a person's word goes first.
        ranked = sorted(group, key=lambda s: (decisions.get(s.dump_id) is Decision.ACCEPT, s.dump_id), reverse=True)
        for sighting in ranked:
            status, reason = judge(sighting, later=later if chosen is None else ())
            if status == "accepted" and chosen is not None:
                status, reason = "superseded", f"dump {chosen.dump_id} of the same instant counts"
            elif status == "accepted":
                chosen = sighting
            statuses[sighting.dump_id] = status
            yield Verdict(
                dump_id=sighting.dump_id,
                status=status,
                reason=reason,
                base_dump_id=None if base is None else base.dump_id,
            )
        base = chosen or base


def _judge(
    sighting: Sighting,
    *,
    base: Sighting | None,
    later: Sequence[Sighting],
    decisions: Mapping[int, Decision],
    statuses: Mapping[int, str],
    is_complete: bool,
    is_local: bool,
) -> tuple[str, str]:
    decision = decisions.get(sighting.dump_id)
    if decision is Decision.REJECT:
        return "rejected", "a person rejected it"
    if sighting.unreadable is not None:
        return "held", f"unreadable: {sighting.unreadable}"
    if decision is Decision.ACCEPT:
        return "accepted", "a person accepted it"
    confirmed = None if sighting.confirms is None else statuses.get(sighting.confirms)
    if confirmed is not None and confirmed != "superseded":
        return confirmed, f"not modified since dump {sighting.confirms}"
    if fault := broken(sighting, is_local=is_local):
        return "held", fault
    fault = shrunk(sighting, base) if is_complete and base is not None else None
    if fault is None:
        return "accepted", "as expected" if base is not None else "the first of its source"
    assert base is not None
    if releasing := _released_by(sighting, base, later, decisions, statuses, is_local=is_local):
        return "accepted", f"{fault}{_CONFIRMED_BY}{', '.join(str(dump.dump_id) for dump in releasing)}"
    return "held", fault


def judged_again_from(first: datetime, released: Iterable[Verdict], observed_at: Mapping[int, datetime]) -> datetime:
    """Where judging begins again when dumps or decisions at `first` and later are news: at the earliest dump whose
    release rests on a dump of then."""
    return min(
        [
            first,
            *(
                observed_at[verdict.dump_id]
                for verdict in released
                if any(observed_at[dump_id] >= first for dump_id in verdict.confirmed_by)
            ),
        ]
    )


def broken(sighting: Sighting, *, is_local: bool = False) -> str | None:
    """Why a dump can't count whatever came before or after it: no records, or too many unreadable ones."""
    count = len(sighting.offering_ids)
    if sighting.rejected * 100 > (count + sighting.rejected) * MAX_REJECTED_PERCENT:
        return f"{sighting.rejected} of {count + sighting.rejected} records could not be read"
    # A local service may truly have nothing installed.
    if count == 0 and not is_local:
        return "no records at all"
    return None


def shrunk(sighting: Sighting, base: Sighting) -> str | None:
    """Why a complete list is no plausible successor of the one before it."""
    before, now = len(base.offering_ids), len(sighting.offering_ids)
    if before < MIN_BASE:
        return None
    # In whole numbers: as a fraction, 7 kept of 10 is a hair under 70 percent.
    if now * 100 < before * MIN_COUNT_PERCENT:
        return f"{now} offerings, {before} before"
    kept = len(base.offering_ids & sighting.offering_ids)
    if kept * 100 < before * MIN_KEPT_PERCENT:
        return f"{kept} of {before} ids still there"
    return None


def _released_by(
    held: Sighting,
    base: Sighting,
    later: Sequence[Sighting],
    decisions: Mapping[int, Decision],
    statuses: Mapping[int, str],
    *,
    is_local: bool,
) -> list[Sighting]:
    """The later dumps that together show a held list to be the new truth; none while they do not.

    Of several held lists the one that is confirmed first is it; history moves on from there.
    """
    open_to_doubt = _until_settled(base, later, decisions, statuses, is_local=is_local)
    confirming = _confirming(held, open_to_doubt)
    rivals = [s for s in open_to_doubt if confirming and s.observed_at < confirming[-1].observed_at]
    for rival in rivals:
        others = _confirming(rival, [s for s in open_to_doubt if s.observed_at > rival.observed_at])
        if others and others[-1].observed_at < confirming[-1].observed_at:
            return []
    return confirming


def _until_settled(
    base: Sighting,
    later: Sequence[Sighting],
    decisions: Mapping[int, Decision],
    statuses: Mapping[int, str],
    *,
    is_local: bool,
) -> list[Sighting]:
    """The dumps that may release a held one, or be released themselves: up to the next that counts anyhow.

    One that fits the base again shows that the list flapped; a list that flaps confirms nothing.
    """
    found: list[Sighting] = []
    for sighting in later:
        decision = decisions.get(sighting.dump_id)
        if decision is Decision.REJECT or sighting.unreadable is not None:
            continue
        confirms_accepted = sighting.confirms is not None and statuses.get(sighting.confirms) == "accepted"
        if decision is Decision.ACCEPT or confirms_accepted:
            break
        if broken(sighting, is_local=is_local):
            continue
        if shrunk(sighting, base) is None:
            break
        found.append(sighting)
    return found


def _confirming(held: Sighting, later: Sequence[Sighting]) -> list[Sighting]:
    """The first of the later dumps that share a list's ids often and long enough; none when they do not."""
    found: list[Sighting] = []
    for sighting in later:
        shared = len(held.offering_ids & sighting.offering_ids)
        if shared * 100 >= len(held.offering_ids) * RELEASING_SHARED_PERCENT:
            found.append(sighting)
            if len(found) >= RELEASING_DUMPS and found[-1].observed_at - found[0].observed_at >= RELEASING_SPAN:
                return found
    return []
