"""The policy, cell by cell, against the table in `docs/policy.md` (written here as data)."""

from __future__ import annotations

from uuid import UUID

import pytest

from portal.domain.actor import Actor, Grant
from portal.domain.classification import Classification
from portal.domain.errors import Denial, NotPermitted
from portal.domain.permissions import Permission
from portal.domain.policy import POLICY, Subject, denial_of, is_permitted, may_ever, require
from portal.domain.roles import Role
from portal.domain.workflow import CONTENT_STATES, State

UNIT, OTHER = "/KPU/KPU-15/KPU-1502/", "/KPU/KPU-15/KPU-1503/"
ME = UUID(int=7)
SENDERS = {Role.UPLOADER, Role.AREA_COORDINATOR}
REVIEWERS = {Role.TPI_MEMBER, Role.TPI_LEAD}


def actor(
    role: Role, *, area: str | None = "II", unit: str = UNIT, below: bool = False, restricted: bool = False
) -> Actor:
    grant = Grant(membership_id=ME, role=role, unit_path=unit, area=area, below=below, restricted=restricted)
    return Actor(user_id=ME, grants=(grant,))


def subject(
    *, area: str = "II", unit: str = UNIT, restricted: bool = False, state: State | None = State.APPROVED
) -> Subject:
    classification = Classification.TERBATAS if restricted else Classification.BIASA
    return Subject(unit_path=unit, area=area, classification=classification, state=state)


def expected_to_see(role: Role, *, own_area: bool, restricted: bool, granted: bool, state: State) -> bool:
    """The row "see submitted and decided evidence" of the table."""
    handed_in = state in CONTENT_STATES
    if role in SENDERS:
        return own_area or (handed_in and not restricted)
    if role in REVIEWERS:
        return own_area and handed_in
    if role is Role.AUDITOR:
        return own_area and state is State.APPROVED and (granted or not restricted)
    return role is Role.LEADER and own_area and state is State.APPROVED and not restricted


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("role", Role)
def test_who_sees_evidence(role: Role, state: State) -> None:
    for own_area in (True, False):
        for restricted in (True, False):
            for granted in (True, False):
                who = actor(role, area="II" if own_area else "I", restricted=granted)
                what = subject(restricted=restricted, state=state)
                wanted = expected_to_see(role, own_area=own_area, restricted=restricted, granted=granted, state=state)
                cell = (role, state, own_area, restricted, granted)
                assert is_permitted(who, Permission.SEE_EVIDENCE, what) is wanted, cell


ROLES_OF = {
    Permission.SEE_PLAN: set(Role),
    Permission.SEE_STATE: set(Role),
    Permission.SEE_DRAFT: SENDERS,
    Permission.EDIT_DRAFT: SENDERS,
    Permission.SEE_TRAIL: set(Role),
    Permission.REOPEN: {Role.TPI_LEAD},
    Permission.SEAL_BUNDLE: {Role.TPI_LEAD, Role.AUDITOR},
    Permission.ASSIGN_PIC: {Role.AREA_COORDINATOR, Role.ADMIN},
    Permission.MANAGE_PLAN: {Role.ADMIN},
    Permission.MANAGE_ACCOUNTS: {Role.ADMIN},
}
WHOLE_UNIT = {Permission.SEE_PLAN, Permission.SEE_STATE, Permission.MANAGE_PLAN, Permission.MANAGE_ACCOUNTS}


@pytest.mark.parametrize("permission", sorted(ROLES_OF))
@pytest.mark.parametrize("role", Role)
def test_who_holds_what_where(permission: Permission, role: Role) -> None:
    holds = role in ROLES_OF[permission]
    area_matters = permission not in WHOLE_UNIT and not (permission is Permission.ASSIGN_PIC and role is Role.ADMIN)
    assert is_permitted(actor(role), permission, subject()) is holds
    assert is_permitted(actor(role, area=None), permission, subject()) is holds
    assert is_permitted(actor(role, area="I"), permission, subject()) is (holds and not area_matters)
    assert not is_permitted(actor(role, unit=OTHER), permission, subject())
    assert not is_permitted(actor(role, unit="/KPU/KPU-15/"), permission, subject())
    assert is_permitted(actor(role, unit="/KPU/KPU-15/", below=True), permission, subject()) is holds
    assert not is_permitted(actor(role, unit="/KPU/KPU-1/", below=True), permission, subject())
    assert may_ever(actor(role), permission) is holds


def deciding(
    *, contributors: set[UUID] | None = None, decided_by: set[UUID] | None = None, seats: set[Role]
) -> Subject:
    return Subject(
        unit_path=UNIT,
        area="II",
        state=State.SUBMITTED,
        contributors=frozenset(contributors or ()),
        decided_by=frozenset(decided_by or ()),
        tier_roles=frozenset(seats),
    )


@pytest.mark.parametrize("role", Role)
def test_who_decides(role: Role) -> None:
    mine = deciding(seats={role})
    assert is_permitted(actor(role), Permission.DECIDE, mine) is (role in REVIEWERS | {Role.AREA_COORDINATOR})
    assert not is_permitted(actor(role, area="I"), Permission.DECIDE, mine)
    assert not is_permitted(actor(role), Permission.DECIDE, deciding(seats=set(Role) - {role}))
    assert not is_permitted(actor(role), Permission.DECIDE, deciding(seats={role}, contributors={ME}))
    assert not is_permitted(actor(role), Permission.DECIDE, deciding(seats={role}, decided_by={ME}))


def test_the_reason_that_is_told() -> None:
    lead = actor(Role.TPI_LEAD)
    seats = {Role.TPI_LEAD}
    assert denial_of(lead, Permission.DECIDE, deciding(seats=seats, contributors={ME})) is Denial.CONTRIBUTED
    assert denial_of(lead, Permission.DECIDE, deciding(seats=seats, decided_by={ME})) is Denial.ALREADY_COUNTED
    assert denial_of(lead, Permission.DECIDE, deciding(seats={Role.TPI_MEMBER})) is Denial.OTHER_TIER
    foreign = actor(Role.TPI_LEAD, unit=OTHER)
    assert denial_of(foreign, Permission.DECIDE, deciding(seats=seats, contributors={ME})) is Denial.OUT_OF_SCOPE
    with pytest.raises(NotPermitted):
        require(foreign, Permission.DECIDE, deciding(seats=seats))


def test_every_permission_has_its_clauses_and_nobody_without_a_grant_has_any() -> None:
    missing = sorted(set(Permission) - set(POLICY))
    assert not missing, f"permissions without a clause: {missing}"
    nobody = Actor(user_id=ME)
    held = [p for p in Permission if is_permitted(nobody, p, subject()) or may_ever(nobody, p)]
    assert not held


def test_the_portals_own_process_manages_and_sees_no_content() -> None:
    process = Actor.system("cli")
    held = {p for p in Permission if is_permitted(process, p, subject())}
    assert held == {
        Permission.SEE_PLAN,
        Permission.SEE_STATE,
        Permission.SEE_TRAIL,
        Permission.ASSIGN_PIC,
        Permission.MANAGE_PLAN,
        Permission.MANAGE_ACCOUNTS,
    }


@pytest.mark.parametrize("values", [{}, {"user_id": ME, "process": "x"}])
def test_an_actor_is_a_person_or_a_process(values: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="either a person or a process"):
        Actor(**values)  # type: ignore[arg-type]  # just what must not be
