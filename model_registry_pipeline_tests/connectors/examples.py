"""A source and settings to try connectors with."""

from typing import Any, cast

from model_registry_pipeline.domain.source import Layout, Source
from model_registry_pipeline.settings import Settings


def a_source(**but: Any) -> Source:
    """A source called `lister`; where it is says LISTER_BASE_URL."""
    stated: dict[str, Any] = {
        "name": "lister",
        "label": "Lister",
        "base_url": "https://lister.example",
        "path": "/models",
        "layout": cast("Layout", None),  # connectors never look into a record
        "website": "https://lister.example",
        "terms": "public",
        "about": "It lists.",
    }
    return Source(**(stated | but))


def settings(**but: Any) -> Settings:
    """Impatient settings: a test waits for nothing that it does not ask for."""
    stated: dict[str, Any] = {"retry_delay_seconds": 0, "deadline_seconds": 10, "read_timeout_seconds": 5}
    return Settings(**(stated | but))
