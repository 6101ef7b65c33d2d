"""Reads the plan's table out of the decree's own text, with no help from the portal.

The text is the decree as its PDF gives it: tab-separated cells, a page header and a row of column numbers on each page,
rows that go on after a page break, and component cells that are empty where they go on from the row above.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

DECREE = Path(__file__).parents[2] / "data" / "keputusan-19-2025.txt"
FIRST_LINE, LAST_LINE = 185, 311

_AREA = re.compile(r"(?P<code>I|II|III|IV|V|VI)[ \t](?P<name>[^\t]+)\t+")
_COLUMN_NUMBERS = "1\t2\t3\t4\t5\t6"


@dataclass(kw_only=True)
class DecreeRow:
    """One indicator of the table, cells as printed."""

    area_code: str
    area_name: str
    component_number: str
    component_name: str
    indicator: str
    actions: str
    evidence: str
    target: str
    lines: list[int] = field(default_factory=list)

    def go_on_with(self, cells: list[str], line: int) -> None:
        """Take the second half of a row that was cut by a page break."""
        self.indicator, self.actions, self.evidence = (
            f"{before} {after}".strip()
            for before, after in zip((self.indicator, self.actions, self.evidence), cells[2:5], strict=True)
        )
        self.lines.append(line)


def read_decree() -> list[DecreeRow]:
    """The indicators of the decree in their order."""
    rows: list[DecreeRow] = []
    area = ("", "")
    component = ("", "")
    for line, content in _table_lines():
        if match := _AREA.fullmatch(content):
            area = (match["code"], match["name"])
            continue
        cells = [cell.strip() for cell in content.replace("<i>", "").replace("</i>", "").split("\t")]
        if not cells[0] and not cells[1] and not cells[5]:
            rows[-1].go_on_with(cells, line)
            continue
        if cells[0]:
            component = (cells[0].rstrip("."), cells[1])
        rows.append(_row(area, component, cells, line))
    return rows


def _row(area: tuple[str, str], component: tuple[str, str], cells: list[str], line: int) -> DecreeRow:
    return DecreeRow(
        area_code=area[0],
        area_name=area[1],
        component_number=component[0],
        component_name=component[1],
        indicator=cells[2],
        actions=cells[3],
        evidence=cells[4],
        target=cells[5],
        lines=[line],
    )


def _table_lines() -> list[tuple[int, str]]:
    lines = list(enumerate(DECREE.read_text(encoding="utf-8").split("\n"), start=1))
    return [
        (number, content)
        for number, content in lines[FIRST_LINE - 1 : LAST_LINE]
        if content and not content.startswith("NO\t") and content != _COLUMN_NUMBERS
    ]
