"""Whether a source can be asked at all: its key is set, and where it is, is known."""

from model_registry_pipeline.connectors.address import address
from model_registry_pipeline.connectors.auth import key_of
from model_registry_pipeline.connectors.errors import FetchError, NotConfiguredError
from model_registry_pipeline.domain.source import Source
from model_registry_pipeline.settings import Settings


def lacking(source: Source, settings: Settings) -> str | None:
    """What has to be set before a source can be asked, in one line; None: nothing is lacking."""
    if settings.sources and source.name not in settings.sources:
        return "it is not among MODEL_REGISTRY_SOURCES"
    if source.package is not None:
        return None
    try:
        address(source, settings, {})
        for key in source.keys:
            key_of(source, settings, key)
    except NotConfiguredError as error:
        return str(error)
    except FetchError:
        return None  # it is configured, and wrongly: its syncs say so
    return None
