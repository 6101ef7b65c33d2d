"""The whole policy: one map from permission to the clauses that give it. A permission without a fitting clause is
denied.

Services ask `require`, views and templates ask `is_permitted` and `may_ever`. The table in words is `docs/policy.md`;
nothing else may test a role.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from uuid import UUID

from portal.domain.actor import Actor, Grant
from portal.domain.classification import Classification
from portal.domain.errors import Denial, NotPermitted
from portal.domain.permissions import Permission
from portal.domain.roles import Role
from portal.domain.workflow import CONTENT_STATES, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a permission is asked about: a unit, an indicator in it, or a revision of evidence, as far as the rules
    need it.

    `contributors` are all who uploaded a file of the revision, drafted it or submitted it; `tier_roles` the roles
    that decide in the revision's present tier; `decided_by` the people who have decided on it in any tier.
    """

    unit_path: str
    area: str | None = None
    classification: Classification = Classification.BIASA
    state: State | None = None
    contributors: frozenset[UUID] = frozenset()
    tier_roles: frozenset[Role] = frozenset()
    decided_by: frozenset[UUID] = frozenset()


Predicate = Callable[[Actor, Grant, Subject], bool]


def in_unit(_actor: Actor, grant: Grant, subject: Subject) -> bool:
    """The grant's unit is the subject's, or one above it where the grant reaches below."""
    if grant.below:
        return subject.unit_path.startswith(grant.unit_path)
    return subject.unit_path == grant.unit_path


def in_area(_actor: Actor, grant: Grant, subject: Subject) -> bool:
    """The grant is for all areas, or for the subject's own."""
    return grant.area is None or grant.area == subject.area


def has_been_submitted(_actor: Actor, _grant: Grant, subject: Subject) -> bool:
    return subject.state in CONTENT_STATES


def is_approved(_actor: Actor, _grant: Grant, subject: Subject) -> bool:
    return subject.state is State.APPROVED


def is_not_restricted(_actor: Actor, _grant: Grant, subject: Subject) -> bool:
    return not subject.classification.is_restricted


def restricted_only_if_granted(_actor: Actor, grant: Grant, subject: Subject) -> bool:
    return grant.restricted or not subject.classification.is_restricted


def reviewer_is_not_contributor(actor: Actor, _grant: Grant, subject: Subject) -> bool:
    """Four eyes: whoever had a hand in the revision does not judge it, in any role."""
    return actor.user_id not in subject.contributors


def reviewer_has_not_decided(actor: Actor, _grant: Grant, subject: Subject) -> bool:
    """One person counts in one tier only."""
    return actor.user_id not in subject.decided_by


def role_decides_in_tier(_actor: Actor, grant: Grant, subject: Subject) -> bool:
    return grant.role in subject.tier_roles


@dataclass(frozen=True, slots=True)
class Clause:
    """One way to hold a permission: a grant of one of `roles` for which every predicate is true."""

    roles: frozenset[Role]
    all_of: tuple[Predicate, ...]

    def gives(self, actor: Actor, grant: Grant, subject: Subject) -> bool:
        return grant.role in self.roles and all(test(actor, grant, subject) for test in self.all_of)


SENDERS = frozenset({Role.UPLOADER, Role.AREA_COORDINATOR})
REVIEWERS = frozenset({Role.TPI_MEMBER, Role.TPI_LEAD})


NEED_SECOND_FACTOR = REVIEWERS | {Role.AUDITOR, Role.ADMIN}
"""Roles that decide, give access or carry evidence away: a stolen password alone must not be enough for these."""


def _clause(roles: frozenset[Role] | Role, *all_of: Predicate) -> Clause:
    return Clause(frozenset({roles}) if isinstance(roles, Role) else roles, all_of)


