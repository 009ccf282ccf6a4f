"""From a source's accepted listings, in time order, to versions, presence and changes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from model_registry_pipeline.domain.history.diff import UNREAD, Facts, kind_of, last_read, told_steps


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One accepted dump: what its listing has that the one before it had not, and the other way round."""

    dump_id: int
    observed_at: datetime
    previous_at: datetime | None
    """The accepted dump before it."""
    entered: Mapping[int, int]
    """offering_id → record_id, for records that the listing before did not hold."""
    left: Mapping[int, int]
    """offering_id → record_id, for records that are no longer in it."""


@dataclass(slots=True)
class Version:
    """An offering's facts since `valid_from`."""

    offering_id: int
    record_id: int
    valid_from: datetime
    dump_id: int
    valid_to: datetime | None = None


@dataclass(slots=True)
class Presence:
    """An offering's stay in its source's list."""

    offering_id: int
    listed_from: datetime
    listed_to: datetime | None = None
    last_seen_at: datetime | None = None


ChangeRow = tuple[int, datetime, str, str | None, Any, Any, int]
"""offering_id, observed_at, kind, field, before, after, dump_id."""


@dataclass(slots=True)
class State:
    """Where the offerings that the steps touch stand before the first step."""

    versions: dict[int, Version] = field(default_factory=dict)
    """The newest version of each offering, open or not."""
    presences: dict[int, Presence] = field(default_factory=dict)
    """The newest stay of each offering, open or not."""
    known: dict[int, Facts] = field(default_factory=dict)
    """What was last read of each offering whose newest version has fields that can't be read."""


@dataclass(slots=True)
class Folded:
    """What the steps amount to: rows to insert, and rows of before that they ended."""

    versions: list[Version] = field(default_factory=list)
    presences: list[Presence] = field(default_factory=list)
    changes: list[ChangeRow] = field(default_factory=list)
    ended_versions: list[Version] = field(default_factory=list)
    ended_presences: list[Presence] = field(default_factory=list)


def fold(state: State, steps: Iterable[Step], facts: Callable[[int], Facts], *, is_complete: bool) -> Folded:
    """Fold steps onto a state (which is changed). `facts` gives a record's facts by its id.

    A version ends where the facts change or, in a complete list, where the offering is missing for the first time.
    A record that differs only in what nobody named is the same version. A fact that can't be read is unknown in its
    version, which is no change; it is compared with what was last read of it when it can be read again.
    """
    run = _Fold(state, facts, is_complete)
    for step in steps:
        run.take(step)
    return run.folded


class _Fold:
    def __init__(self, state: State, facts: Callable[[int], Facts], is_complete: bool) -> None:
        self.state = state
        self.facts = facts
        self.is_complete = is_complete
        self.folded = Folded()
        # Kept, not only counted: the address of a row that is replaced would be given to a new one.
        self._known = {id(row): row for row in (*state.versions.values(), *state.presences.values())}

    def take(self, step: Step) -> None:
        for offering_id in sorted(step.left.keys() - step.entered.keys()):
            self._leave(offering_id, step)
        for offering_id in sorted(step.entered):
            record_id = step.entered[offering_id]
            if offering_id not in step.left:
                self._enter(offering_id, record_id, step)
            else:
                self._follow(offering_id, record_id, step)

    def _leave(self, offering_id: int, step: Step) -> None:
        presence = self.state.presences[offering_id]
        presence.listed_to, presence.last_seen_at = step.observed_at, step.previous_at
        self._ended(presence, self.folded.ended_presences)
        if self.is_complete:
            self._end_version(self.state.versions[offering_id], step)
            self._change(offering_id, step, "vanished")

    def _enter(self, offering_id: int, record_id: int, step: Step) -> None:
        is_known = offering_id in self.state.presences
        presence = Presence(offering_id, step.observed_at)
        self.state.presences[offering_id] = presence
        self.folded.presences.append(presence)
        if not is_known:
            self._change(offering_id, step, "appeared")
            self._begin_version(offering_id, record_id, step)
        elif self.is_complete:
            self._change(offering_id, step, "returned")
            self._tell_steps(offering_id, record_id, step)
            self._begin_version(offering_id, record_id, step)
        else:
            # Absence from a partial list said nothing, so neither does coming back; its facts may have moved.
            self._follow(offering_id, record_id, step)

    def _follow(self, offering_id: int, record_id: int, step: Step) -> None:
        if self._tell_steps(offering_id, record_id, step):
            self._end_version(self.state.versions[offering_id], step)
            self._begin_version(offering_id, record_id, step)

    def _tell_steps(self, offering_id: int, record_id: int, step: Step) -> bool:
        before = self.state.versions[offering_id].record_id
        if before == record_id:
            return False
        was, now = self.facts(before), self.facts(record_id)
        known = self.state.known.pop(offering_id, was)
        steps = told_steps(known, was, now)
        for name, old, new in steps:
            self._change(offering_id, step, kind_of(name), name, old, new)
        if UNREAD in now:
            self.state.known[offering_id] = last_read(known, was, now)
        elif UNREAD not in was:
            return bool(steps)
        # What can't be read is not known from here on, or is known again: another version, and no change.
        return was != now

    def _begin_version(self, offering_id: int, record_id: int, step: Step) -> None:
        version = Version(offering_id, record_id, step.observed_at, step.dump_id)
        self.state.versions[offering_id] = version
        self.folded.versions.append(version)

    def _end_version(self, version: Version, step: Step) -> None:
        version.valid_to = step.observed_at
        self._ended(version, self.folded.ended_versions)

    def _ended(self, row: Any, ended: list[Any]) -> None:
        # Rows that this fold began are inserted with their end; those of before are updated.
        if id(row) in self._known:
            ended.append(row)

    def _change(
        self,
        offering_id: int,
        step: Step,
        kind: str,
        name: str | None = None,
        before: Any = None,
        after: Any = None,
    ) -> None:
        self.folded.changes.append((offering_id, step.observed_at, kind, name, before, after, step.dump_id))
