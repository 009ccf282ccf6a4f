"""Numbers and texts that sources write in words."""

import re
from decimal import Decimal

_SCALES = {"": 0, "K": 3, "M": 6, "B": 9, "T": 12}
_PARAMETERS = re.compile(r"(\d{1,6}(?:\.\d{1,9})?)\s?([KMBT]?)", re.ASCII | re.IGNORECASE)


def parameter_count(stated: str | None) -> int | None:
    """`7B` is 7,000,000,000 weights, `494.03M` is 494,030,000; None: no such size is stated."""
    size = _PARAMETERS.fullmatch(stated.strip()) if stated else None
    return int(Decimal(size[1]).scaleb(_SCALES[size[2].upper()])) or None if size else None


def text(stated: str | None) -> str | None:
    """A text that says something; None for a blank one."""
    return stated if stated and not stated.isspace() else None


def count(stated: int | None) -> int | None:
    """A limit where 0 is how the source writes that it does not know."""
    return stated or None
