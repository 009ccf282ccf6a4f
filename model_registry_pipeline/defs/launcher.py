"""Runs in processes of this machine, and what Dagster's own launcher does not tell: whether such a process still lives.

Without it a run whose process was killed together with its code server, or that the command line ran itself, would
show as started, and take one of the few places in the queue, until it exceeds the longest run time.
"""

import platform

import dagster as dg
import psutil
from dagster._core.launcher import CheckRunHealthResult, WorkerStatus
from dagster._core.storage.tags import GRPC_INFO_TAG

HOST_TAG = "model_registry/host"
"""On a run that a process executes itself: the machine, whose daemon may judge it."""


def host_tag() -> dict[str, str]:
    """The tag of a run that this process is about to execute."""
    return {HOST_TAG: platform.node()}


class WatchedRunLauncher(dg.DefaultRunLauncher):
    """Dagster's launcher; run monitoring can ask it for the health of a run."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        return True

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """Failed when the process that began the run is gone from this machine; any doubt is in the run's favour."""
        is_here = GRPC_INFO_TAG in run.tags or run.tags.get(HOST_TAG) == platform.node()
        began = self._began(run) if is_here else None
        if began is None or _lives(*began):
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        return CheckRunHealthResult(WorkerStatus.FAILED, f"its process {began[0]} is gone")

    def _began(self, run: dg.DagsterRun) -> tuple[int, float] | None:
        """The run's process and when it said so: the executor's first event bears its number."""
        events = self._instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ENGINE_EVENT)
        for event in events:
            data = event.get_dagster_event().engine_event_data
            if (pid := data.metadata.get("pid")) is not None:
                return int(str(pid.value)), event.timestamp
        return None


def _lives(pid: int, seen_at: float) -> bool:
    """A process that began later only has the same number."""
    try:
        process = psutil.Process(pid)
        return bool(process.create_time() <= seen_at and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False
