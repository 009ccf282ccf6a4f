"""The sensors: what they ask for, once, and what they leave alone."""

import os
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.sensor_definition import SensorExecutionData

from model_registry_pipeline.definitions import defs
from model_registry_pipeline.defs.history import history_key
from model_registry_pipeline.defs.normalized import normalized_key
from model_registry_pipeline.defs.raw import raw_key
from model_registry_pipeline.defs.resources import Clock
from model_registry_pipeline.defs.retries import Retries
from model_registry_pipeline.domain.source import Source
from model_registry_pipeline.settings import load_settings
from model_registry_pipeline.sources import source_named
from model_registry_pipeline.warehouse import normalized, raw
from model_registry_pipeline.warehouse.engine import Warehouse, WarehouseError
from model_registry_pipeline_tests.defs.examples import NOON, Registry, a_list
from model_registry_pipeline_tests.patience import PATIENCE_SECONDS

OPENROUTER, GROQ = source_named("openrouter"), source_named("groq")


def tick(registry: Registry, name: str, cursor: str | None = None) -> SensorExecutionData:
    resources = {"clock": Clock(), "settings": load_settings(), "warehouse": registry.warehouse}
    with dg.build_sensor_context(registry.instance, cursor, resources=resources, definitions=defs) as context:
        return defs.resolve_sensor_def(name).evaluate_tick(context)


def start(registry: Registry, request: dg.RunRequest, job: str) -> dg.ExecuteInProcessResult:
    """What the daemon does with a request, unless its run key has had a run."""
    return registry.run(
        request.job_name or job,
        partition_key=request.partition_key,
        selection=request.asset_selection,
        run_config=request.run_config,
        tags={"dagster/run_key": str(request.run_key)},
    )


# -- pending ---------------------------------------------------------------------------------------------------------


def test_pending_asks_for_each_stage_in_turn(registry: Registry) -> None:
    """For what is stored but unread, then for what is read but not folded, then for publishing, then for nothing; and
    for the same work under the same run key, so that a tick that is evaluated twice starts one run."""
    registry.serve("openrouter", a_list("a/one"))
    assert tick(registry, "pending").run_requests == []

    registry.run("daily_sync", partition_key=registry.today, selection=[raw_key(OPENROUTER)])
    (read,) = tick(registry, "pending").run_requests or ()
    assert (read.job_name, read.partition_key) == ("catch_up", registry.today)
    assert read.asset_selection == [normalized_key(OPENROUTER), history_key(OPENROUTER)]

    registry.run("catch_up", partition_key=registry.today, selection=[normalized_key(OPENROUTER)])
    (fold,) = tick(registry, "pending").run_requests or ()
    assert (fold.job_name, fold.partition_key) == ("catch_up", None)
    assert fold.asset_selection == [history_key(OPENROUTER)]

    start(registry, fold, "catch_up")
    (publish,), (again,) = (tick(registry, "pending").run_requests or () for _ in range(2))
    assert (publish.job_name, publish.asset_selection) == ("publish", None)
    assert publish.run_key == again.run_key
    assert len({read.run_key, fold.run_key, publish.run_key}) == 3

    start(registry, publish, "publish")
    assert tick(registry, "pending").run_requests == []


def test_pending_waits_while_a_run_is_under_way(registry: Registry) -> None:
    """The run may do the very work; what it leaves is looked at afterwards."""
    registry.serve("openrouter", a_list("a/one"))
    registry.run("daily_sync", partition_key=registry.today, selection=[raw_key(OPENROUTER)])
    run = dg.DagsterRun(job_name="daily_sync", run_id=str(uuid.uuid4()), status=dg.DagsterRunStatus.STARTED)
    registry.instance.add_run(run)

    assert tick(registry, "pending").run_requests == []
    assert "under way" in str(tick(registry, "pending").skip_message)

    registry.instance.report_run_failed(run)
    assert len(tick(registry, "pending").run_requests or ()) == 1


