"""Signed checkpoints of the trail, and the public keys by which they and the bags are verified. Only ever added, by
`services/checkpoints.py` and `services/signing_keys.py`.

They prove nothing while they lie here: what counts is the copy of a checkpoint or a key that somebody else holds.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, UtcDateTime, code_enum
from portal.domain.key_kind import KeyKind
from portal.models.identity import Identified


class LogCheckpoint(Base):
    """`note` is the signed note as the signer gave it; `size`, `origin` and `root` (64 hex) are what it says."""

    __tablename__ = "log_checkpoint"

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    origin: Mapped[str] = mapped_column(String(120))
    root: Mapped[str] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(Text)
    signed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SigningKey(Identified, Base):
    """A public key as `adapters.signer.PublicKeys` spells it, in use since the log had `from_size` leaves and until the
    next of its kind.
    """

    __tablename__ = "signing_key"
    __table_args__ = (UniqueConstraint("kind", "from_size"),)

    kind: Mapped[KeyKind] = mapped_column(code_enum(KeyKind, "kind"))
    key: Mapped[str] = mapped_column(Text)
    from_size: Mapped[int] = mapped_column(BigInteger)
