"""What ends a session, at once and for good: also while a request of it is on its way, and whatever the clock does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from portal.domain.actor import Actor
from portal.domain.errors import NotFound
from portal.domain.roles import Role
from portal.models import LoginSession, Membership
from portal.services import fresh_password, sessions
from portal.services.fresh_password import confirm_password
from portal.services.invitations import accept_invitation
from portal.services.memberships import NewMembership, end_membership, grant_membership
from portal.services.sessions import log_out
from portal.services.unit_of_work import transaction
from portal.services.users import deactivate_user, invite_again, reactivate_user
from tests.services.accounts.people import NOW, PASSWORD, SYSTEM, actor_of, found, person, signed_in

REVIEWER = NewMembership(role=Role.TPI_MEMBER, unit_code="KPU-1502", area_code="II")
SOON = NOW + timedelta(minutes=2)
"""So much later that a request notes that the session is used."""


def last_seen(user_id: UUID) -> datetime:
    with transaction(write=False) as session:
        return session.execute(select(LoginSession.last_seen_at).where(LoginSession.user_id == user_id)).scalar_one()


def roles(token: str, at: datetime = NOW) -> set[Role]:
    return {grant.role for grant in actor_of(token, at).grants}


def leave(user_id: UUID) -> None:
    with transaction(write=False) as session:
        login = session.execute(select(LoginSession.id).where(LoginSession.user_id == user_id)).scalar_one()
    log_out(actor=Actor(user_id=user_id), session_id=login, now=NOW)


def grant(user_id: UUID) -> UUID:
    return grant_membership(actor=SYSTEM, user_id=user_id, wanted=REVIEWER, now=NOW)


def take_away(user_id: UUID) -> None:
    with transaction(write=False) as session:
        held = session.execute(select(Membership.id).where(Membership.user_id == user_id)).scalar_one()
    end_membership(actor=SYSTEM, membership_id=held, now=NOW)


def set_password(user_id: UUID) -> None:
    invited = invite_again(actor=SYSTEM, user_id=user_id, now=NOW)
    accept_invitation(token=invited.invitation.token, password=PASSWORD, now=NOW)


ENDS: dict[str, Callable[[UUID], object]] = {
    "leaving": leave,
    "a role given": grant,
    "a role taken away": take_away,
    "a new password": set_password,
    "deactivation": lambda user_id: deactivate_user(actor=SYSTEM, user_id=user_id, now=NOW),
}


def test_req_08_a_role_given_or_taken_away_counts_at_once_and_ends_the_session() -> None:
    user_id = person()
    token = signed_in()
    membership_id = grant(user_id)
    assert found(token) is None
    assert roles(token := signed_in()) == {Role.UPLOADER, Role.TPI_MEMBER}
    end_membership(actor=SYSTEM, membership_id=membership_id, now=NOW)
    assert found(token) is None
    assert roles(signed_in()) == {Role.UPLOADER}


@pytest.mark.parametrize("end", ENDS)
def test_req_44_what_ends_a_session_acts_on_the_very_next_request(end: str) -> None:
    user_id = person()
    token = signed_in()
    ENDS[end](user_id)
    assert found(token) is None


@pytest.mark.parametrize("end", ENDS)
def test_req_44_a_request_in_flight_revives_no_session(end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The session ends between the moment at which a request was let in and that at which it notes its use."""
    user_id = person()
    token = signed_in()
    touch = sessions._touch

    def ended_first(session_id: UUID, now: datetime) -> None:
        monkeypatch.setattr(sessions, "_touch", touch)
        ENDS[end](user_id)
        touch(session_id, now)

    monkeypatch.setattr(sessions, "_touch", ended_first)
    assert found(token, SOON) is not None, "this request was let in before"
    assert found(token, SOON) is None
    if end == "deactivation":
        reactivate_user(actor=SYSTEM, user_id=user_id, now=NOW)
        assert found(token, SOON) is None


@pytest.mark.parametrize("end", ENDS)
def test_req_44_a_password_in_flight_revives_no_session(end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The session ends while its person's password is being hashed."""
    user_id = person()
    token = signed_in()
    actor = actor_of(token)

    def ended_first(*_: object) -> bool:
        monkeypatch.undo()
        ENDS[end](user_id)
        return True

    monkeypatch.setattr(fresh_password, "matches", ended_first)
    with pytest.raises(NotFound):
        confirm_password(actor=actor, token=token, password=PASSWORD, address="10.0.0.1", now=NOW)
    assert found(token) is None


def test_req_43_of_two_renewals_at_once_one_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    person()
    token = signed_in()
    actor = actor_of(token)
    renewed = []

    def confirm() -> None:
        renewed.append(confirm_password(actor=actor, token=token, password=PASSWORD, address="10.0.0.1", now=NOW))

    def renewed_first(*_: object) -> bool:
        monkeypatch.undo()
        confirm()
        return True

    monkeypatch.setattr(fresh_password, "matches", renewed_first)
    with pytest.raises(NotFound):
        confirm()
    assert found(token) is None
    assert [found(each) is not None for each in renewed] == [True]


def test_req_46_a_session_ends_when_idle_and_in_any_case() -> None:
    user_id = person()
    token = signed_in()
    at = NOW
    while at < NOW + sessions.ABSOLUTE:
        assert found(token, at) is not None
        assert last_seen(user_id) == at
        at += sessions.IDLE - timedelta(seconds=1)
    assert found(token, NOW + sessions.ABSOLUTE) is None
    token = signed_in()
    assert found(token, NOW + sessions.IDLE) is None


@pytest.mark.parametrize("back", [timedelta(minutes=6), timedelta(hours=3), timedelta(days=400)])
def test_req_46_a_clock_that_goes_back_ends_a_session_and_extends_none(back: timedelta) -> None:
    person()
    token = signed_in()
    assert found(token, NOW + timedelta(minutes=29)) is not None
    assert found(token, NOW + timedelta(minutes=29) - back) is None


def test_req_46_clocks_of_two_machines_may_differ_a_little() -> None:
    user_id = person()
    token = signed_in()
    assert found(token, NOW - sessions.CLOCKS_DIFFER) is not None
    assert last_seen(user_id) == NOW, "an earlier moment would make the idle time longer"
    assert found(token, NOW + sessions.IDLE) is None
