"""Who may take a sealed bundle: whoever sealed it, while he may still seal its scope and read everything in it.

It holds just what its maker could read, so nobody else is given it, whatever his roles. Asked anew at each download:
a window that has closed, a leave that was taken back or a class that was raised since then keep the bundle closed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.actor import Actor
from portal.domain.errors import NotFound
from portal.domain.permissions import Permission
from portal.domain.policy import Subject, is_permitted
from portal.domain.workflow import State
from portal.models import (
    Area,
    Bundle,
    BundleRevision,
    Component,
    Evidence,
    Indicator,
    Plan,
    Requirement,
    Revision,
    Unit,
)
from portal.services.bundles.scope import BundleScope


def get_own_bundle(session: Session, actor: Actor, bundle_id: UUID) -> Bundle:
    """A bundle that the actor may take now, complete or not; raises NotFound for every other."""
    bundle = session.get(Bundle, bundle_id)
    if bundle is None or bundle.sealed_by != actor.user_id or bundle.id not in open_bundles(session, actor, [bundle]):
        raise NotFound
    return bundle


def scope_of(bundle: Bundle) -> BundleScope:
    """What the bundle was asked to hold."""
    return BundleScope(plan_id=bundle.plan_id, area_code=bundle.area_code, indicator_code=bundle.indicator_code)


def scope_subject(bundle: Bundle, unit_path: str) -> Subject:
    """The bundle's scope as the policy sees it."""
    return Subject(unit_path=unit_path, area=bundle.area_code)


def open_bundles(session: Session, actor: Actor, bundles: Collection[Bundle]) -> frozenset[UUID]:
    """Of bundles that the actor sealed, those that he may take now; in one query however many there are, once their
    plans and units are loaded.
    """
    read = _what_is_read(session, [bundle.id for bundle in bundles])
    return frozenset(
        bundle.id
        for bundle in bundles
        if is_permitted(actor, Permission.SEAL_BUNDLE, scope_subject(bundle, bundle.plan.unit.path))
        and all(is_permitted(actor, Permission.SEE_EVIDENCE, subject) for subject in read.get(bundle.id, ()))
    )


def _what_is_read(session: Session, bundle_ids: Collection[UUID]) -> Mapping[UUID, list[Subject]]:
    """What one reads in each bundle, as the policy sees it: one subject for each area and class."""
    query = (
        select(BundleRevision.bundle_id, Unit.path, Area.code, Requirement.classification)
        .join(Revision, Revision.id == BundleRevision.revision_id)
        .join(Evidence, Evidence.id == Revision.evidence_id)
        .join(Requirement, Requirement.id == Evidence.requirement_id)
        .join(Indicator, Indicator.id == Requirement.indicator_id)
        .join(Component, Component.id == Indicator.component_id)
        .join(Area, Area.id == Component.area_id)
        .join(Plan, Plan.id == Area.plan_id)
        .join(Unit, Unit.id == Plan.unit_id)
        .where(BundleRevision.bundle_id.in_(bundle_ids))
        .distinct()
    )
    found: dict[UUID, list[Subject]] = {}
    for row in session.execute(query):
        # As it was when it was sealed: that it was reopened since then takes nothing out of an auditor's hands.
        subject = Subject(unit_path=row.path, area=row.code, classification=row.classification, state=State.APPROVED)
        found.setdefault(row.bundle_id, []).append(subject)
    return found
