"""Accounts: inviting people, listing them, taking their access away and giving it back. Accounts are never deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.actor import Actor, Grant
from portal.domain.errors import InvalidInput, NotFound, NotPermitted
from portal.domain.events import Personal, UserDeactivated, UserInvited, UserReactivated
from portal.domain.roles import Role
from portal.models import Membership, MembershipProposal, Unit, User
from portal.services import audit
from portal.services.admins import require_other_admin
from portal.services.email_address import checked_email
from portal.services.fresh_password import require_fresh_password
from portal.services.invitations import LIFETIME, NewInvitation, issue_invitation, void_invitations
from portal.services.memberships import NewMembership, add_membership, managing_grant
from portal.services.one_line import one_line
from portal.services.sessions import end_sessions
from portal.services.tokens import token_hash
from portal.services.unit_of_work import transaction
from portal.services.units import get_managed_unit

TAKEN = (
    "Alamat email ini sudah terdaftar. Cari namanya di daftar pengguna, lalu tambahkan peran; "
    "bila tidak ada di sana, minta admin unit di atas Anda."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """A new account, or an old one with a new link."""

    user_id: UUID
    invitation: NewInvitation


def invite_user(*, actor: Actor, email: str, name: str, membership: NewMembership, now: datetime) -> Invited:
    """A new account with its first membership, or the proposal of it, and a one-time link; raises InvalidInput for what
    cannot be.
    """
    email = checked_email(email)
    name = one_line("name", name, longest=200)
    with transaction() as session:
        unit = get_managed_unit(session, actor, membership.unit_code, field="unit")
        require_fresh_password(actor, now=now)
        if session.execute(select(User.id).where(User.email == email)).scalar_one_or_none():
            raise InvalidInput("email", TAKEN)
        user = User(email=email, name=name, created_at=now)
        session.add(user)
        session.flush()
        invited = _invite(session, user, actor=actor, grant=managing_grant(actor, unit.path), now=now)
        add_membership(session, actor=actor, user_id=user.id, unit=unit, wanted=membership, now=now)
        return invited


def invite_again(*, actor: Actor, user_id: UUID, now: datetime) -> Invited:
    """A new one-time link for somebody who lost the first one or the password; the old password works until it is
    used.
    """
    with transaction() as session:
        user, grant = get_managed_user(session, actor, user_id)
        require_fresh_password(actor, now=now)
        if user.deactivated_at is not None:
            raise InvalidInput("user", "Akun ini nonaktif. Aktifkan dulu, lalu undang lagi.")
        return _invite(session, user, actor=actor, grant=grant, now=now)


def deactivate_user(*, actor: Actor, user_id: UUID, now: datetime) -> None:
    """End the person's access, sessions and open links at once; one's own account and the last admin's stay."""
    with transaction() as session:
        user, grant = get_managed_user(session, actor, user_id)
        if user.id == actor.user_id:
            raise NotPermitted
        if _is_admin(session, user.id):
            require_other_admin(session, user.id, now=now)
        if user.deactivated_at is None:
            user.deactivated_at = now
            end_sessions(session, user.id, now=now)
            void_invitations(session, user.id, now=now)
            audit.record(session, UserDeactivated(obj=user.id), actor=actor, now=now, grant=grant)


def reactivate_user(*, actor: Actor, user_id: UUID, now: datetime) -> None:
    """Give a deactivated account back, with the memberships that are still in force."""
    with transaction() as session:
        user, grant = get_managed_user(session, actor, user_id)
        require_fresh_password(actor, now=now)
        if user.deactivated_at is not None:
            user.deactivated_at = None
            audit.record(session, UserReactivated(obj=user.id), actor=actor, now=now, grant=grant)


def get_managed_user(session: Session, actor: Actor, user_id: UUID) -> tuple[User, Grant]:
    """The account and the grant by which the actor manages it: he must manage every unit where it has a membership.

    Raises NotFound where he manages none of them, InvalidInput where units of others are concerned too. Somebody who
    never had a membership belongs to the units for which he is proposed.
    """
    user = session.get(User, user_id, with_for_update=True)
    grants = [managing_grant(actor, path) for path in _unit_paths(session, user_id)]
    if user is None or not any(grants):
        raise NotFound
    if not all(grants):
        raise InvalidInput("user", "Orang ini juga berperan di unit lain. Minta admin di atas kedua unit melakukannya.")
    return user, next(grant for grant in grants if grant)


def _unit_paths(session: Session, user_id: UUID) -> Sequence[str]:
    held = select(Unit.path).join(Membership, Membership.unit_id == Unit.id).where(Membership.user_id == user_id)
    proposed = select(Unit.path).join(MembershipProposal, MembershipProposal.unit_id == Unit.id)
    for query in (
        held.where(Membership.ended_at.is_(None)),
        held,
        proposed.where(MembershipProposal.user_id == user_id),
    ):
        if paths := session.execute(query.distinct()).scalars().all():
            return paths
    return ()


def _invite(session: Session, user: User, *, actor: Actor, grant: Grant | None, now: datetime) -> Invited:
    invitation = issue_invitation(session, user.id, now=now)
    event = UserInvited(
        obj=user.id,
        invitation=invitation.invitation_id,
        token_sha256=token_hash(invitation.token),
        valid_minutes=LIFETIME // timedelta(minutes=1),
        email=Personal(user.email),
        name=Personal(user.name),
    )
    audit.record(session, event, actor=actor, now=now, grant=grant)
    return Invited(user_id=user.id, invitation=invitation)


def _is_admin(session: Session, user_id: UUID) -> bool:
    query = select(Membership.id).where(
        Membership.user_id == user_id, Membership.role == Role.ADMIN, Membership.ended_at.is_(None)
    )
    return session.execute(query.limit(1)).first() is not None
