"""The SQL conditions say the same as the policy, for every permission, role and kind of revision."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from portal.domain import policy
from portal.domain.actor import Actor, Grant
from portal.domain.permissions import Permission
from portal.domain.roles import Role
from portal.domain.workflow import Action, State, Tier
from portal.models import Area, Component, Evidence, Indicator, Plan, Requirement, ReviewTier, Revision, Unit
from portal.services.case import Case, load_case
from portal.services.unit_of_work import transaction
from portal.services.visibility import CONDITIONS, visible_to
from tests.builders.world import World, act, add_draft, add_person, build_world, submitted

pytestmark = pytest.mark.usefixtures("app_context")


def test_every_predicate_of_the_policy_has_its_condition() -> None:
    used = {test for clauses in policy.POLICY.values() for clause in clauses for test in clause.all_of}
    missing = sorted(test.__name__ for test in used - set(CONDITIONS))
    assert not missing, f"predicates without a condition in services/visibility.py: {missing}"


def _people(world: World) -> list[Actor]:
    """Everybody who could differ: each role for all areas, one area, units below, with leave to read restricted."""
    people = []
    for role in Role:
        person = add_person(world, role)
        own = person.grants[0]
        people.append(person)
        for changes in (
            {"area": "I"},
            {"area": "II"},
            {"restricted": True},
            {"below": True, "unit_path": "/KPU/"},
            {"below": False, "unit_path": "/KPU/"},
            {"below": True, "unit_path": "/KPU/KPU_1502/"},
        ):
            people.append(_with(person, replace(own, **changes)))
    return people


def _with(person: Actor, *grants: Grant) -> Actor:
    return replace(person, grants=grants)


def _revisions_of_every_state(world: World, sender: Actor, reviewer: Actor, lead: Actor) -> None:
    """One of each state in area I, and a restricted one of each reviewers' state in area II."""
    add_draft(world, sender, "I.1", months=(1,))
    act(world, sender, Action.DISCARD, add_draft(world, sender, "I.1", months=(2,)))
    submitted(world, sender, "I.1", months=(2,))
    act(world, sender, Action.WITHDRAW, submitted(world, sender, "I.1", months=(3,)))
    for month, action in ((1, Action.APPROVE), (2, Action.RETURN), (3, Action.REJECT)):
        for key in ("I.2", "II.1"):
            revision_id = submitted(world, sender, key, months=(month,))
            act(world, reviewer, action, revision_id)
            act(world, lead, action, revision_id) if action is Action.APPROVE else None
    reopened = submitted(world, sender, "II.2", months=(1,))
    act(world, reviewer, Action.APPROVE, reopened)
    act(world, lead, Action.APPROVE, reopened)
    act(world, lead, Action.REOPEN, reopened)
    act(world, reviewer, Action.APPROVE, submitted(world, sender, "II.2", months=(2,)))


def _listed(session: Session, actor: Actor, permission: Permission) -> set[UUID]:
    query = (
        select(Revision.id)
        .join(Evidence, Evidence.id == Revision.evidence_id)
        .join(Requirement, Requirement.id == Evidence.requirement_id)
        .join(Indicator, Indicator.id == Requirement.indicator_id)
        .join(Component, Component.id == Indicator.component_id)
        .join(Area, Area.id == Component.area_id)
        .join(Plan, Plan.id == Area.plan_id)
        .join(Unit, Unit.id == Plan.unit_id)
        .join(ReviewTier, and_(ReviewTier.plan_id == Plan.id, ReviewTier.position == Revision.tier))
        .where(visible_to(actor, permission))
    )
    if permission is Permission.DECIDE:
        query = query.where(Revision.state == State.SUBMITTED)
    return set(session.execute(query).scalars())


def test_req_04_lists_and_details_agree_for_everybody() -> None:
    world = build_world(tiers=(Tier(Role.TPI_MEMBER), Tier(Role.TPI_LEAD)), restricted="II.1")
    elsewhere = build_world(code="KPU-1503")
    sender, reviewer, lead = (add_person(world, r) for r in (Role.UPLOADER, Role.TPI_MEMBER, Role.TPI_LEAD))
    _revisions_of_every_state(world, sender, reviewer, lead)
    submitted(elsewhere, add_person(elsewhere, Role.UPLOADER))
    everybody = [sender, reviewer, lead, *_people(world), add_person(world, Role.UPLOADER, further=(Role.TPI_LEAD,))]
    with transaction(write=False) as session:
        cases = [load_case(session, revision) for revision in session.execute(select(Revision)).scalars().all()]
        assert {case.revision.state for case in cases} == set(State)
        for permission in Permission:
            for actor in everybody:
                expected = {case.revision.id for case in cases if policy.is_permitted(actor, permission, case.subject)}
                listed = _listed(session, actor, permission)
                assert listed == expected, _difference(cases, actor, permission, listed ^ expected)


def _difference(cases: list[Case], actor: Actor, permission: Permission, wrong: set[UUID]) -> str:
    states = sorted(f"{c.requirement.text}:{c.revision.state.value}" for c in cases if c.revision.id in wrong)
    return f"{permission.value} of {actor.grants}: list and detail differ on {states}"
