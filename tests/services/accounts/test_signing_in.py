"""Signing in: who gets a session, how long it lasts, what ends it, and how guessing is slowed down."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from portal.domain.errors import InvalidInput, Throttled
from portal.domain.events import EventName
from portal.domain.roles import Role
from portal.models import LoginSession, LogOpening
from portal.services import passwords, sessions, throttle
from portal.services.logins import REFUSED, log_in
from portal.services.memberships import NewMembership
from portal.services.sessions import log_out
from portal.services.unit_of_work import transaction
from portal.services.users import deactivate_user, reactivate_user
from tests.services.accounts.people import NOW, PASSWORD, SYSTEM, actor_of, events, found, person, signed_in


def test_a_login_gives_a_session_with_the_roles_in_force() -> None:
    person()
    live = found(signed_in(" SITI@contoh.go.id "))
    assert live is not None
    assert [grant.role for grant in live.actor.grants] == [Role.UPLOADER]
    assert live.unit_name == "KPU Merangin"
    assert events()[-1] is EventName.LOGIN_SUCCEEDED


def test_the_token_is_not_stored() -> None:
    person()
    token = signed_in()
    with transaction(write=False) as session:
        row = session.execute(select(LoginSession)).scalar_one()
        assert token not in {row.token_sha256, row.device, row.address}
        assert len(token) >= 43


@pytest.mark.parametrize("email", ["siti@contoh.go.id", "tidak-ada@contoh.go.id", "", "\ud800"])
def test_req_49_wrong_password_and_unknown_account_are_answered_alike(email: str) -> None:
    person()
    with pytest.raises(InvalidInput) as refusal:
        log_in(email=email, password="salah salah salah", address="10.0.0.1", device="", now=NOW)
    assert (refusal.value.field, refusal.value.message) == ("password", REFUSED)


def _count_hashing(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """What the password was compared with, once for each hashing; nothing ever matches."""
    hashed: list[str | None] = []

    def refuse(_password: str, stored: str | None) -> bool:
        hashed.append(stored)
        return False

    monkeypatch.setattr("portal.services.logins.matches", refuse)
    return hashed


def test_req_49_an_unknown_account_costs_the_same_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    person()
    hashed = _count_hashing(monkeypatch)
    for email in ("siti@contoh.go.id", "tidak-ada@contoh.go.id"):
        with pytest.raises(InvalidInput):
            log_in(email=email, password="salah salah salah", address="10.0.0.1", device="", now=NOW)
    assert len(hashed) == 2
    verified: list[str] = []

    class Counting:
        """Knows how often a password was hashed, and for a hash of which settings."""

        def verify(self, stored: str, _password: str) -> bool:
            verified.append(stored.rsplit("$", 2)[0])
            return True

    known = passwords.hash_password(PASSWORD)
    passwords.matches(PASSWORD, None)  # makes the hash of nobody, if nothing has yet
    monkeypatch.setattr(passwords, "_hasher", Counting())
    assert [passwords.matches(PASSWORD, stored) for stored in (known, None)] == [True, False]
    assert len(verified) == 2
    assert verified[0] == verified[1]


def test_req_48_guessing_is_stopped_before_hashing_and_recorded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    person()
    hashed = _count_hashing(monkeypatch)
    limit = throttle.limits_for(account="siti@contoh.go.id", address="10.0.0.1")[0].tries
    for _ in range(limit):
        with pytest.raises(InvalidInput):
            log_in(email="siti@contoh.go.id", password="salah", address="10.0.0.1", device="", now=NOW)
    for _ in range(3):
        with pytest.raises(Throttled) as refusal:
            log_in(email="siti@contoh.go.id", password=PASSWORD, address="10.0.0.1", device="", now=NOW)
        assert 0 < refusal.value.retry_after <= throttle.WINDOW.total_seconds()
    assert len(hashed) == limit
    assert events().count(EventName.LOGIN_THROTTLED) == 1


def test_req_48_a_stranger_cannot_lock_somebody_out() -> None:
    person()
    for _ in range(20):
        with pytest.raises((InvalidInput, Throttled)):
            log_in(email="siti@contoh.go.id", password="salah", address="203.0.113.9", device="", now=NOW)
    assert found(signed_in()) is not None


def test_after_the_window_one_may_try_again() -> None:
    person()
    for _ in range(12):
        with pytest.raises((InvalidInput, Throttled)):
            log_in(email="siti@contoh.go.id", password="salah", address="10.0.0.1", device="", now=NOW)
    assert found(signed_in(at=NOW + throttle.WINDOW), NOW + throttle.WINDOW) is not None


def test_a_session_ends_when_idle_and_in_any_case() -> None:
    person()
    token = signed_in()
    assert found(token, NOW + sessions.IDLE - timedelta(seconds=1)) is not None
    assert found(token, NOW + 2 * sessions.IDLE - timedelta(seconds=1)) is None
    token, at = signed_in(), NOW
    while at < NOW + sessions.ABSOLUTE - timedelta(minutes=20):
        assert found(token, at) is not None
        at += timedelta(minutes=20)
    assert found(token, NOW + sessions.ABSOLUTE) is None


def test_leaving_ends_the_session_on_the_server() -> None:
    person()
    token = signed_in()
    live = found(token)
    assert live is not None
    log_out(actor=live.actor, session_id=live.session_id, now=NOW)
    log_out(actor=live.actor, session_id=live.session_id, now=NOW)
    assert found(token) is None
    assert events().count(EventName.LOGGED_OUT) == 1


def test_nobody_ends_the_session_of_another() -> None:
    person()
    person("budi@contoh.go.id")
    live = found(signed_in())
    assert live is not None
    log_out(actor=actor_of(signed_in("budi@contoh.go.id")), session_id=live.session_id, now=NOW)
    assert found(signed_in()) is not None
    assert EventName.LOGGED_OUT not in events()


def test_deactivation_ends_the_session_and_a_request_in_flight_cannot_revive_it() -> None:
    user_id = person()
    token = signed_in()
    deactivate_user(actor=SYSTEM, user_id=user_id, now=NOW)
    assert found(token) is None
    with pytest.raises(InvalidInput):
        signed_in()
    reactivate_user(actor=SYSTEM, user_id=user_id, now=NOW)
    assert found(token, NOW + timedelta(minutes=2)) is None
    assert found(signed_in()) is not None


def test_an_auditors_window_is_counted_in_the_units_own_days() -> None:
    window = NewMembership(
        role=Role.AUDITOR, unit_code="KPU-1502", valid_from=date(2026, 3, 10), valid_until=date(2026, 3, 11)
    )
    person(membership=window)

    def roles(at: datetime) -> int:
        return len(actor_of(signed_in(at=at), at).grants)

    assert roles(datetime(2026, 3, 9, 16, 59, tzinfo=UTC)) == 0
    assert roles(datetime(2026, 3, 9, 17, 0, tzinfo=UTC)) == 1
    assert roles(datetime(2026, 3, 11, 16, 59, tzinfo=UTC)) == 1
    assert roles(datetime(2026, 3, 11, 17, 0, tzinfo=UTC)) == 0


def test_the_trail_names_the_session_that_began() -> None:
    person()
    live = found(signed_in())
    assert live is not None
    with transaction(write=False) as session:
        opened = session.execute(select(LogOpening.value).where(LogOpening.field == "sid")).scalars().all()
    assert opened == [str(live.session_id)]


def test_an_office_behind_one_address_can_begin_its_morning() -> None:
    """Whoever gets in takes nothing from the tries that all of one address share."""
    person()
    (_, shared) = throttle.limits_for(account="siti@contoh.go.id", address="10.0.0.1")
    throttle.count_try(limits=(shared,), now=NOW)
    for _ in range(shared.tries):
        throttle.count_try(limits=(shared,), now=NOW)
        throttle.forget_tries(account="siti@contoh.go.id", address="10.0.0.1")
    assert found(signed_in()) is not None
    for _ in range(shared.tries - 1):
        throttle.count_try(limits=(shared,), now=NOW)
    with pytest.raises(Throttled):
        throttle.count_try(limits=(shared,), now=NOW)
