"""Login sessions: a row on the server decides on every request whether somebody is signed in, and as what.

What a person may do is loaded anew each time, so a change of roles, a deactivation or the end of an auditor's window
acts at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from portal.domain.actor import Actor, Grant, Origin
from portal.domain.errors import NotFound
from portal.domain.events import LoggedOut
from portal.domain.policy import needs_second_factor
from portal.models import ExternalWindow, LoginSession, Membership, PendingLogin, SecondFactor, Unit, User
from portal.services import audit
from portal.services.membership_days import is_in_force
from portal.services.tokens import new_token, token_hash
from portal.services.unit_of_work import transaction

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=10)
TOUCH_EVERY = timedelta(minutes=1)
CLOCKS_DIFFER = timedelta(minutes=5)
"""How far the clocks of two web machines may lie apart."""
DEVICE_LENGTH = 200
ADDRESS_LENGTH = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSession:
    """`token` is for the cookie and is not kept."""

    session_id: UUID
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSession:
    """A person with a session that has not ended. `unit_name` and `timezone` are of the first unit he belongs to.

    Who `must_enrol` has a role that needs a second factor and none yet: his actor has no grants until he has.
    """

    session_id: UUID
    name: str
    email: str
    unit_name: str
    timezone: str
    must_enrol: bool
    actor: Actor


def find_session(*, token: str, address: str, requires_factor: bool, now: datetime) -> LiveSession | None:
    """The live session behind a cookie's token, or None; it is kept alive by being asked for.

    `requires_factor` is the installation's rule for roles that need a second factor.
    """
    with transaction(write=False) as session:
        row = session.execute(
            select(LoginSession, User, SecondFactor.id.label("factor_id"))
            .join(User, User.id == LoginSession.user_id)
            .outerjoin(SecondFactor, (SecondFactor.user_id == User.id) & SecondFactor.ended_at.is_(None))
            .where(LoginSession.token_sha256 == token_hash(token))
        ).one_or_none()
        if row is None or not _is_live(row.LoginSession, row.User, now):
            return None
        lacks_factor = requires_factor and row.factor_id is None
        found = _live_session(session, row.LoginSession, row.User, address, now, lacks_factor=lacks_factor)
        if not found.actor.grants and is_outside_window(session, row.User.id, now=now):
            return None
        stale = now - row.LoginSession.last_seen_at >= TOUCH_EVERY
    if stale:
        _touch(found.session_id, now)
    return found


def start_session(session: Session, *, user_id: UUID, address: str, device: str, now: datetime) -> NewSession:
    """A new session within the caller's transaction."""
    token = new_token()
    login = LoginSession(
        user_id=user_id,
        token_sha256=token_hash(token),
        started_at=now,
        confirmed_at=now,
        last_seen_at=now,
        address=address[:ADDRESS_LENGTH],
        device=device[:DEVICE_LENGTH],
    )
    session.add(login)
    return NewSession(session_id=login.id, token=token)


def renew_session(session: Session, *, actor: Actor, token: str, now: datetime) -> str:
    """Give the actor's session, whose password was just given, a new token in place of `token`; returns the new one.

    Raises NotFound when the session has ended, or has another token, meanwhile.
    """
    renewed = new_token()
    found = session.execute(
        update(LoginSession)
        .where(
            LoginSession.token_sha256 == token_hash(token),
            LoginSession.user_id == actor.user_id,
            LoginSession.ended_at.is_(None),
        )
        .values(token_sha256=token_hash(renewed), confirmed_at=now, last_seen_at=now)
        .returning(LoginSession.id)
    ).one_or_none()
    if found is None:
        raise NotFound
    return renewed


def log_out(*, actor: Actor, session_id: UUID, now: datetime) -> None:
    """End the actor's own session; ending it again changes nothing."""
    with transaction() as session:
        if end_session(session, actor.person, session_id, now=now):
            audit.record(session, LoggedOut(obj=actor.person), actor=actor, now=now)


def end_session(session: Session, user_id: UUID, session_id: UUID, *, now: datetime) -> bool:
    """End one session of a person, within the caller's transaction; False when it is not his, or has ended already."""
    ended = session.execute(
        update(LoginSession)
        .where(LoginSession.id == session_id, LoginSession.user_id == user_id, LoginSession.ended_at.is_(None))
        .values(ended_at=now)
        .returning(LoginSession.id)
    )
    return ended.one_or_none() is not None