def test_work_that_fails_keeps_nothing_else_from_being_told(registry: Registry) -> None:
    """A source whose stored answer cannot be worked on (a fault of ours) is tried again once an hour; other sources
    are folded and published meanwhile."""
    normalize = normalized.normalize

    def faulty(warehouse: Warehouse, source: Source, *rest: Any, **options: Any) -> object:
        if source is GROQ:
            raise RuntimeError("a fault of ours")
        return normalize(warehouse, source, *rest, **options)

    registry.patch.setattr(normalized, "normalize", faulty)
    registry.patch.setattr(Retries, "calculate_delay", lambda *_: 0.0)
    registry.patch.setenv("GROQ_API_KEY", "a key of groq's")
    registry.serve("openrouter", a_list("a/one"))
    registry.serve("groq", a_list("one"))
    registry.sync("openrouter")
    registry.run("daily_sync", partition_key=registry.today, selection=[raw_key(GROQ)])
    asked = []
    for _ in range(4):
        for request in tick(registry, "pending").run_requests or ():
            asked.append(request.job_name)
            start(registry, request, "")
    registry.later(hours=1)
    (again,) = tick(registry, "pending").run_requests or ()

    assert asked == ["catch_up", "publish"]
    assert registry.rows("select source from history.snapshots") == [("openrouter",)]
    assert again.asset_selection == [normalized_key(GROQ), history_key(GROQ)]


# -- dropped files ---------------------------------------------------------------------------------------------------


def names(request: dg.RunRequest) -> list[str]:
    files = request.run_config["ops"]["store_files"]["config"]["files"]
    return [Path(file["paths"][0]).name for file in files]


def take(registry: Registry, cursor: str | None = None) -> tuple[list[str], str | None]:
    """One tick, and the run that it asks for: the files that were taken, and the cursor afterwards."""
    told = tick(registry, "file_drops", cursor)
    for request in told.run_requests or ():
        start(registry, request, "ingest")
    return [name for request in told.run_requests or () for name in names(request)], told.cursor


def stored(registry: Registry) -> list[tuple[str, str]]:
    return [tuple(row) for row in registry.rows("select source, file_name from raw.dumps order by dump_id")]  # type: ignore[misc]


def test_a_dropped_file_is_taken_once_it_is_whole(registry: Registry) -> None:
    """A file that was written to a moment ago is left for a later tick; then it is taken, once, and stays."""
    path = registry.drop("openrouter_models_2026-05-30.json", a_list("a/one"), age_seconds=1)
    early, cursor = take(registry)
    registry.later(seconds=30)
    taken, cursor = take(registry, cursor)
    again, _ = take(registry, cursor)
    jobs = registry.follow()

    assert (early, taken, again) == ([], [path.name], [])
    assert path.exists()
    assert jobs == ["catch_up", "publish"]
    assert registry.rows("select source, observed_at::text, origin, file_name from raw.dumps") == [
        ("openrouter", "2026-05-30 00:00:00+00", "file", path.name)
    ]
    assert registry.listed("openrouter") == {"a/one"}


def test_a_folder_that_is_not_there_is_told(registry: Registry) -> None:
    """The sensor goes on; the folder may come."""
    told = tick(registry, "file_drops")

    assert told.run_requests == []
    assert "is not there" in str(told.skip_message)


