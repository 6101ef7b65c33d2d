"""Who had a hand in a revision: began it, wrote in it, added or removed something, handed it in.

The four-eyes rule asks this list alone, so every change of a draft's content notes its person here.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import Contributor


def add_contributor(session: Session, revision_id: UUID, user_id: UUID) -> None:
    """Note that somebody had a hand in the revision; noting it again changes nothing."""
    if session.get(Contributor, (revision_id, user_id)) is None:
        session.add(Contributor(revision_id=revision_id, user_id=user_id))
        session.flush()


def list_contributors(session: Session, revision_id: UUID) -> list[UUID]:
    """Everybody who had a hand in the revision."""
    return list(session.execute(select(Contributor.user_id).where(Contributor.revision_id == revision_id)).scalars())
