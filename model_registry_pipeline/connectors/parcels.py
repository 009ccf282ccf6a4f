"""What `channels` and the process that sends alerts say to each other."""

import msgspec

from model_registry_pipeline.domain.health.alerts import Message


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """What one channel is to be sent."""

    channel: str
    url: str
    messages: list[Message]
    secrets: list[str]
    """What of the URL must not be told."""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """All that one process is to send."""

    parcels: list[Parcel]
    seconds: float
    """When they are over, so is the process."""
    signing_secret: str | None = None


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one message on one channel."""

    channel: str
    message_id: str
    error: str | None = None
    """In one line without secrets; None: the channel took it."""
