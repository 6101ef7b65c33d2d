"""Managing accounts: who may do it, how far an admin reaches, what is refused, and what the trail keeps of it."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.errors import InvalidInput, NotFound, NotPermitted
from portal.domain.events import EventName
from portal.domain.roles import Role
from portal.models import LogLeaf, Membership, User
from portal.services import users
from portal.services.log_reader import read_entry
from portal.services.memberships import NewMembership, end_membership, grant_membership
from portal.services.proposal_list import list_proposals
from portal.services.proposals import confirm_proposal
from portal.services.sessions import end_sessions
from portal.services.unit_of_work import transaction
from portal.services.units import add_unit, list_units
from portal.services.user_list import PAGE_SIZE, AccountState, get_user, list_users
from portal.services.users import TAKEN, deactivate_user, invite_again, invite_user, reactivate_user
from tests.services.accounts.people import ADMIN, NOW, SYSTEM, UPLOADER, actor_of, events, person, signed_in


def test_req_06_an_admin_manages_his_own_units_only_and_never_himself() -> None:
    admin_id = person("admin@contoh.go.id", ADMIN)
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


def test_req_06_who_is_no_admin_manages_nobody() -> None:
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


def test_req_15_the_same_role_for_the_same_days_is_given_once() -> None:
    user_id = person()
    wanted = replace(UPLOADER, role=Role.TPI_MEMBER)
    grant_membership(actor=SYSTEM, user_id=user_id, wanted=wanted, now=NOW)
    with pytest.raises(InvalidInput, match="sudah memegang"):
        grant_membership(actor=SYSTEM, user_id=user_id, wanted=wanted, now=NOW)
    with transaction(write=False) as session:
        held = session.execute(select(Membership.role).where(Membership.user_id == user_id)).scalars().all()
    assert sorted(held) == [Role.TPI_MEMBER, Role.UPLOADER]


def test_the_last_admin_stays() -> None:
    only = person("admin@contoh.go.id", ADMIN)
    with pytest.raises(InvalidInput):
        deactivate_user(actor=SYSTEM, user_id=only, now=NOW)
    membership_id = get_user(actor=SYSTEM, user_id=only, now=NOW).memberships[0].membership_id
    with pytest.raises(InvalidInput):
        end_membership(actor=SYSTEM, membership_id=membership_id, now=NOW)
    person("admin2@contoh.go.id", ADMIN)
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


def test_who_is_no_admin_cannot_find_out_whether_an_address_has_an_account() -> None:
    person()
    person("ketua@contoh.go.id", replace(UPLOADER, role=Role.TPI_LEAD))
    lead = actor_of(signed_in("ketua@contoh.go.id"))
    refusals = []
    for email in ("siti@contoh.go.id", "tidak-ada@contoh.go.id"):
        with pytest.raises(InvalidInput) as refusal:
            invite_user(actor=lead, email=email, name="Siti", membership=UPLOADER, now=NOW)
        refusals.append((refusal.value.field, refusal.value.message))
    assert refusals[0] == refusals[1]


def test_an_address_has_one_account() -> None:
    person()
    with pytest.raises(InvalidInput) as refusal:
        invite_user(actor=SYSTEM, email=" SITI@contoh.go.id", name="Siti", membership=UPLOADER, now=NOW)
    assert (refusal.value.field, refusal.value.message) == ("email", TAKEN)


def test_an_admin_of_one_unit_cannot_reach_below_it_through_somebody_else() -> None:
    person("admin@contoh.go.id", replace(ADMIN, unit_code="KPU"))
    admin = actor_of(signed_in("admin@contoh.go.id"))
    accomplice = person(membership=replace(UPLOADER, unit_code="KPU"))
    wanted = replace(ADMIN, unit_code="KPU", below=True)
    with pytest.raises(InvalidInput) as refusal:
        grant_membership(actor=admin, user_id=accomplice, wanted=wanted, now=NOW)
    assert refusal.value.field == "below"
    with pytest.raises(InvalidInput) as refusal:
        invite_user(actor=admin, email="baru@contoh.go.id", name="Baru", membership=wanted, now=NOW)
    assert refusal.value.field == "below"
    grant_membership(actor=admin, user_id=accomplice, wanted=replace(wanted, below=False), now=NOW)


def test_an_admin_who_reaches_below_gives_that_on() -> None:
    person("admin@contoh.go.id", replace(ADMIN, unit_code="KPU", below=True))
    admin = actor_of(signed_in("admin@contoh.go.id"))
    assert [unit.code for unit in list_units(actor=admin, now=NOW)] == ["KPU", "KPU-1502", "KPU-1503"]
    grant_membership(actor=admin, user_id=person(), wanted=replace(ADMIN, below=True), now=NOW)


def test_leave_to_read_restricted_evidence_is_for_auditors() -> None:
    user_id = person()
    for role in Role:
        wanted = replace(UPLOADER, role=role, restricted=True)
        if role is Role.AUDITOR:
            grant_membership(actor=SYSTEM, user_id=user_id, wanted=wanted, now=NOW)
        else:
            with pytest.raises(InvalidInput) as refusal:
                grant_membership(actor=SYSTEM, user_id=user_id, wanted=wanted, now=NOW)
            assert refusal.value.field == "restricted", role


def test_who_also_works_elsewhere_is_the_business_of_the_admin_above() -> None:
    person("admin@contoh.go.id", ADMIN)
    admin = actor_of(signed_in("admin@contoh.go.id"))
    user_id = person()
    elsewhere = replace(UPLOADER, unit_code="KPU-1503")
    grant_membership(actor=SYSTEM, user_id=user_id, wanted=elsewhere, now=NOW + timedelta(minutes=1))
    view = get_user(actor=admin, user_id=user_id, now=NOW)
    assert [membership.managed for membership in view.memberships] == [True, False]
    assert not view.managed
    for action in (deactivate_user, reactivate_user, invite_again):
        with pytest.raises(InvalidInput, match="unit lain"):
            action(actor=admin, user_id=user_id, now=NOW)
    with pytest.raises(NotFound):
        end_membership(actor=admin, membership_id=view.memberships[1].membership_id, now=NOW)
    end_membership(actor=SYSTEM, membership_id=view.memberships[1].membership_id, now=NOW)
    assert get_user(actor=admin, user_id=user_id, now=NOW).managed
    deactivate_user(actor=admin, user_id=user_id, now=NOW)


def test_a_membership_ends_once_and_what_is_unknown_is_not_found() -> None:
    user_id = person()
    membership_id = get_user(actor=SYSTEM, user_id=user_id, now=NOW).memberships[0].membership_id
    for at in (NOW, NOW + timedelta(days=1)):
        assert end_membership(actor=SYSTEM, membership_id=membership_id, now=at) == user_id
    (ended,) = get_user(actor=SYSTEM, user_id=user_id, now=NOW).memberships
    assert (ended.ended_at, ended.in_force) == (NOW, False)
    assert events().count(EventName.MEMBERSHIP_ENDED) == 1
    with pytest.raises(NotFound):
        end_membership(actor=SYSTEM, membership_id=uuid4(), now=NOW)
    with pytest.raises(NotFound):
        grant_membership(actor=SYSTEM, user_id=uuid4(), wanted=UPLOADER, now=NOW)


def test_of_two_admins_who_take_each_other_away_one_stays(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second comes while the first has been told that one remains and has not committed yet."""
    ids = [person(f"admin{number}@contoh.go.id", ADMIN) for number in (1, 2)]
    outcomes: list[str] = []

    def deactivate(user_id: UUID) -> None:
        with app.app_context():
            try:
                deactivate_user(actor=SYSTEM, user_id=user_id, now=NOW)
                outcomes.append("deactivated")
            except InvalidInput as refused:
                outcomes.append(refused.field)

    second = threading.Thread(target=deactivate, args=(ids[1],))

    def let_the_second_come(session: Session, user_id: UUID, *, now: datetime) -> None:
        if user_id == ids[0]:
            second.start()
            second.join(timeout=2)  # it has to wait, so this ends by the clock; without the lock it would finish here
        end_sessions(session, user_id, now=now)

    monkeypatch.setattr(users, "end_sessions", let_the_second_come)
    deactivate(ids[0])
    second.join(timeout=60)
    assert sorted(outcomes) == ["deactivated", "user"]
    assert [get_user(actor=SYSTEM, user_id=each, now=NOW).state for each in ids] == [
        AccountState.DEACTIVATED,
        AccountState.ACTIVE,
    ]


