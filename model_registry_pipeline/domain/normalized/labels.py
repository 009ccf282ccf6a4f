"""Words that sources hang on a model (tags, features, parameters), and what one says by standing there or not."""

from collections.abc import Collection


def labels(stated: Collection[str] | None) -> tuple[str, ...] | None:
    """Sorted, without repetition; None: there are none."""
    return tuple(sorted(set(stated))) if stated else None


def has(stated: Collection[str] | None, *wanted: str) -> bool | None:
    """True where one of them stands; None where none does, since the list need not be whole."""
    return True if stated and any(word in stated for word in wanted) else None


def is_among(stated: Collection[str] | None, wanted: str) -> bool | None:
    """Whether a word stands in a list that is whole; None: there is no such list."""
    return wanted in stated if stated else None
