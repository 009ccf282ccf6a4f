"""The figures of the torture in a document: a row a part, between two marks."""

import re
from pathlib import Path


def write_figures(document: Path, part: str, figures: str) -> None:
    """Take a part's figures over into its row. Raises LookupError where the document has none for it."""
    said = document.read_text()
    row = re.compile(
        rf"(?<=<!-- torture: begin).*?^\| {part} \| ([^\n]*) \|$(?=.*<!-- torture: end)", re.DOTALL | re.MULTILINE
    )
    found = row.search(said)
    if found is None:
        raise LookupError(f"{document} has no row for {part}")
    document.write_text(said[: found.start(1)] + figures + said[found.end(1) :])
