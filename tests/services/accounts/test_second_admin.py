"""Roles that need two admins: who may settle a proposal, what becomes of it, and what is asked again by then."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from portal.domain.actor import Actor
from portal.domain.errors import InvalidInput, NotFound, NotPermitted, PasswordNotFresh, Stale
from portal.domain.events import EventName
from portal.domain.roles import Role
from portal.domain.second_admin import PROPOSAL_DAYS
from portal.models import Membership
from portal.services.account_watch import get_account_watch
from portal.services.memberships import NewMembership, end_membership, grant_membership
from portal.services.proposal_list import ProposalState, list_proposals, list_settled
from portal.services.proposals import confirm_proposal, refuse_proposal, withdraw_proposal
from portal.services.unit_of_work import transaction
from portal.services.user_list import get_user
from portal.services.users import deactivate_user, get_managed_user, invite_user
from tests.services.accounts.people import ADMIN, NOW, SYSTEM, UPLOADER, actor_of, events, person, signed_in

AUDITOR = replace(UPLOADER, role=Role.AUDITOR)
LAPSED = NOW + timedelta(days=PROPOSAL_DAYS)


def admin(name: str, membership: NewMembership = ADMIN) -> Actor:
    email = f"{name}@contoh.go.id"
    person(email, membership)
    return actor_of(signed_in(email))


def later(actor: Actor, at: object) -> Actor:
    """The same person at another moment, whose password was just given."""
    assert actor.origin is not None
    return replace(actor, origin=replace(actor.origin, confirmed_at=at))  # type: ignore[arg-type]  # a datetime


def held(user_id: UUID) -> list[Role]:
    with transaction(write=False) as session:
        return list(session.execute(select(Membership.role).where(Membership.user_id == user_id)).scalars())


def proposed(rina: Actor, wanted: NewMembership = AUDITOR, email: str = "agus@contoh.go.id") -> tuple[UUID, UUID]:
    """Somebody new whom Rina proposes; returns his id and the proposal's."""
    invited = invite_user(actor=rina, email=email, name="Agus Salim", membership=wanted, now=NOW)
    proposal = next(view for view in list_proposals(actor=rina, now=NOW) if view.user_email == email)
    return invited.user_id, proposal.proposal_id


@pytest.mark.parametrize("role", Role)
def test_req_06_one_admin_alone_gives_every_role_but_those_of_admin_and_auditor(role: Role) -> None:
    rina, user_id = admin("rina"), person()
    grant_membership(actor=rina, user_id=user_id, wanted=replace(UPLOADER, role=role, valid_until=NOW.date()), now=NOW)
    waits = role in {Role.ADMIN, Role.AUDITOR}
    assert held(user_id) == [Role.UPLOADER, *([] if waits else [role])]
    assert len(list_proposals(actor=rina, now=NOW)) == (1 if waits else 0)


def test_the_second_admin_gives_just_what_was_proposed() -> None:
    rina, tono = admin("rina"), admin("tono")
    wanted = replace(AUDITOR, area_code="II", restricted=True, valid_until=NOW.date() + timedelta(days=200))
    user_id, proposal_id = proposed(rina, wanted)
    assert held(user_id) == []
    (view,) = list_proposals(actor=tono, now=NOW)
    assert (view.state, view.own, view.may_settle, view.others) == (ProposalState.OPEN, False, True, ("Siti Aminah",))
    assert get_account_watch(actor=tono, now=NOW).awaited == 1
    assert get_account_watch(actor=rina, now=NOW).awaited == 0
    assert confirm_proposal(actor=tono, proposal_id=proposal_id, now=NOW) == user_id
    (given,) = get_user(actor=rina, user_id=user_id, now=NOW).memberships
    assert (given.membership_id, given.role, given.area_code, given.restricted) == (
        proposal_id,
        Role.AUDITOR,
        "II",
        True,
    )
    assert given.valid_until == wanted.valid_until
    assert list_proposals(actor=tono, now=NOW) == ()
    (settled,) = list_settled(actor=rina, now=NOW)
    assert (settled.state, settled.settled_at) == (ProposalState.CONFIRMED, NOW)


def test_req_06_neither_the_proposer_nor_who_would_get_the_role_confirms_or_refuses_it() -> None:
    rina, tono = admin("rina"), admin("tono")
    _, for_agus = proposed(rina)
    grant_membership(actor=rina, user_id=tono.person, wanted=AUDITOR, now=NOW)
    for_tono = next(v.proposal_id for v in list_proposals(actor=tono, now=NOW) if v.user_id == tono.user_id)
    before = events()
    for actor, proposal_id in ((rina, for_agus), (tono, for_tono), (SYSTEM, for_agus)):
        for settle in (confirm_proposal, refuse_proposal):
            with pytest.raises(NotPermitted):
                settle(actor=actor, proposal_id=proposal_id, now=NOW)
    with pytest.raises(NotPermitted):
        withdraw_proposal(actor=tono, proposal_id=for_agus, now=NOW)
    with pytest.raises(NotPermitted):
        grant_membership(actor=rina, user_id=rina.person, wanted=AUDITOR, now=NOW)
    assert events() == before


def test_req_02_a_proposal_of_another_unit_does_not_exist_for_an_admin() -> None:
    rina, foreign = admin("rina"), admin("asing", replace(ADMIN, unit_code="KPU-1503"))
    user_id, proposal_id = proposed(rina)
    assert (list_proposals(actor=foreign, now=NOW), list_settled(actor=foreign, now=NOW)) == ((), ())
    for settle in (confirm_proposal, refuse_proposal, withdraw_proposal):
        with pytest.raises(NotFound):
            settle(actor=foreign, proposal_id=proposal_id, now=NOW)
    with pytest.raises(NotFound):
        get_user(actor=foreign, user_id=user_id, now=NOW)


