"""What to run next, worked out from the database and the drop folder: for the sensors and for the CLI alike."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import dagster as dg

from model_registry_pipeline.defs.history import history_key
from model_registry_pipeline.defs.ingest import IngestConfig, IngestFile
from model_registry_pipeline.defs.jobs import catch_up, catch_up_keys, publish
from model_registry_pipeline.defs.partitions import DAYS, day_of
from model_registry_pipeline.domain.normalized.translate import parser_version
from model_registry_pipeline.domain.raw.names import UnreadableNameError, parse_drop_name, parse_replay_name
from model_registry_pipeline.domain.source import NamedPages
from model_registry_pipeline.sources import all_sources, source_named
from model_registry_pipeline.warehouse import history, normalized, suspicions
from model_registry_pipeline.warehouse.engine import Warehouse
from model_registry_pipeline.warehouse.snapshots import unpublished_days


@dataclass(frozen=True)
class Plan:
    """A run to start."""

    job: str
    fingerprint: str
    """The same for the same work."""
    selection: Sequence[dg.AssetKey] | None = None
    partition_key: str | None = None


def plan_next(warehouse: Warehouse, is_tried: Callable[[Plan], bool] = lambda _: False) -> Plan | None:
    """The first stage that has work: dumps to read, listings to fold, history to publish; None: all is done.

    Work that `is_tried` is passed over, so that one dump that can't be read keeps nothing else from being published.
    """
    versions = {source.name: parser_version(source) for source in all_sources()}
    plans = (stage(warehouse, versions) for stage in (_reading, _folding, _publishing))
    return next((plan for plan in plans if plan is not None and not is_tried(plan)), None)


def _reading(warehouse: Warehouse, versions: Mapping[str, str]) -> Plan | None:
    with warehouse.transaction() as connection:
        unread = normalized.pending_dumps(connection, all_sources())
    if not unread:
        return None
    # Reading a day reads all that is pending of its source; the newest day stands for the run. A file may be dated
    # tomorrow, which is no partition yet.
    newest = day_of(max(dump.observed_at for dump in unread)).isoformat()
    return Plan(
        catch_up.name,
        _fingerprint((dump.dump_id, versions[dump.source]) for dump in unread),
        catch_up_keys([source_named(name) for name in sorted({dump.source for dump in unread})]),
        min(newest, DAYS.get_last_partition_key() or newest),
    )


def _folding(warehouse: Warehouse, versions: Mapping[str, str]) -> Plan | None:
    with warehouse.transaction() as connection:
        unfolded = history.pending_sources(connection, versions)
    keys = [history_key(source_named(source)) for source in sorted(unfolded)]
    return Plan(catch_up.name, _fingerprint(sorted(unfolded.items())), keys) if unfolded else None


def _publishing(warehouse: Warehouse, _: Mapping[str, str]) -> Plan | None:
    with warehouse.transaction() as connection:
        # A person's word on a dump that counts anyhow changes no history, but settles what prices it made doubtful.
        unpublished = [*unpublished_days(connection), *suspicions.decided(connection)]
    return Plan(publish.name, _fingerprint(unpublished)) if unpublished else None


def _fingerprint(parts: Iterable[object]) -> str:
    return hashlib.sha256("\n".join(map(repr, parts)).encode()).hexdigest()[:32]


def recognized(paths: Iterable[Path]) -> tuple[list[IngestFile], list[str]]:
    """The files whose names tell a source and an instant, and what is wrong with the others."""
    names = {source.name for source in all_sources()}
    files: list[IngestFile] = []
    faults: list[str] = []
    for path in paths:
        try:
            drop = parse_drop_name(path.name, names)
        except UnreadableNameError as error:
            faults.append(str(error))
        else:
            files.append(_file([(0, path)], drop.source, drop.observed_at))
    return files, faults


def replayed(paths: Iterable[Path], source: str) -> tuple[list[IngestFile], list[str]]:
    """One source's dated dumps in time order, pages or named files put together, and what is wrong with other names."""
    named = source_named(source).pages
    names = named.names if isinstance(named, NamedPages) else ()
    pages: defaultdict[tuple[datetime, bool], list[tuple[int | str, Path]]] = defaultdict(list)
    faults: list[str] = []
    for path in paths:
        try:
            replay = parse_replay_name(path.name, names)
        except UnreadableNameError as error:
            faults.append(str(error))
        else:
            pages[replay.observed_at, bool(replay.file)].append((replay.file or replay.page or 0, path))
    return [_file(sorted(pages[key]), source, key[0]) for key in sorted(pages)], faults


def _file(pages: Sequence[tuple[int | str, Path]], source: str, observed_at: datetime) -> IngestFile:
    return IngestFile(
        paths=[str(path) for _, path in pages],
        names=[page for page, _ in pages if isinstance(page, str)] or None,
        source=source,
        observed_at=observed_at.isoformat(),
    )


def ingest_config(files: Sequence[IngestFile], origin: str) -> dict[str, Any]:
    """The run config of the job `ingest`."""
    config = IngestConfig(files=list(files), origin=origin)
    return {"ops": {"store_files": {"config": config.model_dump()}}}