def end_sessions(session: Session, user_id: UUID, *, but_token: str | None = None, now: datetime) -> None:
    """End all sessions of a person, except for the one with the token `but_token`, and logins that wait for a code,
    within the caller's transaction.
    """
    session.execute(delete(PendingLogin).where(PendingLogin.user_id == user_id))
    ending = update(LoginSession).where(LoginSession.user_id == user_id, LoginSession.ended_at.is_(None))
    if but_token is not None:
        ending = ending.where(LoginSession.token_sha256 != token_hash(but_token))
    session.execute(ending.values(ended_at=now))


def select_live(user_id: UUID, now: datetime) -> Select[LoginSession]:
    """The sessions of a person that no time limit has ended, nor anything else."""
    return select(LoginSession).where(
        LoginSession.user_id == user_id,
        LoginSession.ended_at.is_(None),
        LoginSession.started_at > now - ABSOLUTE,
        LoginSession.last_seen_at > now - IDLE,
    )


def grants_of(session: Session, user_id: UUID, *, now: datetime) -> tuple[tuple[Grant, Unit], ...]:
    """The person's memberships in force now, each day counted in its unit's own zone, oldest first."""
    query = (
        select(Membership, Unit)
        .join(Unit, Unit.id == Membership.unit_id)
        .where(Membership.user_id == user_id, Membership.ended_at.is_(None))
        .order_by(Membership.granted_at, Membership.id)
    )
    rows = session.execute(query).all()
    return tuple(
        (grant_of(row.Membership, row.Unit), row.Unit) for row in rows if is_in_force(row.Membership, row.Unit, now)
    )


def is_outside_window(session: Session, user_id: UUID, *, now: datetime) -> bool:
    """Whether this is an external auditor whose days are over, or have not come: then no session lets him in."""
    query = select(ExternalWindow.membership_id).join(Membership).where(Membership.user_id == user_id)
    return session.execute(query.limit(1)).first() is not None and not grants_of(session, user_id, now=now)


def with_present_grants(session: Session, actor: Actor, *, now: datetime) -> Actor:
    """The actor as he stands now, however long ago his request began: without any grant once the session or the account
    has ended. A process stays what it is.

    That nobody has clicked for a while ends nothing here: who takes a large download is not idle.
    """
    if actor.user_id is None:
        return actor
    held = grants_of(session, actor.user_id, now=now) if _is_still_in(session, actor, now) else ()
    return replace(actor, grants=tuple(grant for grant, _ in held))


def _is_still_in(session: Session, actor: Actor, now: datetime) -> bool:
    user = session.get(User, actor.user_id)
    if user is None or not user.is_active_account:
        return False
    if actor.origin is None:
        return True  # a command on the server acts in the person's name, without a session
    login = session.get(LoginSession, UUID(actor.origin.session))
    return login is not None and login.ended_at is None and abs(now - login.started_at) < ABSOLUTE


def _is_live(login: LoginSession, user: User, now: datetime) -> bool:
    """A clock that goes back extends no session by more than clocks may differ: what was used later than now ends."""
    return (
        login.ended_at is None
        and user.is_active_account
        and now - login.started_at < ABSOLUTE
        and -CLOCKS_DIFFER <= now - login.last_seen_at < IDLE
    )


def _live_session(
    session: Session, login: LoginSession, user: User, address: str, now: datetime, *, lacks_factor: bool
) -> LiveSession:
    held = grants_of(session, user.id, now=now)
    first = held[0][1] if held else None
    grants = tuple(grant for grant, _ in held)
    must_enrol = lacks_factor and needs_second_factor(grants)
    return LiveSession(
        session_id=login.id,
        name=user.name,
        email=user.email,
        unit_name=first.name if first else "",
        timezone=first.timezone if first else "Asia/Jakarta",
        must_enrol=must_enrol,
        actor=Actor(
            user_id=user.id,
            grants=() if must_enrol else grants,
            origin=Origin(address=address[:ADDRESS_LENGTH], session=str(login.id), confirmed_at=login.confirmed_at),
        ),
    )


def grant_of(membership: Membership, unit: Unit) -> Grant:
    """The membership as the policy knows it, in its unit."""
    return Grant(
        membership_id=membership.id,
        role=membership.role,
        unit_path=unit.path,
        area=membership.area_code,
        below=membership.below,
        restricted=membership.restricted,
    )


def _touch(session_id: UUID, now: datetime) -> None:
    """Note that the session is used; one that was ended meanwhile stays ended."""
    with transaction() as session:
        session.execute(
            update(LoginSession)
            .where(LoginSession.id == session_id, LoginSession.ended_at.is_(None))
            .values(last_seen_at=now)
        )
