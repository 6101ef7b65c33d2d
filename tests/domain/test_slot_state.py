"""Where a slot stands, cell by cell."""

from datetime import date

import pytest

from portal.domain.slot_state import SlotState, Timing, slot_state, timing
from portal.domain.workflow import UNSETTLED_STATES, State

TODAY = date(2026, 3, 10)
COUNTED_FROM = date(2026, 2, 1)


@pytest.mark.parametrize(
    ("due_on", "submitted_on", "expected"),
    [
        (date(2026, 1, 31), None, Timing.CATCH_UP),
        (date(2026, 1, 31), date(2026, 3, 1), Timing.CATCH_UP),
        (date(2026, 1, 31), date(2026, 1, 31), Timing.ON_TIME),
        (date(2026, 2, 28), None, Timing.OVERDUE),
        (date(2026, 2, 28), date(2026, 2, 28), Timing.ON_TIME),
        (date(2026, 2, 28), date(2026, 3, 1), Timing.LATE),
        (date(2026, 3, 10), None, Timing.DUE_SOON),
        (date(2026, 3, 24), None, Timing.DUE_SOON),
        (date(2026, 3, 25), None, Timing.UPCOMING),
        (COUNTED_FROM, None, Timing.OVERDUE),
    ],
)
def test_timing(due_on: date, submitted_on: date | None, expected: Timing) -> None:
    found = timing(due_on=due_on, submitted_on=submitted_on, lateness_from=COUNTED_FROM, today=TODAY)
    assert found is expected


def test_a_draft_is_nothing_to_who_may_not_see_it() -> None:
    assert slot_state(State.DRAFT, sees_drafts=False) is SlotState.MISSING
    assert slot_state(State.DRAFT, sees_drafts=True) is SlotState.DRAFT
    assert slot_state(None, sees_drafts=True) is SlotState.MISSING


@pytest.mark.parametrize("state", sorted(set(State) - UNSETTLED_STATES - {State.REJECTED}))
def test_every_state_that_holds_a_slot_has_its_slot_state(state: State) -> None:
    assert slot_state(state, sees_drafts=False).value == state.value
