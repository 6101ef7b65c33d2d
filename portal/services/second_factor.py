"""Verifikasi dua langkah: a person sets up a phone, takes another one, gets new recovery codes or does without; an
admin takes away what was lost. What a code proves is `factor_proof`'s business.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.actor import Actor, Grant
from portal.domain.errors import InvalidInput, NotPermitted
from portal.domain.events import RecoveryCodesRenewed, SecondFactorEnded, SecondFactorEnrolled
from portal.domain.policy import needs_second_factor
from portal.models import SecondFactor, User
from portal.services import audit
from portal.services.factor_proof import find_factor, select_factor
from portal.services.fresh_password import require_fresh_password
from portal.services.logins import begin_session
from portal.services.recovery_codes import count_codes, issue_codes, void_codes
from portal.services.sessions import end_sessions
from portal.services.totp import find_step, is_secret
from portal.services.unit_of_work import transaction
from portal.services.users import get_managed_user

NOT_THE_CODE = (
    "Kode tidak cocok dengan kunci di halaman ini. Pindai gambarnya lagi, pastikan jam ponsel diatur otomatis, lalu "
    "masukkan kode yang sedang tampil. Belum ada yang berubah."
)
NONE_THERE = "Verifikasi dua langkah tidak sedang dipakai, jadi tidak ada yang diubah."


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorView:
    """`codes_left` recovery codes still work; `is_needed` tells whether one of the person's roles must have a factor,
    where the installation asks for it.
    """

    enrolled_at: datetime | None
    codes_left: int
    is_needed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """What is told once and not kept: the token of the session that goes on, and the recovery codes."""

    session_token: str
    codes: tuple[str, ...]


def get_factor(*, actor: Actor, now: datetime) -> FactorView:  # noqa: ARG001  # services take now
    """The actor's own second factor, as far as pages may show it."""
    with transaction(write=False) as session:
        factor = session.execute(select_factor(actor.person)).scalar_one_or_none()
        return FactorView(
            enrolled_at=factor.enrolled_at if factor else None,
            codes_left=count_codes(session, factor.id) if factor else 0,
            is_needed=needs_second_factor(actor.grants),
        )


def enrol_factor(*, actor: Actor, secret: str, code: str, device: str, now: datetime) -> Enrolled:
    """Set the actor's phone up, which has shown by `code` that it holds `secret`; an earlier one no longer counts.

    All sessions end but a new one. Raises InvalidInput for a wrong code, PasswordNotFresh.
    """
    require_fresh_password(actor, now=now)
    step = find_step(secret, "".join(code.split()), now) if is_secret(secret) else None
    if step is None:
        raise InvalidInput("code", NOT_THE_CODE)
    with transaction() as session:
        session.get_one(User, actor.person, with_for_update=True)  # one enrolment after the other
        if earlier := find_factor(session, actor.person):
            _end(session, earlier, actor=actor, now=now)
        factor = SecondFactor(user_id=actor.person, secret=secret, last_step=step, enrolled_at=now)
        session.add(factor)
        session.flush()
        codes, facts = issue_codes(session, factor.id, now=now)
        event = SecondFactorEnrolled(
            obj=actor.person,
            factor=factor.id,
            secret_sha256=sha256(secret.encode()).hexdigest(),
            step=step,
            codes=facts,
        )
        audit.record(session, event, actor=actor, now=now)
        return Enrolled(session_token=_go_on(session, actor, device, now), codes=codes)


def renew_recovery_codes(*, actor: Actor, now: datetime) -> tuple[str, ...]:
    """New recovery codes, told once; unused ones of before work no longer. Raises PasswordNotFresh, or InvalidInput
    without a factor.
    """
    require_fresh_password(actor, now=now)
    with transaction() as session:
        factor = _get_factor(session, actor.person)
        codes, facts = issue_codes(session, factor.id, now=now)
        event = RecoveryCodesRenewed(obj=actor.person, factor=factor.id, codes=facts)
        audit.record(session, event, actor=actor, now=now)
        return codes


def turn_off_factor(*, actor: Actor, is_required: bool, device: str, now: datetime) -> str:
    """Let the actor sign in by the password alone; returns the token of the session that goes on.

    `is_required` is the installation's rule: then it is refused to roles that must have a factor.
    """
    if is_required and needs_second_factor(actor.grants):
        raise NotPermitted
    require_fresh_password(actor, now=now)
    with transaction() as session:
        _end(session, _get_factor(session, actor.person), actor=actor, now=now)
        return _go_on(session, actor, device, now)


def reset_factor(*, actor: Actor, user_id: UUID, now: datetime) -> None:
    """Take somebody else's factor away, whose phone and codes are lost; his sessions end, and he sets up a new one.

    Raises NotFound or InvalidInput as `get_managed_user` does, NotPermitted for one's own, PasswordNotFresh.
    """
    with transaction() as session:
        user, grant = get_managed_user(session, actor, user_id)
        if user.id == actor.user_id:
            raise NotPermitted
        require_fresh_password(actor, now=now)
        _end(session, _get_factor(session, user.id), actor=actor, grant=grant, now=now)
        end_sessions(session, user.id, now=now)


def _get_factor(session: Session, user_id: UUID) -> SecondFactor:
    factor = find_factor(session, user_id)
    if factor is None:
        raise InvalidInput("factor", NONE_THERE)
    return factor


def _end(session: Session, factor: SecondFactor, *, actor: Actor, now: datetime, grant: Grant | None = None) -> None:
    factor.ended_at = now
    void_codes(session, factor.id, now=now)
    session.flush()  # before another one of the same person begins
    event = SecondFactorEnded(obj=factor.user_id, factor=factor.id)
    audit.record(session, event, actor=actor, now=now, grant=grant)


def _go_on(session: Session, actor: Actor, device: str, now: datetime) -> str:
    """End all of the actor's sessions and begin one for the device at hand."""
    end_sessions(session, actor.person, now=now)
    address = actor.origin.address if actor.origin else "-"
    return begin_session(session, user_id=actor.person, address=address, device=device, now=now)
