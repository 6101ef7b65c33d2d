"""Signing in: who gets a session, how long it lasts, what ends it, and how guessing is slowed down."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from portal.domain.actor import Actor
from portal.domain.errors import InvalidInput, NotFound, NotPermitted, Throttled
from portal.domain.events import EventName
from portal.domain.roles import Role
from portal.models import Invitation, LoginSession, LogLeaf, User
from portal.services import passwords, sessions, throttle
from portal.services.invitations import LIFETIME, accept_invitation, get_invited
from portal.services.log_reader import read_entry
from portal.services.logins import REFUSED, log_in
from portal.services.memberships import NewMembership, end_membership, grant_membership
from portal.services.sessions import LiveSession, find_session, log_out
from portal.services.unit_of_work import transaction
from portal.services.units import add_unit
from portal.services.user_list import AccountState, get_user, list_users
from portal.services.users import deactivate_user, invite_again, invite_user, reactivate_user

NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
SYSTEM = Actor.system("test")
PASSWORD = "kuda hijau terbang pelan"
UPLOADER = NewMembership(role=Role.UPLOADER, unit_code="KPU-1502")


@pytest.fixture
def unit() -> None:
    add_unit(actor=SYSTEM, code="KPU", name="KPU RI", under=None, now=NOW)
    add_unit(actor=SYSTEM, code="KPU-1502", name="KPU Merangin", under="KPU", now=NOW)


pytestmark = [pytest.mark.usefixtures("app_context", "unit")]


def person(email: str = "siti@contoh.go.id", membership: NewMembership = UPLOADER) -> UUID:
    """An account that can sign in."""
    invited = invite_user(actor=SYSTEM, email=email, name="Siti Aminah", membership=membership, now=NOW)
    accept_invitation(token=invited.invitation.token, password=PASSWORD, now=NOW)
    return invited.user_id


def signed_in(email: str = "siti@contoh.go.id", at: datetime = NOW) -> str:
    return log_in(email=email, password=PASSWORD, address="10.0.0.1", device="Firefox", now=at)


def found(token: str, at: datetime = NOW) -> LiveSession | None:
    return find_session(token=token, address="10.0.0.1", now=at)


def actor_of(token: str, at: datetime = NOW) -> Actor:
    live = found(token, at)
    assert live is not None
    return live.actor


def events() -> list[EventName]:
    with transaction(write=False) as session:
        return [read_entry(leaf).name for leaf in session.execute(select(LogLeaf).order_by(LogLeaf.seq)).scalars()]


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
def test_wrong_password_and_unknown_account_are_answered_alike(email: str) -> None:
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


def test_an_unknown_account_costs_the_same_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    person()
    hashed = _count_hashing(monkeypatch)
    for email in ("siti@contoh.go.id", "tidak-ada@contoh.go.id"):
        with pytest.raises(InvalidInput):
            log_in(email=email, password="salah salah salah", address="10.0.0.1", device="", now=NOW)
    assert len(hashed) == 2
    assert not passwords.matches(PASSWORD, None)


def test_guessing_is_stopped_before_hashing_and_recorded_once(monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_a_stranger_cannot_lock_somebody_out() -> None:
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


def test_roles_act_on_the_next_request() -> None:
    user_id = person()
    token = signed_in()
    wanted = NewMembership(role=Role.TPI_MEMBER, unit_code="KPU-1502", area_code="II")
    membership_id = grant_membership(actor=SYSTEM, user_id=user_id, wanted=wanted, now=NOW)
    assert {grant.role for grant in actor_of(token).grants} == {Role.UPLOADER, Role.TPI_MEMBER}
    end_membership(actor=SYSTEM, membership_id=membership_id, now=NOW)
    assert {grant.role for grant in actor_of(token).grants} == {Role.UPLOADER}


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


def test_an_invitation_works_once_and_not_for_long() -> None:
    invited = invite_user(actor=SYSTEM, email="siti@contoh.go.id", name="Siti", membership=UPLOADER, now=NOW)
    token = invited.invitation.token
    with pytest.raises(NotFound):
        accept_invitation(token=token, password=PASSWORD, now=NOW + LIFETIME)
    accept_invitation(token=token, password=PASSWORD, now=NOW)
    for attempt in (token, "tidak-ada", "\ud800"):
        with pytest.raises(NotFound):
            accept_invitation(token=attempt, password=PASSWORD, now=NOW)
    with transaction(write=False) as session:
        assert token not in session.execute(select(Invitation.token_sha256)).scalars().all()


def test_a_newer_invitation_supersedes_the_older_and_ends_sessions_when_used() -> None:
    user_id = person()
    old_session = signed_in()
    first = invite_again(actor=SYSTEM, user_id=user_id, now=NOW).invitation
    second = invite_again(actor=SYSTEM, user_id=user_id, now=NOW).invitation
    with pytest.raises(NotFound):
        get_invited(token=first.token, now=NOW)
    assert found(old_session) is not None
    accept_invitation(token=second.token, password="meja biru berlari cepat", now=NOW)
    assert found(old_session) is None


@pytest.mark.parametrize(
    "password", ["pendek", "a" * 129, "123456789012", "aaaaaaaaaaaaaa", "Zona Integritas 2025", "siti@contoh.go.id 1"]
)
def test_weak_passwords_are_refused(password: str) -> None:
    invited = invite_user(actor=SYSTEM, email="siti@contoh.go.id", name="Siti Aminah", membership=UPLOADER, now=NOW)
    with pytest.raises(InvalidInput) as refusal:
        accept_invitation(token=invited.invitation.token, password=password, now=NOW)
    assert refusal.value.field == "password"
    with transaction(write=False) as session:
        assert session.get_one(User, invited.user_id).password_hash is None


def test_an_admin_manages_his_own_units_only_and_never_himself() -> None:
    add_unit(actor=SYSTEM, code="KPU-1503", name="KPU Sarolangun", under="KPU", now=NOW)
    admin_id = person("admin@contoh.go.id", replace(UPLOADER, role=Role.ADMIN))
    foreign = person("budi@contoh.go.id", replace(UPLOADER, unit_code="KPU-1503"))
    own = person()
    admin = actor_of(signed_in("admin@contoh.go.id"))
    assert {user.user_id for user in list_users(actor=admin, page=1, now=NOW).users} == {admin_id, own}
    with pytest.raises(NotFound):
        deactivate_user(actor=admin, user_id=foreign, now=NOW)
    with pytest.raises(NotPermitted):
        grant_membership(actor=admin, user_id=admin_id, wanted=replace(UPLOADER, role=Role.TPI_LEAD), now=NOW)
    with pytest.raises(NotPermitted):
        deactivate_user(actor=admin, user_id=admin_id, now=NOW)
    with pytest.raises(InvalidInput):
        grant_membership(actor=admin, user_id=own, wanted=replace(UPLOADER, unit_code="KPU-1503"), now=NOW)
    deactivate_user(actor=admin, user_id=own, now=NOW)
    assert get_user(actor=admin, user_id=own, now=NOW).state is AccountState.DEACTIVATED


def test_who_is_no_admin_manages_nobody() -> None:
    user_id = person()
    lead_id = person("ketua@contoh.go.id", replace(UPLOADER, role=Role.TPI_LEAD))
    lead = actor_of(signed_in("ketua@contoh.go.id"))
    assert list_users(actor=lead, page=1, now=NOW).users == ()
    for action in (deactivate_user, reactivate_user, invite_again):
        with pytest.raises(NotFound):
            action(actor=lead, user_id=user_id, now=NOW)
    with pytest.raises(InvalidInput):
        invite_user(actor=lead, email="baru@contoh.go.id", name="Baru", membership=UPLOADER, now=NOW)
    assert lead_id != user_id


def test_the_last_admin_stays() -> None:
    only = person("admin@contoh.go.id", replace(UPLOADER, role=Role.ADMIN))
    with pytest.raises(InvalidInput):
        deactivate_user(actor=SYSTEM, user_id=only, now=NOW)
    membership_id = get_user(actor=SYSTEM, user_id=only, now=NOW).memberships[0].membership_id
    with pytest.raises(InvalidInput):
        end_membership(actor=SYSTEM, membership_id=membership_id, now=NOW)
    person("admin2@contoh.go.id", replace(UPLOADER, role=Role.ADMIN))
    end_membership(actor=SYSTEM, membership_id=membership_id, now=NOW)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "bukan-email"}, "email"),
        ({"email": "a@b.co\u202e"}, "email"),
        ({"name": "  "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "Siti\u202enimda"}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"membership": replace(UPLOADER, unit_code="TIDAK-ADA")}, "unit"),
        ({"membership": replace(UPLOADER, area_code="../I")}, "area"),
        ({"membership": replace(UPLOADER, role=Role.ADMIN, area_code="I")}, "area"),
        ({"membership": replace(UPLOADER, valid_until=date(2020, 1, 1))}, "valid_until"),
        ({"membership": replace(UPLOADER, valid_from=date(1, 1, 1))}, "valid_from"),
    ],
)
def test_a_bad_invitation_names_its_field_and_leaves_nothing(changes: dict[str, object], field: str) -> None:
    values = {"email": "siti@contoh.go.id", "name": "Siti", "membership": UPLOADER, **changes}
    before = events()
    with pytest.raises(InvalidInput) as refusal:
        invite_user(actor=SYSTEM, now=NOW, **values)  # type: ignore[arg-type]  # the table mixes the arguments' types
    assert refusal.value.field == field
    assert events() == before
    with transaction(write=False) as session:
        assert session.execute(select(User.id)).first() is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": "a b"}, "code"),
        ({"code": "KPU"}, "code"),
        ({"under": "X"}, "under"),
        ({"timezone": "Mars"}, "timezone"),
    ],
)
def test_a_bad_unit_names_its_field(changes: dict[str, str], field: str) -> None:
    values = {"code": "KPU-9", "name": "Baru", "under": "KPU", **changes}
    with pytest.raises(InvalidInput) as refusal:
        add_unit(actor=SYSTEM, now=NOW, **values)
    assert refusal.value.field == field
