"""Which checkpoints somebody outside holds: those are the ones that a paper or a mail will be compared with."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.anchor import AnchorOutcome
from portal.models import LogAnchor


def read_kept_sizes(session: Session) -> Mapping[int, bytes | None]:
    """Size of each anchored checkpoint, smallest first, with its first timestamp (raw TimeStampResp) where it has
    one.
    """
    query = (
        select(LogAnchor.size, LogAnchor.token)
        .where(LogAnchor.outcome == AnchorOutcome.ANCHORED)
        .order_by(LogAnchor.size, LogAnchor.tried_at)
    )
    found: dict[int, bytes | None] = {}
    for row in session.execute(query):
        found[row.size] = found.get(row.size) or row.token
    return found
