"""Which pairs may be hidden when somebody asks for it: those that have been inactive for long."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from model_registry_pipeline.domain.health.birth import Discovery


def is_purgeable(
    discovered_via: Discovery, stale_since: Sequence[datetime | None], now: datetime, purge_after: timedelta
) -> bool:
    """Whether each offering of a pair has been stale for longer than `purge_after`; None stands for one that is not.

    What a person added is never purged.
    """
    if discovered_via is Discovery.MANUAL or not stale_since:
        return False
    return all(since is not None and now - since > purge_after for since in stale_since)
