"""How many offerings a single answer takes out of service."""

from collections.abc import Mapping
from typing import NamedTuple

from model_registry_pipeline.domain.health.verdict import Verdict, percent


class Surge(NamedTuple):
    """What a source's newest answer made inactive."""

    went: int
    active_before: int

    def is_large(self, warn_percent: float) -> bool:
        return self.went * 100 > self.active_before * warn_percent


def inactive_surge(surges: Mapping[str, Surge], *, warn_percent: float) -> Verdict:
    """Warn when a source's newest answer makes many of its offerings inactive at once."""
    large = {source: surge for source, surge in surges.items() if surge.is_large(warn_percent)}
    told = "; ".join(
        f"{source}: {surge.went:,} of {surge.active_before:,} active offerings" for source, surge in large.items()
    )
    worst = max((percent(surge.went, surge.active_before) for surge in surges.values()), default=0.0)
    return Verdict(
        passed=not large,
        reason=f"went inactive at once, more than {warn_percent:g} %: {told}" if large else "few or none went at once",
        facts={
            "worst_percent": worst,
            "sources": len(large),
            "went_inactive": sum(surge.went for surge in surges.values()),
        },
    )
