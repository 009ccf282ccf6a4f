"""What the assets are given: the clock, the warehouse, the settings and the downloads of a run."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

import dagster as dg

from model_registry_pipeline.connectors.downloads import Downloads
from model_registry_pipeline.connectors.fetch import Answer
from model_registry_pipeline.domain.source import Source
from model_registry_pipeline.settings import Settings, load_settings
from model_registry_pipeline.warehouse.engine import Warehouse
from model_registry_pipeline.warehouse.opening import open_warehouse
from model_registry_pipeline.warehouse.raw import StoredDump


class Clock:
    """The only one that knows what time it is."""

    def now(self) -> datetime:
        """This instant, UTC, to the second: finer than any source speaks."""
        return datetime.now(UTC).replace(microsecond=0)


@dg.resource(description="The time; everything else takes it as a parameter.")
def clock(_context: dg.InitResourceContext) -> Clock:
    return Clock()


@dg.resource(description="The registry's settings, from the environment.")
def settings(_context: dg.InitResourceContext) -> Settings:
    return load_settings()


@dg.resource(description="The registry's PostgreSQL: DATABASE_URL, or the embedded one.")
def warehouse(_context: dg.InitResourceContext) -> Iterator[Warehouse]:
    with open_warehouse(load_settings()) as opened:
        yield opened


class Fetches:
    """The downloads of one run: all of them begin when the first raw step asks, and each step waits for its own."""

    def __init__(self, downloads: Downloads) -> None:
        self._downloads = downloads
        self.observed_at: datetime | None = None
        self.conditions: dict[str, StoredDump] = {}
        """The stored answer that a source is asked about (If-None-Match), by source."""
        self.ahead: dict[str, datetime] = {}
        """Sources that are not asked, for they have an answer of a later instant; and that instant."""

    def begin(
        self,
        sources: Sequence[Source],
        conditions: Mapping[str, StoredDump],
        ahead: Mapping[str, datetime],
        now: datetime,
    ) -> None:
        """Start all downloads. `now` becomes the instant at which their answers were observed."""
        self.observed_at, self.conditions, self.ahead = now, dict(conditions), dict(ahead)
        self._downloads.start(sources, {name: dump.etag for name, dump in conditions.items() if dump.etag})

    def wait(self, source: Source) -> Answer:
        """A source's answer. Raises FetchError or NotConfiguredError."""
        return self._downloads.wait(source.name)


@dg.resource(description="The downloads of a run, side by side.")
def fetches(_context: dg.InitResourceContext) -> Iterator[Fetches]:
    with Downloads(load_settings()) as downloads:
        yield Fetches(downloads)


RESOURCES = {"clock": clock, "settings": settings, "warehouse": warehouse, "fetches": fetches}
