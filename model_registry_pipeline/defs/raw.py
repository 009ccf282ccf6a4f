"""raw/<source>: fetch a source's list and commit it to the lake, before anything is parsed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import dagster as dg

from model_registry_pipeline.connectors.errors import FetchError, NotConfiguredError
from model_registry_pipeline.connectors.fetch import Answer
from model_registry_pipeline.connectors.package import installed_document
from model_registry_pipeline.defs.ledger import Ledger
from model_registry_pipeline.defs.partitions import DAYS, ONE_RUN
from model_registry_pipeline.defs.resources import Clock, Fetches
from model_registry_pipeline.defs.retries import RETRIES
from model_registry_pipeline.domain.raw.fingerprint import dump_sha256
from model_registry_pipeline.domain.source import Source
from model_registry_pipeline.settings import Settings, load_settings
from model_registry_pipeline.sources import all_sources
from model_registry_pipeline.warehouse import raw
from model_registry_pipeline.warehouse.engine import Warehouse

GROUP = "raw"
FULL_FETCH_TAG = "model_registry/full_fetch"
"""On a run: ask for the lists whole, whatever is stored already."""


def raw_key(source: Source) -> dg.AssetKey:
    return dg.AssetKey([GROUP, source.name])


def provider_key(source: Source) -> dg.AssetKey:
    return dg.AssetKey(["provider", source.name])


def _whereabouts(source: Source) -> dict[str, Any]:
    if not source.base_url:
        return {"list": f"the installed package {source.package}"}
    return {"url": dg.MetadataValue.url(source.website), "list": source.base_url + source.path}


PROVIDERS = [
    dg.AssetSpec(
        provider_key(source),
        group_name="provider",
        description=f"{source.about} Licence or terms: {source.terms}.",
        kinds={"api"},
        metadata=_whereabouts(source),
    )
    for source in all_sources()
]

FRESHNESS_POLICY = dg.FreshnessPolicy.time_window(
    warn_window=timedelta(hours=load_settings().freshness_warn_hours),
    fail_window=timedelta(hours=load_settings().freshness_error_hours),
)
"""For the eye. It goes by materializations, of whatever day; the check `freshness` goes by syncs, and is the truth."""


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
        retry_policy=RETRIES,
        tags={"source": source.name},
        metadata={"dagster/table_name": "raw.dumps"},
        freshness_policy=FRESHNESS_POLICY,
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
        ledger = Ledger(context, clock, warehouse, source)
        # The instant of the run's answers counts: its later steps may come after midnight.
        _refuse_the_past(context.partition_keys, fetches.observed_at or clock.now())
        observed_at = _begin(context, clock, settings, warehouse, fetches)
        ledger.begin(observed_at)
        with ledger.closed_on_failure():
            _refuse_an_earlier_instant(source, observed_at, fetches.ahead.get(source.name))
            said = _said(context, clock, fetches, ledger, source, observed_at)
            if said is None:
                return
            with warehouse.transaction() as connection:
                dump_id, is_new = raw.store_dump(connection, said.dump)
            ledger.note(dump_id=dump_id)
        yield dg.MaterializeResult(metadata=_metadata(said.dump, dump_id, is_new) | said.metadata)

    return fetched


def _refuse_the_past(days: Sequence[str], now: datetime) -> None:
    today = now.date().isoformat()
    past = [day for day in days if day != today]
    if past:
        raise dg.Failure(
            f"The past cannot be fetched ({past[0]}): start today's partition ({today}). To reprocess what is stored, "
            "backfill normalized/…; to add a past day, drop a file into the drop folder.",
            allow_retries=False,
        )


def _refuse_an_earlier_instant(source: Source, observed_at: datetime, newest: datetime | None) -> None:
    """`newest`: an answer of a later instant that the source had when the run began."""
    if newest is not None:
        raise dg.Failure(
            f"The clock says {observed_at:%Y-%m-%d %H:%M:%S} UTC, but {source.name} has an answer of "
            f"{newest:%Y-%m-%d %H:%M:%S} UTC: set the clock right, or reject its dump if that was not so.",
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
        newest = {source.name: raw.newest_observed_at(connection, source.name) for source in sources}
        full_since = now - timedelta(days=settings.full_fetch_days)
        asked = {} if FULL_FETCH_TAG in context.run.tags else raw.etags(connection, full_since)
    ahead = {name: instant for name, instant in newest.items() if instant is not None and instant > now}
    fetches.begin(
        [source for source in sources if source.name not in ahead],
        {s.name: asked[s.name] for s in sources if s.is_asked_for_changes and s.name in asked},
        ahead,
        now,
    )
    return now


@dataclass(frozen=True)
class _Said:
    """What is stored of a source today."""

    dump: raw.NewDump
    metadata: dict[str, Any]
    """How it came in."""


def _said(
    context: dg.AssetExecutionContext,
    clock: Clock,
    fetches: Fetches,
    ledger: Ledger,
    source: Source,
    observed_at: datetime,
) -> _Said | None:
    """A source's answer, or what its package carries in place of one; None: it is skipped. Raises Failure."""
    try:
        answer = fetches.wait(source)
    except NotConfiguredError as error:
        if source.package is None:
            context.log.warning(f"{source.name} is skipped: {error}")
            ledger.end("skipped", error=str(error))
            return None
        package, dump = _packaged(source, clock.now(), ledger.run_id)
        context.log.info(f"{source.name}: the list of {package}")
        return _Said(dump, {"package": package})
    except FetchError as error:
        if source.package is None:
            raise dg.Failure(str(error), allow_retries=False) from None
        package, dump = _packaged(source, clock.now(), ledger.run_id)
        # Told aloud, here and in the sync's row: a silent fallback would pass for a fresh answer.
        told = f"{error}. The list of {package} stands in."
        context.log.warning(told)
        ledger.note(error=told, fallback=told)
        return _Said(dump, {"fell_back": told})
    confirms = fetches.conditions.get(source.name) if answer.not_modified else None
    context.log.info(_told(source, answer, confirms))
    dump = _answered(source, answer, confirms, observed_at, clock.now(), ledger.run_id)
    return _Said(dump, {"http_status": answer.status, "seconds": answer.seconds, "url": answer.url})


