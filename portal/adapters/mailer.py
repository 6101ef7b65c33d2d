"""Sends mail through the server that PORTAL_MAIL_URL names; the only place that speaks SMTP.

Owns the connection and nothing else: who gets which words is the caller's. It is called outside every transaction.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr
from urllib.parse import SplitResult, unquote, urlsplit

SCHEMES = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
"""How the line is protected, with the usual port: not at all, from STARTTLS on, from the first byte."""

TIMEOUT_SECONDS = 30


class MailFailed(Exception):
    """The server cannot be reached or took the mail for nobody; a later try may help. Names no recipient."""


class MailAddressInvalid(ValueError):
    """Not an address of a mail server."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes along; `media_type` such as `text/plain`."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail to each of `to`: nobody sees who else got it."""

    to: tuple[str, ...]
    subject: str
    text: str
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Mailer:
    """A mail server and the sender's address."""

    scheme: str
    host: str
    port: int
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)

    def send(self, mail: Mail) -> tuple[str, ...]:
        """The addresses for which the server took the mail; raises MailFailed when that is none."""
        taken: list[str] = []
        problems: list[str] = []
        try:
            with self._connection() as connection:
                for address in mail.to:
                    try:
                        connection.send_message(self._message(mail, address))
                        taken.append(address)
                    except smtplib.SMTPRecipientsRefused as error:
                        problems += [f"{code} for one address" for code, _ in error.recipients.values()]
                    except smtplib.SMTPResponseException as error:
                        problems.append(f"{error.smtp_code} for one address")
                    except smtplib.SMTPNotSupportedError:
                        problems.append("one address holds signs that this server does not take")
        except (OSError, smtplib.SMTPException) as error:
            problems.append(str(error))
        if not taken:
            raise MailFailed("; ".join(problems) or "no recipient")
        return tuple(taken)

    @contextmanager
    def _connection(self) -> Iterator[smtplib.SMTP]:
        """A connection over which mail may go; nothing is sent where the promised protection is not to be had."""
        context = ssl.create_default_context()
        connection: smtplib.SMTP
        if self.scheme == "smtps":
            connection = smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_SECONDS, context=context)
        else:
            connection = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_SECONDS)
        with connection:
            if self.scheme == "smtp+starttls":
                connection.starttls(context=context)
            if self.user:
                connection.login(self.user, self.password)
            yield connection

    def _message(self, mail: Mail, address: str) -> EmailMessage:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.sender, address, mail.subject
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain=parseaddr(self.sender)[1].rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834 §5: no holiday notice shall answer
        message.set_content(mail.text)
        for attachment in mail.attachments:
            kind, _, subtype = attachment.media_type.partition("/")
            message.add_attachment(attachment.content, maintype=kind, subtype=subtype, filename=attachment.name)
        return message


def open_mailer(*, url: str, sender: str) -> Mailer:
    """The mailer of a setting such as `smtp+starttls://user:password@mail.contoh.go.id:587`, without asking a server;
    raises MailAddressInvalid, which does not repeat the address because it may hold a password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or SCHEMES.get(parts.scheme, 0)
    except ValueError as error:
        raise MailAddressInvalid("the port is no number") from error
    if parts.scheme not in SCHEMES or not parts.hostname or _has_more(parts):
        raise MailAddressInvalid(f"must read {' or '.join(SCHEMES)}://[user:password@]host[:port]")
    if parts.username and parts.scheme == "smtp":
        raise MailAddressInvalid("a password needs smtp+starttls or smtps")
    return Mailer(
        parts.scheme, parts.hostname, port, sender, unquote(parts.username or ""), unquote(parts.password or "")
    )


def _has_more(parts: SplitResult) -> bool:
    return parts.path not in {"", "/"} or bool(parts.query or parts.fragment)
