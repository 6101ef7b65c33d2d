"""docs/security.md and the tests that prove it name one another, requirement by requirement."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PAGE = TESTS.parent / "docs" / "security.md"
NUMBERS = range(1, 67)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the page's table; `tests` without their common beginning."""

    number: int
    priority: str
    enforced_in: str
    tests: frozenset[str]
    remains: str


def read_rows(text: str) -> list[Row]:
    lines = [line.split(" | ") for line in re.findall(r"^\| (\d+ \| P\d \| .*) \|$", text, re.MULTILINE)]
    return [
        Row(int(number), priority, enforced_in, frozenset(re.findall(r"`(\w+)`", tests)), remains)
        for number, priority, _, enforced_in, tests, remains in lines
    ]


def read_open(text: str) -> set[int]:
    """The numbers that the page admits to be without proof."""
    (listed,) = re.findall(r"^\*\*Still open\*\*: (.*)$", text, re.MULTILINE)
    return {int(number) for number in re.findall(r"\d+", listed)}


def existing_tests() -> dict[int, set[str]]:
    found: dict[int, set[str]] = {number: set() for number in NUMBERS}
    for path in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and (name := re.fullmatch(r"test_req_(\d\d)_(\w+)", node.name)):
                found.setdefault(int(name[1]), set()).add(name[2])
    return found


ROWS = read_rows(PAGE.read_text(encoding="utf-8"))
OPEN = read_open(PAGE.read_text(encoding="utf-8"))
EXISTING = existing_tests()


def test_every_requirement_has_its_line() -> None:
    assert [row.number for row in ROWS] == list(NUMBERS)
    assert set(EXISTING) == set(NUMBERS), "a test is named after a number that is none"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.number:02}")
def test_a_line_names_the_tests_that_prove_it_and_no_other(row: Row) -> None:
    missing, unnamed = row.tests - EXISTING[row.number], EXISTING[row.number] - row.tests
    assert not missing, f"line {row.number} names tests that do not exist: {sorted(missing)}"
    assert not unnamed, f"line {row.number} does not name test_req_{row.number:02}_…: {sorted(unnamed)}"


@pytest.mark.parametrize("row", [row for row in ROWS if row.priority != "P2"], ids=lambda row: f"{row.number:02}")
def test_a_line_is_proven_or_admitted_to_be_open_with_the_reason(row: Row) -> None:
    assert bool(row.tests) is (row.number not in OPEN), f"line {row.number}: proven and open exclude one another"
    assert (row.number in OPEN) is row.remains.startswith("open: "), f"line {row.number}: say why it is open"
    assert row.enforced_in != "–" or row.number in OPEN, f"line {row.number}: say where it is enforced"
