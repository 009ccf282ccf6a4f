"""Many sources side by side, none in another's way."""

import threading
import time
from collections.abc import Iterator

import pytest

from model_registry_pipeline.connectors.downloads import Downloads
from model_registry_pipeline.connectors.errors import FetchError, NotConfiguredError
from model_registry_pipeline.domain.source import BearerToken, LinkPages, Source
from model_registry_pipeline_tests.connectors.examples import a_source, settings
from model_registry_pipeline_tests.connectors.faulty_server import (
    Act,
    Crowd,
    FaultyServer,
    Stage,
    endless,
    head,
    reset,
    respond,
    respond_json,
    silent,
)
from model_registry_pipeline_tests.patience import LIMITS, PATIENCE_SECONDS, wait_until

NAMES = tuple(f"lister_{number}" for number in range(6))


@pytest.fixture
def server(server: FaultyServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyServer]:
    """Six sources on one server, each with its own path."""
    for name in NAMES:
        monkeypatch.setenv(f"{name.upper()}_BASE_URL", f"{server.url}/{name}")
        server.play(respond_json([name]), at=f"/{name}/models")
    return server


def sources(**but: object) -> list[Source]:
    return [a_source(name=name, **but) for name in NAMES]


def after(seconds: float, act: Act) -> Act:
    def later(stage: Stage) -> None:
        stage.wait(seconds)
        act(stage)

    return later


@pytest.mark.usefixtures("server")
def test_each_step_gets_the_answer_of_its_own_source() -> None:
    """In whatever order the steps ask."""
    with Downloads(settings()) as downloads:
        downloads.start(sources())
        bodies = {name: downloads.wait(name).documents[0].body for name in reversed(NAMES)}

    assert bodies == {name: f'["{name}"]'.encode() for name in NAMES}


def test_downloads_run_side_by_side(server: FaultyServer) -> None:
    """No answer comes before all six are asked for."""
    together = threading.Barrier(len(NAMES), timeout=PATIENCE_SECONDS)

    def answer(stage: Stage) -> None:
        together.wait()
        respond_json([])(stage)

    for name in NAMES:
        server.play(answer, at=f"/{name}/models")
    with Downloads(settings(attempts=1)) as downloads:
        downloads.start(sources())
        bodies = [downloads.wait(name).documents[0].body for name in NAMES]

    assert bodies == [b"[]"] * len(NAMES)


def test_no_more_run_at_once_than_the_setting_says(server: FaultyServer) -> None:
    """The others wait for their turn: two by two."""
    crowd = Crowd(2)
    for name in NAMES:
        server.play(crowd.answer(respond_json([])), at=f"/{name}/models")

    with Downloads(settings(concurrency=2)) as downloads:
        downloads.start(sources())
        for name in NAMES:
            downloads.wait(name)

    assert crowd.most == 2


def test_a_deadline_begins_with_a_turn(server: FaultyServer) -> None:
    """Six answers one after the other, each within the deadline, take longer than that together."""
    for limit in LIMITS:
        late: list[str] = []
        for name in NAMES:
            server.play(after(limit / 4, respond_json([])), at=f"/{name}/models")
        with Downloads(settings(concurrency=1, deadline_seconds=limit)) as downloads:
            downloads.start(sources())
            for name in NAMES:
                try:
                    downloads.wait(name)
                except FetchError:
                    late.append(name)
        if not late:
            break

    assert late == []


def test_one_that_fails_touches_no_other(server: FaultyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step gets its own source's error, or its own source's list."""
    server.play(reset(), at="/lister_0/models")
    server.play(endless(head(), b" " * 65536), at="/lister_1/models")
    server.play(silent, at="/lister_2/models")
    monkeypatch.setenv("LISTER_3_BASE_URL", "http://[::1")
    wanted = sources()
    wanted[4] = a_source(name="lister_4", auth=BearerToken("LISTER_KEY"))

    with Downloads(settings(max_bytes=100_000, read_timeout_seconds=0.5, attempts=5)) as downloads:
        downloads.start(wanted)
        for name in NAMES[:4]:
            with pytest.raises(FetchError, match=name):
                downloads.wait(name)
        with pytest.raises(NotConfiguredError, match="LISTER_KEY"):
            downloads.wait("lister_4")
        assert downloads.wait("lister_5").documents[0].body == b'["lister_5"]'


def test_a_source_is_asked_only_whether_its_list_has_changed(server: FaultyServer) -> None:
    """With the ETag of its own list; the others are asked for everything."""
    server.play(respond(status=304), at="/lister_1/models")

    with Downloads(settings()) as downloads:
        downloads.start(sources(), {"lister_1": '"v1"'})
        unchanged = [downloads.wait(name).not_modified for name in NAMES]

    assert unchanged == [False, True, False, False, False, False]


def test_hugging_face_ends_at_its_setting(server: FaultyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its list goes on for ever; side by side as well as alone."""
    monkeypatch.setenv("HUGGINGFACE_BASE_URL", server.url)
    server.play(respond_json([1, 2], headers={"Link": '</models?cursor=2>; rel="next"'}), at="/models?limit=2")

    with Downloads(settings(huggingface_limit=2)) as downloads:
        downloads.start([a_source(name="huggingface", pages=LinkPages())])
        answer = downloads.wait("huggingface")

    assert len(answer.documents) == 1


def test_starting_again_asks_again_only_where_it_failed(server: FaultyServer) -> None:
    """A step that is retried gets a new download; a list that was had is not downloaded twice."""
    server.play(respond(status=404), respond_json(["later"]), at="/lister_0/models")

    with Downloads(settings()) as downloads:
        downloads.start(sources())
        with pytest.raises(FetchError):
            downloads.wait("lister_0")
        downloads.wait("lister_1")
        downloads.start(sources())
        second = downloads.wait("lister_0")
        downloads.wait("lister_1")

    assert second.documents[0].body == b'["later"]'
    assert [request.target for request in server.requests].count("/lister_1/models") == 1


def test_closing_ends_what_is_under_way(server: FaultyServer) -> None:
    """A run that is stopped does not wait for slow sources, and leaves no thread."""
    for name in NAMES:
        server.play(silent, at=f"/{name}/models")
    started = time.monotonic()

    with Downloads(settings(concurrency=3)) as downloads:
        downloads.start(sources())
        wait_until(lambda: len(server.requests) == 3)
    downloads.close()  # once more does no harm

    assert time.monotonic() - started < PATIENCE_SECONDS
    assert not [thread for thread in threading.enumerate() if thread.name.startswith(("downloads", "asyncio"))]


def test_a_source_that_was_not_started_is_a_mistake_of_the_caller() -> None:
    """Nothing is waited for."""
    with Downloads(settings()) as downloads, pytest.raises(KeyError):
        downloads.wait("lister_0")
