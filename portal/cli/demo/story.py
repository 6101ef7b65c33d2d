"""What the demo's people do: upload, submit, approve, return, answer, reject, reuse, put people in charge.

Everything goes through the services that the pages use, with the real clock. A requirement that has evidence already
is left as it is, so a second run goes on where the first one stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import BytesIO
from uuid import UUID

from sqlalchemy import exists, select

from portal.adapters.store import ObjectStore
from portal.cli.demo.documents import Document, document_for, large_photo
from portal.cli.demo.people import CAST, Part
from portal.domain.actor import Actor
from portal.domain.review import ReturnReason
from portal.domain.roles import Role
from portal.domain.workflow import Action, State
from portal.models import Evidence, Indicator, Plan, Requirement, Revision, Slot
from portal.services.action import Command
from portal.services.drafts import Draft, answer_revision, change_draft, start_evidence
from portal.services.links import add_link
from portal.services.people import get_actor_by_email
from portal.services.pics import assign_pic
from portal.services.reuse import reuse_files
from portal.services.unit_of_work import transaction
from portal.services.uploads import OfferedFile, add_files
from portal.services.workflow import perform

Say = Callable[[str], None]

FILE_LIMIT = 100 << 20
SITE = "https://kab-merangin.kpu.go.id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One requirement of the plan with its slots, as the story takes them one after another."""

    number: int
    requirement_id: UUID
    text: str
    indicator_code: str
    slot_ids: tuple[UUID, ...]
    months: tuple[date, ...]

    @property
    def area(self) -> str:
        return self.indicator_code.split(".", 1)[0]


class Story:
    """The people and the store, and what they do with an item."""

    def __init__(self, store: ObjectStore, say: Say) -> None:
        self.store, self.say = store, say

    def run(self) -> None:
        """Every item in the plan's order; each fate recurs, so that all states are there in every larger area."""
        for item in _untouched_items():
            FATES[item.number % len(FATES)](self, item)
            if item.number % 10 == 0:
                self.say(f"  {item.indicator_code}: {item.text[:60]}")

    def nothing(self, item: Item) -> None:
        """Not begun; somebody is put in charge of it."""
        sender = _actor(_sender(item.area))
        coordinator = _actor(_first(Role.AREA_COORDINATOR)) if item.area == "III" else _actor(_first(Role.ADMIN))
        assign_pic(actor=coordinator, slot_id=item.slot_ids[0], user_id=sender.person, now=_now())

    def drafted(self, item: Item) -> Draft:
        """A draft with a file and a note."""
        sender = _actor(_sender(item.area))
        slots = item.slot_ids[:2]
        draft = start_evidence(actor=sender, requirement_id=item.requirement_id, slot_ids=slots, now=_now())
        self._upload(sender, draft, [document_for(item.text, item.months[0], item.number)])
        change_draft(
            actor=sender,
            revision_id=draft.revision_id,
            note=f"Dokumen untuk {item.text[:80]}",
            document_date=min(item.months[0], _now().date()),
            slot_ids=slots,
            now=_now(),
        )
        return draft

    def submitted(self, item: Item) -> Draft:
        draft = self.drafted(item)
        _act(_actor(_sender(item.area)), Action.SUBMIT, draft.revision_id)
        return draft

    def approved(self, item: Item) -> Draft:
        draft = self.submitted(item)
        _act(_reviewer(item.number), Action.APPROVE, draft.revision_id)
        return draft

    def approved_with_link(self, item: Item) -> None:
        """A draft gets a link beside its file before it is submitted and approved."""
        draft = self.drafted(item)
        sender = _actor(_sender(item.area))
        url = f"{SITE}/zona-integritas/{item.number}"
        add_link(actor=sender, revision_id=draft.revision_id, url=url, note="Unggahan situs", now=_now())
        _act(sender, Action.SUBMIT, draft.revision_id)
        _act(_reviewer(item.number), Action.APPROVE, draft.revision_id)

    def approved_large(self, item: Item) -> None:
        """One evidence with a photograph of about 20 MB."""
        draft = self.drafted(item)
        sender = _actor(_sender(item.area))
        self._upload(sender, draft, [Document("Foto kegiatan resolusi penuh.jpg", large_photo())])
        _act(sender, Action.SUBMIT, draft.revision_id)
        _act(_reviewer(item.number), Action.APPROVE, draft.revision_id)

    def returned(self, item: Item) -> Draft:
        draft = self.submitted(item)
        _act(
            _reviewer(item.number),
            Action.RETURN,
            draft.revision_id,
            note="Daftar hadir halaman 2 belum ditandatangani oleh pejabat yang berwenang.",
            reason=ReturnReason.NOT_SIGNED,
        )
        return draft

    def answered(self, item: Item) -> None:
        """A return, answered with a new version that another reviewer approves."""
        draft = self.returned(item)
        sender = _actor(_sender(item.area))
        answer = answer_revision(actor=sender, evidence_id=draft.evidence_id, now=_now())
        document = document_for(item.text, item.months[0], item.number, remark="sudah ditandatangani")
        self._upload(sender, answer, [document])
        _act(sender, Action.SUBMIT, answer.revision_id)
        _act(_reviewer(item.number + 1), Action.APPROVE, answer.revision_id)

    def rejected(self, item: Item) -> None:
        draft = self.submitted(item)
        _act(
            _reviewer(item.number),
            Action.REJECT,
            draft.revision_id,
            note="Dokumen ini milik kegiatan lain dan tidak menjawab indikator.",
            reason=ReturnReason.WRONG_DOCUMENT,
        )

    def reused(self, item: Item) -> None:
        """The files of an approved evidence of the area serve this item too, without being sent again."""
        source = _approved_in(item.area)
        if source is None:
            self.approved(item)
            return
        revision_id, file_ids = source
        sender = _actor(_sender(item.area))
        draft = reuse_files(
            actor=sender, revision_id=revision_id, file_ids=file_ids, requirement_id=item.requirement_id, now=_now()
        )
        change_draft(
            actor=sender,
            revision_id=draft.revision_id,
            note="Dokumen yang sama menjawab kedua bukti fisik.",
            document_date=None,
            slot_ids=item.slot_ids[:1],
            now=_now(),
        )
        _act(sender, Action.SUBMIT, draft.revision_id)
        _act(_reviewer(item.number), Action.APPROVE, draft.revision_id)

    def _upload(self, sender: Actor, draft: Draft, documents: Sequence[Document]) -> None:
        report = add_files(
            actor=sender,
            revision_id=draft.revision_id,
            files=[OfferedFile(document.name, BytesIO(document.content)) for document in documents],
            store=self.store,
            limit=FILE_LIMIT,
            now=_now(),
        )
        if report.refused:
            raise RuntimeError(f"the demo's own document was refused: {report.refused}")


