"""The jobs: sync today, follow what is pending, publish, judge."""

import dagster as dg

from model_registry_pipeline.defs.checks import HOURLY_JOB, hourly_checks
from model_registry_pipeline.defs.health import FLAGS, PAIRS, SUSPICIONS
from model_registry_pipeline.defs.history import SNAPSHOTS, history_key
from model_registry_pipeline.defs.namesakes import NAMESAKES
from model_registry_pipeline.defs.normalized import normalized_key
from model_registry_pipeline.defs.raw import raw_key
from model_registry_pipeline.defs.serving import GROUP as SERVING
from model_registry_pipeline.domain.source import Source
from model_registry_pipeline.settings import SettingsError, load_settings
from model_registry_pipeline.sources import UnknownSourceError, all_sources, source_named


def wanted_sources() -> list[Source]:
    """The sources of MODEL_REGISTRY_SOURCES, or all. Raises SettingsError."""
    names = load_settings().sources
    try:
        return [source_named(name) for name in names] if names else list(all_sources())
    except UnknownSourceError as error:
        raise SettingsError(f"MODEL_REGISTRY_SOURCES: {error}") from None


def sync_keys(sources: list[Source]) -> list[dg.AssetKey]:
    """The assets of a sync, of some sources."""
    return [key for source in sources for key in (raw_key(source), *catch_up_keys([source]))]


def catch_up_keys(sources: list[Source]) -> list[dg.AssetKey]:
    """The assets that follow stored dumps, of some sources."""
    return [key for source in sources for key in (normalized_key(source), history_key(source))]


HOURLY = dg.AssetSelection.checks(hourly_checks)

daily_sync = dg.define_asset_job(
    "daily_sync",
    selection=dg.AssetSelection.assets(*sync_keys(wanted_sources())) - HOURLY,
    description="Fetch every source's list of today, read it, and fold it into history.",
)
catch_up = dg.define_asset_job(
    "catch_up",
    selection=dg.AssetSelection.assets(*catch_up_keys(list(all_sources()))) - HOURLY,
    description="Read and fold what is stored and not yet read or folded: files, answers of killed runs, decisions.",
)
publish = dg.define_asset_job(
    "publish",
    selection=dg.AssetSelection.assets(SNAPSHOTS, NAMESAKES, PAIRS, FLAGS, SUSPICIONS)
    | dg.AssetSelection.groups(SERVING) - HOURLY,
    description="Refresh what is told across sources: snapshots, pairs, flags, suspicions, and the counts of views.",
)
health = dg.define_asset_job(
    HOURLY_JOB,
    selection=HOURLY,
    description="Judge what time does: to each source, and to all of it. Checks only.",
)
