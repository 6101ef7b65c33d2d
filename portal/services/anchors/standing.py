"""How far the log is kept out of reach, and since when there are events that nobody outside holds. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.domain.actor import Actor
from portal.domain.anchor import AnchorOutcome
from portal.domain.permissions import Permission
from portal.domain.policy import may_ever
from portal.models import LogAnchor, LogLeaf
from portal.services.log_reader import get_head, read_entry
from portal.services.unit_of_work import transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorStanding:
    """`anchored_size` leaves are kept outside since `anchored_at` (None: never). `exposed_since` is the time of the
    oldest event that is not, None when there is none or it cannot be read; longer than the limit, and it is overdue.
    """

    size: int
    anchored_size: int
    anchored_at: datetime | None
    exposed_since: datetime | None
    is_overdue: bool

    @property
    def exposed(self) -> int:
        """How many events nobody outside holds."""
        return self.size - self.anchored_size


def find_standing(*, actor: Actor, limit: timedelta, now: datetime) -> AnchorStanding | None:
    """The standing for who watches over anchors; None for everybody else."""
    if not may_ever(actor, Permission.SEE_CHECKPOINT):
        return None
    with transaction(write=False) as session:
        return read_standing(session, limit=limit, now=now)


def read_standing(session: Session, *, limit: timedelta, now: datetime) -> AnchorStanding:
    size = get_head(session).size
    query = select(func.max(LogAnchor.size), func.max(LogAnchor.tried_at)).where(
        LogAnchor.outcome == AnchorOutcome.ANCHORED
    )
    row = session.execute(query).one()
    anchored_size = row[0] or 0
    is_exposed = size > anchored_size
    since = _find_time(session, anchored_size) if is_exposed else None
    return AnchorStanding(
        size=size,
        anchored_size=anchored_size,
        anchored_at=row[1],
        exposed_since=since,
        is_overdue=is_exposed and (since is None or now - since > limit),
    )


def _find_time(session: Session, seq: int) -> datetime | None:
    """When the event happened; None where the leaf is gone or rewritten, which must not take these pages down."""
    leaf = session.get(LogLeaf, seq)
    try:
        return read_entry(leaf).at if leaf else None
    except ValueError:
        return None
