"""Where somebody is signed in, and ending it: one's own sessions one by one or all, and all of somebody whose account
one manages.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.domain.actor import Actor
from portal.domain.errors import NotFound
from portal.domain.events import Personal, SessionEnded, SessionsEnded
from portal.models import LoginSession
from portal.services import audit
from portal.services.sessions import end_session, end_sessions, select_live
from portal.services.unit_of_work import transaction
from portal.services.users import get_managed_user

MOST_SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceView:
    """One live session; `user_agent` is what the browser said of itself, `is_this` tells the actor's own."""

    session_id: UUID
    user_agent: str
    address: str
    started_at: datetime
    last_seen_at: datetime
    is_this: bool


def list_devices(*, actor: Actor, now: datetime) -> tuple[DeviceView, ...]:
    """The actor's live sessions, the last used first."""
    with transaction(write=False) as session:
        query = select_live(actor.person, now).order_by(LoginSession.last_seen_at.desc(), LoginSession.id)
        return tuple(_view(login, actor) for login in session.execute(query.limit(MOST_SHOWN)).scalars())


def end_device(*, actor: Actor, session_id: UUID, now: datetime) -> None:
    """End one of the actor's sessions; raises NotFound for one that is not his, or has ended already."""
    with transaction() as session:
        if not end_session(session, actor.person, session_id, now=now):
            raise NotFound
        audit.record(session, SessionEnded(obj=actor.person, session=Personal(str(session_id))), actor=actor, now=now)


def end_devices(*, actor: Actor, user_id: UUID, now: datetime) -> None:
    """End all sessions of oneself, or of somebody whose account the actor manages.

    Raises what `get_managed_user` raises. It asks for no fresh password: taking access away must not have to wait.
    """
    with transaction() as session:
        grant = None if user_id == actor.user_id else get_managed_user(session, actor, user_id)[1]
        end_sessions(session, user_id, now=now)
        audit.record(session, SessionsEnded(obj=user_id), actor=actor, now=now, grant=grant)


def _view(login: LoginSession, actor: Actor) -> DeviceView:
    return DeviceView(
        session_id=login.id,
        user_agent=login.device,
        address=login.address,
        started_at=login.started_at,
        last_seen_at=login.last_seen_at,
        is_this=actor.origin is not None and actor.origin.session == str(login.id),
    )
