"""raw/<source>: fetch a source's list and commit it to the lake, before anything is parsed."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import dagster as dg

from model_registry_pipeline.connectors.errors import FetchError, NotConfiguredError
from model_registry_pipeline.connectors.fetch import Answer
from model_registry_pipeline.connectors.package import installed_document
from model_registry_pipeline.defs.partitions import DAYS, ONE_RUN
from model_registry_pipeline.defs.resources import Clock, Fetches
from model_registry_pipeline.domain.raw.fingerprint import combined_sha256, dump_sha256
from model_registry_pipeline.domain.source import Source
from model_registry_pipeline.settings import Settings
from model_registry_pipeline.sources import all_sources
from model_registry_pipeline.warehouse import health, raw
from model_registry_pipeline.warehouse.engine import Warehouse

GROUP = "raw"
FULL_FETCH_TAG = "model_registry/full_fetch"
"""On a run: ask for the lists whole, whatever is stored already."""


def raw_key(source: Source) -> dg.AssetKey:
    return dg.AssetKey([GROUP, source.name])


def provider_key(source: Source) -> dg.AssetKey:
    return dg.AssetKey(["provider", source.name])


PROVIDERS = [
    dg.AssetSpec(
        provider_key(source),
        group_name="provider",
        description=f"{source.about} Licence or terms: {source.terms}.",
        kinds={"api"},
        metadata={"url": dg.MetadataValue.url(source.website), "list": source.base_url + source.path},
    )
    for source in all_sources()
]


def raw_asset(source: Source) -> dg.AssetsDefinition:
    """The asset that fetches one source."""

    @dg.asset(
        key=raw_key(source),
        group_name=GROUP,
        partitions_def=DAYS,
        backfill_policy=ONE_RUN,
        output_required=False,
        deps=[provider_key(source)],
        kinds={"python", "postgres"},
        tags={"source": source.name},
        metadata={"dagster/table_name": "raw.dumps"},
        description=(
            f"The list of {source.label}, fetched and stored byte for byte.\n\n"
            "One partition a day, by the UTC day on which the source said it. The past cannot be fetched: to "
            "reprocess stored answers, materialize the normalized asset; to add a past day, drop a file."
        ),
    )
    def fetched(
        context: dg.AssetExecutionContext,
        clock: dg.ResourceParam[Clock],
        settings: dg.ResourceParam[Settings],
        warehouse: dg.ResourceParam[Warehouse],
        fetches: dg.ResourceParam[Fetches],
    ) -> Iterator[dg.MaterializeResult[None]]:
        sync = _Sync(context, clock, warehouse, source)
        _refuse_the_past(context.partition_keys, clock.now())
        observed_at = _begin(context, clock, settings, warehouse, fetches)
        sync.begin(observed_at)
        try:
            answer = fetches.wait(source)
        except NotConfiguredError as error:
            context.log.warning(f"{source.name} is skipped: {error}")
            sync.end("skipped", str(error))
        except FetchError as error:
            if source.package is None:
                sync.end("failed", str(error))
                raise dg.Failure(str(error), allow_retries=False) from None
            yield _package_result(source, sync, str(error))
        else:
            yield _answer_result(source, sync, answer, observed_at, fetches.conditions.get(source.name))

    return fetched


class _Sync:
    """A run's row for a source in the ledger of syncs."""

    def __init__(self, context: dg.AssetExecutionContext, clock: Clock, warehouse: Warehouse, source: Source) -> None:
        self.run_id = context.run.run_id
        self.log = context.log
        self.clock = clock
        self.warehouse = warehouse
        self.source = source.name

    def begin(self, started_at: datetime) -> None:
        with self.warehouse.transaction() as connection:
            health.begin_sync(connection, self.run_id, self.source, started_at)

    def end(self, status: str, error: str) -> None:
        with self.warehouse.transaction() as connection:
            health.note_sync(
                connection, self.run_id, self.source, completed_at=self.clock.now(), status=status, error=error
            )

    def store(
        self, dump: raw.NewDump, confirms: raw.StoredDump | None = None, error: str | None = None
    ) -> dict[str, Any]:
        """Commit an answer to the lake; its metadata for the UI."""
        with self.warehouse.transaction() as connection:
            dump_id, is_new = raw.store_dump(connection, dump, confirms=confirms)
            health.note_sync(connection, self.run_id, self.source, dump_id=dump_id, error=error)
        return {
            "dump_id": dump_id,
            "is_new": is_new,
            "origin": dump.origin,
            "observed_at": dg.MetadataValue.timestamp(dump.observed_at),
            "sha256": dump.sha256.hex(),
            "bytes": sum(len(document) for document in dump.documents),
            "pages": len(dump.documents),
        }


