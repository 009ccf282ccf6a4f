"""How many offerings a single answer takes out of service."""

from model_registry_pipeline.domain.health.verdict import Verdict, percent


def inactive_surge(went: int, active_before: int, *, warn_percent: float) -> Verdict:
    """The source's newest answer makes few of its offerings inactive at once."""
    passed = went * 100 <= active_before * warn_percent
    told = f"{went:,} of {active_before:,} active offerings went inactive with the newest answer"
    return Verdict(
        passed=passed,
        reason=told if passed else f"{told}: more than {warn_percent:g} %",
        facts={"inactive_percent": percent(went, active_before), "went_inactive": went},
    )
