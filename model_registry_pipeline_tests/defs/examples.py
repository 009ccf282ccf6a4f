"""A registry to run jobs in: an empty database, a loopback server for every source, a clock that is set by hand."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import dagster as dg
import pytest
from sqlalchemy import text

from model_registry_pipeline.connectors.address import FILE
from model_registry_pipeline.definitions import defs
from model_registry_pipeline.defs.jobs import catch_up, daily_sync, sync_keys
from model_registry_pipeline.defs.plans import plan_next
from model_registry_pipeline.defs.raw import FULL_FETCH_TAG
from model_registry_pipeline.defs.resources import Clock
from model_registry_pipeline.domain.source import NamedPages, NumberedPages, Source
from model_registry_pipeline.settings import load_settings
from model_registry_pipeline.sources import all_sources, source_named
from model_registry_pipeline.warehouse.engine import Warehouse
from model_registry_pipeline_tests.connectors.faulty_server import Act, FaultyServer, respond_json
from model_registry_pipeline_tests.patience import NO_LIMITS

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
A_KEY = "planted-key-0123456789"
"""What a provider's key is in these tests; it may show nowhere."""
A_PLACE = "somewhere"
"""What stands at every place of an address that the environment fills: an account, a resource."""


def keys_of(source: Source) -> tuple[str, ...]:
    """The variables that may hold a source's key, and what stands at the places of its address."""
    return tuple(name for variable in source.variables for name in (variable.name, *variable.others))


@contextmanager
def environment(url: str, home: Path, upstream: str) -> Iterator[pytest.MonkeyPatch]:
    """The environment of a registry that knows nothing of the real one: no key, and no way to the internet."""
    with pytest.MonkeyPatch.context() as patch:
        for source in all_sources():
            patch.setenv(f"{source.name.upper()}_BASE_URL", f"{upstream}/{source.name}")
            for variable in (*source.address_variables, *keys_of(source)):
                patch.delenv(variable, raising=False)
        patch.setenv("DATABASE_URL", url)
        patch.setenv("DAGSTER_HOME", "")
        patch.setenv("MODEL_REGISTRY_HOME", str(home / "registry"))
        patch.setenv("MODEL_REGISTRY_DROP_DIR", str(home / "drops"))
        patch.setenv("MODEL_REGISTRY_RETRY_DELAY_SECONDS", "0")
        for variable, seconds in NO_LIMITS.items():
            patch.setenv(variable, seconds)
        load_settings.cache_clear()
        yield patch
    load_settings.cache_clear()


@dataclass
class Registry:
    """What a test does with its registry, and how it looks at it."""

    warehouse: Warehouse
    upstream: FaultyServer
    instance: dg.DagsterInstance
    patch: pytest.MonkeyPatch
    home: Path
    now: datetime = NOON
    """What the clock says."""

    @property
    def today(self) -> str:
        return self.now.date().isoformat()

    @property
    def drops(self) -> Path:
        return self.home / "drops"

    def serve(self, source: str, *answers: object) -> None:
        """What a source says to one request after the other: acts, or documents for a plain 200; the last for ever.
        A list in named files has them all in one document."""
        acts: list[Act] = [answer if callable(answer) else respond_json(answer) for answer in answers]
        declared = source_named(source)
        path = f"/{source}{declared.path}"
        for place in declared.places:
            path = path.replace(f"{{{place.name}}}", A_PLACE)
        self.upstream.play(*acts, at=path)
        if isinstance(declared.pages, NamedPages):
            for document in filter(lambda answer: isinstance(answer, dict), answers):
                for name, content in document.items():
                    self.upstream.play(respond_json(content), at=path.replace(FILE, name))
        if isinstance(declared.pages, NumberedPages):
            second = urlencode(declared.query | {declared.pages.parameter: 2})
            self.upstream.play(respond_json({declared.pages.records_field: []}), at=f"{path}?{second}")

    def asked(self, source: str) -> list[Mapping[str, str]]:
        """The headers of each request to a source."""
        return [
            request.headers
            for request in self.upstream.requests
            if request.target.split("/")[1].split("?")[0] == source
        ]

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)

    def run(
        self,
        job: str,
        *,
        partition_key: str | None = None,
        selection: Sequence[dg.AssetKey] | None = None,
        tags: Mapping[str, str] | None = None,
        run_config: Mapping[str, Any] | None = None,
    ) -> dg.ExecuteInProcessResult:
        return defs.resolve_job_def(job).execute_in_process(
            run_config=run_config,
            instance=self.instance,
            partition_key=partition_key,
            asset_selection=selection,
            tags=tags,
            raise_on_error=False,
        )

    def sync(self, *sources: str, is_full: bool = False) -> dg.ExecuteInProcessResult:
        """Today's lists of some sources: fetched, read and folded."""
        return self.run(
            daily_sync.name,
            partition_key=self.today,
            selection=sync_keys([source_named(name) for name in sources]),
            tags={FULL_FETCH_TAG: "true"} if is_full else {},
        )

    def backfill(self, keys: Sequence[dg.AssetKey], first: str, last: str) -> dg.ExecuteInProcessResult:
        """Days of partitioned assets in one run, as a single-run backfill starts it."""
        tags = {"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": last}
        job = daily_sync if any(key.path[0] == "raw" for key in keys) else catch_up
        return self.run(job.name, selection=keys, tags=tags)

    def follow(self) -> list[str]:
        """Run what is pending until nothing is; the jobs that it took."""
        jobs: list[str] = []
        while (plan := plan_next(self.warehouse)) is not None and len(jobs) < 10:
            self.run(plan.job, partition_key=plan.partition_key, selection=plan.selection)
            jobs.append(plan.job)
        return jobs

    def rows(self, query: str, **parameters: object) -> list[tuple[Any, ...]]:
        with self.warehouse.transaction() as connection:
            return [tuple(row) for row in connection.execute(text(query), parameters)]

    def syncs(self) -> dict[str, tuple[str, str | None]]:
        """The newest sync of each source: its status and its error."""
        found = self.rows("select source, status, error from health.syncs order by sync_id")
        return {source: (status, error) for source, status, error in found}

    def listed(self, source: str) -> set[str]:
        """The ids that a source lists now, as serving tells."""
        found = self.rows(
            "select model_id from serving.offerings where source = :source and state = 'listed'", source=source
        )
        return {model_id for (model_id,) in found}

    def drop(self, name: str, document: object, *, age_seconds: float = 60) -> Path:
        """A file in the drop folder, written some time before the clock's now."""
        self.drops.mkdir(exist_ok=True)
        path = self.drops / name
        path.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
        at = self.now.timestamp() - age_seconds
        os.utime(path, (at, at))
        return path


@contextmanager
def a_registry(url: str, home: Path) -> Iterator[Registry]:
    """A registry on an empty database that has its schemas."""
    with (
        FaultyServer() as upstream,
        environment(url, home, upstream.url) as patch,
        Warehouse(url) as warehouse,
        dg.DagsterInstance.ephemeral() as instance,
    ):
        registry = Registry(warehouse, upstream, instance, patch, home)
        # Resources are bound to assets: a clock of another class would have to replace it in each of them.
        patch.setattr(Clock, "now", lambda _: registry.now)
        patch.setattr(type(instance.event_log_storage), "asset_records_have_last_observation", True)  # as in EventLog
        yield registry


def a_list(*ids: str, **facts: object) -> dict[str, object]:
    """A document as OpenRouter and Groq send it."""
    return {"data": [{"id": model_id, **facts} for model_id in ids]}
