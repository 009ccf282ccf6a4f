"""The hourly checks as Dagster runs and stores them."""

from datetime import timedelta
from typing import Any

import dagster as dg
import pytest
from sqlalchemy import text

from model_registry_pipeline.definitions import defs
from model_registry_pipeline.defs.checks import HOURLY_JOB, check_result
from model_registry_pipeline.defs.instance import forget_runs
from model_registry_pipeline.domain.health.verdict import Severity, Verdict
from model_registry_pipeline.settings import load_settings
from model_registry_pipeline.sources import all_sources
from model_registry_pipeline.warehouse import checks
from model_registry_pipeline_tests.defs.examples import Registry, a_list

NAMES = [source.name for source in all_sources()]


def evaluations(result: dg.ExecuteInProcessResult) -> dict[str, dg.AssetCheckEvaluation]:
    """What a run found, by asset and check."""
    found = result.get_asset_check_evaluations()
    return {f"{each.asset_key.to_user_string()}:{each.check_name}": each for each in found}


def facts(evaluation: dg.AssetCheckEvaluation) -> dict[str, Any]:
    return {name: value.value for name, value in evaluation.metadata.items()}


def test_the_hourly_job_judges_every_source_and_materializes_nothing(registry: Registry) -> None:
    """Each verdict is stored with its numbers; a run whose checks fail is a run that went well."""
    registry.serve("openrouter", a_list(*(f"a/{number}" for number in range(120))))
    registry.sync("openrouter")
    registry.follow()
    registry.later(hours=26)
    result = registry.run(HOURLY_JOB)
    found = evaluations(result)

    assert result.success
    assert not [event for event in result.all_events if event.is_step_materialization]
    assert found.keys() == {
        *(f"provider/{name}:{check}" for name in NAMES for check in ("freshness", "failure_rate")),
        "serving/offerings:database",
        "serving/offerings:volume",
    }
    stale = found["provider/openrouter:freshness"]
    assert (stale.passed, stale.severity, facts(stale)) == (False, dg.AssetCheckSeverity.WARN, {"age_hours": 26.0})
    assert facts(found["provider/openrouter:failure_rate"]) == {"failure_percent": 0.0, "failed_syncs": 0, "syncs": 1}
    assert facts(found["serving/offerings:volume"]) == {"active_offerings": 120}
    assert found["serving/offerings:database"].passed
    never = found["provider/litellm:freshness"]
    assert (never.passed, never.severity) == (False, dg.AssetCheckSeverity.ERROR)
    assert "GROQ_API_KEY" in str(found["provider/groq:freshness"].description)


def test_a_sync_says_what_its_own_dumps_are_worth(registry: Registry) -> None:
    """The checks of a dump are yielded by the assets that have it, and by none other."""
    registry.serve("openrouter", a_list("a/one"))
    found = evaluations(registry.sync("openrouter"))

    assert found.keys() == {
        "normalized/openrouter:rejections",
        "normalized/openrouter:no_drift",
        "history/openrouter:nothing_held",
        "history/openrouter:frozen_upstream",
    }
    assert all(each.passed for each in found.values())


def test_publishing_says_which_prices_are_in_doubt(registry: Registry) -> None:
    """And the check passes again once a person has accepted the dump, without anybody having to ask for it."""
    priced = [{"pricing": {"prompt": price, "completion": "0.1"}} for price in ("0.000001", "0.0002")]
    registry.serve("openrouter", *(a_list("a/one", "a/two", **each) for each in priced))
    registry.sync("openrouter")
    registry.follow()
    registry.later(days=1)
    registry.sync("openrouter")
    registry.follow()
    doubted = last(registry, "health/suspicions", "suspicious_prices")
    assert (doubted.passed, doubted.metadata["suspicious_prices"].value) == (False, 2)
    (dump_id,) = registry.rows("select distinct dump_id from serving.suspicions")[0]
    registry.rows(
        "insert into raw.actions (recorded_at, kind, actor, dump_id) values (:now, 'accept', 'test', :id) returning 1",
        now=registry.now,
        id=dump_id,
    )
    assert "publish" in registry.follow()

    assert last(registry, "health/suspicions", "suspicious_prices").passed
    assert registry.rows("select distinct settled_by from serving.suspicions") == [("a person",)]


