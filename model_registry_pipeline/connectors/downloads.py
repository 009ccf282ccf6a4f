"""Downloads of many sources side by side, on a thread of their own, for steps that run one after the other."""

import asyncio
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from contextlib import ExitStack
from types import TracebackType
from typing import Self

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal

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
        self._answers: dict[str, Future[Answer]] = {}
        self._thread = ExitStack()
        self._portal: BlockingPortal = self._thread.enter_context(start_blocking_portal())

    def start(self, sources: Iterable[Source], etags: Mapping[str, str] | None = None) -> None:
        """Begin to download, in the order given. `etags`, by source: ask only whether the list has changed since.

        A source that is under way or was had is not asked again; one that failed is.
        """
        for source in sources:
            earlier = self._answers.get(source.name)
            if earlier is None or (earlier.done() and earlier.exception() is not None):
                asked = wanted(source, self._settings, (etags or {}).get(source.name))
                self._answers[source.name] = self._portal.start_task_soon(self._download, asked)

    def wait(self, name: str) -> Answer:
        """The answer of a source that was started, as soon as it is there.

        Raises that source's NotConfiguredError or FetchError, KeyError for one that was not started.
        """
        return self._answers[name].result()

    def close(self) -> None:
        """End what is under way, and the thread."""
        for answer in self._answers.values():
            answer.cancel()
        self._answers.clear()
        self._thread.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    async def _download(self, asked: Wanted) -> Answer:
        async with self._turn:
            return await fetch_wanted(asked, self._settings, self._transport)
