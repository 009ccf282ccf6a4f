"""How much of a dump could not be read."""

from model_registry_pipeline.domain.health.verdict import Verdict, percent


def rejections(read: int, rejected: int, *, warn_percent: float) -> Verdict:
    """Warn when many records of the source's newest answer could not be read."""
    records = read + rejected
    passed = rejected * 100 <= records * warn_percent
    told = f"{rejected:,} of {records:,} records could not be read"
    return Verdict(
        passed=passed,
        reason=told if passed else f"{told}: more than {warn_percent:g} %",
        facts={"rejected_percent": percent(rejected, records), "rejected": rejected, "records": records},
    )
