"""The rule that an installation never loses its last admin."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.domain.errors import InvalidInput
from portal.domain.roles import Role
from portal.models import Membership, User


def require_other_admin(session: Session, user_id: UUID, *, now: datetime) -> None:
    """Raise InvalidInput unless somebody other than `user_id` is an active admin today."""
    query = (
        select(Membership.id)
        .join(User, User.id == Membership.user_id)
        .where(
            Membership.role == Role.ADMIN,
            Membership.user_id != user_id,
            Membership.ended_at.is_(None),
            Membership.valid_from <= now.date(),
            or_(Membership.valid_until.is_(None), Membership.valid_until >= now.date()),
            User.deactivated_at.is_(None),
            User.password_hash.is_not(None),
        )
        .limit(1)
    )
    if session.execute(query).first() is None:
        raise InvalidInput("user", "Ini admin terakhir. Angkat admin lain dulu, lalu ulangi.")
