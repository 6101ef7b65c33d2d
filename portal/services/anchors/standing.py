"""How far the log is kept out of reach, and since when there are events that nobody outside holds. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select, true
from sqlalchemy.orm import Session

from portal.domain.actor import Actor
from portal.domain.anchor import AnchorOutcome
from portal.domain.permissions import Permission
from portal.domain.policy import may_ever
from portal.models import LogAnchor, LogHead, LogLeaf
from portal.services.log_reader import read_entry
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
    """Within the caller's transaction, by one statement: work lists show it."""
    size, anchored_size, anchored_at, oldest = session.execute(_standing()).one()
    anchored_size = anchored_size or 0
    is_exposed = size > anchored_size
    since = _find_time(oldest) if is_exposed else None
    return AnchorStanding(
        size=size,
        anchored_size=anchored_size,
        anchored_at=anchored_at,
        exposed_since=since,
        is_overdue=is_exposed and (since is None or now - since > limit),
    )


def _standing() -> Select[int, int | None, datetime | None, LogLeaf | None]:
    """Size of the log, size and time of the newest anchor, and the first leaf that no anchor covers."""
    anchored = (
        select(func.max(LogAnchor.size).label("size"), func.max(LogAnchor.tried_at).label("at"))
        .where(LogAnchor.outcome == AnchorOutcome.ANCHORED)
        .subquery()
    )
    return (
        select(LogHead.size, anchored.c.size, anchored.c.at, LogLeaf)
        .select_from(LogHead)
        .join(anchored, true())
        .outerjoin(LogLeaf, LogLeaf.seq == func.coalesce(anchored.c.size, 0))
        .where(LogHead.id == 1)
    )


def _find_time(leaf: LogLeaf | None) -> datetime | None:
    """When the event happened; None where the leaf is gone or rewritten, which must not take these pages down."""
    try:
        return read_entry(leaf).at if leaf else None
    except ValueError:
        return None
