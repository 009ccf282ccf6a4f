"""How many of a source's prices are in doubt."""

from model_registry_pipeline.domain.health.verdict import Verdict


def suspicious_prices(jumps: int, mass_moves: int, disputes: int, example: str | None) -> Verdict:
    """None of the source's prices is in doubt.

    A price is in doubt when it moved 100 times or more, when more than 20 % of the source's prices moved in one
    answer, or when other sources state one 100 times away. It is shown as stated, and not used for choosing by price,
    until another source, three answers over 48 h or a person decides.
    """
    prices = jumps + mass_moves + disputes
    return Verdict(
        passed=not prices,
        reason=f"{prices:,} prices are in doubt, such as {example}" if prices else "no price is in doubt",
        facts={"suspicious_prices": prices, "jumps": jumps, "mass_moves": mass_moves, "disputes": disputes},
    )
