"""Recovery codes: ten that work once each, for who has lost his phone. Shown when they are made, and stored as hashes.

A code has 80 random bits, so that its plain SHA-256 cannot be turned back by trying.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from portal.domain.events import RecoveryCodeFact
from portal.models import RecoveryCode
from portal.services.tokens import token_hash

COUNT = 10
LENGTH = 16
ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_MISREAD = str.maketrans("018", "olb")
"""Digits that are not in the alphabet, as what somebody must have seen."""


def issue_codes(
    session: Session, factor_id: UUID, *, now: datetime
) -> tuple[tuple[str, ...], tuple[RecoveryCodeFact, ...]]:
    """New codes in place of the unused ones, within the caller's transaction: what to show, and what to record."""
    void_codes(session, factor_id, now=now)
    shown = tuple(_new_code() for _ in range(COUNT))
    rows = [RecoveryCode(factor_id=factor_id, code_sha256=_hash(code), issued_at=now) for code in shown]
    session.add_all(rows)
    session.flush()
    return shown, tuple(RecoveryCodeFact(code=row.id, sha256=row.code_sha256) for row in rows)


def void_codes(session: Session, factor_id: UUID, *, now: datetime) -> None:
    """Let no unused code of the factor work any more, within the caller's transaction."""
    session.execute(update(RecoveryCode).where(*_works(factor_id)).values(voided_at=now))


def use_code(session: Session, factor_id: UUID, code: str, *, now: datetime) -> UUID | None:
    """The id of the code, which is used up by this, within the caller's transaction; None when it does not work."""
    return session.execute(
        update(RecoveryCode)
        .where(RecoveryCode.code_sha256 == _hash(code), *_works(factor_id))
        .values(used_at=now)
        .returning(RecoveryCode.id)
    ).scalar_one_or_none()


def count_codes(session: Session, factor_id: UUID) -> int:
    """How many still work."""
    return session.execute(select(func.count()).where(*_works(factor_id))).scalar_one()


def _works(factor_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return (RecoveryCode.factor_id == factor_id, RecoveryCode.used_at.is_(None), RecoveryCode.voided_at.is_(None))


def _new_code() -> str:
    """For instance `k3fa-x2mq-…`: groups of four are what people can read out and type."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return "-".join(letters[at : at + 4] for at in range(0, LENGTH, 4))


def _hash(code: str) -> str:
    """The same however somebody typed the groups."""
    return token_hash("".join(c for c in code.lower().translate(_MISREAD) if c in ALPHABET))
