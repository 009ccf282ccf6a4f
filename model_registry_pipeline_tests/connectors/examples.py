"""A source and settings to try connectors with."""

from typing import Any, cast

from model_registry_pipeline.domain.source import Layout, Source
from model_registry_pipeline.settings import Settings
from model_registry_pipeline_tests.patience import PATIENCE_SECONDS


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
    """Settings without pauses and limits: a test meets those that it asks for."""
    limits = ("deadline_seconds", "read_timeout_seconds", "connect_timeout_seconds")
    stated: dict[str, Any] = {"retry_delay_seconds": 0, **dict.fromkeys(limits, PATIENCE_SECONDS)}
    return Settings(**(stated | but))
