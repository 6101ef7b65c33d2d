"""Whether a submission is in time. Owns that rule alone; which day it is comes from the caller."""

from __future__ import annotations

from datetime import date
from enum import StrEnum


class Punctuality(StrEnum):
    """CATCH_UP ("susulan"): the slot was due before the plan was adopted, so nobody could have been in time."""

    ON_TIME = "on_time"
    LATE = "late"
    CATCH_UP = "catch_up"


def punctuality(*, submitted_on: date, due_on: date, lateness_from: date) -> Punctuality:
    """How a first submission on `submitted_on` (a day in the unit's time zone) stands to its slot.

    For a slot that is still open, ask with today: LATE then means overdue.
    """
    if submitted_on <= due_on:
        return Punctuality.ON_TIME
    return Punctuality.CATCH_UP if due_on < lateness_from else Punctuality.LATE


def is_late(*, submitted_on: date, due_on: date, lateness_from: date) -> bool:
    """Whether `punctuality` is LATE."""
    verdict = punctuality(submitted_on=submitted_on, due_on=due_on, lateness_from=lateness_from)
    return verdict is Punctuality.LATE
