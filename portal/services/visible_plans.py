"""The plans that a person may see, for choosing one. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.actor import Actor
from portal.domain.errors import NotFound
from portal.domain.permissions import Permission
from portal.models import Plan, Unit
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


def list_plans(session: Session, actor: Actor) -> tuple[PlanChoice, ...]:
    """All plans of units that the actor may see, by unit and newest year first."""
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
        .where(visible_to(actor, Permission.SEE_PLAN))
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
