"""Whether a source's newest answers count."""

from model_registry_pipeline.domain.health.verdict import Verdict


def nothing_held(held: int, reason: str | None) -> Verdict:
    """Warn when the source's newest answer is held back as empty, broken or shrunk."""
    return Verdict(passed=not held, reason=reason or "the newest answer counts", facts={"held_dumps": held})
