"""Whether a source sends other fields than before."""

from collections.abc import Sequence

from model_registry_pipeline.domain.health.verdict import Verdict

MAX_TOLD = 20
"""Paths that a message names."""


def no_drift(new: Sequence[str], vanished: Sequence[str]) -> Verdict:
    """Warn when the source sends JSON paths that it never sent before, or no longer sends some."""
    told = "; ".join(f"{what}: {_named(paths)}" for what, paths in (("new", new), ("vanished", vanished)) if paths)
    return Verdict(
        passed=not told,
        reason=told or "the same paths as before",
        facts={"new_paths": len(new), "vanished_paths": len(vanished)},
    )


def _named(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - MAX_TOLD} more" * (len(paths) > MAX_TOLD)
    return ", ".join(paths[:MAX_TOLD]) + more
