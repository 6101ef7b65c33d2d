"""Masuk by an identity provider of the office: it says who somebody is, and nothing of what he may do.

Nobody gets an account by it, and no role. The first time the verified e-mail must be that of an active account; from
then on the provider's own name for the person counts. A second factor is asked for as after a password.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters.identity_provider import ProvedIdentity
from portal.domain.actor import Actor
from portal.domain.errors import ConstraintViolated, InvalidInput, ProviderRefused
from portal.domain.events import IdentityLinked, Personal, ProviderAccepted
from portal.models import LinkedIdentity, User
from portal.services import audit
from portal.services.logins import LoginStep, first_step
from portal.services.throttle import count_try, forget_returns, limits_for_return
from portal.services.unit_of_work import transaction

UNKNOWN = (
    "Penyedia identitas mengenali Anda, tetapi tidak ada akun portal yang aktif untuk Anda. Masuk dengan email dan "
    "kata sandi, atau minta admin unit kerja Anda memeriksa akun dan alamat emailnya."
)


def count_return(*, address: str, now: datetime) -> None:
    """Count one who comes back from the provider, before it is asked; raises Throttled after too many."""
    count_try(limits=limits_for_return(address=address), now=now)


def log_in_proved(*, identity: ProvedIdentity, address: str, device: str, now: datetime) -> LoginStep:
    """The session, or the login that owes a code, of whom the provider vouches for; raises ProviderRefused for whoever
    has no active account here, or is an external auditor outside his days.
    """
    try:
        step = _begin(identity, address, device, now)
    except ConstraintViolated as error:  # somebody linked the account or the identity at this very moment
        raise ProviderRefused(UNKNOWN) from error
    except InvalidInput as error:
        raise ProviderRefused(error.message) from error
    forget_returns(address=address)
    return step


def _begin(identity: ProvedIdentity, address: str, device: str, now: datetime) -> LoginStep:
    with transaction() as session:
        link = _find_link(session, identity) or _link(session, identity, now)
        user = session.get_one(User, link.user_id, with_for_update=True)
        if not user.is_active_account:
            raise ProviderRefused(UNKNOWN)
        accepted = ProviderAccepted(obj=user.id, identity=link.id)
        return first_step(session, user_id=user.id, address=address, device=device, now=now, proof=accepted)


def _find_link(session: Session, identity: ProvedIdentity) -> LinkedIdentity | None:
    query = select(LinkedIdentity).where(
        LinkedIdentity.issuer == identity.issuer, LinkedIdentity.subject == identity.subject
    )
    return session.execute(query).scalar_one_or_none()


def _link(session: Session, identity: ProvedIdentity, now: datetime) -> LinkedIdentity:
    """Tie the identity to the active account with its verified e-mail, unless that has another one there already."""
    taken = select(LinkedIdentity.user_id).where(LinkedIdentity.issuer == identity.issuer)
    query = select(User).where(User.email == identity.email, User.id.not_in(taken))
    user = session.execute(query.with_for_update()).scalar_one_or_none() if identity.email else None
    if user is None or not user.is_active_account:
        raise ProviderRefused(UNKNOWN)
    link = LinkedIdentity(user_id=user.id, issuer=identity.issuer, subject=identity.subject, linked_at=now)
    session.add(link)
    session.flush()
    event = IdentityLinked(obj=user.id, identity=link.id, issuer=identity.issuer, subject=Personal(identity.subject))
    audit.record(session, event, actor=Actor(user_id=user.id), now=now)
    return link
