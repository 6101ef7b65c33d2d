"""Takes the newest checkpoint to every place that has not taken it yet.

Places are asked outside any transaction, one after the other; each try becomes a row, a failed one too, and the next
round tries again. The log itself gets no event: it would make every anchored checkpoint an old one.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.actor import Actor
from portal.domain.anchor import AnchorKind, AnchorOutcome
from portal.domain.errors import InvalidInput
from portal.domain.permissions import Permission
from portal.domain.policy import Subject, require
from portal.domain.roles import Role
from portal.models import LogAnchor, Membership, Unit, User
from portal.models.anchor import MAX_DETAIL, MAX_TARGET
from portal.services.anchors.place import AnchorFailed, Kept, Place
from portal.services.checkpoints import CheckpointView, find_newest_checkpoint
from portal.services.membership_days import is_in_force
from portal.services.unit_of_work import transaction

NO_CHECKPOINT = "Belum ada checkpoint. Buat dengan `portal checkpoint sign`, lalu ulangi."

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorView:
    """One try, as pages and the command show it."""

    size: int
    kind: AnchorKind
    target: str
    outcome: AnchorOutcome
    detail: str
    tried_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorRound:
    """What one round did: the tries of now, and how many places had the checkpoint before."""

    checkpoint: CheckpointView
    tries: tuple[AnchorView, ...]
    kept_before: int

    @property
    def is_complete(self) -> bool:
        return all(each.outcome is AnchorOutcome.ANCHORED for each in self.tries)


def anchor_checkpoint(*, actor: Actor, places: Sequence[Place], now: datetime) -> AnchorRound:
    """One round; raises InvalidInput when there is no checkpoint yet."""
    require(actor, Permission.MANAGE_PLAN, Subject(unit_path="/"))
    with transaction(write=False) as session:
        checkpoint = get_checkpoint_to_anchor(session)
        kept = _kept_at(session, checkpoint.size)
        auditors = _auditors(session, now)
    due = [place for place in places if (place.kind, place.target[:MAX_TARGET]) not in kept]
    tries = tuple(_try(place, checkpoint, auditors, actor, now) for place in due)
    return AnchorRound(checkpoint=checkpoint, tries=tries, kept_before=len(places) - len(due))


def get_checkpoint_to_anchor(session: Session) -> CheckpointView:
    """The newest one; raises InvalidInput when there is none."""
    checkpoint = find_newest_checkpoint(session)
    if checkpoint is None:
        raise InvalidInput("checkpoint", NO_CHECKPOINT)
    return checkpoint


def _try(
    place: Place, checkpoint: CheckpointView, auditors: tuple[str, ...], actor: Actor, now: datetime
) -> AnchorView:
    try:
        kept, outcome = place.keep(checkpoint, auditors=auditors, now=now), AnchorOutcome.ANCHORED
    except AnchorFailed as error:
        kept, outcome = Kept(detail=str(error)), AnchorOutcome.FAILED
        log.warning("checkpoint %d: %s %s: %s", checkpoint.size, place.kind, place.target, error)
    return add_anchor(
        size=checkpoint.size, kind=place.kind, target=place.target, outcome=outcome, kept=kept, actor=actor, now=now
    )


def add_anchor(
    *, size: int, kind: AnchorKind, target: str, outcome: AnchorOutcome, kept: Kept, actor: Actor, now: datetime
) -> AnchorView:
    """Keep one try as a row."""
    with transaction() as session:
        row = LogAnchor(
            size=size,
            kind=kind,
            target=target[:MAX_TARGET],
            outcome=outcome,
            detail=" ".join(kept.detail.split())[:MAX_DETAIL],
            actor=actor.code,
            tried_at=now,
            object_key=kept.object_key,
            version_id=kept.version_id,
            token=kept.token,
        )
        session.add(row)
        return view_of(row)


def view_of(row: LogAnchor) -> AnchorView:
    return AnchorView(
        size=row.size,
        kind=row.kind,
        target=row.target,
        outcome=row.outcome,
        detail=row.detail,
        tried_at=row.tried_at,
    )


def _kept_at(session: Session, size: int) -> set[tuple[AnchorKind, str]]:
    query = select(LogAnchor.kind, LogAnchor.target).where(
        LogAnchor.size == size, LogAnchor.outcome == AnchorOutcome.ANCHORED
    )
    return {(row.kind, row.target) for row in session.execute(query)}


def _auditors(session: Session, now: datetime) -> tuple[str, ...]:
    """Mail addresses of everybody who is an auditor somewhere today."""
    query = (
        select(Membership, Unit, User)
        .join(Unit, Unit.id == Membership.unit_id)
        .join(User, User.id == Membership.user_id)
        .where(Membership.role == Role.AUDITOR, Membership.ended_at.is_(None), User.deactivated_at.is_(None))
        .order_by(User.email)
    )
    rows = session.execute(query).all()
    in_office = [row.User.email for row in rows if row.User.is_active_account and is_in_force(row[0], row[1], now)]
    return tuple(dict.fromkeys(in_office))
