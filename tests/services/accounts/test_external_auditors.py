"""External auditors: sponsored, short, alone, prolonged by two other admins, and out when their days are over."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from portal.adapters.identity_provider import ProvedIdentity
from portal.domain.actor import Actor
from portal.domain.errors import InvalidInput, NotFound, ProviderRefused
from portal.domain.roles import Role
from portal.domain.second_admin import LONGEST_WINDOW
from portal.services.account_watch import get_account_watch
from portal.services.external_auditors import WindowState, extend_window, get_window, list_windows
from portal.services.external_rules import NO_SPONSOR, OTHER_PROPOSER, OTHER_ROLE
from portal.services.invitations import accept_invitation
from portal.services.memberships import NewMembership, end_membership, grant_membership
from portal.services.proposal_list import list_proposals
from portal.services.proposals import confirm_proposal
from portal.services.provider_logins import log_in_proved
from portal.services.users import deactivate_user, invite_user
from tests.services.accounts.people import ADMIN, NOW, PASSWORD, SYSTEM, UPLOADER, actor_of, found, person, signed_in

TODAY = NOW.date()
LAST = TODAY + timedelta(days=30)
EXTERNAL = replace(
    UPLOADER, role=Role.AUDITOR, external=True, sponsor="dewi@contoh.go.id", valid_from=TODAY, valid_until=LAST
)
EMAIL = "bpk@contoh.go.id"


@pytest.fixture(autouse=True)
def dewi() -> UUID:
    """The sponsor, who leads the unit's TPI."""
    return person("dewi@contoh.go.id", replace(UPLOADER, role=Role.TPI_LEAD))


def admin(name: str, at: datetime = NOW) -> Actor:
    """An admin of the unit whose password was given at that moment; the account is made the first time."""
    email = f"{name}@contoh.go.id"
    if at == NOW:
        person(email, ADMIN)
    return actor_of(signed_in(email, at), at)


