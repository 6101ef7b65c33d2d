"""An action plan as its document states it, and the rule that turns target months into due slots.

A document is read by `services/plan_file.py` and stored by `services/plans.py`; neither decides how many slots there
are, this module does, by the recurrence and never by the target's text.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portal.domain.classification import Classification


class Recurrence(StrEnum):
    """How the target months of an indicator are meant."""

    ONCE = "once"
    LISTED = "listed"
    RANGE = "range"
    MONTHLY = "monthly"

    @property
    def has_one_slot(self) -> bool:
        """A range is one deadline, at its end; listed and monthly targets are due in each of their months."""
        return self in {Recurrence.ONCE, Recurrence.RANGE}


@dataclass(frozen=True, slots=True, kw_only=True)
class DueSlot:
    """`month` is the first day of the month meant; `due_on` the last day on which a submission is in time."""

    month: date
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequirement:
    """One evidence item ("bukti fisik"); `position` counts from 1 within its indicator."""

    position: int
    text: str
    classification: Classification = Classification.BIASA


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanIndicator:
    """One row of the plan, texts verbatim; `months` are first days of months, ascending and never empty.

    `suspicion` is what the office should be asked about; the text itself stays as it is written.
    """

    code: str
    seq: int
    text: str
    actions: tuple[str, ...]
    requirements: tuple[PlanRequirement, ...]
    evidence_text: str
    target_text: str
    months: tuple[date, ...]
    recurrence: Recurrence
    classification_reason: str | None = None
    note: str | None = None
    suspicion: str | None = None

    @property
    def slots(self) -> tuple[DueSlot, ...]:
        """The slots of each requirement of this indicator."""
        return due_slots(self.recurrence, self.months)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanComponent:
    number: int
    name: str
    indicators: tuple[PlanIndicator, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanArea:
    """`name` is the plan's own wording; `official_name` the area's name in Permen PANRB 90/2021."""

    code: str
    name: str
    official_name: str
    components: tuple[PlanComponent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanUnit:
    """A unit that the document names, for whoever sets up the tree; `under` is the code of the unit above."""

    code: str
    name: str
    under: str | None
    timezone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTotals:
    areas: int
    components: int
    indicators: int
    requirements: int
    slots: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDocument:
    """A whole plan; `units` go from the root to the plan's own unit, `sha256` is the digest of the file it came in."""

    title: str
    decree_number: str
    decree_date: date
    issuer: str
    place: str
    signatory: str
    year: int
    lateness_from: date
    units: tuple[PlanUnit, ...]
    areas: tuple[PlanArea, ...]
    sha256: str

    @property
    def components(self) -> Iterator[PlanComponent]:
        return (component for area in self.areas for component in area.components)

    @property
    def indicators(self) -> Iterator[PlanIndicator]:
        return (indicator for component in self.components for indicator in component.indicators)

    @property
    def totals(self) -> PlanTotals:
        indicators = tuple(self.indicators)
        return PlanTotals(
            areas=len(self.areas),
            components=sum(1 for _ in self.components),
            indicators=len(indicators),
            requirements=sum(len(i.requirements) for i in indicators),
            slots=sum(len(i.requirements) * len(i.slots) for i in indicators),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspiciousMonth:
    """A target month outside the plan's year, as written."""

    indicator_code: str
    month: date


def indicator_code(area_code: str, component_number: int, seq: int) -> str:
    """The code by which people and the trail name an indicator, for instance `II.1.3`."""
    return f"{area_code}.{component_number}.{seq}"


def due_slots(recurrence: Recurrence, months: Sequence[date]) -> tuple[DueSlot, ...]:
    """The slots of `months`, which are ascending first days; a month is due on its last day."""
    due = months[-1:] if recurrence.has_one_slot else months
    return tuple(DueSlot(month=month, due_on=last_day(month)) for month in due)


def recurrence_fits(recurrence: Recurrence, months: Sequence[date]) -> bool:
    """Whether `months`, ascending first days, are what `recurrence` says: one, a list of several, or a run without a
    gap.
    """
    if recurrence is Recurrence.ONCE:
        return len(months) == 1
    if recurrence is Recurrence.LISTED:
        return len(months) > 1
    counted = [month.year * 12 + month.month for month in months]
    return len(months) > 1 and counted == list(range(counted[0], counted[0] + len(counted)))


def last_day(month: date) -> date:
    return month.replace(day=monthrange(month.year, month.month)[1])


def suspicious_months(plan: PlanDocument) -> tuple[SuspiciousMonth, ...]:
    """Target months whose year is not the plan's: kept as written, and shown to the admin."""
    return tuple(
        SuspiciousMonth(indicator_code=indicator.code, month=month)
        for indicator in plan.indicators
        for month in indicator.months
        if month.year != plan.year
    )