def test_who_manages_the_unit_alone_does_not_confirm_what_reaches_below() -> None:
    rina = admin("rina", replace(ADMIN, unit_code="KPU", below=True))
    tono = admin("tono", replace(ADMIN, unit_code="KPU"))
    _, proposal_id = proposed(rina, replace(ADMIN, unit_code="KPU", below=True))
    with pytest.raises(InvalidInput) as refusal:
        confirm_proposal(actor=tono, proposal_id=proposal_id, now=NOW)
    assert refusal.value.field == "below"


@pytest.mark.parametrize(
    ("settle", "by", "state", "event"),
    [
        (refuse_proposal, "tono", ProposalState.REFUSED, EventName.MEMBERSHIP_REFUSED),
        (withdraw_proposal, "rina", ProposalState.WITHDRAWN, EventName.MEMBERSHIP_WITHDRAWN),
    ],
)
def test_what_is_refused_or_withdrawn_gives_nothing_and_stays_so(
    settle: object, by: str, state: ProposalState, event: EventName
) -> None:
    people = {"rina": admin("rina"), "tono": admin("tono")}
    user_id, proposal_id = proposed(people["rina"])
    settle(actor=people[by], proposal_id=proposal_id, now=NOW)  # type: ignore[operator]  # one of the services
    assert (held(user_id), events()[-1]) == ([], event)
    (settled,) = list_settled(actor=people["rina"], now=NOW)
    assert settled.state is state
    for again, actor in ((confirm_proposal, "tono"), (refuse_proposal, "tono"), (withdraw_proposal, "rina")):
        with pytest.raises(Stale):
            again(actor=people[actor], proposal_id=proposal_id, now=NOW)


def test_a_proposal_lapses_after_a_week() -> None:
    rina, tono = admin("rina"), admin("tono")
    user_id, proposal_id = proposed(rina)
    for settle, actor in ((confirm_proposal, tono), (refuse_proposal, tono), (withdraw_proposal, rina)):
        with pytest.raises(Stale):
            settle(actor=later(actor, LAPSED), proposal_id=proposal_id, now=LAPSED)
    assert list_proposals(actor=tono, now=LAPSED) == ()
    assert [view.state for view in list_settled(actor=tono, now=LAPSED)] == [ProposalState.LAPSED]
    assert get_account_watch(actor=tono, now=LAPSED).awaited == 0
    grant_membership(actor=later(rina, LAPSED), user_id=user_id, wanted=AUDITOR, now=LAPSED)
    assert len(list_proposals(actor=tono, now=LAPSED)) == 1


def test_the_same_is_proposed_once() -> None:
    rina = admin("rina")
    user_id, _ = proposed(rina)
    with pytest.raises(InvalidInput):
        grant_membership(actor=rina, user_id=user_id, wanted=AUDITOR, now=NOW)


@pytest.mark.parametrize(
    ("field", "wanted", "days"), [("user", AUDITOR, 0), ("valid_until", replace(AUDITOR, valid_until=NOW.date()), 2)]
)
def test_what_cannot_be_given_any_more_is_refused_at_the_confirmation(
    field: str, wanted: NewMembership, days: int
) -> None:
    rina, tono = admin("rina"), admin("tono")
    user_id, proposal_id = proposed(rina, wanted)
    if field == "user":
        deactivate_user(actor=SYSTEM, user_id=user_id, now=NOW)
    at = NOW + timedelta(days=days)
    with pytest.raises(InvalidInput) as refusal:
        confirm_proposal(actor=later(tono, at), proposal_id=proposal_id, now=at)
    assert (refusal.value.field, held(user_id)) == (field, [])


def test_req_53_a_stale_password_settles_nothing() -> None:
    rina, tono = admin("rina"), admin("tono")
    _, proposal_id = proposed(rina)
    at = NOW + timedelta(minutes=11)
    for settle, actor in ((confirm_proposal, tono), (refuse_proposal, tono), (withdraw_proposal, rina)):
        with pytest.raises(PasswordNotFresh):
            settle(actor=actor, proposal_id=proposal_id, now=at)


def test_an_account_that_waits_for_its_role_is_managed_where_it_is_proposed() -> None:
    rina, tono = admin("rina"), admin("tono")
    user_id, proposal_id = proposed(rina)
    refuse_proposal(actor=tono, proposal_id=proposal_id, now=NOW)
    with transaction() as session:
        assert get_managed_user(session, rina, user_id)[0].id == user_id
    deactivate_user(actor=rina, user_id=user_id, now=NOW)


def test_the_command_line_gives_at_once_and_the_only_admin_is_told_to_ask_for_it() -> None:
    rina, user_id = admin("rina"), person()
    assert get_account_watch(actor=rina, now=NOW).lone_admin
    agus_id, proposal_id = proposed(rina)
    (view,) = list_proposals(actor=rina, now=NOW)
    assert (view.may_settle, view.others) == (False, ())
    grant_membership(actor=SYSTEM, user_id=user_id, wanted=ADMIN, now=NOW)
    assert not get_account_watch(actor=rina, now=NOW).lone_admin
    second = actor_of(signed_in())
    assert confirm_proposal(actor=second, proposal_id=proposal_id, now=NOW) == agus_id
    assert not get_account_watch(actor=replace(second, grants=()), now=NOW).lone_admin


def test_req_06_an_admin_whose_role_ended_confirms_nothing() -> None:
    rina, tono = admin("rina"), admin("tono")
    _, proposal_id = proposed(rina)
    end_membership(actor=SYSTEM, membership_id=tono.grants[0].membership_id, now=NOW)
    with pytest.raises(NotFound):
        confirm_proposal(actor=replace(tono, grants=()), proposal_id=proposal_id, now=NOW)
