"""What it means that a model that only calls told of is no longer called. No list speaks of it, so the clock does."""

from datetime import datetime, timedelta

from model_registry_pipeline.domain.health.staleness import Flag


def disuse(last_sign_at: datetime, now: datetime, unused_after: timedelta) -> Flag | None:
    """Stale once nobody has reported a successful call, or spoken for it, for long enough."""
    ends_at = last_sign_at + unused_after
    if now < ends_at:
        return None
    return Flag(
        state="stale",
        since=ends_at,
        reason=f"no successful call since {last_sign_at:%Y-%m-%d %H:%M} UTC, and no source lists it",
    )
