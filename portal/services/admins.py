"""Who the admins are, and the rule that an installation never loses its last one."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal.domain.errors import InvalidInput
from portal.domain.roles import Role
from portal.models import Membership, Unit, User
from portal.services.membership_days import is_in_force

_ADMINS = (Membership.role == Role.ADMIN, Membership.ended_at.is_(None))


def require_other_admin(session: Session, user_id: UUID, *, now: datetime) -> None:
    """Raise InvalidInput unless somebody other than `user_id` is an active admin now.

    Until the caller's transaction ends nobody else gets this answer: two admins who take each other away at the same
    moment would both be told that one remains.
    """
    # In one order, so that two callers wait for each other at most once; and the question only after the lock is held,
    # because what it sees has to include what the other one has committed.
    session.execute(select(Membership.id).where(*_ADMINS).order_by(Membership.id).with_for_update())
    query = select_admins().where(Membership.user_id != user_id).execution_options(populate_existing=True)
    if not any(is_in_force(row.Membership, row.Unit, now) for row in session.execute(query)):
        raise InvalidInput("user", "Ini admin terakhir. Angkat admin lain dulu, lalu ulangi.")


def count_admins(session: Session, *, now: datetime) -> int:
    """How many people in the whole installation are active admins now."""
    rows = session.execute(select_admins())
    return len({row.Membership.user_id for row in rows if is_in_force(row.Membership, row.Unit, now)})


def select_admins() -> Select[User, Membership, Unit]:
    """Every active account with a membership as an admin that was not ended; whether it is in force is a question of
    days, for the caller.
    """
    return (
        select(User, Membership, Unit)
        .join(Membership, Membership.user_id == User.id)
        .join(Unit, Unit.id == Membership.unit_id)
        .where(*_ADMINS, User.deactivated_at.is_(None), User.password_hash.is_not(None))
    )
