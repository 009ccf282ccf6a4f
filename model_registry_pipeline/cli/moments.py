"""The moments that commands are asked about."""

from datetime import UTC, datetime

from model_registry_pipeline.cli.console import CommandError
from model_registry_pipeline.domain.history.moment import end_of


def past(moment: str) -> datetime:
    """A moment that is not to come; today's day stands for now."""
    at, now = end_of(moment), datetime.now(UTC)
    if at.date() > now.date():
        raise CommandError(f"{moment} lies in the future: nobody has said anything about it yet")
    return min(at, now)
