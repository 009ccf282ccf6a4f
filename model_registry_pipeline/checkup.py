"""The health of the registry: every check's verdict, also while its database is down."""

from collections.abc import Sequence
from datetime import datetime
from time import perf_counter

from model_registry_pipeline.connectors.configured import lacking
from model_registry_pipeline.domain.health.database import database
from model_registry_pipeline.settings import Settings
from model_registry_pipeline.sources import all_sources
from model_registry_pipeline.warehouse import checks
from model_registry_pipeline.warehouse.addresses import AddressError
from model_registry_pipeline.warehouse.checks import DATABASE, SERVED, Judged
from model_registry_pipeline.warehouse.embedded import EmbeddedError
from model_registry_pipeline.warehouse.engine import WarehouseError
from model_registry_pipeline.warehouse.opening import open_warehouse


def hourly_verdicts(settings: Settings, now: datetime) -> Sequence[Judged]:
    """The verdicts that time changes. Of a database that can't be asked there is that verdict alone."""
    return _verdicts(settings, now, is_hourly=True)


def all_verdicts(settings: Settings, now: datetime) -> Sequence[Judged]:
    """The verdicts of every check. Of a database that can't be asked there is that one alone."""
    return _verdicts(settings, now, is_hourly=False)


def _verdicts(settings: Settings, now: datetime, *, is_hourly: bool) -> Sequence[Judged]:
    sources = all_sources()
    unconfigured = {source.name: lack for source in sources if (lack := lacking(source, settings)) is not None}
    began = perf_counter()
    try:
        with open_warehouse(settings) as warehouse, warehouse.transaction() as connection:
            reached = Judged(DATABASE, SERVED, database(None, 1000 * (perf_counter() - began)))
            judged = [reached, *checks.hourly(connection, sources, settings, now, unconfigured)]
            if not is_hourly:
                judged += [*checks.of_published(connection, settings), *checks.of_dumps(connection, sources, settings)]
            return judged
    except (AddressError, EmbeddedError, WarehouseError) as error:
        return [Judged(DATABASE, SERVED, database(str(error), 0))]