def test_a_file_that_cannot_be_taken_is_told_once_and_left(
    registry: Registry, capfd: pytest.CaptureFixture[str]
) -> None:
    """With its reason, by the tick where its name says it and by the run where its content does; the others go on."""
    registry.drop("openrouter_models_2026-05-30.json", a_list("a/one"))
    bad: dict[str, object] = {
        "notes.txt": b"hello",
        "nobody_models_2026-05-30.json": a_list("a/one"),
        "openrouter_models_2026-02-30.json": a_list("a/one"),
        "openrouter_models_2026-05-29.json": b"<html>",
        "openrouter_models_2026-05-28.json": b"",
        "openrouter_models_2026-05-27.json.gz": b"no gzip",
        "openrouter_models_2027-05-27.json": a_list("a/one"),
    }
    for name, content in bad.items():
        registry.drop(name, content)
    _, cursor = take(registry)
    told = capfd.readouterr().err
    again, _ = take(registry, cursor)

    assert stored(registry) == [("openrouter", "openrouter_models_2026-05-30.json")]
    assert [name for name in bad if name not in told] == []
    for reason in ("no source is called 'nobody'", "a day or a time that does not exist", "HTML", "is empty", "gzip"):
        assert reason in told
    assert "a time to come" in told
    assert (again, capfd.readouterr().err) == ([], "")
    assert sorted(path.name for path in registry.drops.iterdir()) == sorted([*bad, "openrouter_models_2026-05-30.json"])


def test_many_files_come_in_bounded_batches(registry: Registry) -> None:
    """250 files are all done in the end, at most 100 by one tick."""
    for number in range(250):
        at = NOON - timedelta(days=9, seconds=number)
        registry.drop(f"openrouter_models_{at:%Y-%m-%dT%H%M%SZ}.json", a_list("a/one"))
    batches, cursor = [], None
    while True:
        taken, cursor = take(registry, cursor)
        if not taken:
            break
        batches.append(len(taken))

    assert batches == [100, 100, 50]
    assert registry.rows("select count(*) from raw.dumps") == [(250,)]


def test_a_lost_cursor_makes_no_dump_twice(registry: Registry) -> None:
    """The folder is looked at anew, and what is stored is known."""
    registry.drop("openrouter_models_2026-05-30.json", a_list("a/one"))
    registry.drop("groq_models_2026-05-30.json", a_list("one"))
    first, _ = take(registry)
    before = registry.rows("select * from raw.dumps order by 1")
    registry.later(hours=2)
    second, _ = take(registry, None)

    assert first == second
    assert registry.rows("select * from raw.dumps order by 1") == before


def test_the_same_tick_twice_asks_for_one_run(registry: Registry) -> None:
    """The run key tells the files and their state: a daemon that restarts in a tick starts them once."""
    registry.drop("openrouter_models_2026-05-30.json", a_list("a/one"))
    (one,), (two,) = (tick(registry, "file_drops").run_requests or () for _ in range(2))
    registry.drop("openrouter_models_2026-05-30.json", a_list("a/one", "a/two"))
    (other,) = tick(registry, "file_drops").run_requests or ()

    assert one.run_key == two.run_key != other.run_key


def test_a_file_is_its_content(registry: Registry) -> None:
    """New content under the same name is a new dump, and of one instant the later one counts; the same content under
    another name is known."""
    registry.drop("openrouter_models_2026-05-30.json", a_list("a/one"))
    _, cursor = take(registry)
    registry.drop("openrouter_models_2026-05-30.json", a_list("a/one", "a/two"), age_seconds=30)
    changed, cursor = take(registry, cursor)
    registry.drop("openrouter_2026-05-30T000000Z.json", a_list("a/one", "a/two"))
    renamed, _ = take(registry, cursor)
    registry.follow()

    assert changed == ["openrouter_models_2026-05-30.json"]
    assert renamed == ["openrouter_2026-05-30T000000Z.json"]
    assert registry.rows("select status from serving.dumps order by dump_id") == [("superseded",), ("accepted",)]
    assert registry.listed("openrouter") == {"a/one", "a/two"}


def test_what_is_no_file_never_hangs(registry: Registry, tmp_path: Path) -> None:
    """A pipe, a link, a folder and a socket under a source's name are told of and left; a file beside them is taken."""
    registry.drop("openrouter_models_2026-05-30.json", a_list("a/one"))
    (tmp_path / "target.json").write_text('{"data": [{"id": "a/link"}]}')
    os.mkfifo(registry.drops / "openrouter_models_2026-05-01.json")
    (registry.drops / "openrouter_models_2026-05-02.json").symlink_to(tmp_path / "target.json")
    (registry.drops / "openrouter_models_2026-05-03.json").symlink_to("/dev/zero")
    (registry.drops / "openrouter_models_2026-05-04.json").mkdir()
    started = time.monotonic()
    taken, cursor = take(registry)
    again, _ = take(registry, cursor)

    assert time.monotonic() - started < PATIENCE_SECONDS
    assert len(taken) == 5
    assert again == []
    assert stored(registry) == [("openrouter", "openrouter_models_2026-05-30.json")]


