"""The second factor: who is asked for a code, which codes work and how often, what a role may do without one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from pyotp import TOTP
from sqlalchemy import select

from portal.domain.errors import InvalidInput, NotFound, NotPermitted, PasswordNotFresh, Throttled
from portal.domain.events import EventName
from portal.domain.permissions import Permission
from portal.domain.policy import NEED_SECOND_FACTOR, may_ever
from portal.domain.roles import Role
from portal.models import LoginSession, LogLeaf, LogOpening, PendingLogin, RecoveryCode, SecondFactor
from portal.services import pending_logins, throttle
from portal.services.factor_proof import use_step
from portal.services.fresh_password import FRESH
from portal.services.invitations import accept_invitation
from portal.services.logins import enter_code, log_in
from portal.services.pending_logins import is_pending
from portal.services.recovery_codes import COUNT
from portal.services.second_factor import (
    enrol_factor,
    get_factor,
    renew_recovery_codes,
    reset_factor,
    turn_off_factor,
)
from portal.services.totp import new_secret
from portal.services.unit_of_work import transaction
from portal.services.user_list import get_user
from portal.services.users import deactivate_user, invite_again
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

EMAIL = "siti@contoh.go.id"
STEP = timedelta(seconds=30)


@dataclass(frozen=True)
class Phone:
    """What somebody holds after setting up: the phone, the recovery codes, and the session that goes on."""

    secret: str
    codes: tuple[str, ...]
    token: str

    def code(self, at: datetime) -> str:
        return TOTP(self.secret).at(at)


def enrolled(email: str = EMAIL, at: datetime = NOW) -> Phone:
    """Set up by the person, whose account is there."""
    secret = new_secret()
    done = enrol_factor(
        actor=actor_of(signed_in(email, at), at), secret=secret, code=TOTP(secret).at(at), device="Firefox", now=at
    )
    return Phone(secret, done.codes, done.session_token)


def first_step(email: str = EMAIL, at: datetime = NOW, address: str = "10.0.0.1") -> str:
    """The token of a login that waits for its code."""
    step = log_in(email=email, password=PASSWORD, address=address, device="Firefox", now=at)
    assert step.owes_code
    return step.token


def second_step(token: str, code: str, at: datetime = NOW, address: str = "10.0.0.1") -> str:
    return enter_code(token=token, code=code, address=address, device="Firefox", now=at)


def refusal_of(token: str, code: str, at: datetime = NOW) -> str:
    with pytest.raises(InvalidInput) as refusal:
        second_step(token, code, at)
    assert refusal.value.field == "code"
    return refusal.value.message


def test_req_52_the_password_alone_opens_nothing_and_the_code_begins_the_session() -> None:
    person()
    phone, later = enrolled(), NOW + STEP
    before = events().count(EventName.LOGIN_SUCCEEDED)
    pending = first_step(at=later)
    assert found(pending, later) is None, "a pending login must not be a session"
    assert events()[-1] is EventName.CODE_ASKED
    assert events().count(EventName.LOGIN_SUCCEEDED) == before
    token = second_step(pending, phone.code(later), later)
    live = found(token, later)
    assert live is not None
    assert [grant.role for grant in live.actor.grants] == [Role.UPLOADER]
    assert token not in {pending, phone.token}
    assert events()[-2:] == [EventName.SECOND_FACTOR_PASSED, EventName.LOGIN_SUCCEEDED]
    assert not is_pending(token=pending, now=later)


def test_req_52_a_code_works_once() -> None:
    person()
    phone, later = enrolled(), NOW + STEP
    assert "sudah pernah dipakai" in refusal_of(first_step(), phone.code(NOW)), "the code of the enrolment was taken"
    second_step(first_step(at=later), phone.code(later), later)
    assert "sudah pernah dipakai" in refusal_of(first_step(at=later), phone.code(later), later)
    assert "sudah pernah dipakai" in refusal_of(first_step(at=later + STEP), phone.code(later), later + STEP)
    second_step(first_step(at=later + STEP), phone.code(later + STEP), later + STEP)


def test_req_52_a_code_of_the_step_before_works_no_longer_once_a_later_one_was_taken() -> None:
    person()
    phone, later = enrolled(), NOW + 5 * STEP
    second_step(first_step(at=later), phone.code(later + STEP), later)
    assert "sudah pernah dipakai" in refusal_of(first_step(at=later), phone.code(later), later)


def test_req_52_of_two_web_machines_with_the_same_code_one_lets_in(app: Flask) -> None:
    person()
    phone, later = enrolled(), NOW + STEP
    tokens, outcomes, start = (
        [first_step(at=later), first_step(at=later)],
        list[str](),
        threading.Barrier(2, timeout=30),
    )

    def enter(token: str) -> None:
        with app.app_context():
            start.wait()
            try:
                second_step(token, phone.code(later), later)
                outcomes.append("in")
            except InvalidInput as refused:
                outcomes.append(refused.message[:4])

    machines = [threading.Thread(target=enter, args=(token,)) for token in tokens]
    for machine in machines:
        machine.start()
    for machine in machines:
        machine.join(timeout=60)
    assert sorted(outcomes) == ["Kode", "in"]


def test_req_52_the_step_is_taken_by_comparing_and_setting() -> None:
    user_id = person()
    enrolled()
    with transaction() as session:
        query = select(SecondFactor.id, SecondFactor.last_step).where(SecondFactor.user_id == user_id)
        factor_id, step = session.execute(query).one()
        taken = [use_step(session, factor_id, step + more) for more in (0, 2, 2, 1, 3)]
    assert taken == [False, True, False, False, True]


@pytest.mark.parametrize(("steps", "works"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_req_52_a_phone_may_be_one_step_off(steps: int, works: bool) -> None:  # a case
    person()
    phone, later = enrolled(), NOW + 10 * STEP
    pending, code = first_step(at=later), phone.code(later + steps * STEP)
    if works:
        assert found(second_step(pending, code, later), later) is not None
    else:
        assert "tidak cocok" in refusal_of(pending, code, later)


@pytest.mark.parametrize(
    "code", ["", "12345", "1234567", "１２３４５６", "abcdef", "-12345", "\x00", "\ud800", "a" * 40]
)
def test_req_52_what_is_no_code_is_refused(code: str) -> None:
    person()
    enrolled()
    assert "tidak cocok" in refusal_of(first_step(), code)


def test_a_code_may_be_typed_as_the_phone_shows_it() -> None:
    person()
    phone, later = enrolled(), NOW + STEP
    code = phone.code(later)
    assert found(second_step(first_step(at=later), f" {code[:3]} {code[3:]} ", later), later) is not None


def test_req_52_a_pending_login_takes_a_few_codes_and_ends_by_itself() -> None:
    person()
    phone = enrolled()
    pending, later = first_step(), NOW + STEP
    told = [refusal_of(pending, "000000") for _ in range(pending_logins.TRIES)]
    assert told[-1].endswith("Sisa percobaan: 0.")
    assert refusal_of(pending, phone.code(later), later) == pending_logins.OVER
    assert not is_pending(token=pending, now=NOW)
    late = NOW + pending_logins.LIFETIME + timedelta(seconds=1)
    pending = first_step()
    assert refusal_of(pending, phone.code(late), late) == pending_logins.OVER
    first_step(at=late)
    with transaction(write=False) as session:
        assert len(session.execute(select(PendingLogin)).all()) == 1, "those that are over are removed"


def test_req_48_codes_are_limited_for_the_account_wherever_they_come_from() -> None:
    """Who knows the password could begin anew, from ever other addresses."""
    person()
    phone = enrolled()
    limit = throttle.limits_for_code(user_id=UUID(int=0), address="")[-1].tries
    addresses = [f"203.0.113.{number}" for number in range(limit + 1)]
    for address in addresses[:-1]:
        with pytest.raises(InvalidInput):
            second_step(first_step(address=address), "000000", address=address)
    pending = first_step(address=addresses[-1])
    with pytest.raises(Throttled):
        second_step(pending, phone.code(NOW + STEP), address=addresses[-1])
    later = NOW + throttle.WINDOW
    assert found(second_step(first_step(at=later), phone.code(later), later), later) is not None


def test_codes_that_are_right_do_not_count() -> None:
    person()
    phone = enrolled()
    for number in range(1, 26):
        at = NOW + number * STEP
        second_step(first_step(at=at), phone.code(at), at)


def test_a_right_password_does_not_clear_what_was_counted_for_it() -> None:
    """Otherwise each right password would open another round of codes."""
    person()
    enrolled()
    tries = throttle.limits_for(account=EMAIL, address="10.0.0.1")[0].tries
    for _ in range(tries):
        first_step()
    with pytest.raises(Throttled):
        first_step()


def test_req_52_a_recovery_code_works_once_in_place_of_the_phone() -> None:
    person()
    phone = enrolled()
    assert len(set(phone.codes)) == COUNT == get_factor(actor=actor_of(phone.token), now=NOW).codes_left
    code = phone.codes[4]
    typed = code.upper().replace("-", " ").replace("O", "0").replace("L", "1")
    token = second_step(first_step(), typed)
    assert events()[-2:] == [EventName.RECOVERY_CODE_USED, EventName.LOGIN_SUCCEEDED]
    assert get_factor(actor=actor_of(token), now=NOW).codes_left == COUNT - 1
    assert "pemulihan tidak cocok" in refusal_of(first_step(), code)
    second_step(first_step(), phone.codes[5])


def test_req_52_new_recovery_codes_void_the_old_ones() -> None:
    person()
    phone = enrolled()
    second_step(first_step(), phone.codes[0])
    fresh = renew_recovery_codes(actor=actor_of(phone.token), now=NOW)
    assert not set(fresh) & set(phone.codes)
    assert get_factor(actor=actor_of(phone.token), now=NOW).codes_left == COUNT
    assert "pemulihan tidak cocok" in refusal_of(first_step(), phone.codes[1])
    second_step(first_step(), fresh[0])


def test_a_recovery_code_is_of_one_person() -> None:
    person()
    person("budi@contoh.go.id")
    enrolled()
    budi = enrolled("budi@contoh.go.id")
    assert "pemulihan tidak cocok" in refusal_of(first_step(), budi.codes[0])


def test_neither_secret_nor_codes_stand_in_the_trail_and_codes_are_stored_as_hashes() -> None:
    person()
    phone = enrolled()
    with transaction(write=False) as session:
        told = "".join(session.execute(select(LogLeaf.body)).scalars())
        told += "".join(session.execute(select(LogOpening.value)).scalars())
        stored = "".join(session.execute(select(RecoveryCode.code_sha256)).scalars())
    for text in (phone.secret, *phone.codes, *(code.replace("-", "") for code in phone.codes)):
        assert text not in told
        assert text not in stored


def test_a_wrong_first_code_enrols_nothing() -> None:
    person()
    token, secret = signed_in(), new_secret()
    for wrong_secret, code in ((secret, "000000"), ("A", TOTP(secret).at(NOW)), ("a" * 32, "000000")):
        with pytest.raises(InvalidInput):
            enrol_factor(actor=actor_of(token), secret=wrong_secret, code=code, device="", now=NOW)
    assert get_factor(actor=actor_of(token), now=NOW).enrolled_at is None
    assert EventName.SECOND_FACTOR_ENROLLED not in events()


def test_setting_up_ends_every_session_and_begins_a_new_one() -> None:
    person()
    other = signed_in()
    phone = enrolled()
    assert found(other) is None
    assert found(phone.token) is not None
    with transaction(write=False) as session:
        open_sessions = select(LoginSession.id).where(LoginSession.ended_at.is_(None))
        assert len(session.execute(open_sessions).all()) == 1


def test_another_phone_takes_the_place_of_the_first() -> None:
    person()
    first, later = enrolled(), NOW + STEP
    secret = new_secret()
    enrol_factor(actor=actor_of(first.token), secret=secret, code=TOTP(secret).at(NOW), device="", now=NOW)
    assert events().count(EventName.SECOND_FACTOR_ENDED) == 1
    for code in (first.code(later), first.codes[0]):
        assert "tidak cocok" in refusal_of(first_step(at=later), code, later)
    second_step(first_step(at=later), TOTP(secret).at(later), later)


def test_who_need_not_have_a_factor_may_do_without_again() -> None:
    person()
    phone = enrolled()
    token = turn_off_factor(actor=actor_of(phone.token), is_required=True, device="", now=NOW)
    assert found(phone.token) is None
    assert found(token) is not None
    assert found(signed_in()) is not None
    for action in (renew_recovery_codes, lambda **given: turn_off_factor(is_required=True, device="", **given)):
        with pytest.raises(InvalidInput):
            action(actor=actor_of(token), now=NOW)


@pytest.mark.parametrize("role", Role)
def test_req_52_a_role_that_needs_a_factor_grants_nothing_without_one(role: Role) -> None:
    person(membership=replace(UPLOADER, role=role))
    token = signed_in()
    live, needs_one = found(token, requires_factor=True), role in NEED_SECOND_FACTOR
    assert live is not None
    assert live.must_enrol is needs_one
    assert [grant.role for grant in live.actor.grants] == ([] if needs_one else [role])
    assert any(may_ever(live.actor, permission) for permission in Permission) is not needs_one
    assert found(token).actor.grants, "where it is optional, nothing changes"  # type: ignore[union-attr]  # it is there
    secret = new_secret()
    done = enrol_factor(actor=live.actor, secret=secret, code=TOTP(secret).at(NOW), device="", now=NOW)
    opened = found(done.session_token, requires_factor=True)
    assert opened is not None
    assert [grant.role for grant in opened.actor.grants] == [role]
    if needs_one:
        with pytest.raises(NotPermitted):
            turn_off_factor(actor=opened.actor, is_required=True, device="", now=NOW)
    assert turn_off_factor(actor=opened.actor, is_required=False, device="", now=NOW)


def test_the_roles_that_need_a_factor_are_those_of_the_requirement() -> None:
    assert {Role.ADMIN, Role.TPI_MEMBER, Role.TPI_LEAD, Role.AUDITOR} == NEED_SECOND_FACTOR


def test_an_admin_takes_a_lost_factor_away_and_never_his_own() -> None:
    user_id, admin_id = person(), person("admin@contoh.go.id", ADMIN)
    phone = enrolled()
    admin = actor_of(signed_in("admin@contoh.go.id"))
    pending = first_step()
    assert get_user(actor=admin, user_id=user_id, now=NOW).has_factor
    reset_factor(actor=admin, user_id=user_id, now=NOW)
    assert not get_user(actor=admin, user_id=user_id, now=NOW).has_factor
    assert events()[-1] is EventName.SECOND_FACTOR_ENDED
    assert found(phone.token) is None
    assert refusal_of(pending, phone.codes[0]) == pending_logins.OVER
    assert found(signed_in()) is not None
    own = actor_of(enrolled("admin@contoh.go.id").token)
    with pytest.raises(NotPermitted):
        reset_factor(actor=own, user_id=admin_id, now=NOW)
    with pytest.raises(InvalidInput):
        reset_factor(actor=own, user_id=user_id, now=NOW)
    with pytest.raises(NotFound):
        reset_factor(actor=actor_of(signed_in()), user_id=admin_id, now=NOW)


def test_a_new_password_and_a_closed_account_end_a_login_that_waits_for_its_code() -> None:
    user_id = person()
    phone, later = enrolled(), NOW + STEP
    pending = first_step(at=later)
    invited = invite_again(actor=SYSTEM, user_id=user_id, now=later)
    accept_invitation(token=invited.invitation.token, password=PASSWORD, now=later)
    assert refusal_of(pending, phone.code(later), later) == pending_logins.OVER
    pending = first_step(at=later)
    deactivate_user(actor=SYSTEM, user_id=user_id, now=later)
    assert refusal_of(pending, phone.code(later), later) == pending_logins.OVER


def test_what_opens_or_closes_the_second_way_in_needs_a_fresh_password() -> None:
    user_id = person()
    person("admin@contoh.go.id", ADMIN)
    phone, late = enrolled(), NOW + FRESH
    stale, admin = actor_of(phone.token, late), actor_of(signed_in("admin@contoh.go.id"), late)
    secret = new_secret()
    actions: tuple[Callable[[], object], ...] = (
        lambda: enrol_factor(actor=stale, secret=secret, code=TOTP(secret).at(late), device="", now=late),
        lambda: renew_recovery_codes(actor=stale, now=late),
        lambda: turn_off_factor(actor=stale, is_required=False, device="", now=late),
        lambda: reset_factor(actor=admin, user_id=user_id, now=late),
    )
    before = events()
    for action in actions:
        with pytest.raises(PasswordNotFresh):
            action()
    assert events() == before
