"""The sensors: new files in the drop folder, and work that the database says is pending."""

import hashlib
from pathlib import Path

import dagster as dg
import msgspec
from dagster._core.storage.tags import RUN_KEY_TAG

from model_registry_pipeline.connectors.drops import DropError, list_drops, settled
from model_registry_pipeline.defs.ingest import ingest
from model_registry_pipeline.defs.jobs import catch_up, publish
from model_registry_pipeline.defs.ledger import close_interrupted
from model_registry_pipeline.defs.plans import Plan, ingest_config, plan_next, recognized
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
    close_interrupted(context.instance, warehouse, clock)
    if context.instance.get_run_records(dg.RunsFilter(statuses=UNFINISHED), limit=1):
        return dg.SkipReason("A run is under way; what it leaves is looked at afterwards.")
    # The hour is part of the key: work that a failed run left is asked for again, but not at every tick.
    hour = f"{clock.now():%Y-%m-%dT%H}"

    def run_key(plan: Plan) -> str:
        return f"{plan.job}:{plan.fingerprint}:{hour}"

    plan = plan_next(warehouse, lambda plan: _run_of(context, run_key(plan)) is not None)
    if plan is None:
        return dg.SkipReason("Nothing is pending, save what was tried this hour and failed.")
    return dg.RunRequest(
        run_key=run_key(plan), job_name=plan.job, partition_key=plan.partition_key, asset_selection=plan.selection
    )


def _run_of(context: dg.SensorEvaluationContext, run_key: str) -> dg.DagsterRun | None:
    """The newest run that was started for a run key."""
    runs = context.instance.get_runs(dg.RunsFilter(tags={RUN_KEY_TAG: run_key}), limit=1)
    return runs[0] if runs else None


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
    now = clock.now()
    cursor = msgspec.json.decode(context.cursor or "{}", type=_Cursor)
    cursor.settle(context)
    states: dict[str, str] = {}
    fresh: dict[str, Path] = {}
    for path in paths:
        # A name may hold bytes that are no text, which no cursor takes.
        name, state = ascii(path.name), _state(path)
        if state is not None:
            states[name] = state
            if cursor.seen.get(name) != state and settled(path, now, SETTLED_SECONDS) and len(fresh) < FILES_A_TICK:
                fresh[name] = path
    taken, refused = recognized(fresh.values())
    for fault in refused:
        context.log.warning(fault)
    # What is neither new nor gone keeps its place; what could not be taken is not told at every tick.
    told = {name: states[name] for name in fresh}
    cursor.seen = {name: state for name, state in cursor.seen.items() if name in states} | told
    requests = []
    if taken:
        names = sorted(ascii(Path(file.paths[0]).name) for file in taken)
        fingerprint = hashlib.sha256(msgspec.json.encode([(name, told[name]) for name in names])).hexdigest()
        run_key = f"files:{fingerprint}:{now:%Y-%m-%dT%H}"
        cursor.asked[run_key] = names
        requests.append(dg.RunRequest(run_key=run_key, run_config=ingest_config(taken, "file")))
    return dg.SensorResult(
        run_requests=requests,
        skip_reason=None if requests else "; ".join(refused[:5]) or "No new files.",
        cursor=msgspec.json.encode(cursor).decode(),
    )


class _Cursor(msgspec.Struct):
    """How far the drop folder has been worked off."""

    seen: dict[str, str] = {}
    """The state of each file that was asked for or refused, by name."""
    asked: dict[str, list[str]] = {}
    """The names of files whose run has not ended yet, by run key."""

    def settle(self, context: dg.SensorEvaluationContext) -> None:
        """Forget the runs that have ended. The files of one that did not look at them all are new again."""
        for run_key, names in list(self.asked.items()):
            run = _run_of(context, run_key)
            if run is None or not run.is_finished:
                continue
            del self.asked[run_key]
            # A run that refuses some files is red too, but its step has gone through them all.
            looked = run.is_success or context.instance.all_logs(run.run_id, of_type=dg.DagsterEventType.STEP_OUTPUT)
            for name in () if looked else names:
                self.seen.pop(name, None)


def _state(path: Path) -> str | None:
    try:
        found = path.lstat()
    except OSError:
        return None
    return f"{found.st_size}:{found.st_mtime_ns}"
