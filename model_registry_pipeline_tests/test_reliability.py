"""docs/reliability.md names tests that exist, row by row, and figures that hold."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
DOCUMENT = TESTS.parent / "docs/reliability.md"
GROUPS = {"H": 36, "": 47, "S": 28}
"""How many rows there are of each kind, those that are listed apart included."""


@cache
def document() -> str:
    return DOCUMENT.read_text(encoding="utf-8")


def rows(first: str, width: int) -> list[list[str]]:
    """The cells of each table row whose first cell is as this expression says."""
    lines = re.findall(rf"^\| {first} \|.*\|$", document(), re.MULTILINE)
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return [row for row in cells if len(row) == width]


SHOWN, APART = rows(r"[HS]?\d+", 4), rows(r"[HS]?\d+", 3)


@cache
def functions_of(path: str) -> frozenset[str]:
    """The test functions of a module, without importing it."""
    nodes = ast.walk(ast.parse((TESTS / path).read_text(encoding="utf-8")))
    return frozenset(node.name for node in nodes if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"))


@pytest.mark.parametrize("row", SHOWN, ids=lambda row: row[0])
def test_a_row_is_shown_by_tests_that_exist(row: list[str]) -> None:
    """It says what happens, and names at least one test function of a file."""
    _, fault, told, shown = row
    named = re.findall(r"`([^`:]+)::([^`]+)`", shown)

    assert fault
    assert told
    assert "<br>".join(f"`{path}::{name}`" for path, name in named) == shown
    assert named
    assert [f"{path}::{name}" for path, name in named if name not in functions_of(path)] == []
    assert len(set(named)) == len(named)


@pytest.mark.parametrize(("group", "count"), GROUPS.items(), ids=lambda value: str(value) or "machine")
def test_no_row_is_missing(group: str, count: int) -> None:
    """Each number has one row, shown by tests or listed apart with its reason."""
    ids = [row[0] for row in (*SHOWN, *APART) if re.fullmatch(rf"{group}\d+", row[0])]

    assert sorted(ids, key=lambda each: int(each[len(group) :])) == [f"{group}{n}" for n in range(1, count + 1)]
    assert all(len(row[2]) > 10 for row in APART)


def test_the_counts_are_those_of_the_rows() -> None:
    """In the document's first words."""
    (shown, of, apart) = map(int, re.findall(r"^(\d+) of (\d+) rows below .*; (\d+) are", document(), re.MULTILINE)[0])

    assert (shown, of, apart) == (len(SHOWN), len(SHOWN), len(APART))


def test_the_torture_found_nothing() -> None:
    """Whatever it was that was run last: no payload with a fault, no kill or outage that did not converge, no alert
    lost or doubled."""
    figures = {part: told for part, told in rows("[a-z]+", 2) if part != "part"}

    assert figures.keys() == {"fuzz", "kills", "outages", "alerts"}
    assert re.match(r"10,000 mutated payloads of \d+ sources: 0 faults ", figures["fuzz"])
    for part in ("kills", "outages"):
        found = re.match(r"(\d+) .*: (\d+) converged, 0 did not$", figures[part])
        assert found
        assert found[1] == found[2]
    assert " 0 lost, 0 doubled" in figures["alerts"]
