"""Tries to keep a checkpoint out of the reach of whoever runs the database. Only ever added, by `services/anchors/`.

The rows tell an operator what worked; they prove nothing. What counts is what lies at the other end.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, UtcDateTime, code_enum
from portal.domain.anchor import AnchorKind, AnchorOutcome
from portal.models.identity import Identified

MAX_TARGET = 200
MAX_DETAIL = 300


class LogAnchor(Identified, Base):
    """One try for the checkpoint of `size` leaves.

    `target` names the place (mail server, bucket, authority; empty for paper) and `detail` says how it went; a locked
    object has `object_key` and `version_id`, a timestamp its raw `token` (TimeStampResp, DER) over the note's text.
    """

    __tablename__ = "log_anchor"

    size: Mapped[int] = mapped_column(BigInteger, index=True)
    kind: Mapped[AnchorKind] = mapped_column(code_enum(AnchorKind, "kind"))
    target: Mapped[str] = mapped_column(String(MAX_TARGET))
    outcome: Mapped[AnchorOutcome] = mapped_column(code_enum(AnchorOutcome, "outcome"))
    detail: Mapped[str] = mapped_column(String(MAX_DETAIL))
    actor: Mapped[str] = mapped_column(String(80))
    tried_at: Mapped[datetime] = mapped_column(UtcDateTime)
    object_key: Mapped[str | None] = mapped_column(String(200))
    version_id: Mapped[str | None] = mapped_column(String(200))
    token: Mapped[bytes | None] = mapped_column(LargeBinary)
