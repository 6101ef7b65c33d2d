"""What an external auditor's membership must be: sponsored, short, alone, and prolonged by somebody else than whoever
proposed it last. Asks no permission: its callers do.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.actor import Actor
from portal.domain.errors import InvalidInput
from portal.domain.roles import Role
from portal.domain.second_admin import LONGEST_WINDOW
from portal.models import ExternalWindow, Membership, MembershipProposal, Unit, User
from portal.services.membership_days import is_in_force, today_in
from portal.services.membership_terms import MembershipTerms
from portal.services.people import select_by_email

NO_SPONSOR = (
    "Auditor eksternal perlu penanggung jawab: tulis alamat email orang lain yang akunnya aktif dan yang berperan di "
    "unit kerja ini."
)
OTHER_ROLE = (
    "Auditor eksternal tidak memegang peran lain pada saat yang sama. Akhiri peran lainnya dulu, atau pilih waktu "
    "yang tidak bersamaan."
)
OTHER_PROPOSER = (
    "Masa auditor eksternal diperpanjang oleh admin lain daripada yang mengusulkan masa sebelumnya. Minta admin lain "
    "mengusulkannya; Anda dapat menyetujuinya."
)


def get_sponsor_id(session: Session, email: str) -> UUID:
    """Whose address this is; raises InvalidInput for nobody's, in the words for somebody who cannot be a sponsor."""
    sponsor = session.execute(select_by_email(email)).scalar_one_or_none()
    if sponsor is None:
        raise InvalidInput("sponsor", NO_SPONSOR)
    return sponsor.id


def require_external(session: Session, terms: MembershipTerms, unit: Unit, *, actor: Actor, now: datetime) -> None:
    """Raise InvalidInput unless `actor` may give somebody this as an external auditor."""
    _require_form(terms)
    require_sponsor(session, terms, unit, now=now)
    latest = _find_latest(session, terms.user_id, unit)
    if latest is None:
        return
    if terms.valid_until and terms.valid_until > today_in(unit, now) + LONGEST_WINDOW:
        raise InvalidInput("valid_until", f"Perpanjangan paling lama {LONGEST_WINDOW.days} hari sejak hari ini.")
    proposal = session.get(MembershipProposal, latest.id)
    if actor.user_id is not None and proposal is not None and proposal.proposed_by == actor.user_id:
        raise InvalidInput("valid_until", OTHER_PROPOSER)


def require_alone(session: Session, terms: MembershipTerms) -> None:
    """Raise InvalidInput when an external auditor would hold another role at the same time."""
    query = select(Membership).where(
        Membership.user_id == terms.user_id,
        Membership.ended_at.is_(None),
        (Membership.valid_until.is_(None)) | (Membership.valid_until >= terms.valid_from),
    )
    if terms.valid_until is not None:
        query = query.where(Membership.valid_from <= terms.valid_until)
    held = session.execute(query).scalars().all()
    if any(membership.external != (terms.sponsor_id is not None) for membership in held):
        raise InvalidInput("role", OTHER_ROLE)


def _require_form(terms: MembershipTerms) -> None:
    if terms.role is not Role.AUDITOR:
        raise InvalidInput("external", "Tanda ini hanya untuk auditor. Hapus tandanya, atau pilih peran auditor.")
    if terms.valid_until is None:
        raise InvalidInput("valid_until", "Auditor eksternal selalu punya hari terakhir. Isi tanggalnya.")
    if terms.valid_until > terms.valid_from + LONGEST_WINDOW:
        raise InvalidInput("valid_until", f"Paling lama {LONGEST_WINDOW.days} hari sejak tanggal mulai.")


def require_sponsor(session: Session, terms: MembershipTerms, unit: Unit, *, now: datetime) -> None:
    """Raise InvalidInput unless the sponsor is somebody else with an account and a role of his own in the unit."""
    query = (
        select(Membership)
        .join(User, User.id == Membership.user_id)
        .where(
            Membership.user_id == terms.sponsor_id,
            Membership.user_id != terms.user_id,
            Membership.unit_id == unit.id,
            User.deactivated_at.is_(None),
            User.password_hash.is_not(None),
        )
    )
    held = session.execute(query).scalars()
    if not any(is_in_force(each, unit, now) and not each.external for each in held):
        raise InvalidInput("sponsor", NO_SPONSOR)


def _find_latest(session: Session, user_id: UUID, unit: Unit) -> Membership | None:
    """The person's window in the unit that began last."""
    query = (
        select(Membership)
        .join(ExternalWindow, ExternalWindow.membership_id == Membership.id)
        .where(Membership.user_id == user_id, Membership.unit_id == unit.id)
        .order_by(Membership.granted_at.desc(), Membership.id)
    )
    return session.execute(query.limit(1)).scalar_one_or_none()
