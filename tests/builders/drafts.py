"""Evidence made through the services, with real documents in a real store, and what the trail says of it."""

from __future__ import annotations

from io import BytesIO
from uuid import UUID

from sqlalchemy import func, select

from portal.adapters.store import ObjectStore
from portal.domain.actor import Actor
from portal.domain.events import EventName
from portal.models import LogLeaf, Revision, RevisionFile, RevisionSlot, SlotClaim
from portal.services.drafts import Draft, start_evidence
from portal.services.log_reader import list_entries
from portal.services.unit_of_work import transaction
from portal.services.uploads import OfferedFile, UploadReport, add_files
from tests.builders import documents
from tests.builders.world import YEAR, World

LIMIT = 20 << 20


def slots(world: World, key: str, *months: int) -> list[UUID]:
    """The slots of a requirement for these months."""
    return [world.slots[world.requirements[key]][month - 1] for month in months]


def start(world: World, sender: Actor, key: str = "I.1", *, months: tuple[int, ...] = (1,)) -> Draft:
    return start_evidence(
        actor=sender,
        requirement_id=world.requirements[key],
        slot_ids=slots(world, key, *months),
        now=world.tick(),
    )


def add(world: World, sender: Actor, draft: Draft, store: ObjectStore, **files: bytes) -> UploadReport:
    """Offer files by name, `_` standing for the dot before the extension."""
    offered = [OfferedFile(name.replace("_", "."), BytesIO(content)) for name, content in files.items()]
    return add_files(
        actor=sender, revision_id=draft.revision_id, files=offered, store=store, limit=LIMIT, now=world.tick()
    )


def started(world: World, sender: Actor, store: ObjectStore, key: str = "I.1", *, text: str = "SK") -> Draft:
    """A draft for January with one PDF."""
    draft = start(world, sender, key)
    report = add(world, sender, draft, store, SK_pdf=documents.pdf(text))
    assert not report.refused
    return draft


def events_of(key: str = "I.1") -> list[EventName]:
    """What the trail of the requirement's indicator tells, in order."""
    area, number = key.split(".")
    with transaction(write=False) as session:
        return [entry.name for entry in list_entries(session, f"KPU-1502/{YEAR}/{area}.1.{number}")]


def file_names(revision_id: UUID) -> list[str]:
    with transaction(write=False) as session:
        return [part.file.name for part in session.get_one(Revision, revision_id).files]


def file_ids(revision_id: UUID) -> list[UUID]:
    with transaction(write=False) as session:
        query = select(RevisionFile.file_id).where(RevisionFile.revision_id == revision_id)
        return list(session.execute(query.order_by(RevisionFile.position)).scalars())


def covered(revision_id: UUID) -> set[UUID]:
    """The slots that the revision covers."""
    with transaction(write=False) as session:
        query = select(RevisionSlot.slot_id).where(RevisionSlot.revision_id == revision_id)
        return set(session.execute(query).scalars())


def held(evidence_id: UUID) -> set[UUID]:
    """The slots that the evidence holds."""
    with transaction(write=False) as session:
        query = select(SlotClaim.slot_id).where(SlotClaim.evidence_id == evidence_id)
        return set(session.execute(query).scalars())


def contributors(revision_id: UUID) -> set[UUID]:
    with transaction(write=False) as session:
        return {person.user_id for person in session.get_one(Revision, revision_id).contributors}


def leaves() -> int:
    """How long the whole trail is."""
    with transaction(write=False) as session:
        return session.execute(select(func.count()).select_from(LogLeaf)).scalar_one()
