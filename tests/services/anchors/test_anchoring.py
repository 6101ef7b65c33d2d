"""Anchoring: every place gets the newest checkpoint once, and a failure is kept and tried again."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from portal.adapters.local_store import LocalStore
from portal.adapters.mailer import open_mailer
from portal.config import Settings
from portal.domain.actor import Actor
from portal.domain.anchor import AnchorKind, AnchorOutcome
from portal.domain.errors import InvalidInput, NotPermitted
from portal.domain.roles import Role
from portal.models import LogAnchor, User
from portal.services.anchors.anchoring import AnchorRound, anchor_checkpoint
from portal.services.anchors.kept import read_kept_sizes
from portal.services.anchors.locked_object import LockedPlace
from portal.services.anchors.mail import MailPlace
from portal.services.anchors.open_places import open_places
from portal.services.anchors.place import Place, signed_text
from portal.services.anchors.timestamp import TimestampPlace
from portal.services.checkpoints import CheckpointView, sign_checkpoint
from portal.services.log_reader import get_head
from portal.services.unit_of_work import transaction
from portal.signer.desk import SigningDesk
from tests.builders.world import World, add_person, submitted
from tests.servers.authority import Authority
from tests.servers.mail import MailServer

SYSTEM = Actor.system("test")


def anchor(world: World, *places: Place) -> AnchorRound:
    return anchor_checkpoint(actor=SYSTEM, places=places, now=world.tick())


def outcomes(done: AnchorRound) -> list[AnchorOutcome]:
    return [each.outcome for each in done.tries]


def parts_of(received: tuple[list[str], bytes]) -> tuple[str, bytes]:
    """Text and attachment of a mail."""
    message = message_from_bytes(received[1], _class=EmailMessage, policy=policy.default)
    text, attached = message.iter_parts()
    payload = attached.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return str(text.get_content()), payload


def mail_place(server: MailServer, *further: str) -> MailPlace:
    return MailPlace(open_mailer(url=server.url, sender="portal@contoh.go.id"), further)


def test_req_20_mail_goes_to_auditors_in_office_and_further_mailboxes(
    world: World, checkpoint: CheckpointView, mail_server: MailServer
) -> None:
    gone = add_person(world, Role.AUDITOR)
    with transaction() as session:
        session.get_one(User, gone.person).deactivated_at = world.tick()
        everybody = set(session.execute(select(User.email).where(User.deactivated_at.is_(None))).scalars())

    (tried,) = anchor(world, mail_place(mail_server, "apip@contoh.go.id")).tries

    assert (tried.kind, tried.outcome, tried.detail) == (
        AnchorKind.MAIL,
        AnchorOutcome.ANCHORED,
        "2 dari 2 kotak surat",
    )
    recipients = {address for to, _ in mail_server.received for address in to}
    assert "apip@contoh.go.id" in recipients
    assert len(recipients & everybody) == 1
    for text, note in map(parts_of, mail_server.received):
        assert f'--cetak "{checkpoint.printed}"' in text
        assert note == checkpoint.note.encode()


@pytest.mark.usefixtures("checkpoint")
def test_without_anybody_to_write_to_mail_fails_and_says_so(world: World, mail_server: MailServer) -> None:
    with transaction() as session:
        for user in session.execute(select(User)).scalars():
            user.deactivated_at = world.tick()
    (tried,) = anchor(world, mail_place(mail_server)).tries
    assert tried.outcome is AnchorOutcome.FAILED
    assert "PORTAL_ANCHOR_MAIL_TO" in tried.detail


def test_a_timestamp_is_over_the_signed_text_and_openssl_agrees(
    world: World, checkpoint: CheckpointView, authority: Authority
) -> None:
    done = anchor(world, TimestampPlace(authority.url, authority.certificates))
    assert outcomes(done) == [AnchorOutcome.ANCHORED]
    with transaction(write=False) as session:
        token = session.execute(select(LogAnchor.token)).scalar_one()
    assert token is not None
    assert authority.verifies(response=token, data=signed_text(checkpoint))


def test_a_failure_is_kept_and_the_next_round_tries_only_what_is_missing(
    world: World,
    checkpoint: CheckpointView,
    mail_server: MailServer,
    authority: Authority,
) -> None:
    places = (mail_place(mail_server), TimestampPlace(authority.url, authority.certificates))
    authority.status = 503
    first = anchor(world, *places)
    assert outcomes(first) == [AnchorOutcome.ANCHORED, AnchorOutcome.FAILED]
    assert not first.is_complete

    authority.status = 200
    second = anchor(world, *places)
    assert [(each.kind, each.outcome) for each in second.tries] == [(AnchorKind.TIMESTAMP, AnchorOutcome.ANCHORED)]
    third = anchor(world, *places)
    assert (third.tries, third.kept_before) == ((), 2)
    assert len(mail_server.received) == 1
    with transaction(write=False) as session:
        rows = session.execute(select(LogAnchor).order_by(LogAnchor.tried_at)).scalars().all()
        assert [row.size for row in rows] == [checkpoint.size] * 3
        assert [row.actor for row in rows] == ["system:test"] * 3


def test_anchoring_leaves_the_log_as_it_is_and_a_newer_checkpoint_goes_out_again(
    world: World, checkpoint: CheckpointView, mail_server: MailServer, signer: SigningDesk
) -> None:
    place = mail_place(mail_server)
    anchor(world, place)
    with transaction(write=False) as session:
        assert get_head(session).size == checkpoint.size
    submitted(world, add_person(world, Role.UPLOADER), "I.2")
    newer = sign_checkpoint(signer=signer, now=world.tick())
    assert [each.size for each in anchor(world, place).tries] == [newer.size]


@pytest.mark.usefixtures("checkpoint")
def test_a_store_that_cannot_lock_is_no_anchor(world: World, local_store: LocalStore) -> None:
    (tried,) = anchor(world, LockedPlace(local_store, "folder")).tries
    assert tried.outcome is AnchorOutcome.FAILED
    assert "tidak dapat mengunci" in tried.detail


def test_without_a_checkpoint_there_is_nothing_to_anchor(world: World) -> None:
    with pytest.raises(InvalidInput, match="portal checkpoint sign"):
        anchor(world)


def test_people_do_not_start_a_round(world: World) -> None:
    with pytest.raises(NotPermitted):
        anchor_checkpoint(actor=add_person(world, Role.AUDITOR), places=(), now=world.tick())


def test_the_settings_switch_places_on(tmp_path: Path, app: Flask) -> None:
    settings: Settings = app.extensions["portal.settings"]
    store = app.extensions["portal.store"]
    assert open_places(settings=settings, store=store) == ()
    full = replace(
        settings,
        anchors="timestamp, mail,store",
        mail_url="smtp://127.0.0.1:25",
        mail_from="portal@contoh.go.id",
        anchor_mail_to="a@contoh.go.id, b@contoh.go.id",
        s3_bucket="bukti",
        tsa_urls="http://tsa1.invalid,http://tsa2.invalid",
        tsa_ca=str(tmp_path / "ca.pem"),
    )
    mail, locked, *stamps = open_places(settings=full, store=store)
    assert isinstance(mail, MailPlace)
    assert mail.further == ("a@contoh.go.id", "b@contoh.go.id")
    assert locked.target == "bukti"
    assert [stamp.target for stamp in stamps] == ["http://tsa1.invalid", "http://tsa2.invalid"]


def test_what_is_kept_outside_is_told_with_its_timestamp(
    world: World, checkpoint: CheckpointView, mail_server: MailServer, authority: Authority, signer: SigningDesk
) -> None:
    stamp = TimestampPlace(authority.url, authority.certificates)
    anchor(world, mail_place(mail_server), stamp)
    submitted(world, add_person(world, Role.UPLOADER), "I.2")
    newer = sign_checkpoint(signer=signer, now=world.tick())
    anchor(world, mail_place(mail_server))
    authority.status = 503
    anchor(world, stamp)
    with transaction(write=False) as session:
        kept = read_kept_sizes(session)
    assert list(kept) == [checkpoint.size, newer.size]
    assert authority.verifies(response=kept[checkpoint.size] or b"", data=signed_text(checkpoint))
    assert kept[newer.size] is None
