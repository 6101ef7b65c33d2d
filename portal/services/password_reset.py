"""Lupa sandi: a one-time link to the mailbox of an account, which is the invitation's own page.

Counting comes first and by itself, so that nobody floods a mailbox; all else may be done later and elsewhere, so that
the answer to a known address is the one to an unknown, and as fast.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters.mailer import Mail, Mailer
from portal.domain.actor import Actor
from portal.domain.events import PasswordResetRequested
from portal.models import User
from portal.services import audit
from portal.services.email_address import checked_email
from portal.services.invitations import LIFETIME, issue_invitation
from portal.services.throttle import count_try, limits_for_reset
from portal.services.tokens import token_hash
from portal.services.unit_of_work import transaction

SUBJECT = "Kata sandi baru untuk Portal Bukti ZI"
TEXT = """{name},

ada permintaan kata sandi baru untuk akun Anda di Portal Bukti ZI. Buka tautan ini dalam {minutes} menit dan buat kata
sandi Anda sendiri:

{link}

Tautan hanya dapat dipakai sekali; tautan sebelumnya tidak berlaku lagi. Jangan meneruskan surel ini kepada siapa pun.

Bukan Anda yang meminta? Abaikan surel ini: kata sandi Anda tidak berubah. Bila terulang, beri tahu admin Anda.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetLink:
    """A link that was issued for the account with this mailbox; `token` is told once and is not kept."""

    name: str
    email: str
    token: str


def count_reset(*, email: str, address: str, now: datetime) -> None:
    """Count one request before anything is done for it. Raises InvalidInput for what is no address, and Throttled,
    whether there is such an account or not.
    """
    count_try(limits=limits_for_reset(account=checked_email(email), address=address), now=now)


def send_reset(*, email: str, mailer: Mailer, link_of: Callable[[str], str], now: datetime) -> None:
    """Mail a link to the account with this address, if there is one that has a password; earlier links end.

    `link_of` makes the address of a token's page. Raises MailFailed once the link is issued and the mail is not taken.
    """
    issued = _issue(checked_email(email), now)
    if issued is not None:
        text = TEXT.format(name=issued.name, minutes=LIFETIME // timedelta(minutes=1), link=link_of(issued.token))
        mailer.send(Mail(to=(issued.email,), subject=SUBJECT, text=text))


def _issue(email: str, now: datetime) -> ResetLink | None:
    with transaction() as session:
        user = _find_account(session, email)
        if user is None:
            return None
        invitation = issue_invitation(session, user.id, now=now)
        event = PasswordResetRequested(
            obj=user.id,
            invitation=invitation.invitation_id,
            token_sha256=token_hash(invitation.token),
            valid_minutes=LIFETIME // timedelta(minutes=1),
        )
        audit.record(session, event, actor=Actor(process="reset"), now=now)
        return ResetLink(name=user.name, email=user.email, token=invitation.token)


def _find_account(session: Session, email: str) -> User | None:
    """Whoever was invited and has no password yet keeps the link that the admin handed over."""
    query = select(User).where(User.email == email, User.deactivated_at.is_(None), User.password_hash.is_not(None))
    return session.execute(query.with_for_update()).scalar_one_or_none()
