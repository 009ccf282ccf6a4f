"""Stated numbers as price lines: the decimal point is shifted, never a float touched; and what they amount to."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from functools import lru_cache
from typing import NamedTuple, TypedDict, Unpack

import msgspec

from model_registry_pipeline.domain.records import PriceLine, PriceState
from model_registry_pipeline.domain.source import Wire

VARIES = Decimal(-1)
"""What several sources state for a price that depends on the model a router picks."""

PER_TOKEN = 6
PER_THOUSAND_TOKENS = 3
"""How far the decimal point goes from a stated number to US dollars per million tokens."""
PER_THOUSAND = -3
PER_MILLION = -6
"""How far it goes from the price of many units to that of one."""

# Room for every price that could be meant; what is longer is rounded here and refused as implausible. No traps: a
# number that is none stays NaN, and is refused there too.
_EXACT = Context(prec=60, Emin=MIN_EMIN, Emax=MAX_EMAX, traps=[])
_ZERO = Decimal(0)
_ONE = Decimal(1)
_NO_NUMBER = Decimal("NaN")


class Meter(NamedTuple):
    """What a source's price field counts, and how far its decimal point is from US dollars per unit."""

    meter: str
    unit: str = "mtok"
    shift: int = 0


class Conditions(TypedDict, total=False):
    """Under which a price holds; see PriceLine."""

    above_tokens: int | None
    up_to_tokens: int | None
    above_output_tokens: int | None
    up_to_output_tokens: int | None
    service_tier: str | None
    region: str | None
    variant: str | None
    hours_utc: str | None
    effective_from: str | None
    effective_until: str | None


def usd(stated: Decimal, shift: int = 0) -> Decimal:
    """A stated number, shifted, without trailing zeros or exponent: 0.10 is 0.1."""
    return _usd(stated, shift) if stated.is_finite() else _NO_NUMBER


@lru_cache(maxsize=4096)
def _usd(stated: Decimal, shift: int) -> Decimal:
    """Lists state few different numbers, each of them often."""
    # OpenRouter states -0 too, which equals 0: the answer for one of them is given for both.
    if not stated:
        return _ZERO
    if stated == VARIES:
        return VARIES
    number = stated.scaleb(shift, _EXACT) if shift else stated
    if number.adjusted() >= _EXACT.prec:
        return number
    if number == number.to_integral_value(context=_EXACT):
        return number.quantize(_ONE, context=_EXACT)
    return number.normalize(_EXACT)


def price_line(meter: Meter, stated: Decimal, **conditions: Unpack[Conditions]) -> PriceLine:
    """One stated number as a price."""
    return PriceLine(meter=meter.meter, unit=meter.unit, usd=usd(stated, meter.shift), **conditions)


def price_lines(stated: Wire | None, meters: Mapping[str, Meter], **conditions: Unpack[Conditions]) -> list[PriceLine]:
    """The prices in a wire model's fields, all under the same conditions; none where there is no such object."""
    if stated is None:
        return []
    return [
        price_line(meter, number, **conditions)
        for name, meter in meters.items()
        if (number := getattr(stated, name)) is not None
    ]


class Prices(NamedTuple):
    """What an offering states about its price: `Offering(…, **prices._asdict())`."""

    prices: tuple[PriceLine, ...]
    price_state: PriceState


def settled(lines: Iterable[PriceLine]) -> Prices:
    """Price lines in order and without repetition, and what they amount to; those that vary carry no number."""
    stated = set(lines)
    fixed = _told_apart(line for line in stated if line.usd != VARIES)
    state = PriceState.UNKNOWN if all(line.usd != VARIES for line in stated) else PriceState.VARIABLE
    return Prices(fixed, price_state(fixed, stated=state))


def _told_apart(lines: Iterable[PriceLine]) -> tuple[PriceLine, ...]:
    """Sorted; of several prices for the same the dearest stands as it is stated: nobody is promised the cheaper ones.

    ZenMux states two rates of Alibaba's cache reads without saying which cache each is for.
    """
    ordered = sorted((_order(line), line) for line in lines)
    if len({order[:-1] for order, _ in ordered}) == len(ordered):
        return tuple(line for _, line in ordered)
    same: defaultdict[tuple[object, ...], list[PriceLine]] = defaultdict(list)
    for order, line in reversed(ordered):
        same[order[:-1]].append(line)
    named = (_other(line, rank) if rank else line for rivals in same.values() for rank, line in enumerate(rivals))
    return tuple(sorted(named, key=_order))


def _other(line: PriceLine, rank: int) -> PriceLine:
    words = (line.variant, "other" if rank == 1 else f"other {rank}")
    return msgspec.structs.replace(line, variant=" ".join(word for word in words if word))


def variant(**stated: object) -> str | None:
    """What a source tells apart, in one form: `audio=true,resolution=720p`; None: nothing is stated."""
    words = {name: str(value).lower() if isinstance(value, bool) else value for name, value in stated.items()}
    return ",".join(f"{name}={value}" for name, value in sorted(words.items()) if value is not None) or None


_BASE = ("above_tokens", "above_output_tokens", "service_tier", "region", "variant", "hours_utc")


def is_base(line: PriceLine) -> bool:
    """Whether a plain, short request pays this, on a day on which it holds."""
    return all(getattr(line, condition) is None for condition in _BASE)


def price_state(lines: Iterable[PriceLine], *, stated: PriceState = PriceState.UNKNOWN) -> PriceState:
    """Free takes input and output stated as 0 for a plain request, and no other price above 0, under whatever
    condition. What is stated to vary, or to be part of a plan, is that."""
    if stated in {PriceState.VARIABLE, PriceState.INCLUDED}:
        return stated
    zeros = set()
    for line in lines:
        if line.usd:
            return PriceState.PAID
        if is_base(line):
            zeros.add(line.meter)
    return PriceState.FREE if {"input", "output"} <= zeros else PriceState.UNKNOWN


def _order(line: PriceLine) -> tuple[object, ...]:
    """By meter, then by conditions, those that are absent first; None alone has no order."""
    meter, unit, price, *conditions = msgspec.structs.astuple(line)
    return meter, unit, _absent_first(tuple(conditions)), price


@lru_cache(maxsize=4096)
def _absent_first(conditions: tuple[object, ...]) -> tuple[tuple[bool, object], ...]:
    return tuple((stated is not None, stated) for stated in conditions)
