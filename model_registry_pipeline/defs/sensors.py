"""The sensors: new files in the drop folder, and work that the database says is pending."""

import hashlib
from pathlib import Path

import dagster as dg
import msgspec

from model_registry_pipeline.connectors.drops import DropError, list_drops, settled
from model_registry_pipeline.defs.ingest import ingest
from model_registry_pipeline.defs.jobs import catch_up, publish
from model_registry_pipeline.defs.plans import ingest_config, plan_next, recognized
from model_registry_pipeline.defs.resources import Clock
from model_registry_pipeline.settings import Settings
from model_registry_pipeline.warehouse.engine import Warehouse

UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
FILES_A_TICK = 100
SETTLED_SECONDS = 5.0
"""A file whose size and time of change have stood still for this long is no longer being written."""


@dg.sensor(
    jobs=[catch_up, publish],
    name="pending",
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description=(
        "Asks the database what is stored but not yet read, folded or published, and starts the job that does it: "
        "after file drops, after runs that were killed, after a held answer was accepted or rejected."
    ),
)
def pending(
    context: dg.SensorEvaluationContext,
    clock: dg.ResourceParam[Clock],
    warehouse: dg.ResourceParam[Warehouse],
) -> dg.RunRequest | dg.SkipReason:
    if context.instance.get_run_records(dg.RunsFilter(statuses=UNFINISHED), limit=1):
        return dg.SkipReason("A run is under way; what it leaves is looked at afterwards.")
    plan = plan_next(warehouse)
    if plan is None:
        return dg.SkipReason("Nothing is pending.")
    # The hour is part of the key: work that a failed run left is asked for again, but not at every tick.
    run_key = f"{plan.job}:{plan.fingerprint}:{clock.now():%Y-%m-%dT%H}"
    return dg.RunRequest(
        run_key=run_key, job_name=plan.job, partition_key=plan.partition_key, asset_selection=plan.selection
    )


@dg.sensor(
    job=ingest,
    name="file_drops",
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description=(
        "Watches the drop folder for `<source>_models_<date>.json[.gz]`. A file is taken once it has stopped growing, "
        "and stays where it is; one that cannot be taken is told once."
    ),
)
def file_drops(
    context: dg.SensorEvaluationContext,
    clock: dg.ResourceParam[Clock],
    settings: dg.ResourceParam[Settings],
) -> dg.SensorResult | dg.SkipReason:
    try:
        paths = list_drops(settings.drop_dir)
    except DropError as error:
        return dg.SkipReason(str(error))
    seen: dict[str, str] = msgspec.json.decode(context.cursor) if context.cursor else {}
    now = clock.now()
    states: dict[str, str] = {}
    fresh: list[Path] = []
    for path in paths:
        state = _state(path)
        if state is not None:
            states[path.name] = state
            if seen.get(path.name) != state and settled(path, now, SETTLED_SECONDS) and len(fresh) < FILES_A_TICK:
                fresh.append(path)
    taken, refused = recognized(fresh)
    for fault in refused:
        context.log.warning(fault)
    # What is neither new nor gone keeps its place; what could not be taken is not told at every tick.
    told = {path.name: states[path.name] for path in fresh}
    kept = {name: state for name, state in seen.items() if name in states}
    requests = []
    if taken:
        stated = sorted((name, told[name]) for file in taken for name in (Path(file.paths[0]).name,))
        fingerprint = hashlib.sha256(msgspec.json.encode(stated)).hexdigest()
        requests.append(dg.RunRequest(run_key=f"files:{fingerprint}", run_config=ingest_config(taken, "file")))
    return dg.SensorResult(
        run_requests=requests,
        skip_reason=None if requests else "; ".join(refused[:5]) or "No new files.",
        cursor=msgspec.json.encode(kept | told).decode(),
    )


def _state(path: Path) -> str | None:
    try:
        found = path.lstat()
    except OSError:
        return None
    return f"{found.st_size}:{found.st_mtime_ns}"
