"""Whether the registry's database answers."""

from model_registry_pipeline.domain.health.verdict import Severity, Verdict


def database(fault: str | None, milliseconds: float) -> Verdict:
    """Fail when the registry's database can't be reached, or does not answer."""
    return Verdict(
        passed=fault is None,
        severity=Severity.ERROR,
        reason=fault or f"answered in {milliseconds:.0f} ms",
        facts={} if fault else {"answer_ms": round(milliseconds, 1)},
    )
