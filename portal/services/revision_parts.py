"""What is loaded along with whole revisions, in one query a part however many revisions there are."""

from __future__ import annotations

from sqlalchemy.orm import selectinload

from portal.models import Decision, Revision, RevisionFile, RevisionSlot

REVISION_PARTS = (
    selectinload(Revision.files).joinedload(RevisionFile.file),
    selectinload(Revision.links),
    selectinload(Revision.slots).joinedload(RevisionSlot.slot),
    selectinload(Revision.decisions).joinedload(Decision.membership),
)
