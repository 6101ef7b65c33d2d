"""The policy against its table in words: for every permission and role, every place, state and class of evidence.

`TABLE` says what docs/policy.md says, as data and without any predicate of the portal; every cell of the product is
compared with `is_permitted`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from uuid import UUID, uuid4

import pytest

from portal.domain.actor import Actor, Grant
from portal.domain.classification import Classification
from portal.domain.errors import Denial, NotPermitted
from portal.domain.permissions import Permission
from portal.domain.policy import (
    POLICY,
    Subject,
    classification_permission,
    denial_of,
    find_grant,
    is_permitted,
    may_ever,
    require,
)
from portal.domain.roles import Role
from portal.domain.workflow import State

UNIT, BELOW, ABOVE, SIBLING = "/KPU/KPU-15/", "/KPU/KPU-15/KPU-1502/", "/KPU/", "/KPU/KPU-1/"
AREA, OTHER_AREA = "II", "III"

ALWAYS = frozenset({None, *State})
HANDED_IN = frozenset({State.SUBMITTED, State.APPROVED, State.RETURNED, State.REJECTED, State.REOPENED})
APPROVED = frozenset({State.APPROVED})


@dataclass(frozen=True)
class Right:
    """One way to hold a permission: in the own area, in all of the unit or everywhere, in these states, for these
    classes.

    `closed` tells who reads Terbatas and Rahasia: everybody of the right, nobody, or those with the explicit leave.
    """

    area: str = "own"
    states: frozenset[State | None] = ALWAYS
    closed: str = "everybody"


UNIT_WIDE = (Right(area="any"),)
EVERYWHERE = (Right(area="everywhere"),)
SCOPE = (Right(),)
SENDER_READS = (Right(), Right(area="any", states=HANDED_IN, closed="nobody"))
SENDER_READS_COPIES = (Right(states=HANDED_IN), Right(area="any", states=APPROVED))

TABLE: dict[Permission, dict[Role, tuple[Right, ...]]] = {
    Permission.SEE_PLAN: dict.fromkeys(Role, UNIT_WIDE),
    Permission.SEE_STATE: dict.fromkeys(Role, UNIT_WIDE),
    Permission.SEE_DRAFT: {Role.UPLOADER: SCOPE, Role.AREA_COORDINATOR: SCOPE},
    Permission.EDIT_DRAFT: {Role.UPLOADER: SCOPE, Role.AREA_COORDINATOR: SCOPE},
    Permission.SEE_EVIDENCE: {
        Role.UPLOADER: SENDER_READS,
        Role.AREA_COORDINATOR: SENDER_READS,
        Role.TPI_MEMBER: (Right(states=HANDED_IN),),
        Role.TPI_LEAD: (Right(states=HANDED_IN),),
        Role.AUDITOR: (Right(states=APPROVED, closed="granted"),),
        Role.LEADER: (Right(states=APPROVED, closed="nobody"),),
    },
    Permission.SEE_REDACTED: {
        Role.UPLOADER: SENDER_READS_COPIES,
        Role.AREA_COORDINATOR: SENDER_READS_COPIES,
        Role.TPI_MEMBER: (Right(states=HANDED_IN),),
        Role.TPI_LEAD: (Right(states=HANDED_IN),),
        Role.AUDITOR: (Right(states=APPROVED),),
        Role.LEADER: (Right(states=APPROVED),),
    },
    Permission.SEE_TRAIL: dict.fromkeys(Role, SCOPE),
    Permission.DECIDE: {Role.AREA_COORDINATOR: SCOPE, Role.TPI_MEMBER: SCOPE, Role.TPI_LEAD: SCOPE},
    Permission.REOPEN: {Role.TPI_LEAD: SCOPE},
    Permission.SEAL_BUNDLE: {Role.TPI_LEAD: SCOPE, Role.AUDITOR: SCOPE},
    Permission.SEE_CHECKPOINT: dict.fromkeys((Role.TPI_LEAD, Role.AUDITOR, Role.ADMIN), EVERYWHERE),
    Permission.ASSIGN_PIC: {Role.AREA_COORDINATOR: SCOPE, Role.ADMIN: UNIT_WIDE},
    Permission.RAISE_CLASSIFICATION: {
        **dict.fromkeys((Role.AREA_COORDINATOR, Role.TPI_MEMBER, Role.TPI_LEAD), SCOPE),
        Role.ADMIN: UNIT_WIDE,
    },
    Permission.LOWER_CLASSIFICATION: {Role.TPI_LEAD: SCOPE},
    Permission.MANAGE_PLAN: {Role.ADMIN: UNIT_WIDE},
    Permission.MANAGE_ACCOUNTS: {Role.ADMIN: UNIT_WIDE},
}
"""A role that is missing in a row never holds that permission."""


def grants(role: Role) -> Iterator[Grant]:
    for path, area, below, restricted in product((UNIT, ABOVE), (None, AREA, OTHER_AREA), (False, True), (False, True)):
        yield Grant(membership_id=uuid4(), role=role, unit_path=path, area=area, below=below, restricted=restricted)


def subjects() -> Iterator[Subject]:
    """Every place, area, class and state; people have had no hand in any of them, and every role's tier decides."""
    for path, area, classification, state in product(
        (UNIT, BELOW, SIBLING), (AREA, None), Classification, (None, *State)
    ):
        yield Subject(unit_path=path, area=area, classification=classification, state=state, tier_roles=frozenset(Role))