def visitor(wanted: NewMembership = EXTERNAL) -> UUID:
    """An external auditor whom the command line let in, with a password."""
    return person(EMAIL, wanted)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"role": Role.TPI_LEAD}, "external"),
        ({"role": Role.ADMIN}, "external"),
        ({"sponsor": None}, "sponsor"),
        ({"sponsor": "tidak-ada@contoh.go.id"}, "sponsor"),
        ({"sponsor": "a\x00b\udc80@contoh.go.id"}, "sponsor"),
        ({"sponsor": EMAIL}, "sponsor"),
        ({"unit_code": "KPU-1503"}, "sponsor"),
        ({"external": False}, "sponsor"),
        ({"valid_until": None}, "valid_until"),
        ({"valid_until": TODAY - timedelta(days=1)}, "valid_until"),
        ({"valid_until": TODAY + LONGEST_WINDOW + timedelta(days=1)}, "valid_until"),
    ],
)
def test_req_09_an_external_auditor_needs_sponsor_scope_start_and_a_near_end(
    changes: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        invite_user(actor=SYSTEM, email=EMAIL, name="Tim BPK", membership=replace(EXTERNAL, **changes), now=NOW)  # type: ignore[arg-type]  # the table mixes the fields' types
    assert refusal.value.field == field


def test_ninety_days_are_the_longest_window() -> None:
    visitor(replace(EXTERNAL, valid_until=TODAY + LONGEST_WINDOW))
    (window,) = list_windows(actor=admin("rina"), now=NOW)
    assert (window.first_day, window.last_day, window.state) == (TODAY, TODAY + LONGEST_WINDOW, WindowState.IN_FORCE)
    assert (window.sponsor_name, window.user_email) == ("Siti Aminah", EMAIL)


def test_who_has_left_the_unit_sponsors_nobody(dewi: UUID) -> None:
    deactivate_user(actor=SYSTEM, user_id=dewi, now=NOW)
    with pytest.raises(InvalidInput, match=NO_SPONSOR[:20]):
        visitor()


def test_an_external_auditor_sponsors_nobody() -> None:
    visitor()
    with pytest.raises(InvalidInput, match=NO_SPONSOR[:20]):
        person("lain@contoh.go.id", replace(EXTERNAL, sponsor=EMAIL))


def test_an_external_auditor_holds_no_other_role_at_the_same_time() -> None:
    user_id = visitor()
    for role in Role:
        with pytest.raises(InvalidInput) as refusal:
            grant_membership(actor=SYSTEM, user_id=user_id, wanted=replace(UPLOADER, role=role), now=NOW)
        assert refusal.value.message == OTHER_ROLE, role
    staff = person()
    with pytest.raises(InvalidInput, match=OTHER_ROLE[:20]):
        grant_membership(actor=SYSTEM, user_id=staff, wanted=EXTERNAL, now=NOW)
    second = replace(EXTERNAL, area_code="II")
    grant_membership(actor=SYSTEM, user_id=user_id, wanted=second, now=NOW)  # the same role for another area
    afterwards = replace(UPLOADER, valid_from=LAST + timedelta(days=1))
    grant_membership(actor=SYSTEM, user_id=user_id, wanted=afterwards, now=NOW)


def test_a_role_given_meanwhile_stops_the_confirmation() -> None:
    rina, tono = admin("rina"), admin("tono")
    invited = invite_user(actor=rina, email=EMAIL, name="Tim BPK", membership=EXTERNAL, now=NOW)
    grant_membership(actor=rina, user_id=invited.user_id, wanted=UPLOADER, now=NOW)
    (proposal,) = list_proposals(actor=tono, now=NOW)
    assert (proposal.external, proposal.sponsor_name) == (True, "Siti Aminah")
    with pytest.raises(InvalidInput, match=OTHER_ROLE[:20]):
        confirm_proposal(actor=tono, proposal_id=proposal.proposal_id, now=NOW)


def test_req_09_another_admin_extends_and_a_third_pair_of_eyes_confirms() -> None:
    rina, tono = admin("rina"), admin("tono")
    invited = invite_user(actor=rina, email=EMAIL, name="Tim BPK", membership=EXTERNAL, now=NOW)
    accept_invitation(token=invited.invitation.token, password=PASSWORD, now=NOW)
    (first,) = list_proposals(actor=tono, now=NOW)
    confirm_proposal(actor=tono, proposal_id=first.proposal_id, now=NOW)
    (window,) = list_windows(actor=rina, now=NOW)
    longest = TODAY + LONGEST_WINDOW
    assert not window.may_extend
    with pytest.raises(InvalidInput) as refusal:
        extend_window(actor=rina, membership_id=window.membership_id, until=longest, now=NOW)
    assert refusal.value.message == OTHER_PROPOSER
    until = longest + timedelta(days=1)
    with pytest.raises(InvalidInput) as refusal:
        extend_window(actor=tono, membership_id=window.membership_id, until=until, now=NOW)
    assert refusal.value.field == "valid_until"
    with pytest.raises(NotFound):
        extend_window(actor=actor_of(signed_in(EMAIL)), membership_id=window.membership_id, until=longest, now=NOW)
    proposal_id = extend_window(actor=tono, membership_id=window.membership_id, until=longest, now=NOW)
    assert len(list_windows(actor=rina, now=NOW)) == 1
    confirm_proposal(actor=rina, proposal_id=proposal_id, now=NOW)
    following = get_window(actor=rina, membership_id=proposal_id, now=NOW)
    assert (following.first_day, following.last_day, following.state) == (
        LAST + timedelta(days=1),
        longest,
        WindowState.AHEAD,
    )


def test_an_extension_after_the_end_begins_today() -> None:
    visitor()
    at = NOW + timedelta(days=40)
    admin("rina")
    rina = admin("rina", at)
    (window,) = list_windows(actor=rina, now=at)
    assert (window.state, window.next_day) == (WindowState.OVER, at.date())


def test_req_09_the_window_is_open_from_its_first_day_to_its_last_in_the_units_own_zone() -> None:
    """At 18:00 UTC it is the next day in Jambi."""
    first = TODAY + timedelta(days=2)
    visitor(replace(EXTERNAL, valid_from=first, valid_until=first))

    def may_enter(at: datetime) -> bool:
        try:
            return bool(actor_of(signed_in(EMAIL, at), at).grants)
        except InvalidInput:
            return False

    evening = NOW.replace(hour=18)
    assert [may_enter(evening + timedelta(days=days)) for days in range(4)] == [False, True, False, False]
    assert not may_enter(evening.replace(hour=16) + timedelta(days=1))
    assert may_enter(evening.replace(hour=16) + timedelta(days=2))


def test_req_09_no_external_auditor_holds_a_session_after_the_last_day() -> None:
    visitor(replace(EXTERNAL, valid_until=TODAY))
    before_midnight = NOW.replace(hour=16, minute=59)
    token = signed_in(EMAIL, before_midnight)
    assert found(token, before_midnight) is not None
    assert found(token, before_midnight + timedelta(minutes=2)) is None
    with pytest.raises(InvalidInput):
        signed_in(EMAIL, before_midnight + timedelta(minutes=2))


def test_an_external_auditor_whose_window_was_ended_is_out_at_once() -> None:
    visitor()
    token = signed_in(EMAIL)
    (window,) = list_windows(actor=admin("rina"), now=NOW)
    end_membership(actor=SYSTEM, membership_id=window.membership_id, now=NOW)
    assert found(token) is None
    (window,) = list_windows(actor=admin("tono"), now=NOW)
    assert (window.state, window.ended) == (WindowState.OVER, True)


def test_a_week_before_the_end_admins_sponsor_and_the_auditor_himself_are_told() -> None:
    visitor()
    people = {"rina@contoh.go.id": ADMIN, "lain@contoh.go.id": UPLOADER}
    for email, membership in people.items():
        person(email, membership)

    def told(email: str, day: date) -> tuple[bool, ...] | None:
        at = NOW + (day - TODAY)
        ending = get_account_watch(actor=actor_of(signed_in(email, at), at), now=at).ending
        return (ending[0].own, ending[0].sponsored) if ending else None

    eight, seven = LAST - timedelta(days=8), LAST - timedelta(days=7)
    expected = {
        "rina@contoh.go.id": (False, False),
        "dewi@contoh.go.id": (False, True),
        EMAIL: (True, False),
        "lain@contoh.go.id": None,
    }
    assert {email: told(email, seven) for email in expected} == expected
    assert {email: told(email, LAST) for email in expected} == expected
    assert {told(email, eight) for email in expected} == {None}


def test_req_09_an_identity_provider_lets_no_external_auditor_in_after_the_last_day() -> None:
    visitor(replace(EXTERNAL, valid_until=TODAY))
    before_midnight = NOW.replace(hour=16, minute=59)
    identity = ProvedIdentity(issuer="https://masuk.kantor.invalid", subject="bpk", email=EMAIL)
    step = log_in_proved(identity=identity, address="-", device="-", now=before_midnight)
    assert found(step.token, before_midnight) is not None
    with pytest.raises(ProviderRefused, match="Masa akses Anda"):
        log_in_proved(identity=identity, address="-", device="-", now=before_midnight + timedelta(minutes=2))