def _refuse_the_past(days: Sequence[str], now: datetime) -> None:
    today = now.date().isoformat()
    past = [day for day in days if day != today]
    if past:
        raise dg.Failure(
            f"The past cannot be fetched ({past[0]}): start today's partition ({today}). To reprocess what is stored, "
            "backfill normalized/…; to add a past day, drop a file into the drop folder.",
            allow_retries=False,
        )


def _begin(
    context: dg.AssetExecutionContext, clock: Clock, settings: Settings, warehouse: Warehouse, fetches: Fetches
) -> datetime:
    """Start the downloads of all raw steps of this run, unless an earlier step has; the instant of their answers."""
    if fetches.observed_at is not None:
        return fetches.observed_at
    now = clock.now()
    steps = set(context.run.step_keys_to_execute or ())
    sources = [source for source in all_sources() if raw_key(source).to_python_identifier() in steps]
    with warehouse.transaction() as connection:
        for source in sources:
            newest = raw.newest_observed_at(connection, source.name)
            if newest is not None and newest > now:
                raise dg.Failure(
                    f"The clock says {now:%Y-%m-%d %H:%M:%S} UTC, but {source.name} has an answer of "
                    f"{newest:%Y-%m-%d %H:%M:%S} UTC: set the clock right.",
                    allow_retries=False,
                )
        full_since = now - timedelta(days=settings.full_fetch_days)
        asked = {} if FULL_FETCH_TAG in context.run.tags else raw.etags(connection, full_since)
    fetches.begin(sources, {s.name: asked[s.name] for s in sources if s.pages is None and s.name in asked}, now)
    return now


def _answer_result(
    source: Source, sync: _Sync, answer: Answer, observed_at: datetime, asked: raw.StoredDump | None
) -> dg.MaterializeResult[None]:
    confirms = asked if answer.not_modified else None
    documents = [document.body for document in answer.documents]
    dump = raw.NewDump(
        source=source.name,
        observed_at=observed_at,
        recorded_at=sync.clock.now(),
        origin="fetch",
        documents=documents,
        sha256=confirms.sha256 if confirms is not None else dump_sha256(documents),
        original_sha256=_original_sha256(answer),
        url=answer.url,
        http_status=answer.status,
        etag=answer.etag or (confirms.etag if confirms is not None else None),
        run_id=sync.run_id,
    )
    stored = sync.store(dump, confirms)
    sync.log.info(
        f"{source.name}: not modified since dump {confirms.dump_id}"
        if confirms is not None
        else f"{source.name}: {stored['bytes']:,} bytes fetched in {answer.seconds:.1f} s"
    )
    return dg.MaterializeResult(
        metadata=stored
        | {"http_status": answer.status, "seconds": answer.seconds, "url": dg.MetadataValue.url(answer.url)}
    )


def _original_sha256(answer: Answer) -> bytes | None:
    """Of the bytes as served, where a secret was masked in them."""
    if not any(document.is_masked for document in answer.documents):
        return None
    return combined_sha256([document.original_sha256 for document in answer.documents])


def _package_result(source: Source, sync: _Sync, fault: str) -> dg.MaterializeResult[None]:
    """The list that an installed package carries, at the instant at which that package spoke."""
    assert source.package is not None
    packaged = installed_document(source.package)
    # Told aloud, here and in the sync's row: a silent fallback would pass for a fresh answer.
    told = f"{fault} The installed package {source.package} {packaged.version} stands in."
    sync.log.warning(f"{source.name}: {told}")
    dump = raw.NewDump(
        source=source.name,
        observed_at=packaged.stated_at,
        recorded_at=sync.clock.now(),
        origin="package",
        documents=[packaged.document],
        sha256=dump_sha256([packaged.document]),
        file_name=f"{source.package}=={packaged.version}",
        run_id=sync.run_id,
    )
    return dg.MaterializeResult(metadata=sync.store(dump, error=told) | {"fell_back": told})


RAW_ASSETS = [raw_asset(source) for source in all_sources()]
