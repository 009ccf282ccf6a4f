"""The hourly checks, all in one step, and how a verdict becomes the result of a check.

Those that judge a dump, or what is worked out across sources, are yielded by the asset that has it; these here judge
what time does. They speak of the providers, which no run materializes: on the raw assets they would be one more step of
every sync, which is skipped, and so shown as not passed, as soon as one source fails.
"""

from collections.abc import Iterator
from datetime import timedelta

import dagster as dg

from model_registry_pipeline.checkup import hourly_verdicts
from model_registry_pipeline.defs.instance import forget_runs
from model_registry_pipeline.defs.resources import Clock
from model_registry_pipeline.domain.health.plain_text import plain
from model_registry_pipeline.domain.health.verdict import Severity, Verdict, unjudged
from model_registry_pipeline.settings import Settings
from model_registry_pipeline.sources import all_sources
from model_registry_pipeline.warehouse.checks import DATABASE, HOURLY_BY_SOURCE, HOURLY_OF_ALL, SERVED, Check

SEVERITIES = {Severity.WARN: dg.AssetCheckSeverity.WARN, Severity.ERROR: dg.AssetCheckSeverity.ERROR}
MAX_REASON_CHARACTERS = 2_000


def check_spec(check: Check, table: str) -> dg.AssetCheckSpec:
    """A check on one asset, with its rule's docstring as its description. None blocks: what is stored stays served."""
    return dg.AssetCheckSpec(check.name, asset=[check.stage, table], description=check.description)


def check_result(check: Check, table: str, verdict: Verdict) -> dg.AssetCheckResult:
    """A verdict as Dagster stores it; its facts plot."""
    return dg.AssetCheckResult(
        check_name=check.name,
        asset_key=[check.stage, table],
        passed=verdict.passed,
        severity=SEVERITIES[verdict.severity],
        # It may name what providers sent, and the UI renders it as Markdown, images and all.
        description=plain(verdict.reason, MAX_REASON_CHARACTERS),
        metadata=dict(verdict.facts),
    )


HOURLY_CHECKS = [
    *((check, source.name) for source in all_sources() for check in HOURLY_BY_SOURCE),
    *((check, SERVED) for check in HOURLY_OF_ALL),
]

HOURLY_JOB = "health"
KEPT = timedelta(days=14)
"""How long what the hourly job found can be looked at."""


@dg.multi_asset_check(
    name="hourly_checks",
    specs=[check_spec(check, table) for check, table in HOURLY_CHECKS],
    # Without it no asset that is checked here could be materialized alone.
    can_subset=True,
)
def hourly_checks(
    context: dg.AssetCheckExecutionContext, clock: dg.ResourceParam[Clock], settings: dg.ResourceParam[Settings]
) -> Iterator[dg.AssetCheckResult]:
    # The warehouse is no resource here: while the database is down that would fail the step, and nothing would be told.
    found = {(judged.check, judged.table): judged.verdict for judged in hourly_verdicts(settings, clock.now())}
    down = found[DATABASE, SERVED]
    for check, table in HOURLY_CHECKS:
        if dg.AssetCheckKey(dg.AssetKey([check.stage, table]), check.name) in context.selected_asset_check_keys:
            yield check_result(check, table, found.get((check, table)) or unjudged(down.reason))
    # They leave half a megabyte each time.
    forget_runs(context.instance, HOURLY_JOB, clock.now() - KEPT)
