"""Numbers that can't be meant are taken out of an offering, each as a field rejection. What is merely odd stays."""

from decimal import Decimal
from functools import lru_cache
from operator import attrgetter

import msgspec

from model_registry_pipeline.domain.normalized.prices import price_state
from model_registry_pipeline.domain.records import Offering, PriceLine
from model_registry_pipeline.domain.source import Fault

MIN_USD = Decimal("1e-15")
MAX_USD = Decimal(10**9)
"""For any unit; the cheapest that is really stated, a pixel, costs some 1e-8."""
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
_stated_counts = attrgetter(*_COUNTS)
_NO_COUNTS = (None,) * len(_COUNTS)


def plausible(offering: Offering) -> tuple[Offering, tuple[Fault, ...]]:
    """The offering without what no provider means: numbers that are negative, not finite or absurd; and what they
    were."""
    stated = _stated_counts(offering)
    if stated == _NO_COUNTS and not offering.prices:
        return offering, ()
    counts = [
        name
        for (name, largest), count in zip(_COUNTS.items(), stated, strict=True)
        if count is not None and not 0 < count <= largest
    ]
    lines = [line for line in offering.prices if not _is_price(line)]
    if not counts and not lines:
        return offering, ()
    faults = [Fault(name, f"not from 1 to {_COUNTS[name]}: {_shown(getattr(offering, name))}") for name in counts]
    faults += [Fault(f"prices.{line.meter}", f"not a price: {_line_shown(line)}", is_price=True) for line in lines]
    prices = tuple(line for line in offering.prices if line not in lines)
    kept = msgspec.structs.replace(
        offering,
        **dict.fromkeys(counts),
        prices=prices,
        price_state=price_state(prices, stated=offering.price_state),
    )
    return kept, tuple(faults)


def _is_price(line: PriceLine) -> bool:
    limits = _limits(line)
    return (
        line.usd.is_finite()
        and _is_amount(line.usd)
        and (limits == _NO_LIMITS or all(0 <= (limit or 0) <= MAX_TOKENS for limit in limits))
    )


_limits = attrgetter("above_tokens", "up_to_tokens", "above_output_tokens", "up_to_output_tokens")
_NO_LIMITS = (None,) * 4


@lru_cache(maxsize=8192)
def _is_amount(usd: Decimal) -> bool:
    return (not usd or MIN_USD <= usd <= MAX_USD) and len(str(usd)) <= MAX_DIGITS + len("0.")


def _line_shown(line: PriceLine) -> str:
    above, up_to = line.above_tokens, line.up_to_tokens
    context = f" for {_shown(above or 0)} to {_shown(up_to or 0)} tokens" if above or up_to else ""
    return f"{_shown(line.usd)} USD{context}"


def _shown(number: Decimal | int) -> str:
    return str(number) if isinstance(number, int) and abs(number) <= MAX_PARAMETERS else f"{Decimal(number):.3e}"