def last(registry: Registry, asset: str, check: str) -> dg.AssetCheckEvaluation:
    """The newest stored result of a check."""
    key = dg.AssetCheckKey(dg.AssetKey(asset.split("/")), check)
    (record,) = registry.instance.event_log_storage.get_asset_check_execution_history(key, limit=1)
    assert record.event is not None
    return record.event.get_dagster_event().asset_check_evaluation_data


def test_a_database_that_is_down_is_told_by_every_check(registry: Registry) -> None:
    """None passes for want of facts: each is an error that says so, and is stored where Dagster's own storage lives."""
    registry.patch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    load_settings.cache_clear()
    result = registry.run(HOURLY_JOB)
    found = evaluations(result)

    assert result.success
    assert len(found) == 2 * len(NAMES) + 2
    assert {(each.passed, each.severity) for each in found.values()} == {(False, dg.AssetCheckSeverity.ERROR)}
    assert "can't be reached" in str(found["serving/offerings:database"].description)
    assert "can't be judged" in str(found["provider/openrouter:freshness"].description)
    assert not last(registry, "serving/offerings", "database").passed


def test_a_database_that_fails_meanwhile_is_told_by_every_check(registry: Registry) -> None:
    """Its backend is killed in the middle of the judging."""

    def killed(connection: Any, *arguments: Any, **named: Any) -> Any:
        pid = connection.execute(text("select pg_backend_pid()")).scalar_one()
        registry.rows("select pg_terminate_backend(:pid)", pid=pid)
        connection.execute(text("select 1"))

    registry.patch.setattr(checks, "hourly", killed)
    found = evaluations(registry.run(HOURLY_JOB))

    assert {(each.passed, each.severity) for each in found.values()} == {(False, dg.AssetCheckSeverity.ERROR)}


def test_a_single_check_runs_alone(registry: Registry) -> None:
    """As the button of the UI starts it."""
    job = defs.resolve_job_def(HOURLY_JOB)
    key = dg.AssetCheckKey(dg.AssetKey(["serving", "offerings"]), "volume")
    some = job.get_subset(asset_selection=set(), asset_check_selection={key})
    found = evaluations(some.execute_in_process(instance=registry.instance))

    assert list(found) == ["serving/offerings:volume"]


def test_old_hourly_runs_are_forgotten(registry: Registry) -> None:
    """With all that they found; newer ones, and runs of other jobs, stay."""
    registry.serve("openrouter", a_list("a/one"))
    registry.sync("openrouter")
    for _ in range(3):
        registry.run(HOURLY_JOB)
    first = registry.instance.get_run_records(dg.RunsFilter(job_name=HOURLY_JOB), limit=1, ascending=True)[0]
    assert forget_runs(registry.instance, HOURLY_JOB, first.create_timestamp) == 0
    assert forget_runs(registry.instance, HOURLY_JOB, first.create_timestamp + timedelta(days=1), most=2) == 2
    key = dg.AssetCheckKey(dg.AssetKey(["serving", "offerings"]), "volume")

    assert len(registry.instance.event_log_storage.get_asset_check_execution_history(key, limit=9)) == 1
    assert len(registry.instance.get_runs(dg.RunsFilter(job_name=HOURLY_JOB))) == 1
    assert len(registry.instance.get_runs(dg.RunsFilter(job_name="daily_sync"))) == 1


@pytest.mark.parametrize("severity", Severity)
def test_a_verdict_becomes_a_result_that_plots(severity: Severity) -> None:
    """Its numbers are plain numbers."""
    verdict = Verdict(passed=False, severity=severity, reason="why", facts={"age_hours": 1.5, "syncs": 2})
    result = check_result(checks.FRESHNESS, "shop", verdict)

    assert result.severity.value.lower() == severity.value
    assert {type(value.value) for value in result.metadata.values()} == {int, float}