HOSTILE = [b"openrouter_models_$(touch x)_2026-05-30.json", b"open\nrouter_2026-05-30.json", b"\xff_2026-05-30.json"]
HOSTILE += [b"n" * 239 + b"_2026-05-30.json", b"; rm -rf ~", b"-rf", b"openrouter_models_2026-05-30.json\xff"]


def test_hostile_names_stop_nothing(registry: Registry) -> None:
    """Quotes, line breaks, 255 bytes, and bytes that are no text: told of, once, and a file beside them is taken."""
    registry.drop("openrouter_models_2026-05-30.json", a_list("a/one"))
    for name in HOSTILE:
        Path(os.fsdecode(bytes(registry.drops) + b"/" + name)).write_bytes(b"{}")
        os.utime(bytes(registry.drops) + b"/" + name, (1_700_000_000, 1_700_000_000))
    taken, cursor = take(registry)
    again = tick(registry, "file_drops", cursor)

    assert taken == ["openrouter_models_2026-05-30.json"]
    assert again.run_requests == []
    assert again.skip_message == "No new files."


def test_a_file_that_goes_before_it_is_read_costs_itself_alone(registry: Registry) -> None:
    """It is told as not there; when it comes again, it is taken."""
    gone = registry.drop("openrouter_models_2026-05-30.json", a_list("a/one"))
    registry.drop("groq_models_2026-05-30.json", a_list("one"))
    told = tick(registry, "file_drops")
    gone.unlink()
    (request,) = told.run_requests or ()
    result = start(registry, request, "ingest")
    _, cursor = take(registry, told.cursor)
    registry.drop(gone.name, a_list("a/one"), age_seconds=30)
    back, _ = take(registry, cursor)

    assert not result.success
    assert back == [gone.name]
    assert {name for _, name in stored(registry)} == {gone.name, "groq_models_2026-05-30.json"}


def test_files_of_a_run_that_died_are_asked_for_again(registry: Registry) -> None:
    """A run that could not look at its files (the database went away, a kill) loses none of them: they are asked for
    again, under another key an hour later. Those that it looked at and refused are not."""
    registry.drop("openrouter_models_2026-05-30.json", a_list("a/one"))
    registry.drop("openrouter_models_2026-05-29.json", b"<html>")
    with pytest.MonkeyPatch.context() as patch:

        def refuse(*_: object) -> None:
            raise WarehouseError("the server went away")

        patch.setattr(raw, "store_dumps", refuse)
        patch.setattr(Retries, "calculate_delay", lambda *_: 0.0)
        first, cursor = take(registry)
    registry.later(hours=1)
    second, cursor = take(registry, cursor)
    registry.later(hours=1)
    third, _ = take(registry, cursor)

    assert len(first) == 2
    assert second == first
    assert third == []
    assert stored(registry) == [("openrouter", "openrouter_models_2026-05-30.json")]


def test_a_file_of_tomorrow_is_read_today(registry: Registry) -> None:
    """East of UTC it is tomorrow already; Dagster has no partition of that day yet, and needs none."""
    registry.now = datetime.now(UTC).replace(microsecond=0)
    registry.drop(f"openrouter_models_{registry.now + timedelta(days=1):%Y-%m-%d}.json", a_list("a/one"))
    take(registry)
    (request,) = tick(registry, "pending").run_requests or ()
    result = start(registry, request, "")

    assert request.partition_key == registry.today
    assert result.success
    assert registry.listed("openrouter") == {"a/one"}
