"""The life of one evidence of the matrix: drafted, sent, decided on and answered through the services, by the kinds of
people that the office has.
"""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from portal.domain.review import ReturnReason
from portal.domain.workflow import Action, State
from portal.models import Revision, RevisionLink, StoredFile
from portal.services.drafts import answer_revision, change_draft, start_evidence
from portal.services.links import add_link
from portal.services.redactions import mark_copy
from portal.services.unit_of_work import transaction
from portal.services.uploads import OfferedFile, add_files
from portal.services.workflow import perform
from tests.builders.commands import command_on
from tests.builders.drafts import file_ids
from tests.matrix.facts import Evidence, Place, Thing, Version

if TYPE_CHECKING:
    from tests.matrix.office import Builder

TIERS = ("waits for the first tier", "waits for the second tier", "waits for the third tier")
CONTRIBUTOR = "reviewer who contributed"


class Life:
    """One evidence from its first draft to where its kind says that it stands."""

    def __init__(self, builder: Builder, requirement: Thing, slot: Thing, name: str) -> None:
        self.builder, self.requirement, self.slot, self.name = builder, requirement, slot, name
        self.place = requirement.place
        is_own = self.place.unit == "own"
        self.sender = "uploader of all areas" if is_own else "uploader of another unit"
        first = "coordinator" if self.place.area == "I" else "two roles"
        self.deciders = (first, "lead who approved before", "lead") if is_own else ("reviewer of another unit",)
        self.hands, self.files, self.copies, self.decided = {self.sender}, set[str](), set[str](), list[str]()

    def lead(self) -> Evidence:
        build, actor = self.builder, self.builder.actor(self.sender)
        draft = start_evidence(
            actor=actor, requirement_id=self.requirement.id, slot_ids=[self.slot.id], now=build.tick()
        )
        self.evidence_id = draft.evidence_id
        versions = [self._version(self._fill(draft.revision_id))]
        if self.name in {"answered", "submitted again"}:
            again = answer_revision(actor=actor, evidence_id=self.evidence_id, now=build.tick())
            self.decided = []
            versions.append(self._version(self._fill(again.revision_id, again=True)))
        return Evidence(
            id=self.evidence_id,
            name=self.name,
            place=self.place,
            class_name=self.requirement.name,
            requirement_id=self.requirement.id,
            slot_id=self.slot.id,
            versions=tuple(versions),
        )

    def _fill(self, revision_id: UUID, *, again: bool = False) -> UUID:
        """Files, note and link of one version, and what the people then do with it."""
        build = self.builder
        build.marks += 1
        self.mark, file = f"tanda{build.marks:03d}t", f"tanda{build.marks:03d}f"
        self.files.add(file)
        self._upload(self.sender, revision_id, file)
        if self.place.restricted:
            self._redact(revision_id, file, copy=f"tanda{build.marks:03d}c")
        if self.place == Place(unit="own", area="I"):
            self._upload(CONTRIBUTOR, revision_id, f"{file}-b")
            self.hands.add(CONTRIBUTOR)
        actor = build.actor(self.sender)
        change_draft(
            actor=actor, revision_id=revision_id, note=f"Catatan {self.mark}.", document_date=date(2026, 1, 5),
            slot_ids=[self.slot.id], now=build.tick(),
        )  # fmt: skip
        if self.name in {"draft", "answered"}:
            url = f"https://contoh.go.id/{self.mark}"
            add_link(actor=actor, revision_id=revision_id, url=url, note=self.mark, now=build.tick())
        self._lead_on(revision_id, again=again)
        return revision_id

    def _redact(self, revision_id: UUID, original: str, copy: str) -> None:
        """Add a redacted copy of the file, and another file that is none."""
        build = self.builder
        self.files.add(copy)
        self.copies.add(copy)
        self._upload(self.sender, revision_id, copy)
        original_id, copy_id = file_ids(revision_id)[-2:]
        mark_copy(
            actor=build.actor(self.sender), revision_id=revision_id, file_id=copy_id, original_id=original_id,
            now=build.tick(),
        )  # fmt: skip
        self._upload(self.sender, revision_id, f"{original}-a")

    def _upload(self, kind: str, revision_id: UUID, name: str) -> None:
        build = self.builder
        offered = [OfferedFile(f"{name}.txt", BytesIO(f"Laporan {name}.\n".encode()))]
        report = add_files(
            actor=build.actor(kind), revision_id=revision_id, files=offered, store=build.store, limit=9999,
            now=build.tick(),
        )  # fmt: skip
        assert not report.refused, report.refused

    def _lead_on(self, revision_id: UUID, *, again: bool) -> None:
        """To where the version should stand."""
        if self.name == "draft" or (self.name == "answered" and again):
            return
        if self.name == "discarded":
            self._act(self.sender, Action.DISCARD, revision_id)
            return
        self._act(self.sender, Action.SUBMIT, revision_id)
        if self.name == "withdrawn" or (self.name == "submitted again" and not again):
            self._act(self.sender, Action.WITHDRAW, revision_id)
        elif self.name in {"returned", "answered"}:
            self._decide(Action.RETURN, revision_id)
        elif self.name == "rejected":
            self._decide(Action.REJECT, revision_id)
        elif self.name in TIERS:
            self._approve(revision_id, times=TIERS.index(self.name))
        elif self.name in {"approved", "reopened"}:
            self._approve(revision_id, times=len(self.deciders))
        if self.name == "reopened":
            lead = "lead" if self.place.unit == "own" else "lead of another unit"
            self._act(lead, Action.REOPEN, revision_id)

    def _approve(self, revision_id: UUID, *, times: int) -> None:
        for _ in range(times):
            self._decide(Action.APPROVE, revision_id)

    def _decide(self, action: Action, revision_id: UUID) -> None:
        decider = self.deciders[len(self.decided)]
        self._act(decider, action, revision_id)
        self.decided.append(decider)

    def _act(self, kind: str, action: Action, revision_id: UUID) -> None:
        command = command_on(revision_id, action, note=f"Putusan {self.mark}.", reason=ReturnReason.NOT_SIGNED)
        perform(actor=self.builder.actor(kind), command=command, now=self.builder.tick())

    def _version(self, revision_id: UUID) -> Version:
        with transaction(write=False) as session:
            revision = session.get_one(Revision, revision_id)
            state, digest, tier = revision.state, revision.digest, revision.tier
            copies = [part.file_id for part in revision.files if part.redacts]
            others = [part.file_id for part in revision.files if not part.redacts]
            sha256 = session.get_one(StoredFile, others[-1]).sha256
            link = select(RevisionLink.id).where(RevisionLink.revision_id == revision_id).limit(1)
            link_id = session.execute(link).scalar_one_or_none()
        return Version(
            id=revision_id,
            evidence_id=self.evidence_id,
            name=self.name,
            place=self.place,
            state=state.value,
            class_name=self.requirement.name,
            text=self.mark,
            files=frozenset(self.files),
            copies=frozenset(self.copies),
            copy_id=copies[-1] if copies else None,
            file_ids=tuple(others),
            link_id=link_id,
            sha256=sha256,
            was_submitted=digest is not None,
            digest=digest,
            seats=self._seats(state, tier),
            hands=frozenset(self.hands),
            deciders=frozenset(self.decided),
        )

    def _seats(self, state: State, tier: int) -> frozenset[str]:
        """Who decides, as the file says of the two plans."""
        if state.value != "submitted":
            return frozenset()
        member = frozenset({"tpi_member", "tpi_lead"})
        if self.place.unit == "other":
            return member
        return (frozenset({"area_coordinator"}), member, frozenset({"tpi_lead"}))[tier]
