"""What the registry knew when: acceptance, replayed in the order in which dumps and decisions became known."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from model_registry_pipeline.domain.history.acceptance import Decision, Sighting, Verdict, judged_again_from, walk


@dataclass(slots=True)
class Period:
    """A stretch of time during which a dump counted, as far as was known then: [known_from, known_to)."""

    dump_id: int
    known_from: datetime
    known_to: datetime | None = None


class Knowledge:
    """A source's verdicts as they stand, brought forward by what becomes known.

    Begins with what is settled: sightings in time order with their verdicts, from an accepted one on; the statuses
    of all earlier dumps, which a 304 may confirm; the decisions in force; and the verdicts that rest on later dumps.
    """

    def __init__(
        self,
        settled: Iterable[Sighting] = (),
        statuses: Mapping[int, str] | None = None,
        decisions: Mapping[int, Decision] | None = None,
        released: Iterable[Verdict] = (),
        *,
        is_complete: bool = True,
        is_local: bool = False,
    ) -> None:
        self._sightings = sorted(settled, key=_order)
        self._statuses = dict(statuses or {})
        self._decisions = dict(decisions or {})
        self._released = {verdict.dump_id: verdict for verdict in released}
        self._is_complete = is_complete
        self._is_local = is_local
        self.verdicts: dict[int, Verdict] = {}
        """The newest verdict of each dump that was judged."""
        self.opened: dict[int, Period] = {}
        """Periods that began and still run."""
        self.closed: list[Period] = []
        """Periods that began and ended."""
        self.ended: dict[int, datetime] = {}
        """Dumps whose settled period ended, and when."""

    def learn(self, known_at: datetime, sightings: Iterable[Sighting], decisions: Mapping[int, Decision]) -> None:
        """Take in what became known at one instant, and judge again what it may bear on."""
        new = list(sightings)
        for sighting in new:
            insort(self._sightings, sighting, key=_order)
        self._decisions.update(decisions)
        touched = [sighting.observed_at for sighting in new]
        touched += [sighting.observed_at for sighting in self._sightings if sighting.dump_id in decisions]
        if touched:
            self._judge_from(min(touched), known_at)

    def _judge_from(self, first: datetime, known_at: datetime) -> None:
        if self._released:
            observed_at = {sighting.dump_id: sighting.observed_at for sighting in self._sightings}
            first = judged_again_from(first, self._released.values(), observed_at)
        # A held dump may be released by later ones, so judging starts after the last accepted dump before.
        before = reversed(self._sightings[: bisect_left(self._sightings, first, key=_observed_at)])
        base = next((s for s in before if self._statuses.get(s.dump_id) == "accepted"), None)
        # Dumps of the base's own instant stand beside it, not after it.
        start = 0 if base is None else bisect_right(self._sightings, base.observed_at, key=_observed_at)
        for verdict in walk(
            self._sightings[start:],
            base=base,
            base_verdicts=self._statuses,
            decisions=self._decisions,
            is_complete=self._is_complete,
            is_local=self._is_local,
        ):
            was_accepted = self._statuses.get(verdict.dump_id) == "accepted"
            self._statuses[verdict.dump_id] = verdict.status
            self.verdicts[verdict.dump_id] = verdict
            self._released.pop(verdict.dump_id, None)
            if verdict.confirmed_by:
                self._released[verdict.dump_id] = verdict
            if verdict.is_accepted and not was_accepted:
                self.opened[verdict.dump_id] = Period(verdict.dump_id, known_at)
            elif was_accepted and not verdict.is_accepted:
                self._end(verdict.dump_id, known_at)

    def _end(self, dump_id: int, known_at: datetime) -> None:
        period = self.opened.pop(dump_id, None)
        if period is None:
            self.ended[dump_id] = known_at
        elif period.known_from < known_at:
            period.known_to = known_at
            self.closed.append(period)


def _observed_at(sighting: Sighting) -> datetime:
    return sighting.observed_at


def _order(sighting: Sighting) -> tuple[datetime, int]:
    return sighting.observed_at, sighting.dump_id
