"""Paket bukti: what can be chosen, what a bundle of it would hold, and the bundles that somebody has sealed. Reads
only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from portal.domain.actor import Actor
from portal.domain.errors import NotFound
from portal.domain.permissions import Permission
from portal.domain.policy import Subject, is_permitted
from portal.models import Area, Bundle, BundleCompletion, Component, Indicator, Plan
from portal.services.bundles.access import open_bundles
from portal.services.bundles.preview import Preview, read_preview
from portal.services.bundles.scope import BundleScope
from portal.services.key_fingerprints import KeyPrint, list_key_prints
from portal.services.paging import count_pages, on_page
from portal.services.unit_of_work import transaction
from portal.services.visible_plans import PlanChoice, choose_plan, list_plans

PAGE_SIZE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeOption:
    """An area or indicator that can be chosen."""

    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeChoice:
    """What of a plan the actor may seal: `is_whole_open` tells whether all areas at once; `indicators` are those of
    the chosen area, or of all open ones.
    """

    is_whole_open: bool
    areas: tuple[ScopeOption, ...]
    indicators: tuple[ScopeOption, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyBundle:
    """`size` is the ZIP's in bytes; size and root (hex) of the checkpoint are what an auditor writes down; `keys` are
    the public keys that verify it; none in lists, and for one that was made before bundles were signed.
    """

    size: int
    checkpoint_size: int
    checkpoint_root: str
    keys: tuple[KeyPrint, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleView:
    """One sealed bundle of the actor's own; `is_open` tells whether he may take it now.

    `log_size` and `log_root` (hex) are the log's head when its scope was read. `ready` is None for one whose sealing
    broke off: what it holds is fixed, and nothing can be sent.
    """

    bundle_id: UUID
    name: str
    unit_name: str
    year: int
    area_code: str | None
    indicator_code: str | None
    sealed_at: datetime
    files: int
    left_out: int
    evidence_size: int
    manifest_sha256: str
    log_size: int
    log_root: str
    ready: ReadyBundle | None
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleList:
    """One page of the actor's own bundles, newest first."""

    items: tuple[BundleView, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return count_pages(self.total, PAGE_SIZE)


@dataclass(frozen=True, slots=True, kw_only=True)
class BundlePage:
    """The page: `plan` and `choice` are None when there is nothing to choose from, `preview` when an area has to be
    chosen first.
    """

    plans: tuple[PlanChoice, ...]
    plan: PlanChoice | None
    choice: ScopeChoice | None
    scope: BundleScope | None
    preview: Preview | None
    sealed: BundleList


def get_bundle_page(
    *, actor: Actor, plan_id: UUID | None, area_code: str | None, indicator_code: str | None, page: int, now: datetime
) -> BundlePage:
    """The page for what was asked for; raises NotFound for a plan or area that the actor may not seal.

    An indicator that is not of the chosen area falls away: it was left over from an earlier choice.
    """
    with transaction(write=False) as session:
        plans = list_plans(session, actor, Permission.SEAL_BUNDLE)
        plan = choose_plan(plans, plan_id)
        sealed = _list_sealed(session, actor, page)
        if plan is None:
            return BundlePage(plans=plans, plan=None, choice=None, scope=None, preview=None, sealed=sealed)
        choice = _scope_choice(session, actor, plan, area_code)
        scope = _scope(plan, choice, area_code, indicator_code)
        preview = read_preview(session, actor, scope, now) if scope else None
        return BundlePage(plans=plans, plan=plan, choice=choice, scope=scope, preview=preview, sealed=sealed)


def get_sealed(*, actor: Actor, bundle_id: UUID, now: datetime) -> BundleView:  # noqa: ARG001  # services take now
    """One bundle that the actor sealed; raises NotFound."""
    with transaction(write=False) as session:
        bundle = session.execute(_bundles(actor).where(Bundle.id == bundle_id)).scalar_one_or_none()
        if bundle is None:
            raise NotFound
        return _view(bundle, list_key_prints(session), is_open=bool(open_bundles(session, actor, [bundle])))


def _scope_choice(session: Session, actor: Actor, plan: PlanChoice, area_code: str | None) -> ScopeChoice:
    query = (
        select(Area.code.label("area"), Area.name, Indicator.code, Indicator.text)
        .join(Component, Component.area_id == Area.id)
        .join(Indicator, Indicator.component_id == Component.id)
        .where(Area.plan_id == plan.plan_id)
        .order_by(Area.position, Component.number, Indicator.seq)
    )
    rows = [row for row in session.execute(query) if _may_seal(actor, plan, row.area)]
    areas = {row.area: ScopeOption(code=row.area, text=row.name) for row in rows}
    if area_code and area_code not in areas:
        raise NotFound
    return ScopeChoice(
        is_whole_open=_may_seal(actor, plan, None),
        areas=tuple(areas.values()),
        indicators=tuple(ScopeOption(code=r.code, text=r.text) for r in rows if area_code in (None, r.area)),
    )


def _may_seal(actor: Actor, plan: PlanChoice, area_code: str | None) -> bool:
    return is_permitted(actor, Permission.SEAL_BUNDLE, Subject(unit_path=plan.unit_path, area=area_code))


def _scope(
    plan: PlanChoice, choice: ScopeChoice, area_code: str | None, indicator_code: str | None
) -> BundleScope | None:
    """The scope to show; None when the actor has several areas, not all, and has chosen none of them."""
    if indicator_code not in {option.code for option in choice.indicators}:
        indicator_code = None
    if not (area_code or indicator_code or choice.is_whole_open):
        if len(choice.areas) != 1:
            return None
        area_code = choice.areas[0].code
    return BundleScope(plan_id=plan.plan_id, area_code=area_code, indicator_code=indicator_code)


def _bundles(actor: Actor) -> Select[Bundle]:
    """With plan and unit, in the same statement."""
    place = joinedload(Bundle.plan, innerjoin=True).joinedload(Plan.unit, innerjoin=True)
    return select(Bundle).where(Bundle.sealed_by == actor.user_id).options(place)


def _list_sealed(session: Session, actor: Actor, page: int) -> BundleList:
    total = session.execute(select(func.count(Bundle.id)).where(Bundle.sealed_by == actor.user_id)).scalar_one()
    newest = _bundles(actor).order_by(Bundle.sealed_at.desc(), Bundle.id)
    bundles = session.execute(on_page(newest, page, PAGE_SIZE)).scalars().all()
    is_open = open_bundles(session, actor, bundles)
    items = tuple(_view(bundle, (), is_open=bundle.id in is_open) for bundle in bundles)
    return BundleList(items=items, total=total, page=page)


def _view(bundle: Bundle, keys: Sequence[KeyPrint], *, is_open: bool) -> BundleView:
    return BundleView(
        bundle_id=bundle.id,
        name=bundle.name,
        unit_name=bundle.plan.unit.name,
        year=bundle.plan.year,
        area_code=bundle.area_code,
        indicator_code=bundle.indicator_code,
        sealed_at=bundle.sealed_at,
        files=bundle.files,
        left_out=bundle.left_out,
        evidence_size=bundle.evidence_size,
        manifest_sha256=bundle.manifest_sha256,
        log_size=bundle.log_size,
        log_root=bundle.log_root,
        ready=_ready(bundle.completion, keys),
        is_open=is_open,
    )


def _ready(completion: BundleCompletion | None, keys: Sequence[KeyPrint]) -> ReadyBundle | None:
    if completion is None:
        return None
    return ReadyBundle(
        size=completion.size,
        checkpoint_size=completion.checkpoint_size,
        checkpoint_root=completion.checkpoint_root,
        keys=tuple(key for key in keys if _is_in_force(key, completion.checkpoint_size)),
    )


def _is_in_force(key: KeyPrint, size: int) -> bool:
    """Whether the key signed when the log had `size` leaves."""
    return key.from_size < size and (key.until_size is None or key.until_size >= size)
