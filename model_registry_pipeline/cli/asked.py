"""What a command was asked about, held against what is known: moments that have come, models that exist."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from model_registry_pipeline.cli.console import CommandError
from model_registry_pipeline.domain.history.moment import end_of
from model_registry_pipeline.warehouse import serving

if TYPE_CHECKING:
    from sqlalchemy import Connection


def past(moment: str) -> datetime:
    """A moment that is not to come; today's day stands for now."""
    at, now = end_of(moment), datetime.now(UTC)
    if at.date() > now.date():
        raise CommandError(f"{moment} lies in the future: nobody has said anything about it yet")
    return min(at, now)


def unknown_model(connection: "Connection", provider: str, model: str) -> CommandError:
    close = serving.nearest(connection, provider, model)
    hint = "; the nearest: " + ", ".join(" ".join(pair) for pair in close) if close else ""
    return CommandError(f"no model {model!r} at provider {provider!r} is known{hint}")