def expected(grant: Grant, permission: Permission, subject: Subject) -> bool:
    """What the table says, read without the portal's predicates."""
    reached = {(UNIT, False): {UNIT}, (UNIT, True): {UNIT, BELOW}, (ABOVE, False): {ABOVE}}
    units = reached.get((grant.unit_path, grant.below), {ABOVE, UNIT, BELOW, SIBLING})
    rights = TABLE[permission].get(grant.role, ())
    in_unit = subject.unit_path in units
    return any((in_unit or right.area == "everywhere") and _covers(right, grant, subject) for right in rights)


def _covers(right: Right, grant: Grant, subject: Subject) -> bool:
    in_area = right.area in {"any", "everywhere"} or grant.area in {None, subject.area}
    open_to = {"everybody": True, "nobody": False, "granted": grant.restricted}[right.closed]
    return in_area and subject.state in right.states and (subject.classification == "biasa" or open_to)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("permission", Permission)
def test_req_03_every_cell_of_the_table(permission: Permission, role: Role) -> None:
    wrong = [
        (grant, subject)
        for grant in grants(role)
        for subject in subjects()
        if is_permitted(person(grant), permission, subject) is not expected(grant, permission, subject)
    ]
    assert not wrong, f"{len(wrong)} cells of {permission.value} for {role.value} differ, the first: {wrong[0]}"


def test_every_permission_has_a_row_and_a_clause() -> None:
    assert set(TABLE) == set(Permission)
    without = [permission.value for permission in Permission if not POLICY.get(permission)]
    assert not without, f"permissions that nobody can hold: {without}"


def test_what_the_map_does_not_name_is_denied() -> None:
    system = Actor.system("test")
    anything = Subject(unit_path=UNIT)
    unknown: Permission = "make_coffee"  # type: ignore[assignment]  # a permission that the policy does not know
    assert not is_permitted(system, unknown, anything)
    assert not may_ever(system, unknown)
    with pytest.raises(NotPermitted):
        require(system, unknown, anything)
    nobody = Actor(user_id=uuid4())
    assert not any(is_permitted(nobody, permission, anything) for permission in Permission)


def test_the_portals_own_processes_see_no_content_and_never_decide() -> None:
    system = Actor.system("test")
    held = {p for p in Permission for subject in subjects() if is_permitted(system, p, replace(subject, area=AREA))}
    assert held == {
        Permission.SEE_PLAN,
        Permission.SEE_STATE,
        Permission.SEE_TRAIL,
        Permission.SEE_CHECKPOINT,
        Permission.ASSIGN_PIC,
        Permission.RAISE_CLASSIFICATION,
        Permission.MANAGE_PLAN,
        Permission.MANAGE_ACCOUNTS,
    }


@pytest.mark.parametrize(("before", "after"), [(b, a) for b in Classification for a in Classification if a is not b])
def test_less_protection_needs_more(before: Classification, after: Classification) -> None:
    lowers = (before.value, after.value) in {("terbatas", "biasa"), ("rahasia", "biasa"), ("rahasia", "terbatas")}
    wanted = Permission.LOWER_CLASSIFICATION if lowers else Permission.RAISE_CLASSIFICATION
    assert classification_permission(before, after) is wanted


