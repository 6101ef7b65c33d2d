"""From target months to due slots."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.plan import DueSlot, Recurrence, due_slots, indicator_code, last_day, recurrence_fits

JUNE, JULY, SEPTEMBER = date(2025, 6, 1), date(2025, 7, 1), date(2025, 9, 1)

months_of = st.lists(
    st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 12, 1)).map(lambda day: day.replace(day=1)),
    min_size=1,
    max_size=36,
    unique=True,
).map(lambda months: tuple(sorted(months)))


@pytest.mark.parametrize(
    ("recurrence", "months", "due"),
    [
        (Recurrence.ONCE, (JUNE,), [date(2025, 6, 30)]),
        (Recurrence.RANGE, (JUNE, JULY), [date(2025, 7, 31)]),
        (Recurrence.LISTED, (JUNE, SEPTEMBER), [date(2025, 6, 30), date(2025, 9, 30)]),
        (Recurrence.MONTHLY, (JUNE, JULY), [date(2025, 6, 30), date(2025, 7, 31)]),
    ],
)
def test_slots_by_recurrence(recurrence: Recurrence, months: tuple[date, ...], due: list[date]) -> None:
    slots = due_slots(recurrence, months)
    assert [slot.due_on for slot in slots] == due
    assert [slot.month for slot in slots] == [day.replace(day=1) for day in due]


@pytest.mark.parametrize(("year", "day"), [(2024, 29), (2025, 28), (2100, 28)])
def test_february_ends_by_its_year(year: int, day: int) -> None:
    assert last_day(date(year, 2, 1)) == date(year, 2, day)


@given(st.sampled_from(Recurrence), months_of)
def test_slots_are_distinct_months_of_the_target_and_include_its_last(
    recurrence: Recurrence, months: tuple[date, ...]
) -> None:
    slots = due_slots(recurrence, months)
    assert slots[-1] == DueSlot(month=months[-1], due_on=last_day(months[-1]))
    assert {slot.month for slot in slots} <= set(months)
    assert len({slot.month for slot in slots}) == len(slots)
    assert len(slots) == (1 if recurrence in {Recurrence.ONCE, Recurrence.RANGE} else len(months))


@pytest.mark.parametrize(
    ("recurrence", "months", "fits"),
    [
        (Recurrence.ONCE, (JUNE,), True),
        (Recurrence.ONCE, (JUNE, JULY), False),
        (Recurrence.LISTED, (JUNE,), False),
        (Recurrence.LISTED, (JUNE, SEPTEMBER), True),
        (Recurrence.RANGE, (JUNE,), False),
        (Recurrence.RANGE, (JUNE, SEPTEMBER), False),
        (Recurrence.RANGE, (date(2025, 12, 1), date(2026, 1, 1)), True),
        (Recurrence.MONTHLY, (JUNE, JULY), True),
        (Recurrence.MONTHLY, (JUNE, SEPTEMBER), False),
    ],
)
def test_months_fit_their_recurrence(recurrence: Recurrence, months: tuple[date, ...], fits: bool) -> None:
    assert recurrence_fits(recurrence, months) is fits


def test_indicator_code() -> None:
    assert indicator_code("II", 1, 3) == "II.1.3"
