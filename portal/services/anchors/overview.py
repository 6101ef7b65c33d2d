"""The page of checkpoints: the newest one, how far it is kept outside, the last tries, the keys. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from portal.domain.actor import Actor
from portal.domain.permissions import Permission
from portal.domain.policy import Subject, require
from portal.models import LogAnchor
from portal.services.anchors.anchoring import AnchorView, view_of
from portal.services.anchors.standing import AnchorStanding, read_standing
from portal.services.checkpoints import CheckpointView, find_newest_checkpoint
from portal.services.key_fingerprints import KeyPrint, list_key_prints
from portal.services.unit_of_work import transaction

TRIES_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointOverview:
    """`checkpoint` is None before the first; `tries` are the last TRIES_SHOWN, newest first."""

    checkpoint: CheckpointView | None
    standing: AnchorStanding
    tries: tuple[AnchorView, ...]
    keys: tuple[KeyPrint, ...]


def get_checkpoint_overview(*, actor: Actor, limit: timedelta, now: datetime) -> CheckpointOverview:
    require(actor, Permission.SEE_CHECKPOINT, Subject(unit_path="/"))
    with transaction(write=False) as session:
        newest = select(LogAnchor).order_by(LogAnchor.tried_at.desc(), LogAnchor.id).limit(TRIES_SHOWN)
        return CheckpointOverview(
            checkpoint=find_newest_checkpoint(session),
            standing=read_standing(session, limit=limit, now=now),
            tries=tuple(view_of(row) for row in session.execute(newest).scalars()),
            keys=list_key_prints(session),
        )
