"""Numbers that can't be meant are taken out of an offering, each as a field rejection. What is merely odd stays."""

from decimal import Decimal

import msgspec

from model_registry_pipeline.domain.normalized.prices import price_state
from model_registry_pipeline.domain.records import Offering, PriceLine
from model_registry_pipeline.domain.source import Fault

MAX_USD = Decimal(10**9)
MAX_DIGITS = 40
"""Of a price; a float that was written out has at most about 25 that matter."""
MAX_TOKENS = 10**12
MAX_PARAMETERS = 10**16
MAX_DIMENSIONS = 10**7

_COUNTS = {
    "context_window_tokens": MAX_TOKENS,
    "max_input_tokens": MAX_TOKENS,
    "max_output_tokens": MAX_TOKENS,
    "embedding_dimensions": MAX_DIMENSIONS,
    "parameters": MAX_PARAMETERS,
}


def implausible(offering: Offering) -> list[Fault]:
    """The offering's facts that no provider means: negative, not finite, absurdly large, or no limit at all."""
    faults = [
        Fault(f"prices.{line.meter}", f"not a price: {_shown(line.usd)} USD")
        for line in offering.prices
        if not _is_price(line.usd)
    ]
    for name, largest in _COUNTS.items():
        stated = getattr(offering, name)
        if stated is not None and not 0 < stated <= largest:
            faults.append(Fault(name, f"not between 1 and {largest}: {_shown(stated)}"))
    return faults


def without_implausible(offering: Offering) -> Offering:
    """The offering without what `implausible` names."""
    counts = {
        name: None
        for name, largest in _COUNTS.items()
        if not 0 < (1 if (stated := getattr(offering, name)) is None else stated) <= largest
    }
    prices: tuple[PriceLine, ...] = tuple(line for line in offering.prices if _is_price(line.usd))
    return msgspec.structs.replace(
        offering,
        **counts,
        prices=prices,
        price_state=price_state(prices, stated=offering.price_state),
    )


def _is_price(usd: Decimal) -> bool:
    return usd.is_finite() and 0 <= usd <= MAX_USD and len(str(usd)) <= MAX_DIGITS + 2


def _shown(number: Decimal | int) -> str:
    return str(number) if isinstance(number, int) and abs(number) <= MAX_PARAMETERS else f"{Decimal(number):.3e}"
