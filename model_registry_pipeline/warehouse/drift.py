"""The drift ledger: each JSON path that a source's records ever had, and the dumps that first and last held it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection, case, select, tuple_
from sqlalchemy.dialects.postgresql import insert as upsert

from model_registry_pipeline.domain.normalized.paths import Drift, Paths, drift
from model_registry_pipeline.warehouse.tables import paths


class ReadDump(Protocol):
    """A dump and the JSON paths of its records; no paths: it could not be read, or is empty."""

    @property
    def dump_id(self) -> int: ...
    @property
    def observed_at(self) -> datetime: ...
    @property
    def paths(self) -> Paths: ...


MAX_PATHS = 5_000
"""Of a source: where keys are data (a map by model name), new ones are no drift and would fill the ledger."""


def note_paths(connection: Connection, source: str, read: Sequence[ReadDump]) -> list[tuple[int, Drift]]:
    """Bring `normalized.paths` up to date with dumps in time order; (dump id, drift) of those that drifted."""
    rows = connection.execute(select(paths).where(paths.c.source == source)).all()
    known = {row.path for row in rows}
    newest = max((row.last_seen_at for row in rows), default=None)
    before: Paths | None = None if newest is None else frozenset(r.path for r in rows if r.last_seen_at == newest)
    seen: dict[str, list[ReadDump]] = {}
    drifted: list[tuple[int, Drift]] = []
    for each in read:
        # An empty list says nothing of paths, as one that can't be read.
        if not each.paths:
            continue
        listed = _kept(each.paths, known)
        # A late dump is older news: what came or went is told of the newest only.
        if newest is None or each.observed_at > newest:
            if found := drift(known, before, listed):
                drifted.append((each.dump_id, found))
            before, newest = listed, each.observed_at
        elif before is not None and each.observed_at == newest:
            before |= listed
        known |= listed
        for path in listed:
            seen.setdefault(path, [each, each])[1] = each
    _merge_paths(connection, source, seen)
    return drifted


def _kept(found: Paths, known: Collection[str]) -> Paths:
    """The known paths among these, and the new ones for which there is room."""
    new = sorted(found.difference(known))
    return found.difference(new[max(0, MAX_PATHS - len(known)) :])


def _merge_paths(connection: Connection, source: str, seen: Mapping[str, Sequence[ReadDump]]) -> None:
    """First and last sighting of each path: the earliest and the latest that any order of arrival leaves."""
    if not seen:
        return
    statement = upsert(paths)
    new = statement.excluded
    is_earlier = tuple_(new.first_seen_at, new.first_dump_id) < tuple_(paths.c.first_seen_at, paths.c.first_dump_id)
    is_later = tuple_(new.last_seen_at, new.last_dump_id) > tuple_(paths.c.last_seen_at, paths.c.last_dump_id)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["source", "path"],
            set_={
                "first_seen_at": case((is_earlier, new.first_seen_at), else_=paths.c.first_seen_at),
                "first_dump_id": case((is_earlier, new.first_dump_id), else_=paths.c.first_dump_id),
                "last_seen_at": case((is_later, new.last_seen_at), else_=paths.c.last_seen_at),
                "last_dump_id": case((is_later, new.last_dump_id), else_=paths.c.last_dump_id),
            },
            where=is_earlier | is_later,
        ),
        [
            {
                "source": source,
                "path": path,
                "first_seen_at": first.observed_at,
                "first_dump_id": first.dump_id,
                "last_seen_at": last.observed_at,
                "last_dump_id": last.dump_id,
            }
            for path, (first, last) in sorted(seen.items())
        ],
    )
