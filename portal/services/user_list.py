"""Kelola pengguna: the accounts of the units that somebody manages, with their memberships. Reads only."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CompoundSelect, func, select, union
from sqlalchemy.orm import Session

from portal.domain.actor import Actor
from portal.domain.errors import NotFound
from portal.domain.permissions import Permission
from portal.domain.roles import Role
from portal.models import ExternalWindow, LoginSession, Membership, MembershipProposal, SecondFactor, Unit, User
from portal.services.membership_days import is_in_force
from portal.services.memberships import managing_grant
from portal.services.paging import count_pages, on_page
from portal.services.unit_of_work import transaction
from portal.services.visibility import visible_to

PAGE_SIZE = 25


class AccountState(StrEnum):
    """Whether somebody can sign in."""

    INVITED = "invited"
    ACTIVE = "active"
    DEACTIVATED = "deactivated"


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipView:
    """One membership; `in_force` is as of now in the unit's own zone, `managed` tells whether the actor may end it.

    `sponsor_name` is there for an external auditor alone.
    """

    membership_id: UUID
    role: Role
    unit_name: str
    area_code: str | None
    below: bool
    restricted: bool
    sponsor_name: str | None
    valid_from: date
    valid_until: date | None
    ended_at: datetime | None
    in_force: bool
    managed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UserView:
    """One account; `managed` tells whether the actor manages every unit it has a role in, and so the account itself;
    `has_factor` whether it signs in with a second factor.
    """

    user_id: UUID
    name: str
    email: str
    state: AccountState
    last_seen_at: datetime | None
    memberships: tuple[MembershipView, ...]
    managed: bool
    has_factor: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UserPage:
    """A page of accounts by name; `page` from 1."""

    users: tuple[UserView, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return count_pages(self.total, PAGE_SIZE)


def list_users(*, actor: Actor, page: int, now: datetime) -> UserPage:
    """The accounts with a membership, past or present, or a proposal of one, in a unit that the actor manages."""
    with transaction(write=False) as session:
        managed = _managed_ids(actor)
        total = session.execute(select(func.count()).select_from(managed.subquery())).scalar_one()
        query = select(User).where(User.id.in_(managed)).order_by(User.name, User.id)
        users = session.execute(on_page(query, page, PAGE_SIZE)).scalars().all()
        return UserPage(users=_views(session, actor, users, now), total=total, page=page)


def get_user(*, actor: Actor, user_id: UUID, now: datetime) -> UserView:
    """One account; raises NotFound when the actor manages none of its units."""
    with transaction(write=False) as session:
        query = select(User).where(User.id == user_id, User.id.in_(_managed_ids(actor)))
        user = session.execute(query).scalar_one_or_none()
        if user is None:
            raise NotFound
        return _views(session, actor, [user], now)[0]


def get_own_account(*, actor: Actor, now: datetime) -> UserView:
    """The actor's own account, which needs no permission."""
    with transaction(write=False) as session:
        return _views(session, actor, [session.get_one(User, actor.person)], now)[0]


def _managed_ids(actor: Actor) -> CompoundSelect[UUID]:
    managed = visible_to(actor, Permission.MANAGE_ACCOUNTS)
    return union(
        select(Membership.user_id).join(Unit, Unit.id == Membership.unit_id).where(managed),
        select(MembershipProposal.user_id).join(Unit, Unit.id == MembershipProposal.unit_id).where(managed),
    )


def _views(session: Session, actor: Actor, users: Collection[User], now: datetime) -> tuple[UserView, ...]:
    ids = [user.id for user in users]
    query = (
        select(Membership, Unit, User.name.label("sponsor_name"))
        .join(Unit, Unit.id == Membership.unit_id)
        .outerjoin(ExternalWindow, ExternalWindow.membership_id == Membership.id)
        .outerjoin(User, User.id == ExternalWindow.sponsor_id)
        .where(Membership.user_id.in_(ids))
        .order_by(Membership.granted_at, Membership.id)
    )
    held: dict[UUID, list[MembershipView]] = {}
    for row in session.execute(query):
        held.setdefault(row.Membership.user_id, []).append(
            _membership(actor, row.Membership, row.Unit, row.sponsor_name, now)
        )
    seen = select(LoginSession.user_id, func.max(LoginSession.last_seen_at).label("at"))
    seen_at = {
        row.user_id: row.at
        for row in session.execute(seen.where(LoginSession.user_id.in_(ids)).group_by(LoginSession.user_id))
    }
    in_force = select(SecondFactor.user_id).where(SecondFactor.user_id.in_(ids), SecondFactor.ended_at.is_(None))
    with_factor = set(session.execute(in_force).scalars())
    return tuple(
        UserView(
            user_id=user.id,
            name=user.name,
            email=user.email,
            state=_state(user),
            last_seen_at=seen_at.get(user.id),
            memberships=tuple(held.get(user.id, [])),
            managed=_manages_all(held.get(user.id, [])),
            has_factor=user.id in with_factor,
        )
        for user in users
    )


def _manages_all(memberships: Collection[MembershipView]) -> bool:
    """As `users.get_managed_user` asks it: roles that have ended count only when there is no other."""
    lasting = [membership for membership in memberships if membership.ended_at is None]
    return all(membership.managed for membership in lasting or memberships)


def _state(user: User) -> AccountState:
    if user.deactivated_at is not None:
        return AccountState.DEACTIVATED
    return AccountState.ACTIVE if user.password_hash else AccountState.INVITED


def _membership(
    actor: Actor, membership: Membership, unit: Unit, sponsor_name: str | None, now: datetime
) -> MembershipView:
    return MembershipView(
        membership_id=membership.id,
        role=membership.role,
        unit_name=unit.name,
        area_code=membership.area_code,
        below=membership.below,
        restricted=membership.restricted,
        sponsor_name=sponsor_name,
        valid_from=membership.valid_from,
        valid_until=membership.valid_until,
        ended_at=membership.ended_at,
        in_force=is_in_force(membership, unit, now),
        managed=managing_grant(actor, unit.path) is not None,
    )
