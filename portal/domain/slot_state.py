"""Where a dated slot stands: what has come in for it, and how that stands to its due date. Derived, never stored."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

from portal.domain.workflow import State

DUE_SOON = timedelta(days=14)


class SlotState(StrEnum):
    """State of a slot, by the evidence that holds it. A rejected evidence gives its slots free: they are missing
    again.
    """

    MISSING = "missing"
    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    REOPENED = "reopened"
    APPROVED = "approved"


class Timing(StrEnum):
    """How a slot stands to its due date. CATCH_UP is due before the day from which lateness counts, so never late."""

    UPCOMING = "upcoming"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    CATCH_UP = "catch_up"
    ON_TIME = "on_time"
    LATE = "late"


SENDER_ACTS = frozenset({SlotState.MISSING, SlotState.DRAFT, SlotState.RETURNED, SlotState.REOPENED})
"""In these the unit's staff must act next; in SUBMITTED the reviewers must."""


def slot_state(state: State | None, *, sees_drafts: bool) -> SlotState:
    """State of a slot whose holder stands at `state` (None: no holder), for somebody who may see drafts or not."""
    if state is None or (state is State.DRAFT and not sees_drafts):
        return SlotState.MISSING
    return SlotState(state.value)


def timing(*, due_on: date, submitted_on: date | None, lateness_from: date, today: date) -> Timing:
    """Timing of a slot first answered on `submitted_on` (None: not yet), all in the unit's own calendar."""
    if submitted_on is not None and submitted_on <= due_on:
        return Timing.ON_TIME
    if due_on < lateness_from:
        return Timing.CATCH_UP
    if submitted_on is not None:
        return Timing.LATE
    if due_on < today:
        return Timing.OVERDUE
    return Timing.DUE_SOON if due_on - today <= DUE_SOON else Timing.UPCOMING
