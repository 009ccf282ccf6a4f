"""How reading a source can fail."""

from dataclasses import dataclass


class NotConfiguredError(Exception):
    """A source lacks the key or the address that it needs. The text names the variable to set; a run skips it."""


class FetchError(Exception):
    """A source could not be read. The text is one line without secrets: who, what happened, what to do."""

    def __init__(self, text: str, *, tries: int) -> None:
        super().__init__(text)
        self.tries = tries
        """Tries for the page that failed; 0: the request could not be made."""


@dataclass
class ExchangeError(Exception):
    """What went wrong with one request, before it is known whose it was. Never leaves this package."""

    what: str
    """May still hold secrets."""
    is_transient: bool = False
    """Another try may help."""
    wait_seconds: float | None = None
    """As the server asked; None: our own delay."""

    def __str__(self) -> str:
        return self.what