POLICY: Mapping[Permission, tuple[Clause, ...]] = MappingProxyType(
    {
        Permission.SEE_PLAN: (_clause(frozenset(Role), in_unit),),
        Permission.SEE_STATE: (_clause(frozenset(Role), in_unit),),
        Permission.SEE_DRAFT: (_clause(SENDERS, in_unit, in_area),),
        Permission.EDIT_DRAFT: (_clause(SENDERS, in_unit, in_area),),
        Permission.SEE_EVIDENCE: (
            _clause(SENDERS, in_unit, in_area),
            _clause(SENDERS, in_unit, has_been_submitted, is_not_restricted),
            _clause(REVIEWERS, in_unit, in_area, has_been_submitted),
            _clause(Role.AUDITOR, in_unit, in_area, is_approved, restricted_only_if_granted),
            _clause(Role.LEADER, in_unit, in_area, is_approved, is_not_restricted),
        ),
        Permission.SEE_REDACTED: (
            _clause(SENDERS, in_unit, in_area, has_been_submitted),
            _clause(SENDERS, in_unit, is_approved),
            _clause(REVIEWERS, in_unit, in_area, has_been_submitted),
            _clause(frozenset({Role.AUDITOR, Role.LEADER}), in_unit, in_area, is_approved),
        ),
        Permission.SEE_TRAIL: (_clause(frozenset(Role), in_unit, in_area),),
        Permission.DECIDE: (
            _clause(
                REVIEWERS | {Role.AREA_COORDINATOR},
                in_unit,
                in_area,
                role_decides_in_tier,
                reviewer_is_not_contributor,
                reviewer_has_not_decided,
            ),
        ),
        Permission.REOPEN: (_clause(Role.TPI_LEAD, in_unit, in_area, reviewer_is_not_contributor),),
        Permission.SEAL_BUNDLE: (_clause(frozenset({Role.TPI_LEAD, Role.AUDITOR}), in_unit, in_area),),
        Permission.SEE_CHECKPOINT: (_clause(frozenset({Role.TPI_LEAD, Role.AUDITOR, Role.ADMIN})),),
        Permission.ASSIGN_PIC: (
            _clause(Role.AREA_COORDINATOR, in_unit, in_area),
            _clause(Role.ADMIN, in_unit),
        ),
        Permission.RAISE_CLASSIFICATION: (
            _clause(REVIEWERS | {Role.AREA_COORDINATOR}, in_unit, in_area),
            _clause(Role.ADMIN, in_unit),
        ),
        Permission.LOWER_CLASSIFICATION: (_clause(Role.TPI_LEAD, in_unit, in_area),),
        Permission.MANAGE_PLAN: (_clause(Role.ADMIN, in_unit),),
        Permission.MANAGE_ACCOUNTS: (_clause(Role.ADMIN, in_unit),),
    }
)

DENIALS: tuple[tuple[Predicate, Denial], ...] = (
    (reviewer_is_not_contributor, Denial.CONTRIBUTED),
    (reviewer_has_not_decided, Denial.ALREADY_COUNTED),
    (role_decides_in_tier, Denial.OTHER_TIER),
)
"""Predicates whose failure may be told: the person sees the object anyway and wants to know why a button is missing."""


def find_grant(actor: Actor, permission: Permission, subject: Subject) -> Grant | None:
    """The first of the actor's grants by which `permission` holds for `subject`, or None."""
    for clause in POLICY.get(permission, ()):
        for grant in actor.grants:
            if clause.gives(actor, grant, subject):
                return grant
    return None


def is_permitted(actor: Actor, permission: Permission, subject: Subject) -> bool:
    return find_grant(actor, permission, subject) is not None


def may_see_revision(actor: Actor, subject: Subject) -> bool:
    """Whether a revision may be shown with its content."""
    return find_reading_grant(actor, subject) is not None


def find_reading_grant(actor: Actor, subject: Subject) -> Grant | None:
    """The grant by which the actor may see a revision's content, or None: what was handed in is evidence, what was not
    is a draft.
    """
    seen_as = Permission.SEE_EVIDENCE if subject.state in CONTENT_STATES else Permission.SEE_DRAFT
    return find_grant(actor, seen_as, subject)


def find_file_grant(actor: Actor, subject: Subject, *, is_copy: bool) -> Grant | None:
    """The grant by which the actor may read one file of a revision, or None: more people read a redacted copy than
    what it is a copy of.
    """
    grant = find_reading_grant(actor, subject)
    return grant or (find_grant(actor, Permission.SEE_REDACTED, subject) if is_copy else None)


def classification_permission(before: Classification, after: Classification) -> Permission:
    """What a change of the class needs: to take protection away is for fewer than to add it."""
    return Permission.LOWER_CLASSIFICATION if after.is_lower_than(before) else Permission.RAISE_CLASSIFICATION


def denial_of(actor: Actor, permission: Permission, subject: Subject) -> Denial:
    """The reason that may be shown when `permission` is refused: the one rule that failed, else merely out of scope."""
    for told, denial in DENIALS:
        for clause in POLICY.get(permission, ()):
            rest = Clause(clause.roles, tuple(test for test in clause.all_of if test is not told))
            if told in clause.all_of and any(rest.gives(actor, grant, subject) for grant in actor.grants):
                return denial
    return Denial.OUT_OF_SCOPE


def require(actor: Actor, permission: Permission, subject: Subject) -> Grant:
    """The grant by which the actor may; raises NotPermitted with the reason that may be shown."""
    grant = find_grant(actor, permission, subject)
    if grant is None:
        raise NotPermitted(denial_of(actor, permission, subject))
    return grant


def roles_with(permission: Permission) -> frozenset[Role]:
    """The roles that could hold `permission` for something."""
    return frozenset(role for clause in POLICY.get(permission, ()) for role in clause.roles)


def may_ever(actor: Actor, permission: Permission) -> bool:
    """Whether any of the actor's roles could hold `permission` for something: a hint for routes and menus, never an
    authority.
    """
    return any(grant.role in roles_with(permission) for grant in actor.grants)


def needs_second_factor(grants: Iterable[Grant]) -> bool:
    """Whether one of the roles must not be used without a second factor, where the installation asks for one."""
    return any(grant.role in NEED_SECOND_FACTOR for grant in grants)
