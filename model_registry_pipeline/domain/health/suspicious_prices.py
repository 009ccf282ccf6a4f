"""How many prices are in doubt."""

from collections.abc import Mapping

import msgspec

from model_registry_pipeline.domain.health.verdict import Verdict


class Doubts(msgspec.Struct, frozen=True, kw_only=True):
    """The prices of one source that are in doubt."""

    jumps: int = 0
    mass_moves: int = 0
    disputes: int = 0
    example: str
    """The worst of them, in a few words."""

    @property
    def prices(self) -> int:
        return self.jumps + self.mass_moves + self.disputes


def suspicious_prices(doubts: Mapping[str, Doubts]) -> Verdict:
    """Warn while prices are in doubt.

    A price is in doubt when it moved 100 times or more, when more than 20 % of its source's prices moved in one
    answer, or when other sources state one 100 times away. It is shown as stated, and not used for choosing by price,
    until another source, three answers over 48 h or a person decides.
    """
    told = "; ".join(f"{each.prices:,} of {source}, such as {each.example}" for source, each in doubts.items())
    return Verdict(
        passed=not doubts,
        reason=f"prices in doubt: {told}" if doubts else "no price is in doubt",
        facts={
            "suspicious_prices": sum(each.prices for each in doubts.values()),
            "jumps": sum(each.jumps for each in doubts.values()),
            "mass_moves": sum(each.mass_moves for each in doubts.values()),
            "disputes": sum(each.disputes for each in doubts.values()),
        },
    )