def test_an_admin_whose_days_are_over_where_he_works_does_not_count() -> None:
    """At 18:00 UTC it is the next day in Jambi."""
    only = person("admin@contoh.go.id", ADMIN)
    person("admin2@contoh.go.id", replace(ADMIN, valid_until=NOW.date()))
    with pytest.raises(InvalidInput):
        deactivate_user(actor=SYSTEM, user_id=only, now=NOW.replace(hour=18))
    deactivate_user(actor=SYSTEM, user_id=only, now=NOW)


def test_the_trail_explains_a_membership_and_hides_the_person() -> None:
    person("admin@contoh.go.id", ADMIN)
    admin = actor_of(signed_in("admin@contoh.go.id"))
    wanted = NewMembership(
        role=Role.AUDITOR,
        unit_code="KPU-1502",
        area_code="II",
        restricted=True,
        valid_from=date(2026, 3, 11),
        valid_until=date(2026, 4, 30),
    )
    person("admin2@contoh.go.id", ADMIN)
    other = actor_of(signed_in("admin2@contoh.go.id"))
    invited = invite_user(actor=admin, email="agus@contoh.go.id", name="Agus Salim", membership=wanted, now=NOW)
    (proposal,) = list_proposals(actor=other, now=NOW)
    confirm_proposal(actor=other, proposal_id=proposal.proposal_id, now=NOW)
    with transaction(write=False) as session:
        leaves = session.execute(select(LogLeaf).order_by(LogLeaf.seq.desc()).limit(3)).scalars().all()
        granted, proposed, invitation = (read_entry(leaf) for leaf in leaves)
        membership = session.execute(select(Membership).where(Membership.user_id == invited.user_id)).scalar_one()
        assert (granted.name, granted.obj) == (EventName.MEMBERSHIP_GRANTED, membership.id)
        assert (proposed.name, proposed.obj) == (EventName.MEMBERSHIP_PROPOSED, membership.id)
        assert (invitation.name, invitation.obj) == (EventName.USER_INVITED, invited.user_id)
        assert "agus" not in "".join(leaf.body for leaf in leaves).lower()
    assert {granted.role, proposed.role, invitation.role} == {Role.ADMIN}
    assert (proposed.person, granted.person) == (admin.user_id, other.user_id)
    assert dict(proposed.data) == {**granted.data, "sponsor": None, "open_days": 7}
    assert dict(granted.data) == {
        "user": str(invited.user_id),
        "member_role": "auditor",
        "unit": "KPU-1502",
        "member_area": "II",
        "below": False,
        "restricted": True,
        "valid_from": "2026-03-11",
        "valid_until": "2026-04-30",
    }


