"""Downloads of many sources side by side, on a thread of their own, for steps that run one after the other."""

import asyncio
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from threading import Thread
from types import TracebackType
from typing import Self

import httpx

from model_registry_pipeline.connectors.fetch import Answer, Wanted, fetch_wanted, wanted
from model_registry_pipeline.domain.source import Source
from model_registry_pipeline.settings import Settings


class Downloads:
    """Starts downloads and hands out their answers; at most MODEL_REGISTRY_CONCURRENCY run at once.

    One that fails touches no other. Closing it ends those that are under way.
    """

    def __init__(self, settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._settings = settings
        self._transport = transport
        self._turn = asyncio.Semaphore(settings.concurrency)
        self._closing = asyncio.Event()
        self._answers: dict[str, Future[Answer]] = {}
        running: Future[asyncio.AbstractEventLoop] = Future()
        self._thread = Thread(target=asyncio.run, args=(self._until_closed(running),), name="downloads", daemon=True)
        self._thread.start()
        self._loop = running.result()

    def start(self, sources: Iterable[Source], etags: Mapping[str, str] | None = None) -> None:
        """Begin to download, in the order given. `etags`, by source: ask only whether the list has changed since.

        A source that is under way or was had is not asked again; one that failed is.
        """
        for source in sources:
            earlier = self._answers.get(source.name)
            if earlier is None or (earlier.done() and earlier.exception() is not None):
                asked = wanted(source, self._settings, (etags or {}).get(source.name))
                self._answers[source.name] = asyncio.run_coroutine_threadsafe(self._download(asked), self._loop)

    def wait(self, name: str) -> Answer:
        """The answer of a source that was started, as soon as it is there.

        Raises that source's NotConfiguredError or FetchError, KeyError for one that was not started.
        """
        return self._answers[name].result()

    def close(self) -> None:
        """End what is under way, and the thread. Once is enough, and more does no harm."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._closing.set)
            self._thread.join()
        self._answers.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    async def _until_closed(self, running: Future[asyncio.AbstractEventLoop]) -> None:
        """All that the thread does; whatever is not finished then, asyncio.run() cancels and waits for."""
        running.set_result(asyncio.get_running_loop())
        await self._closing.wait()

    async def _download(self, asked: Wanted) -> Answer:
        async with self._turn:
            return await fetch_wanted(asked, self._settings, self._transport)
