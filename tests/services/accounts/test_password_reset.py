"""Lupa sandi: a link goes to the account's mailbox and nowhere else, and neither tells nor floods anybody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from sqlalchemy import select

from portal.adapters.mailer import Mailer, MailFailed, open_mailer
from portal.domain.errors import InvalidInput, NotFound, Throttled
from portal.domain.events import EventName
from portal.models import Invitation
from portal.services.invitations import LIFETIME, accept_invitation, get_invited
from portal.services.password_reset import count_reset, send_reset
from portal.services.throttle import WINDOW
from portal.services.tokens import token_hash
from portal.services.unit_of_work import transaction
from portal.services.users import deactivate_user, invite_again, invite_user
from tests.servers import mail
from tests.servers.mail import MailServer
from tests.services.accounts.people import NOW, SYSTEM, UPLOADER, events, found, person, signed_in

SITI = "siti@contoh.go.id"
NEW = "gajah duduk di pohon"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail.running() as server:
        yield server


@pytest.fixture
def mailer(server: MailServer) -> Mailer:
    return open_mailer(url=server.url, sender="portal@contoh.go.id")


def ask(mailer: Mailer, email: str = SITI) -> None:
    send_reset(email=email, mailer=mailer, link_of=lambda token: f"https://portal.example/undangan/{token}", now=NOW)


def tokens(server: MailServer) -> list[str]:
    """Those of the links in all mails, in their order."""
    bodies = [str(message_from_bytes(raw, policy=policy.default).get_content()) for _, raw in server.received]
    return [found[1] for body in bodies if (found := re.search(r"https://portal\.example/undangan/(\S+)", body))]


def test_req_50_a_link_goes_to_the_mailbox_of_the_account_and_works_once(server: MailServer, mailer: Mailer) -> None:
    person()
    session = signed_in()
    ask(mailer, " SITI@contoh.go.id")
    (token,) = tokens(server)
    assert [to for to, _ in server.received] == [[SITI]]
    assert events()[-1] is EventName.PASSWORD_RESET_REQUESTED
    assert found(session) is not None, "a request alone ends nothing"
    accept_invitation(token=token, password=NEW, now=NOW + LIFETIME - timedelta(seconds=1))
    assert found(session) is None
    with pytest.raises(NotFound):
        accept_invitation(token=token, password=NEW, now=NOW)


def test_req_50_a_link_ends_after_an_hour_and_with_the_next_one(server: MailServer, mailer: Mailer) -> None:
    user_id = person()
    by_admin = invite_again(actor=SYSTEM, user_id=user_id, now=NOW).invitation.token
    for _ in range(2):
        ask(mailer)
    first, second = tokens(server)
    for dead in (by_admin, first):
        with pytest.raises(NotFound):
            get_invited(token=dead, now=NOW)
    get_invited(token=second, now=NOW + LIFETIME - timedelta(seconds=1))
    with pytest.raises(NotFound):
        get_invited(token=second, now=NOW + LIFETIME)


def test_req_50_the_database_keeps_the_hash_of_a_token_alone(server: MailServer, mailer: Mailer) -> None:
    person()
    ask(mailer)
    (token,) = tokens(server)
    with transaction(write=False) as session:
        stored = session.execute(select(Invitation.token_sha256).order_by(Invitation.issued_at)).scalars().all()
    assert token_hash(token) in stored
    assert token not in stored


def test_who_has_no_account_gets_nothing(server: MailServer, mailer: Mailer) -> None:
    person()
    before = events()
    ask(mailer, "tidak-ada@contoh.go.id")
    assert server.received == []
    assert events() == before


@pytest.mark.parametrize("email", ["", "siti", "a\x00b@contoh.go.id", "\ud800", f"{'x' * 300}@contoh.go.id"])
def test_what_is_no_address_is_refused(email: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        count_reset(email=email, address="10.0.0.1", now=NOW)
    assert refusal.value.field == "email"


def test_a_closed_account_and_one_that_was_never_opened_get_nothing(server: MailServer, mailer: Mailer) -> None:
    deactivate_user(actor=SYSTEM, user_id=person(), now=NOW)
    invited = invite_user(actor=SYSTEM, email="baru@contoh.go.id", name="Baru", membership=UPLOADER, now=NOW)
    for email in (SITI, "baru@contoh.go.id"):
        ask(mailer, email)
    assert server.received == []
    assert get_invited(token=invited.invitation.token, now=NOW).email == "baru@contoh.go.id"


def test_req_48_nobody_floods_a_mailbox_from_however_many_places() -> None:
    """Counted by what was typed, so that a refusal tells nothing of who has an account."""
    for email in (SITI, "tidak-ada@contoh.go.id"):
        for number in range(3):
            count_reset(email=email, address=f"10.0.0.{number}", now=NOW)
        for address in ("10.0.0.1", "203.0.113.9"):
            with pytest.raises(Throttled):
                count_reset(email=f" {email.upper()}", address=address, now=NOW)
        count_reset(email=email, address="10.0.0.1", now=NOW + WINDOW)


def test_req_48_nobody_asks_for_everybody_from_one_place() -> None:
    for number in range(20):
        count_reset(email=f"orang{number}@contoh.go.id", address="10.0.0.1", now=NOW)
    with pytest.raises(Throttled):
        count_reset(email="lain@contoh.go.id", address="10.0.0.1", now=NOW)
    person()
    assert found(signed_in()) is not None, "signing in is counted by itself"


def test_a_mail_that_is_not_taken_is_a_failure_and_the_link_stays_issued(mailer: Mailer) -> None:
    person()
    with pytest.raises(MailFailed):
        ask(replace(mailer, port=1))
    assert events()[-1] is EventName.PASSWORD_RESET_REQUESTED
