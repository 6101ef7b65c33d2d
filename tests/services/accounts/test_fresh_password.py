"""A password given just now: what needs one, who has one, how it is taken once more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from portal.domain.actor import Actor
from portal.domain.errors import InvalidInput, NotFound, NotPermitted, PasswordNotFresh, Throttled
from portal.domain.events import EventName
from portal.domain.roles import Role
from portal.services.fresh_password import FRESH, confirm_password, require_fresh_password
from portal.services.memberships import end_membership, grant_membership
from portal.services.sessions import log_out
from portal.services.throttle import limits_for
from portal.services.users import deactivate_user, invite_again, invite_user, reactivate_user
from tests.services.accounts.people import (
    ADMIN,
    NOW,
    PASSWORD,
    SYSTEM,
    UPLOADER,
    actor_of,
    events,
    found,
    person,
    signed_in,
)

LATER = NOW + FRESH


def confirm(token: str, password: str = PASSWORD, at: datetime = LATER) -> str:
    return confirm_password(actor=actor_of(token, at), token=token, password=password, address="10.0.0.1", now=at)


@dataclass(frozen=True)
class Case:
    """An admin, somebody with a role, and somebody who is deactivated."""

    admin: Actor
    user_id: UUID
    membership_id: UUID
    gone: UUID


STEPS: dict[str, Callable[[Case, datetime], object]] = {
    "grant": lambda case, now: grant_membership(
        actor=case.admin, user_id=case.user_id, wanted=replace(UPLOADER, role=Role.LEADER), now=now
    ),
    "end": lambda case, now: end_membership(actor=case.admin, membership_id=case.membership_id, now=now),
    "invite": lambda case, now: invite_user(
        actor=case.admin, email="baru@contoh.go.id", name="Baru", membership=UPLOADER, now=now
    ),
    "invite again": lambda case, now: invite_again(actor=case.admin, user_id=case.user_id, now=now),
    "reactivate": lambda case, now: reactivate_user(actor=case.admin, user_id=case.gone, now=now),
}


@pytest.fixture
def case() -> Case:
    person("rina@contoh.go.id", ADMIN)
    user_id, gone = person(), person("pensiun@contoh.go.id")
    deactivate_user(actor=SYSTEM, user_id=gone, now=NOW)
    held = actor_of(signed_in()).grants[0].membership_id
    return Case(actor_of(signed_in("rina@contoh.go.id")), user_id, held, gone)


@pytest.mark.parametrize("step", STEPS)
def test_req_53_roles_and_accounts_need_a_password_given_just_now(case: Case, step: str) -> None:
    before = events()
    with pytest.raises(PasswordNotFresh):
        STEPS[step](case, LATER)
    assert events() == before
    STEPS[step](case, LATER - timedelta(seconds=1))
    assert events() != before


@pytest.mark.parametrize("step", STEPS)
def test_who_may_not_anyway_is_not_asked(case: Case, step: str) -> None:
    stranger = replace(case.admin, user_id=uuid4(), grants=())
    with pytest.raises((NotFound, NotPermitted, InvalidInput)):
        STEPS[step](replace(case, admin=stranger), LATER)


def test_access_can_be_taken_away_at_once(case: Case) -> None:
    deactivate_user(actor=case.admin, user_id=case.user_id, now=LATER)


def test_a_process_and_a_command_have_no_session_that_somebody_could_have_got() -> None:
    require_fresh_password(SYSTEM, now=NOW)
    require_fresh_password(Actor(user_id=uuid4()), now=NOW)


def test_a_clock_that_went_back_makes_no_password_fresh_for_longer() -> None:
    person()
    actor = actor_of(signed_in())
    require_fresh_password(actor, now=NOW - timedelta(seconds=1))
    with pytest.raises(PasswordNotFresh):
        require_fresh_password(actor, now=NOW - FRESH)


def test_a_session_of_unknown_age_is_not_fresh() -> None:
    person()
    actor = actor_of(signed_in())
    assert actor.origin is not None
    with pytest.raises(PasswordNotFresh):
        require_fresh_password(replace(actor, origin=replace(actor.origin, confirmed_at=None)), now=NOW)


def test_req_43_the_password_makes_the_session_fresh_under_a_new_token() -> None:
    person()
    token = signed_in()
    renewed = confirm(token)
    assert found(token, LATER) is None
    require_fresh_password(actor_of(renewed, LATER), now=LATER)
    assert events()[-1] is EventName.PASSWORD_CONFIRMED


def test_a_wrong_password_changes_nothing() -> None:
    person()
    token = signed_in()
    before = events()
    with pytest.raises(InvalidInput) as refusal:
        confirm(token, "salah salah salah")
    assert refusal.value.field == "confirm_password"
    assert found(token, LATER) is not None
    assert events() == before


def test_req_48_tries_count_with_those_of_signing_in_and_before_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    person()
    token = signed_in()
    for _ in range(limits_for(account="", address="")[0].tries):
        with pytest.raises(InvalidInput):
            confirm(token, "salah salah salah")
    monkeypatch.setattr("portal.services.fresh_password.matches", lambda *_: pytest.fail("hashed"))
    with pytest.raises(Throttled):
        confirm(token)
    with pytest.raises(Throttled):
        signed_in(at=LATER)


def test_req_44_what_ended_meanwhile_is_not_renewed() -> None:
    """The password is compared outside of any transaction; whatever happens then goes before."""
    user_id = person()
    token = signed_in()
    actor = actor_of(token)
    log_out(actor=actor, session_id=UUID(actor.origin.session if actor.origin else ""), now=NOW)
    with pytest.raises(NotFound):
        confirm_password(actor=actor, token=token, password=PASSWORD, address="10.0.0.1", now=NOW)
    second = actor_of(other := signed_in())
    deactivate_user(actor=SYSTEM, user_id=user_id, now=NOW)
    with pytest.raises(NotFound):
        confirm_password(actor=second, token=other, password=PASSWORD, address="10.0.0.1", now=NOW)
