"""The mailer against a real SMTP server in this process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from portal.adapters.mailer import Attachment, Mail, MailAddressInvalid, MailFailed, open_mailer
from tests.servers.mail import MailServer, running

SENDER = "portal@contoh.go.id"
MAIL = Mail(
    to=("agus@contoh.go.id", "apip@contoh.go.id"),
    subject="Checkpoint catatan audit: 12 kejadian – “uji”",
    text="Simpan surel ini.\nAkar: 9caa\n",
    attachments=(Attachment("checkpoint-000000000012.txt", "text/plain", b"bukti-zi.x/log1\n12\n"),),
)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with running() as found:
        yield found


def test_each_recipient_gets_an_own_mail_with_the_attachment(server: MailServer) -> None:
    assert open_mailer(url=server.url, sender=SENDER).send(MAIL) == MAIL.to

    assert [recipients for recipients, _ in server.received] == [["agus@contoh.go.id"], ["apip@contoh.go.id"]]
    for to, raw in server.received:
        message = message_from_bytes(raw, _class=EmailMessage, policy=policy.default)
        assert (message["To"], message["From"], message["Subject"]) == (to[0], SENDER, MAIL.subject)
        text, attached = message.iter_parts()
        assert text.get_content().splitlines() == MAIL.text.splitlines()
        assert attached.get_filename() == "checkpoint-000000000012.txt"
        assert attached.get_payload(decode=True) == MAIL.attachments[0].content


def test_one_refused_address_does_not_keep_the_mail_from_the_others(server: MailServer) -> None:
    server.refused = {"agus@contoh.go.id"}
    assert open_mailer(url=server.url, sender=SENDER).send(MAIL) == ("apip@contoh.go.id",)
    server.refused = set(MAIL.to)
    with pytest.raises(MailFailed, match="550 for one address") as failure:
        open_mailer(url=server.url, sender=SENDER).send(MAIL)
    assert "agus" not in str(failure.value)


def test_an_address_that_the_server_cannot_write_does_not_keep_the_mail_from_the_others(server: MailServer) -> None:
    mail = replace(MAIL, to=("ágús@contoh.go.id", *MAIL.to))
    assert open_mailer(url=server.url, sender="Portal Bukti ZI <portal@contoh.go.id>").send(mail) == MAIL.to
    assert all(b"@contoh.go.id>\r\n" in raw.partition(b"Message-ID")[2][:200] for _, raw in server.received)


def test_a_server_that_is_not_there_is_a_failure() -> None:
    with pytest.raises(MailFailed):
        open_mailer(url="smtp://127.0.0.1:1", sender=SENDER).send(MAIL)


@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtps"])
def test_nothing_is_sent_in_clear_where_tls_was_asked_for(server: MailServer, scheme: str) -> None:
    url = server.url.replace("smtp://", f"{scheme}://portal:rahasia@")
    with pytest.raises(MailFailed):
        open_mailer(url=url, sender=SENDER).send(MAIL)
    assert server.received == []


def test_req_57_a_line_break_in_a_subject_is_no_header(server: MailServer) -> None:
    """The library refuses it; nothing is sent."""
    mail = Mail(to=MAIL.to, subject="x\r\nBcc: a@b.example", text="")
    with pytest.raises(ValueError, match="linefeed"):
        open_mailer(url=server.url, sender=SENDER).send(mail)
    assert server.received == []


@pytest.mark.parametrize(
    "url",
    [
        "", "mail.contoh.go.id", "http://mail.contoh.go.id", "smtp://", "smtp://host:25:1", "smtp://host:x",
        "smtp://host/path", "smtp://host?x=1", "smtp://user:secret@host", "smtps://[::1",
    ],
)  # fmt: skip
def test_what_is_no_mail_server_is_refused_without_telling_the_password(url: str) -> None:
    with pytest.raises(MailAddressInvalid) as refusal:
        open_mailer(url=url, sender=SENDER)
    assert "secret" not in str(refusal.value)


def test_the_parts_of_an_address_are_read() -> None:
    mailer = open_mailer(url="smtp+starttls://portal%40contoh:k%2Fs@mail.contoh.go.id", sender=SENDER)
    assert (mailer.host, mailer.port, mailer.user, mailer.password) == (
        "mail.contoh.go.id",
        587,
        "portal@contoh",
        "k/s",
    )
    assert "k/s" not in repr(mailer)
