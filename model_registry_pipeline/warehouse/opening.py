"""Opening the registry's database: where the settings say it is, with its schema up to date."""

from model_registry_pipeline.settings import Settings
from model_registry_pipeline.warehouse.addresses import registry_address
from model_registry_pipeline.warehouse.engine import Warehouse
from model_registry_pipeline.warehouse.migrate import upgrade


def open_warehouse(settings: Settings) -> Warehouse:
    """The registry's database. Raises WarehouseError, AddressError, EmbeddedError: each is one clear line."""
    opened = Warehouse(registry_address(settings))
    try:
        upgrade(opened)
    except BaseException:
        opened.close()
        raise
    return opened
