"""Who somebody is and may do now, found by e-mail: for commands on the server that act in a person's name."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select

from portal.domain.actor import Actor
from portal.domain.errors import InvalidInput
from portal.models import User
from portal.services.sessions import grants_of
from portal.services.unit_of_work import transaction


def get_actor_by_email(*, email: str, now: datetime) -> Actor:
    """The person with the roles in force now; raises InvalidInput when there is no active account."""
    with transaction(write=False) as session:
        query = select_by_email(email).where(User.deactivated_at.is_(None))
        user = session.execute(query).scalar_one_or_none()
        if user is None:
            raise InvalidInput("as", "Tidak ada akun aktif dengan alamat email ini.")
        return Actor(user_id=user.id, grants=tuple(grant for grant, _ in grants_of(session, user.id, now=now)))


def get_user_id_by_email(*, email: str) -> UUID:
    """The account, whether active or not; raises InvalidInput when there is none."""
    with transaction(write=False) as session:
        user = session.execute(select_by_email(email)).scalar_one_or_none()
        if user is None:
            raise InvalidInput("email", "Tidak ada akun dengan alamat email ini.")
        return user.id


def select_by_email(email: str) -> Select[User]:
    """The account with this address, however it was typed. NUL and half characters, which a database refuses its own
    way, are in no address that we accept.
    """
    return select(User).where(
        User.email == email.strip().lower().encode("ascii", "replace").decode().replace("\0", "?")
    )