def _answered(
    source: Source, answer: Answer, confirms: raw.StoredDump | None, observed_at: datetime, now: datetime, run_id: str
) -> raw.NewDump:
    documents = [document.body for document in answer.documents]
    return raw.NewDump(
        source=source.name,
        observed_at=observed_at,
        recorded_at=now,
        origin="fetch",
        documents=documents,
        document_names=answer.names,
        sha256=dump_sha256(documents) if confirms is None else confirms.sha256,
        original_sha256=answer.original_sha256,
        url=answer.url,
        http_status=answer.status,
        etag=answer.etag or (None if confirms is None else confirms.etag),
        run_id=run_id,
        confirms=confirms,
    )


def _told(source: Source, answer: Answer, confirms: raw.StoredDump | None) -> str:
    if confirms is not None:
        return f"{source.name}: not modified since dump {confirms.dump_id}"
    size = sum(document.size for document in answer.documents)
    return f"{source.name}: {size:,} bytes fetched in {answer.seconds:.1f} s"


def _packaged(source: Source, now: datetime, run_id: str) -> tuple[str, raw.NewDump]:
    """The package in words, and the list that it carries, at the instant at which it spoke."""
    assert source.package is not None
    packaged = installed_document(source.package)
    return f"the installed package {source.package} {packaged.version}", raw.NewDump(
        source=source.name,
        observed_at=packaged.stated_at,
        recorded_at=now,
        origin="package",
        documents=[packaged.document],
        sha256=dump_sha256([packaged.document]),
        file_name=f"{source.package}=={packaged.version}",
        run_id=run_id,
    )


def _metadata(dump: raw.NewDump, dump_id: int, is_new: bool) -> dict[str, Any]:
    return {
        "dump_id": dump_id,
        "is_new": is_new,
        "origin": dump.origin,
        "observed_at": dg.MetadataValue.timestamp(dump.observed_at),
        "sha256": dump.sha256.hex(),
        "bytes": sum(len(document) for document in dump.documents),
        "pages": len(dump.documents),
    }


RAW_ASSETS = [raw_asset(source) for source in all_sources()]
