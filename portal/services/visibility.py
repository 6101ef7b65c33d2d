"""The policy as SQL conditions, for lists: the same rules as `domain/policy.py`, and a test asserts that both agree.

Owns no rule of its own. A condition is about the columns of unit, area, requirement and revision that the query joins.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from sqlalchemy import ColumnElement, and_, false, or_, true

from portal.domain import policy
from portal.domain.actor import Actor, Grant
from portal.domain.classification import Classification
from portal.domain.permissions import Permission
from portal.domain.workflow import CONTENT_STATES, State, seats_of
from portal.models import Area, Contributor, Decision, Requirement, ReviewTier, Revision, Unit

Condition = Callable[[Actor, Grant], ColumnElement[bool]]


def _in_unit(_actor: Actor, grant: Grant) -> ColumnElement[bool]:
    if grant.below:
        return Unit.path.startswith(grant.unit_path, autoescape=True)
    return Unit.path == grant.unit_path


def _in_area(_actor: Actor, grant: Grant) -> ColumnElement[bool]:
    return true() if grant.area is None else Area.code == grant.area


def _is_not_restricted(_actor: Actor, _grant: Grant) -> ColumnElement[bool]:
    return Requirement.classification == Classification.BIASA


def _restricted_only_if_granted(actor: Actor, grant: Grant) -> ColumnElement[bool]:
    return true() if grant.restricted else _is_not_restricted(actor, grant)


def _not_contributor(actor: Actor, _grant: Grant) -> ColumnElement[bool]:
    return ~Revision.contributors.any(Contributor.user_id == actor.user_id)


def _has_not_decided(actor: Actor, _grant: Grant) -> ColumnElement[bool]:
    return ~Revision.decisions.any(Decision.reviewer_id == actor.user_id)


def _role_decides(_actor: Actor, grant: Grant) -> ColumnElement[bool]:
    """The query joins the review tier in which the revision stands."""
    return ReviewTier.role.in_(seats_of(grant.role))


CONDITIONS: Mapping[policy.Predicate, Condition] = MappingProxyType(
    {
        policy.in_unit: _in_unit,
        policy.in_area: _in_area,
        policy.has_been_submitted: lambda _actor, _grant: Revision.state.in_(CONTENT_STATES),
        policy.is_approved: lambda _actor, _grant: Revision.state == State.APPROVED,
        policy.is_not_restricted: _is_not_restricted,
        policy.restricted_only_if_granted: _restricted_only_if_granted,
        policy.reviewer_is_not_contributor: _not_contributor,
        policy.reviewer_has_not_decided: _has_not_decided,
        policy.role_decides_in_tier: _role_decides,
    }
)
"""The SQL of every predicate; a predicate without one cannot be used in a list, and a test names it."""


def visible_to(actor: Actor, permission: Permission) -> ColumnElement[bool]:
    """Condition that holds for just those joined rows for which the actor has `permission`."""
    ways = [
        and_(true(), *(CONDITIONS[test](actor, grant) for test in clause.all_of))
        for clause in policy.POLICY.get(permission, ())
        for grant in actor.grants
        if grant.role in clause.roles
    ]
    return or_(false(), *ways)
