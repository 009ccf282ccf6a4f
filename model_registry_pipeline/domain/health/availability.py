"""Whether a model can be called here and now: the provider's own list has it.

Only the list of somebody who serves models says what we can call, if it answers to our own key or is of our own
machine; and only a complete one says what we can't.
"""

from collections.abc import Collection
from datetime import UTC, datetime

from model_registry_pipeline.domain.history.acceptance import Sighting, broken, shrunk
from model_registry_pipeline.domain.source import Source

Pair = tuple[str, str]
"""(provider_id, model_id)."""

_ANY_INSTANT = datetime(1, 1, 1, tzinfo=UTC)
"""Comparing two lists asks for no instant."""


def tells_availability(source: Source) -> bool:
    """Whether a source's list may be a provider's own: of one who serves models, asked with a key or local, and
    complete."""
    return source.serves and source.complete and (source.local or source.auth is not None)


def own_provider(source: Source, listed: Collection[Pair], known: str | None) -> str | None:
    """The provider whose own list it is: the only one that the list names, or is known to have named before.

    None: it tells of several providers' models, and says nothing of what any of them answers.
    """
    providers = {provider_id for provider_id, _ in listed} | ({known} if known else set())
    if not providers and source.local:
        return source.name
    return providers.pop() if len(providers) == 1 else None


def suspicion(source: Source, listed: Collection[Pair], rejected: int, accepted: Collection[Pair]) -> str | None:
    """Why an answer is no news: empty, broken, or much shorter than the source's newest accepted dump.

    A service of our own machine may truly have nothing installed.
    """
    ids = {pair: number for number, pair in enumerate({*listed, *accepted})}

    def sighting(pairs: Collection[Pair]) -> Sighting:
        return Sighting(
            dump_id=0,
            observed_at=_ANY_INSTANT,
            offering_ids=frozenset(ids[pair] for pair in pairs),
            rejected=rejected if pairs is listed else 0,
        )

    if fault := broken(sighting(listed), is_local=source.local):
        return fault
    return None if source.local or not accepted else shrunk(sighting(listed), sighting(accepted))
