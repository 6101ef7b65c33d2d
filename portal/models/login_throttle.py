"""Counts failed logins per account and address within a window, across all web machines."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, UtcDateTime
from portal.models.identity import Identified


class LoginThrottle(Identified, Base):
    """`key` is the SHA-256 (64 hex) of account and address, so that the table lists neither."""

    __tablename__ = "login_throttle"

    key: Mapped[str] = mapped_column(String(64), unique=True)
    window_started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    failures: Mapped[int]
