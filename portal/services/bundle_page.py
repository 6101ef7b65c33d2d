"""Paket bukti: what a bundle would hold and what not, and the bundles that somebody has sealed. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select, true
from sqlalchemy.orm import Session

from portal.domain.actor import Actor
from portal.domain.classification import Classification
from portal.domain.errors import NotFound
from portal.domain.permissions import Permission
from portal.domain.slot_state import SlotState
from portal.models import Area, Bundle, Component, Indicator, Plan, Unit
from portal.services.bundle_contents import BundledEvidence, BundleScope, load_contents
from portal.services.log_reader import get_head
from portal.services.slot_board import count_states, list_slots, select_slots
from portal.services.unit_of_work import transaction
from portal.services.visible_plans import PlanChoice, choose_plan, list_plans

PAGE_SIZE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeOption:
    """An area or indicator that can be chosen."""

    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaPreview:
    """What one area would bring: so many files and bytes."""

    code: str
    name: str
    evidence: int
    files: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a bundle of the chosen scope would hold; `states` counts all slots in it, `restricted` what is left out by
    rule.
    """

    areas: tuple[AreaPreview, ...]
    states: Mapping[SlotState, int]
    restricted: Mapping[Classification, int]
    log_size: int

    @property
    def files(self) -> int:
        return sum(area.files for area in self.areas)

    @property
    def size(self) -> int:
        return sum(area.size for area in self.areas)


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleView:
    """One sealed bundle of the actor's own; `log_size` and the two hashes are what an auditor writes down."""

    bundle_id: UUID
    name: str
    unit_name: str
    year: int
    area_code: str | None
    indicator_code: str | None
    sealed_at: datetime
    files: int
    left_out: int
    size: int
    manifest_sha256: str
    log_size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BundlePage:
    """The page: choices, preview (None when there is no plan to choose), and own bundles, newest first."""

    plans: tuple[PlanChoice, ...]
    plan: PlanChoice | None
    areas: tuple[ScopeOption, ...]
    indicators: tuple[ScopeOption, ...]
    preview: Preview | None
    sealed: tuple[BundleView, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE_SIZE))


def get_bundle_page(
    *,
    actor: Actor,
    plan_id: UUID | None,
    area_code: str | None,
    indicator_code: str | None,
    page: int,
    now: datetime,
) -> BundlePage:
    """The page for a chosen scope; raises NotFound for one that the actor may not seal."""
    with transaction(write=False) as session:
        plans = list_plans(session, actor, Permission.SEAL_BUNDLE)
        plan = choose_plan(plans, plan_id)
        preview = None
        areas: tuple[ScopeOption, ...] = ()
        indicators: tuple[ScopeOption, ...] = ()
        if plan:
            scope = BundleScope(plan_id=plan.plan_id, area_code=area_code, indicator_code=indicator_code)
            preview = _find_preview(session, actor, scope, now)
            areas, indicators = _options(session, plan.plan_id, area_code)
        total, sealed = _sealed_by(session, actor, page)
        return BundlePage(
            plans=plans,
            plan=plan,
            areas=areas,
            indicators=indicators,
            preview=preview,
            sealed=sealed,
            total=total,
            page=page,
        )


def get_sealed(*, actor: Actor, bundle_id: UUID, now: datetime) -> BundleView:  # noqa: ARG001  # services take now
    """One bundle that the actor sealed; raises NotFound."""
    with transaction(write=False) as session:
        row = session.execute(_bundles(actor).where(Bundle.id == bundle_id)).one_or_none()
        if row is None:
            raise NotFound
        return _view(row.Bundle, row.name, row.year)


def _find_preview(session: Session, actor: Actor, scope: BundleScope, now: datetime) -> Preview | None:
    """The preview, or None for the whole plan when the actor may take only an area of it: he must choose one first."""
    try:
        contents = load_contents(session, actor, scope)
    except NotFound:
        if scope.area_code or scope.indicator_code:
            raise
        return None
    areas: dict[str, list[BundledEvidence]] = {}
    for item in contents.evidence:
        areas.setdefault(item.area.code, []).append(item)
    return Preview(
        areas=tuple(_area(items) for items in areas.values()),
        states=_states(session, actor, scope, now),
        restricted=contents.restricted,
        log_size=get_head(session).size,
    )


def _area(items: Sequence[BundledEvidence]) -> AreaPreview:
    files = [file for item in items for file in item.files]
    return AreaPreview(
        code=items[0].area.code,
        name=items[0].area.name,
        evidence=len(items),
        files=len(files),
        size=sum(file.bag.size for file in files),
    )


def _states(session: Session, actor: Actor, scope: BundleScope, now: datetime) -> Mapping[SlotState, int]:
    query = select_slots().where(Plan.id == scope.plan_id)
    if scope.area_code:
        query = query.where(Area.code == scope.area_code)
    if scope.indicator_code:
        query = query.where(Indicator.code == scope.indicator_code)
    return count_states(list_slots(session, query, actor=actor, now=now))


def _options(
    session: Session, plan_id: UUID, area_code: str | None
) -> tuple[tuple[ScopeOption, ...], tuple[ScopeOption, ...]]:
    areas = select(Area.code, Area.name).where(Area.plan_id == plan_id).order_by(Area.position)
    indicators = (
        select(Indicator.code, Indicator.text)
        .join(Component, Component.id == Indicator.component_id)
        .join(Area, Area.id == Component.area_id)
        .where(Area.plan_id == plan_id, Area.code == area_code if area_code else true())
        .order_by(Area.position, Component.number, Indicator.seq)
    )
    return (
        tuple(ScopeOption(code=row.code, text=row.name) for row in session.execute(areas)),
        tuple(ScopeOption(code=row.code, text=row.text) for row in session.execute(indicators)),
    )


def _bundles(actor: Actor) -> Select[Bundle, int, str]:
    return (
        select(Bundle, Plan.year, Unit.name)
        .join(Plan, Plan.id == Bundle.plan_id)
        .join(Unit, Unit.id == Plan.unit_id)
        .where(Bundle.sealed_by == actor.user_id)
    )


def _sealed_by(session: Session, actor: Actor, page: int) -> tuple[int, tuple[BundleView, ...]]:
    """How many bundles the actor has sealed, and one page of them, newest first."""
    total = session.execute(select(func.count(Bundle.id)).where(Bundle.sealed_by == actor.user_id)).scalar_one()
    newest = _bundles(actor).order_by(Bundle.sealed_at.desc(), Bundle.id)
    rows = session.execute(newest.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)).all()
    return total, tuple(_view(row.Bundle, row.name, row.year) for row in rows)


def _view(bundle: Bundle, unit_name: str, year: int) -> BundleView:
    return BundleView(
        bundle_id=bundle.id,
        name=bundle.name,
        unit_name=unit_name,
        year=year,
        area_code=bundle.area_code,
        indicator_code=bundle.indicator_code,
        sealed_at=bundle.sealed_at,
        files=bundle.files,
        left_out=bundle.left_out,
        size=bundle.size,
        manifest_sha256=bundle.manifest_sha256,
        log_size=bundle.log_size,
    )
