"""The shipped plan says what the decree says, cell by cell, read from the decree's own text."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from portal.domain.plan import PlanComponent, PlanIndicator, Recurrence
from tests.services.plan_file.decree_table import DecreeRow, read_decree
from tests.services.plan_file.merangin import merangin_plan

PLAN = merangin_plan()
DECREE = read_decree()

JOINED_WORDS = {
    "mempertimbang kan": "mempertimbangkan",
    "mensosialisasi kan": "mensosialisasikan",
}
"""Words that the wrap of a narrow cell split in two, and that the plan joins. Nothing else may differ."""

SEPARATOR = r"(?:[,;]?\ dan|[,;])?\ (?:dan\ )?(?:[1-9]\)\ )?"
"""What may stand between two items of a list and is left out of the split lists: , ; dan 2)"""

MONTHS = (
    *("Januari", "Februari", "Maret", "April", "Mei", "Juni"),
    *("Juli", "Agustus", "September", "Oktober", "November", "Desember"),
)


@dataclass(frozen=True)
class Pair:
    """One row of the decree and what the plan made of it."""

    row: DecreeRow
    area_code: str
    area_name: str
    component: PlanComponent
    indicator: PlanIndicator


def _planned() -> Iterator[tuple[str, str, PlanComponent, PlanIndicator]]:
    for area in PLAN.areas:
        for component in area.components:
            for indicator in component.indicators:
                yield area.code, area.name, component, indicator


PAIRS = [Pair(row, *planned) for row, planned in zip(DECREE, _planned(), strict=False)]

each_row = pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair.indicator.code}-line-{pair.row.lines[0]}")


def joined(cell: str) -> str:
    for split, whole in JOINED_WORDS.items():
        cell = cell.replace(split, whole)
    return cell


def test_the_decree_has_the_shape_that_the_plan_has() -> None:
    assert len(DECREE) == PLAN.totals.indicators == 70
    assert Counter(row.area_code for row in DECREE) == {"I": 5, "II": 6, "III": 18, "IV": 10, "V": 19, "VI": 12}
    assert len({(row.area_code, row.component_number) for row in DECREE}) == PLAN.totals.components == 23


def test_nine_rows_of_the_decree_go_on_after_a_page_break() -> None:
    assert [row.lines for row in DECREE if len(row.lines) > 1] == [
        [197, 201],
        [214, 218],
        [222, 226],
        [230, 234],
        [238, 242],
        [249, 253],
        [268, 272],
        [295, 299],
        [303, 307],
    ]


@each_row
def test_area_and_component_are_verbatim(pair: Pair) -> None:
    assert (pair.area_code, pair.area_name) == (pair.row.area_code, pair.row.area_name)
    assert str(pair.component.number) == pair.row.component_number
    assert pair.component.name == joined(pair.row.component_name)


@each_row
def test_indicator_evidence_and_target_are_verbatim(pair: Pair) -> None:
    assert pair.indicator.text == joined(pair.row.indicator)
    assert pair.indicator.evidence_text == joined(pair.row.evidence)
    assert pair.indicator.target_text == joined(pair.row.target)


@each_row
def test_actions_are_the_cell_without_its_marks(pair: Pair) -> None:
    assert_split(pair.row.actions, pair.indicator.actions)


@each_row
def test_evidence_items_are_the_cell_without_its_marks(pair: Pair) -> None:
    assert_split(pair.row.evidence, tuple(requirement.text for requirement in pair.indicator.requirements))


def assert_split(cell: str, items: tuple[str, ...]) -> None:
    """The items are the cell in its order and every word of it, apart from enumeration marks and separators."""
    pattern = r"(?:1\)\ )?" + SEPARATOR.join(re.escape(item) for item in items)
    assert re.fullmatch(pattern, joined(cell)), (cell, items)
    assert not [item for item in items if re.match(r"[1-9]\)|dan |[,;]", item)]


@pytest.mark.parametrize("split", JOINED_WORDS)
def test_each_joined_word_is_in_the_decree_and_named_in_a_note(split: str) -> None:
    cells = [f"{row.component_name}\t{row.indicator}\t{row.actions}\t{row.evidence}" for row in DECREE]
    assert any(split in cell for cell in cells)
    assert [indicator.code for indicator in PLAN.indicators if split in (indicator.note or "")]


@each_row
def test_due_months_are_those_that_the_target_names(pair: Pair) -> None:
    target, months = pair.row.target, pair.indicator.months
    if target == "Per-bulan":
        assert [month.month for month in months] == list(range(1, 13))
        return
    named = [MONTHS.index(name) + 1 for name in re.findall("|".join(MONTHS), target)]
    if pair.indicator.recurrence in {Recurrence.RANGE, Recurrence.MONTHLY}:
        named = list(range(named[0], named[1] + 1))
    assert [month.month for month in months] == named
    assert {str(month.year) for month in months} == {target[-4:]}
