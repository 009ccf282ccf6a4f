"""A row of the table, and what every benchmark is given."""

import shutil
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One row of the table."""

    name: str
    product: float
    unit: str
    target: str = ""
    is_met: bool | None = None
    """None: there is no target; the row informs."""
    reference: str = ""
    ratio: float | None = None
    """How many times the reference's seconds the product is faster."""


@dataclass(frozen=True)
class Bench:
    """What every benchmark is given."""

    server_url: str
    dumps: Path
    scratch: Path
    rounds: int
    records: int


def median(values: Sequence[float]) -> float:
    """Of what was measured in the rounds."""
    return float(statistics.median(values))


def copy(paths: Sequence[Path], folder: Path) -> Path:
    """Files in a folder of their own, which is returned; not links, which the product does not follow."""
    folder.mkdir()
    for path in paths:
        shutil.copyfile(path, folder / path.name)
    return folder
