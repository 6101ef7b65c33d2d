"""Daftar indikator: one plan's indicators with the states of their slots, and the progress of each area. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from portal.domain.actor import Actor
from portal.domain.slot_state import SENDER_ACTS, SlotState, Timing
from portal.models import Plan
from portal.services.slot_board import SlotView, count_states, list_slots, select_slots
from portal.services.unit_of_work import transaction
from portal.services.visible_plans import PlanChoice, choose_plan, list_plans


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorFilter:
    """What to narrow the list to; None takes everything. `timing` is about slots that staff still has to answer."""

    plan_id: UUID | None = None
    area_code: str | None = None
    state: SlotState | None = None
    timing: Timing | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorRow:
    """One indicator. `next_due_on` is the earliest due date that staff still has to answer; `pics` are names."""

    indicator_id: UUID
    code: str
    text: str
    area_code: str
    requirements: int
    slots: int
    states: Mapping[SlotState, int]
    timings: frozenset[Timing]
    next_due_on: date | None
    pics: tuple[str, ...]
    suspicion: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaProgress:
    """How far an area is: `states` counts its slots."""

    code: str
    name: str
    indicators: int
    slots: int
    states: Mapping[SlotState, int]

    @property
    def approved(self) -> int:
        return self.states[SlotState.APPROVED]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorList:
    """The page: `plan` is None when the actor can see none; `areas` cover the whole plan, `rows` only what the filter
    takes.
    """

    plans: tuple[PlanChoice, ...]
    plan: PlanChoice | None
    areas: tuple[AreaProgress, ...]
    rows: tuple[IndicatorRow, ...]


def list_indicators(*, actor: Actor, narrow: IndicatorFilter, now: datetime) -> IndicatorList:
    """The indicators of the chosen plan; raises NotFound for a plan that the actor may not see."""
    with transaction(write=False) as session:
        plans = list_plans(session, actor)
        plan = choose_plan(plans, narrow.plan_id)
        query = select_slots().where(Plan.id == plan.plan_id) if plan else None
        slots = list_slots(session, query, actor=actor, now=now) if query is not None else ()
    rows = [_row(group) for group in _groups(slots, key="indicator_code")]
    return IndicatorList(
        plans=plans,
        plan=plan,
        areas=tuple(_area(group) for group in _groups(slots, key="area_code")),
        rows=tuple(row for row in rows if _is_wanted(row, narrow)),
    )


def _groups(slots: Iterable[SlotView], *, key: str) -> list[tuple[SlotView, ...]]:
    """Neighbouring slots that share `key`; slots come in the plan's order."""
    return [tuple(group) for _, group in groupby(slots, key=lambda slot: getattr(slot, key))]


def _row(slots: Sequence[SlotView]) -> IndicatorRow:
    waiting = [slot for slot in slots if slot.state in SENDER_ACTS]
    first = slots[0]
    return IndicatorRow(
        indicator_id=first.indicator_id,
        code=first.indicator_code,
        text=first.indicator_text,
        area_code=first.area_code,
        requirements=len({slot.requirement_id for slot in slots}),
        slots=len(slots),
        states=count_states(slots),
        timings=frozenset(slot.timing for slot in waiting),
        next_due_on=min((slot.due_on for slot in waiting), default=None),
        pics=tuple(sorted({slot.pic for slot in slots if slot.pic})),
        suspicion=first.indicator_suspicion,
    )


def _area(slots: Sequence[SlotView]) -> AreaProgress:
    return AreaProgress(
        code=slots[0].area_code,
        name=slots[0].area_name,
        indicators=len({slot.indicator_id for slot in slots}),
        slots=len(slots),
        states=count_states(slots),
    )


def _is_wanted(row: IndicatorRow, narrow: IndicatorFilter) -> bool:
    return (
        (narrow.area_code is None or row.area_code == narrow.area_code)
        and (narrow.state is None or row.states[narrow.state] > 0)
        and (narrow.timing is None or narrow.timing in row.timings)
    )
