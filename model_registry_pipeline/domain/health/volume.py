"""How much the registry tells of at all."""

from model_registry_pipeline.domain.health.verdict import Severity, Verdict


def volume(active: int, minimum: int) -> Verdict:
    """The registry tells of enough active offerings: with fewer something is wrong with all of it."""
    return Verdict(
        passed=active >= minimum,
        severity=Severity.ERROR,
        reason=f"{active:,} active offerings, {minimum:,} at least",
        facts={"active_offerings": active},
    )
