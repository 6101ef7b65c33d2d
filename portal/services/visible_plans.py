"""The plans that a person may see, for choosing one. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.actor import Actor
from portal.domain.errors import NotFound
from portal.domain.permissions import Permission
from portal.models import Area, Plan, Unit
from portal.services.unit_of_work import transaction
from portal.services.visibility import visible_to


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChoice:
    """One plan: a unit's of a year."""

    plan_id: UUID
    unit_id: UUID
    unit_code: str
    unit_name: str
    unit_path: str
    year: int


def list_plans(session: Session, actor: Actor, permission: Permission = Permission.SEE_PLAN) -> tuple[PlanChoice, ...]:
    """All plans in which the actor has `permission` somewhere, by unit and newest year first."""
    query = (
        select(
            Plan.id.label("plan_id"),
            Unit.id.label("unit_id"),
            Unit.code.label("unit_code"),
            Unit.name.label("unit_name"),
            Unit.path.label("unit_path"),
            Plan.year,
        )
        .join(Unit, Unit.id == Plan.unit_id)
        .join(Area, Area.plan_id == Plan.id)
        .where(visible_to(actor, permission))
        .distinct()
        .order_by(Unit.path, Plan.year.desc())
    )
    return tuple(PlanChoice(**row._mapping) for row in session.execute(query))


def choose_plan(plans: Sequence[PlanChoice], plan_id: UUID | None) -> PlanChoice | None:
    """The asked plan, else the first, None when there is none; raises NotFound for one that is not there."""
    if plan_id is None:
        return plans[0] if plans else None
    for plan in plans:
        if plan.plan_id == plan_id:
            return plan
    raise NotFound


def get_plan_id(*, actor: Actor, unit_code: str, year: int, now: datetime) -> UUID:  # noqa: ARG001  # services take now
    """The plan of a unit and year that the actor may see; raises NotFound."""
    with transaction(write=False) as session:
        for plan in list_plans(session, actor):
            if (plan.unit_code, plan.year) == (unit_code, year):
                return plan.plan_id
    raise NotFound
