"""What people and applications do to pairs and providers: the kinds of actions beside those that decide on dumps."""

from enum import StrEnum


class Act(StrEnum):
    """An action's kind."""

    ADD = "add"
    """A person adds a pair by hand."""
    CALL = "call"
    """A pair answered a call."""
    ENABLE = "enable"
    """A pair, or a provider, may be chosen again."""
    DISABLE = "disable"
    """A pair, or a provider, is not to be chosen."""
    REACTIVATE = "reactivate"
    """A person says that a pair lives."""
    MARK_STALE = "mark_stale"
    """A person says that a pair is gone."""
    PURGE = "purge"
    """A tombstone: all that told of a pair up to its instant is hidden."""