def test_the_list_is_read_page_by_page() -> None:
    with transaction() as session:
        for number in range(PAGE_SIZE + 2):
            session.add(User(email=f"p{number}@contoh.go.id", name=f"Petugas {number:02}", created_at=NOW))
        session.flush()
        ids = session.execute(select(User.id)).scalars().all()
    for user_id in ids:
        grant_membership(actor=SYSTEM, user_id=user_id, wanted=UPLOADER, now=NOW)
    first, second, beyond = (list_users(actor=SYSTEM, page=page, now=NOW) for page in (1, 2, 9))
    assert (first.total, first.pages, len(first.users)) == (PAGE_SIZE + 2, 2, PAGE_SIZE)
    assert [user.name for user in second.users] == [f"Petugas {PAGE_SIZE}", f"Petugas {PAGE_SIZE + 1}"]
    assert beyond.users == ()
    assert {user.state for user in first.users} == {AccountState.INVITED}


@pytest.mark.parametrize("code", ["a\x00b", "\ud800", "KPU_1502", "%", "x" * 33, ""])
def test_a_code_that_cannot_be_one_is_unknown_like_any_other(code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        invite_user(
            actor=SYSTEM, email="a@contoh.go.id", name="A", membership=replace(UPLOADER, unit_code=code), now=NOW
        )
    assert refusal.value.field == "unit"


def test_only_an_admin_from_above_adds_a_unit() -> None:
    person("admin@contoh.go.id", ADMIN)
    admin = actor_of(signed_in("admin@contoh.go.id"))
    with pytest.raises(NotPermitted):
        add_unit(actor=admin, code="LAIN", name="Lain", under=None, now=NOW)
    with pytest.raises(InvalidInput):
        add_unit(actor=admin, code="KPU-1503-01", name="PPK", under="KPU-1503", now=NOW)
    added = add_unit(actor=admin, code="KPU-1502-01", name="PPK", under="KPU-1502", timezone="Asia/Jayapura", now=NOW)
    assert (added.path, added.timezone) == ("/KPU/KPU-1502/KPU-1502-01/", "Asia/Jayapura")
    assert events()[-1] is EventName.UNIT_ADDED
