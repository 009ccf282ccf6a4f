"""health/availability: asked hour by hour, where there is anything to ask."""

import dagster as dg
import pytest

from model_registry_pipeline.definitions import defs
from model_registry_pipeline.defs.availability import availability_job
from model_registry_pipeline_tests.connectors.faulty_server import reset
from model_registry_pipeline_tests.defs.examples import A_KEY, Registry, a_list


def available(registry: Registry) -> list[tuple[object, ...]]:
    return registry.rows("select model_id, is_available from serving.offerings order by 1")


def test_a_run_asks_those_that_can_be_asked(registry: Registry) -> None:
    """An outage costs nothing but fresh news: the run succeeds, and tells how many failed."""
    registry.patch.setenv("GROQ_API_KEY", A_KEY)
    registry.serve("groq", a_list("llama", "qwen"), a_list("llama", "qwen"), a_list("llama"), reset())
    registry.serve("ollama", {"models": []})
    registry.sync("groq")
    told = []
    for _ in range(3):
        registry.later(hours=1)
        result = registry.run(availability_job.name)
        (event,) = result.get_asset_materialization_events()
        metadata = event.step_materialization_data.materialization.metadata
        told.append([metadata[name].value for name in ("dagster/row_count", "asked", "failed")])

    assert result.success
    assert told == [[2, 2, 0], [1, 2, 0], [1, 2, 1]]
    assert available(registry) == [("llama", True), ("qwen", False)]


def test_a_sync_tells_what_is_available(registry: Registry) -> None:
    """The same list, asked with the same key; what another source lists of that provider is held against it."""
    registry.patch.setenv("GROQ_API_KEY", A_KEY)
    registry.serve("groq", a_list("llama", "qwen"), a_list("llama"))
    told = []
    for _ in range(2):
        registry.sync("groq")
        told.append(available(registry))
        registry.later(days=1)

    assert told == [[("llama", True), ("qwen", True)], [("llama", True), ("qwen", False)]]


@pytest.mark.parametrize("has_key", [True, False])
def test_the_hour_strikes_for_those_that_can_be_asked(registry: Registry, has_key: bool) -> None:
    """Without any key or local service no run is started."""
    if has_key:
        registry.patch.setenv("GROQ_API_KEY", A_KEY)
    else:
        registry.patch.delenv("OLLAMA_BASE_URL")
    with dg.build_schedule_context() as context:
        tick = defs.resolve_schedule_def("availability_hourly").evaluate_tick(context)

    assert bool(tick.run_requests) is has_key
