"""One-time links: how often and how long they work, and which passwords may be chosen through them."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.domain.errors import InvalidInput, NotFound
from portal.models import Invitation, User
from portal.services.invitations import LIFETIME, accept_invitation, get_invited
from portal.services.unit_of_work import transaction
from portal.services.users import deactivate_user, invite_again, invite_user, reactivate_user
from tests.services.accounts.people import NOW, PASSWORD, SYSTEM, UPLOADER, found, person, signed_in


def test_req_50_an_invitation_works_once_and_not_for_long() -> None:
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
def test_req_51_weak_passwords_are_refused(password: str) -> None:
    invited = invite_user(actor=SYSTEM, email="siti@contoh.go.id", name="Siti Aminah", membership=UPLOADER, now=NOW)
    with pytest.raises(InvalidInput) as refusal:
        accept_invitation(token=invited.invitation.token, password=password, now=NOW)
    assert refusal.value.field == "password"
    with transaction(write=False) as session:
        assert session.get_one(User, invited.user_id).password_hash is None


def test_an_open_link_dies_with_the_account_and_does_not_come_back() -> None:
    user_id = person()
    token = invite_again(actor=SYSTEM, user_id=user_id, now=NOW).invitation.token
    deactivate_user(actor=SYSTEM, user_id=user_id, now=NOW)
    with pytest.raises(InvalidInput, match="nonaktif"):
        invite_again(actor=SYSTEM, user_id=user_id, now=NOW)
    reactivate_user(actor=SYSTEM, user_id=user_id, now=NOW)
    with pytest.raises(NotFound):
        accept_invitation(token=token, password="meja biru berlari cepat", now=NOW)
    assert found(signed_in()) is not None
