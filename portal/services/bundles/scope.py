"""What a bundle is taken of: a plan, one of its areas, or one indicator; and whether somebody may take it.

The policy is asked about the place that the database names, never about the words of the request.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from portal.domain.actor import Actor
from portal.domain.errors import NotFound
from portal.domain.events import indicator_scope
from portal.domain.permissions import Permission
from portal.domain.policy import Subject, is_permitted
from portal.models import Area, Component, Indicator, Plan, Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleScope:
    """What to take along: a whole plan, one of its areas, or one indicator."""

    plan_id: UUID
    area_code: str | None = None
    indicator_code: str | None = None

    def conditions(self) -> tuple[ColumnElement[bool], ...]:
        """The scope as conditions on joined rows of area and indicator."""
        found = [Area.plan_id == self.plan_id]
        if self.area_code:
            found.append(Area.code == self.area_code)
        if self.indicator_code:
            found.append(Indicator.code == self.indicator_code)
        return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopePlace:
    """The plan that a scope is of, as the bag names it. `area_code` is None only for a whole plan; `indicator_codes`
    are those in scope, in the plan's order.
    """

    unit_code: str
    unit_name: str
    unit_path: str
    timezone: str
    year: int
    title: str
    decree_number: str
    decree_date: date
    area_code: str | None
    indicator_code: str | None
    indicator_codes: tuple[str, ...]

    @property
    def subject(self) -> Subject:
        """The scope as the policy sees it."""
        return Subject(unit_path=self.unit_path, area=self.area_code)

    @property
    def trail_scopes(self) -> tuple[str, ...]:
        """The chains of the indicators in scope."""
        return tuple(indicator_scope(self.unit_code, self.year, code) for code in self.indicator_codes)


def get_scope_place(session: Session, actor: Actor, scope: BundleScope) -> ScopePlace:
    """Where the scope stands; raises NotFound unless the actor may seal it."""
    query = (
        select(Area.code.label("area"), Indicator.code.label("indicator"), Plan, Unit)
        .join(Component, Component.area_id == Area.id)
        .join(Indicator, Indicator.component_id == Component.id)
        .join(Plan, Plan.id == Area.plan_id)
        .join(Unit, Unit.id == Plan.unit_id)
        .where(*scope.conditions())
        .order_by(Area.position, Component.number, Indicator.seq)
    )
    rows = session.execute(query).all()
    if not rows:
        raise NotFound
    area = rows[0].area if scope.area_code or scope.indicator_code else None
    place = _place(rows[0].Plan, rows[0].Unit, area, scope, tuple(row.indicator for row in rows))
    if not is_permitted(actor, Permission.SEAL_BUNDLE, place.subject):
        raise NotFound
    return place


def _place(plan: Plan, unit: Unit, area: str | None, scope: BundleScope, indicators: tuple[str, ...]) -> ScopePlace:
    return ScopePlace(
        unit_code=unit.code,
        unit_name=unit.name,
        unit_path=unit.path,
        timezone=unit.timezone,
        year=plan.year,
        title=plan.title,
        decree_number=plan.decree_number,
        decree_date=plan.decree_date,
        area_code=area,
        indicator_code=scope.indicator_code,
        indicator_codes=indicators,
    )
