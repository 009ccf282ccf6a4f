"""The package transport: a list that an installed Python package carries, for machines with no network."""

import re
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime, time
from importlib.metadata import PackageNotFoundError, version

import msgspec

from model_registry_pipeline.connectors.catalog import catalog

_json = msgspec.json.Encoder(decimal_format="number")

CHECKED_ON = re.compile(r"(?:checked|verified|observed|as of)\D{0,20}(\d{4}-\d{2}-\d{2})", re.IGNORECASE)
"""How the keepers of genai-prices note in a comment when they looked at a price page."""


class PackageError(Exception):
    """A package carries no list that we know how to read. The text says what to install."""


@dataclass(frozen=True)
class Packaged:
    """A list out of a package."""

    document: bytes
    """JSON, in the shape that the source has on the network."""
    version: str
    """Of the package."""
    stated_at: datetime
    """When the list was surely current; the same on every machine for the same version of the package."""


def installed_document(package: str) -> Packaged:
    """The list that an installed package carries. Raises PackageError where it is unknown or not installed."""
    read = READERS.get(package)
    if read is None:
        raise PackageError(f"no list is known in a package called {package!r}; known: {', '.join(READERS)}")
    try:
        return read(version(package))
    except (PackageNotFoundError, ModuleNotFoundError):
        raise PackageError(f"the package {package} is not installed: pip install {package}") from None


def _genai_prices(installed: str) -> Packaged:
    """genai-prices: its wheel has no JSON, only the same data as Python objects.

    Nothing in a wheel tells when it was made (its files are stamped when they are installed), and the newest dates of
    the data are prices announced for the future. What surely lies before the release is the newest day on which its
    keepers say that they checked a price.
    """
    from genai_prices.data import providers  # noqa: PLC0415 - 1.6 MB of Python, loaded only where it is asked for

    document = _json.encode([_plain(provider) for provider in providers])
    checked_on = max(CHECKED_ON.findall(document.decode()), default=None)
    if checked_on is None:
        raise PackageError(f"genai-prices {installed} does not say when its prices were last checked")
    return Packaged(document, installed, datetime.combine(date.fromisoformat(checked_on), time(), tzinfo=UTC))


def _plain(value: object) -> object:
    """Its objects as the JSON it publishes: what is not set is left out, `or_` is `or`; dates and numbers stay."""
    from genai_prices.types import ModelPrice  # noqa: PLC0415 - as above

    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, ModelPrice):
        return {name: _plain(price) for name, price in vars(value).items() if price is not None}
    if is_dataclass(value):
        stated = {field.name: getattr(value, field.name) for field in fields(value) if field.init}
        return {name.rstrip("_"): _plain(item) for name, item in stated.items() if item is not None}
    return value


def _catalog(installed: str) -> Packaged:
    """This very package: its catalogue says itself until when it looked."""
    document, as_of = catalog()
    return Packaged(document, installed, as_of)


READERS: dict[str, Callable[[str], Packaged]] = {"genai-prices": _genai_prices, "model-registry-pipeline": _catalog}
"""By the package's name; each takes the installed version."""