FATES: tuple[Callable[[Story, Item], object], ...] = (
    Story.approved_large,
    Story.approved,
    Story.returned,
    Story.submitted,
    Story.answered,
    Story.approved_with_link,
    Story.drafted,
    Story.reused,
    Story.nothing,
    Story.approved,
    Story.rejected,
    Story.submitted,
    Story.approved,
)
FATES = (*FATES, *(Story.approved if fate is Story.approved_large else fate for fate in FATES * 8))
"""The large photograph comes once; the other fates recur through all 105 items."""


def _now() -> datetime:
    return datetime.now(UTC)


def _untouched_items() -> list[Item]:
    """The plan's requirements without evidence, in order, numbered by their place in the whole plan."""
    query = (
        select(
            Requirement.id, Requirement.text, Indicator.code, exists().where(Evidence.requirement_id == Requirement.id)
        )
        .join(Indicator, Indicator.id == Requirement.indicator_id)
        .join(Plan, Plan.id == Indicator.plan_id)
        .order_by(Indicator.code, Requirement.position)
    )
    with transaction(write=False) as session:
        rows = session.execute(query).all()
        slots: dict[UUID, list[Slot]] = {}
        for slot in session.execute(select(Slot).order_by(Slot.month)).scalars():
            slots.setdefault(slot.requirement_id, []).append(slot)
        return [
            Item(
                number=number,
                requirement_id=requirement_id,
                text=text,
                indicator_code=code,
                slot_ids=tuple(slot.id for slot in slots[requirement_id]),
                months=tuple(slot.month for slot in slots[requirement_id]),
            )
            for number, (requirement_id, text, code, has_evidence) in enumerate(rows)
            if not has_evidence and not any(slot.pic_id for slot in slots[requirement_id])
        ]


def _approved_in(area: str) -> tuple[UUID, list[UUID]] | None:
    """An approved revision of the area with its files' ids."""
    query = (
        select(Revision)
        .join(Evidence, Evidence.id == Revision.evidence_id)
        .join(Requirement, Requirement.id == Evidence.requirement_id)
        .join(Indicator, Indicator.id == Requirement.indicator_id)
        .where(Revision.state == State.APPROVED, Indicator.code.startswith(f"{area}."))
        .order_by(Revision.submitted_at)
        .limit(1)
    )
    with transaction(write=False) as session:
        revision = session.execute(query).scalar_one_or_none()
        return (revision.id, [part.file_id for part in revision.files]) if revision else None


def _act(
    actor: Actor, action: Action, revision_id: UUID, *, note: str = "", reason: ReturnReason | None = None
) -> None:
    """Act on the revision as it stands now, as somebody does who has just looked at it."""
    with transaction(write=False) as session:
        revision = session.get_one(Revision, revision_id)
        state, digest = revision.state, revision.digest
    command = Command(
        action=action, revision_id=revision_id, seen_state=state, seen_digest=digest, note=note, reason=reason
    )
    perform(actor=actor, command=command, now=_now())


def _actor(part: Part) -> Actor:
    return get_actor_by_email(email=part.email, now=_now())


def _first(role: Role) -> Part:
    return next(part for part in CAST if part.role is role)


def _sender(area: str) -> Part:
    return next(part for part in CAST if part.role is Role.UPLOADER and part.area == area)


def _reviewer(number: int) -> Actor:
    """The two TPI members take turns."""
    members = [part for part in CAST if part.role is Role.TPI_MEMBER]
    return _actor(members[number % len(members)])
