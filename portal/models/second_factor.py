"""The second factor of a person: the secret that his phone shares with the portal, and the codes for when it is lost.

Rows are never removed: a factor ends, a code is used up or voided.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, UtcDateTime
from portal.models.identity import Identified

_IS_OPEN = text("ended_at IS NULL")


class SecondFactor(Identified, Base):
    """One enrolment of a phone; a person has at most one that has not ended.

    `secret` is base32 (160 bits, RFC 6238 needs it in the clear); `last_step` is the newest time step of 30 s since the
    epoch whose code was taken, so that none is taken twice.
    """

    __tablename__ = "second_factor"
    __table_args__ = (
        Index(
            "uq_second_factor_open_per_user", "user_id", unique=True, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN
        ),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    secret: Mapped[str] = mapped_column(String(32))
    last_step: Mapped[int]
    enrolled_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RecoveryCode(Identified, Base):
    """Works once in place of the phone, unless `used_at` or `voided_at` is set; only its hash is stored."""

    __tablename__ = "recovery_code"

    factor_id: Mapped[UUID] = mapped_column(ForeignKey("second_factor.id", ondelete="RESTRICT"), index=True)
    code_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    voided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
