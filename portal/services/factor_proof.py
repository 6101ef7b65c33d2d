"""Whether a code proves a person's second factor; it is used up by that, within the caller's transaction."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from portal.domain.errors import InvalidInput
from portal.domain.events import RecoveryCodeUsed, SecondFactorPassed
from portal.models import SecondFactor
from portal.services.recovery_codes import use_code
from portal.services.totp import find_step, looks_like_code

WRONG = "Kode tidak cocok. Masukkan kode yang sedang tampil di ponsel; pastikan jam ponsel diatur otomatis."
USED = "Kode ini sudah pernah dipakai. Tunggu kode berikutnya di ponsel, paling lama 30 detik."
WRONG_RECOVERY = "Kode pemulihan tidak cocok atau sudah pernah dipakai. Periksa tulisannya, atau pakai kode yang lain."


def select_factor(user_id: UUID) -> Select[SecondFactor]:
    """The person's factor in force; there is one at most."""
    return select(SecondFactor).where(SecondFactor.user_id == user_id, SecondFactor.ended_at.is_(None))


def has_factor(session: Session, user_id: UUID) -> bool:
    return session.execute(select_factor(user_id)).one_or_none() is not None


def find_factor(session: Session, user_id: UUID) -> SecondFactor | None:
    """The person's factor in force, locked."""
    return session.execute(select_factor(user_id).with_for_update()).scalar_one_or_none()


def prove(
    session: Session, user_id: UUID, code: str, *, left: int, now: datetime
) -> SecondFactorPassed | RecoveryCodeUsed:
    """What to record; raises InvalidInput, telling how many tries are `left`."""
    typed = "".join(code.split())
    factor = find_factor(session, user_id)
    if factor is None:  # taken away since the password was given
        raise InvalidInput("code", WRONG)
    if not looks_like_code(typed):
        used = use_code(session, factor.id, typed, now=now)
        if used is None:
            raise InvalidInput("code", _told(WRONG_RECOVERY, left))
        return RecoveryCodeUsed(obj=user_id, code=used)
    step = find_step(factor.secret, typed, now)
    if step is None:
        raise InvalidInput("code", _told(WRONG, left))
    if not use_step(session, factor.id, step):
        raise InvalidInput("code", _told(USED, left))
    return SecondFactorPassed(obj=user_id, factor=factor.id, step=step)


def use_step(session: Session, factor_id: UUID, step: int) -> bool:
    """Take the code of this step; False when it, or a later one, was taken before, on whatever web machine."""
    taken = session.execute(
        update(SecondFactor)
        .where(SecondFactor.id == factor_id, SecondFactor.ended_at.is_(None), SecondFactor.last_step < step)
        .values(last_step=step)
        .returning(SecondFactor.id)
    )
    return taken.one_or_none() is not None


def _told(sentence: str, left: int) -> str:
    return f"{sentence} Sisa percobaan: {left}."