def person(*held: Grant, user_id: UUID | None = None) -> Actor:
    return Actor(user_id=user_id or uuid4(), grants=held)


def grant(role: Role, *, area: str | None = None, path: str = UNIT) -> Grant:
    return Grant(membership_id=uuid4(), role=role, unit_path=path, area=area)


def submitted(**facts: object) -> Subject:
    """A submitted revision in the first tier of a review by TPI members."""
    plain = Subject(
        unit_path=UNIT,
        area=AREA,
        state=State.SUBMITTED,
        tier_roles=frozenset({Role.TPI_MEMBER, Role.TPI_LEAD}),
    )
    return replace(plain, **facts)  # type: ignore[arg-type]  # each test names fields of Subject


@pytest.mark.parametrize("role", [Role.AREA_COORDINATOR, Role.TPI_MEMBER, Role.TPI_LEAD])
def test_a_role_decides_only_where_its_tier_does(role: Role) -> None:
    reviewer = person(grant(role))
    for tier in (Role.AREA_COORDINATOR, Role.TPI_MEMBER, Role.TPI_LEAD):
        subject = submitted(tier_roles=frozenset({tier}))
        assert is_permitted(reviewer, Permission.DECIDE, subject) is (tier is role)


@pytest.mark.parametrize("permission", [Permission.DECIDE, Permission.REOPEN])
def test_req_07_no_role_helps_who_had_a_hand_in_it(permission: Permission) -> None:
    everything = person(*(grant(role) for role in Role))
    contributed = submitted(contributors=frozenset({everything.person}))
    assert is_permitted(everything, permission, submitted())
    assert not is_permitted(everything, permission, contributed)
    assert denial_of(everything, permission, contributed) is Denial.CONTRIBUTED


def test_who_has_decided_does_not_decide_again_but_may_reopen() -> None:
    lead = person(grant(Role.TPI_LEAD))
    decided = submitted(decided_by=frozenset({lead.person}))
    assert not is_permitted(lead, Permission.DECIDE, decided)
    assert is_permitted(lead, Permission.REOPEN, decided)


@pytest.mark.parametrize(
    ("held", "facts", "denial"),
    [
        (grant(Role.TPI_MEMBER), {"contributors": "me"}, Denial.CONTRIBUTED),
        (grant(Role.TPI_MEMBER), {"decided_by": "me"}, Denial.ALREADY_COUNTED),
        (grant(Role.AREA_COORDINATOR), {}, Denial.OTHER_TIER),
        (grant(Role.TPI_MEMBER, path=SIBLING), {"contributors": "me"}, Denial.OUT_OF_SCOPE),
        (grant(Role.TPI_MEMBER, area=OTHER_AREA), {"decided_by": "me"}, Denial.OUT_OF_SCOPE),
        (grant(Role.UPLOADER), {}, Denial.OUT_OF_SCOPE),
        (grant(Role.TPI_MEMBER), {"contributors": "me", "decided_by": "me"}, Denial.OUT_OF_SCOPE),
    ],
)
def test_a_reason_is_told_only_when_nothing_else_stands_in_the_way(
    held: Grant, facts: dict[str, str], denial: Denial
) -> None:
    actor = person(held)
    subject = submitted(**{name: frozenset({actor.person}) for name in facts})
    with pytest.raises(NotPermitted) as refusal:
        require(actor, Permission.DECIDE, subject)
    assert refusal.value.denial is denial


def test_the_grant_that_gives_it_is_named() -> None:
    sender, member = grant(Role.UPLOADER), grant(Role.TPI_MEMBER)
    actor = person(sender, member)
    assert require(actor, Permission.DECIDE, submitted()) is member
    assert require(actor, Permission.EDIT_DRAFT, submitted()) is sender
    assert find_grant(actor, Permission.MANAGE_PLAN, submitted()) is None


@pytest.mark.parametrize("role", Role)
def test_what_could_never_be_is_not_hinted_at(role: Role) -> None:
    actor = person(grant(role))
    for permission in Permission:
        assert may_ever(actor, permission) is (role in TABLE[permission]), permission


@pytest.mark.parametrize("values", [{}, {"user_id": uuid4(), "process": "x"}])
def test_an_actor_is_a_person_or_a_process(values: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="either a person or a process"):
        Actor(**values)  # type: ignore[arg-type]  # just what must not be
