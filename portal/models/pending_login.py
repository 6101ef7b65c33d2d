"""A login whose password was right and whose code is still to come. It is no session: nothing is reached with it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, UtcDateTime
from portal.models.identity import Identified


class PendingLogin(Identified, Base):
    """Lives for minutes and is removed when the code was right; `tries` counts the codes that were sent for it."""

    __tablename__ = "pending_login"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"), index=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    tries: Mapped[int]
