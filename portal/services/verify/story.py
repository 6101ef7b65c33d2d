"""The trail of one indicator told from its beginning: what the rows must be after its last event.

Along the way it refuses to believe a step that the portal would never have made: one that the table of transitions does
not have, a decision by somebody who had a hand in the evidence, or under a membership that he did not hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from uuid import UUID

from portal.domain.events import READS, EventName
from portal.domain.review import Verdict
from portal.domain.roles import Role
from portal.domain.workflow import Action, State, Tier, after_approval, find_transition
from portal.services.verify.classes import ClassHistory
from portal.services.verify.facts import (
    DecisionFact,
    EvidenceFact,
    LinkFact,
    PartFact,
    PartKey,
    RedactionFact,
    ReopeningFact,
    RevisionFact,
    RevisionKey,
    StoredFileFact,
)
from portal.services.verify.findings import Findings
from portal.services.verify.people import Term, check_membership
from portal.services.verify.trail import TrailEntry, refuse_event

ACTIONS: Mapping[EventName, Action] = MappingProxyType(
    {
        EventName.EVIDENCE_SUBMITTED: Action.SUBMIT,
        EventName.DRAFT_DISCARDED: Action.DISCARD,
        EventName.EVIDENCE_WITHDRAWN: Action.WITHDRAW,
        EventName.EVIDENCE_APPROVED: Action.APPROVE,
        EventName.EVIDENCE_RETURNED: Action.RETURN,
        EventName.EVIDENCE_REJECTED: Action.REJECT,
        EventName.EVIDENCE_REOPENED: Action.REOPEN,
    }
)
"""Which action each event of the workflow tells of."""

_JUDGING = frozenset({Action.APPROVE, Action.RETURN, Action.REJECT})
_UNDER_MEMBERSHIP = _JUDGING | {Action.REOPEN}


class Story:
    """Facts by key after the events told so far. `terms` are all memberships by id, `tiers` the plan's review."""

    def __init__(self, findings: Findings, *, tiers: Sequence[Tier], terms: Mapping[UUID, Term]) -> None:
        self._findings, self._tiers, self._terms = findings, tiers, terms
        self.evidence: dict[UUID, EvidenceFact] = {}
        self.revisions: dict[RevisionKey, RevisionFact] = {}
        self.parts: dict[PartKey, PartFact] = {}
        self.redactions: dict[PartKey, RedactionFact] = {}
        self.links: dict[UUID, LinkFact] = {}
        self.contributors: dict[RevisionKey, set[UUID]] = {}
        self.decisions: dict[UUID, DecisionFact] = {}
        self.reopenings: dict[RevisionKey, ReopeningFact] = {}
        self.files: dict[UUID, StoredFileFact] = {}
        self.pics: dict[UUID, UUID | None] = {}
        self.classes = ClassHistory(findings, terms=terms)

    def tell(self, told: TrailEntry) -> None:
        """Take the next event of the chain."""
        if told.entry.name is EventName.EVIDENCE_STARTED:
            self._start(told)
        elif told.entry.name is EventName.PIC_ASSIGNED:
            self.pics[told.entry.obj] = told.id("pic")
        elif told.entry.name is EventName.CLASSIFICATION_CHANGED:
            self.classes.tell(told)
        elif told.entry.name is EventName.TRAIL_READ:
            return  # of an indicator, and it changes nothing
        elif told.entry.name is EventName.REVISION_DRAFTED:
            self._draft(told)
        elif _key(told) not in self.revisions:
            refuse_event(self._findings, told, "versi yang sudah dimulai", f"versi {told.entry.rev}")
        elif told.entry.name in READS:
            self._check_read(told)
        elif action := ACTIONS.get(told.entry.name):
            self._move(told, action)
        elif change := _CHANGES.get(told.entry.name):
            change(self, told)
            self._add_hands(told, told.entry.person)

    def _check_read(self, told: TrailEntry) -> None:
        """Reading changes nothing, and only what is there can be read: a file of that version, within its bytes."""
        if told.entry.name is not EventName.FILE_READ:
            return
        file, start, stop, size = told.id("file"), told.number("start"), told.number("stop"), told.number("size")
        part = self.parts.get((*_key(told), file)) if file else None
        if part is None or part.size != size or not 0 <= start < stop <= size:
            refuse_event(
                self._findings,
                told,
                f"bagian dari {part}",
                f"bita {start} sampai {stop} dari {size} dari berkas {file}",
            )

    def _start(self, told: TrailEntry) -> None:
        entry = told.entry
        self.evidence[entry.obj] = EvidenceFact(
            requirement=told.id("requirement"), started_by=entry.person, started_at=entry.at
        )
        self.revisions[entry.obj, 1] = RevisionFact(state=State.DRAFT, drafted_by=entry.person, drafted_at=entry.at)
        self._add_hands(told, entry.person)

    def _draft(self, told: TrailEntry) -> None:
        """The next version, with the files, links and hands of the one that it answers."""
        entry, key = told.entry, _key(told)
        answered = (entry.obj, told.number("answers"))
        self.revisions[key] = RevisionFact(
            state=State.DRAFT, answers=answered[1], drafted_by=entry.person, drafted_at=entry.at
        )
        for file, fact in _parts(told):
            self.parts[(*key, file)] = fact
            if mark := self.redactions.get((*answered, file)):
                self.redactions[(*key, file)] = mark
        contents = [fact for fact in self.links.values() if (fact.evidence, fact.rev) == answered]
        for link, content in zip(told.ids("links"), contents, strict=False):
            self.links[link] = replace(content, rev=key[1])
        self._add_hands(told, entry.person, *self.contributors.get(answered, set()))

    def upload(self, told: TrailEntry) -> None:
        """A file that was sent, stored and attached."""
        for file, fact in _parts(told):
            self.parts[(*_key(told), file)] = fact
            self.files[file] = StoredFileFact(
                uploader=told.entry.person,
                name=told.text("name"),
                object_key=told.text("object_key"),
                version_id=told.text("version_id"),
                uploaded_at=told.entry.at,
                media_type=fact.media_type,
                size=fact.size,
                sha256=fact.sha256,
                crc32=fact.crc32,
            )

    def reuse(self, told: TrailEntry) -> None:
        for file, fact in _parts(told):
            self.parts[(*_key(told), file)] = fact
        self._add_hands(told, told.id("uploader"))

    def remove_file(self, told: TrailEntry) -> None:
        if file := told.id("file"):
            self.parts.pop((*_key(told), file), None)

    def mark_copy(self, told: TrailEntry) -> None:
        """A file is the redacted copy of another one of its version, which is no copy itself."""
        key, file, original = _key(told), told.id("file"), told.id("original")
        if file is None or original is None or file == original or not self._is_fit(key, file, original):
            refuse_event(
                self._findings, told, "dua berkas dari versi itu, yang asli bukan salinan", f"{file} dari {original}"
            )
        if file:
            self.redactions[(*key, file)] = RedactionFact(original=original)

    def _is_fit(self, key: RevisionKey, file: UUID, original: UUID) -> bool:
        marked = {part[2]: mark.original for part, mark in self.redactions.items() if part[:2] == key}
        return {(*key, file), (*key, original)} <= self.parts.keys() and not (
            file in marked or original in marked or file in marked.values()
        )

    def unmark_copy(self, told: TrailEntry) -> None:
        if file := told.id("file"):
            self.redactions.pop((*_key(told), file), None)

    def add_link(self, told: TrailEntry) -> None:
        evidence, rev = _key(told)
        if link := told.id("link"):
            self.links[link] = LinkFact(evidence=evidence, rev=rev, url=told.text("url"), note=told.text("note"))

    def remove_link(self, told: TrailEntry) -> None:
        if link := told.id("link"):
            self.links.pop(link, None)

    def _add_hands(self, told: TrailEntry, *people: UUID | None) -> None:
        self.contributors.setdefault(_key(told), set()).update(person for person in people if person)

    def _move(self, told: TrailEntry, action: Action) -> None:
        """A step of the workflow: refuse the impossible, then take it as the portal would have written it."""
        key, entry = _key(told), told.entry
        before = self.revisions[key]
        decided = any((fact.evidence, fact.rev) == key for fact in self.decisions.values())
        transition = find_transition(action, before.state, decided=decided)
        if transition is None:
            refuse_event(self._findings, told, f"langkah yang mungkin dari {before.state.value}", action.value)
        if action in _UNDER_MEMBERSHIP:
            self._check_actor(told, action)
        if action is Action.SUBMIT:
            self._submit(told)
            return
        if action in _JUDGING:
            self._decide(told, action)
        if action is Action.REOPEN:
            self.reopenings[key] = ReopeningFact(
                reopened_by=entry.person,
                membership=told.id("membership"),
                note=told.text("note"),
                reopened_at=entry.at,
            )
        state, tier = transition.target if transition else before.state, before.tier
        if action is Action.APPROVE:
            state, tier = self._after_approval(told, before)
        settled = entry.at if state is not State.SUBMITTED else None
        self.revisions[key] = replace(before, state=state, tier=tier, settled_at=settled)

    def _check_actor(self, told: TrailEntry, action: Action) -> None:
        """The actor held the membership that the event names, and judged nothing that he had a hand in."""
        entry = told.entry
        check_membership(self._findings, told, self._terms, seats=self._seats(told, action))
        if action in _JUDGING and entry.person in self.contributors.get(_key(told), set()):
            refuse_event(self._findings, told, "pemeriksa yang tidak ikut menyusun", entry.actor)
        if action in _JUDGING and told.text("digest") != self.revisions[_key(told)].digest:
            refuse_event(
                self._findings, told, f"keputusan atas {self.revisions[_key(told)].digest}", told.text("digest")
            )

    def _seats(self, told: TrailEntry, action: Action) -> frozenset[Role]:
        """The roles that may take this step: those of the tier that decides now, or who reopens."""
        if action is Action.REOPEN:
            return frozenset({Role.TPI_LEAD})
        tier = self.revisions[_key(told)].tier
        return self._tiers[tier].roles if tier < len(self._tiers) else frozenset()

    def _submit(self, told: TrailEntry) -> None:
        key, entry = _key(told), told.entry
        self.contributors[key] = set(told.ids("contributors"))
        self.parts = {part: fact for part, fact in self.parts.items() if part[:2] != key}
        self.parts |= {(*key, file): fact for file, fact in _parts(told)}
        months = told.entry.data.get("months")
        self.revisions[key] = replace(
            self.revisions[key],
            state=State.SUBMITTED,
            submitted_by=entry.person,
            submitted_at=entry.at,
            digest=told.text("digest"),
            note=told.text("note"),
            document_date=told.day("document_date"),
            months=tuple(str(month) for month in months) if isinstance(months, list) else (),
        )

    def _decide(self, told: TrailEntry, action: Action) -> None:
        decision = told.id("decision")
        if decision is None:
            return
        self.decisions[decision] = DecisionFact(
            evidence=told.entry.obj,
            rev=told.entry.rev,
            tier=told.number("tier") - 1,
            reviewer=told.entry.person,
            membership=told.id("membership"),
            verdict=Verdict(action.value).value,
            reason=told.text("reason"),
            note=told.text("note"),
            digest=told.text("digest"),
            decided_at=told.entry.at,
        )

    def _after_approval(self, told: TrailEntry, before: RevisionFact) -> tuple[State, int]:
        """Where the quorum leads; the event must say the same of its being the last."""
        if before.tier >= len(self._tiers):
            return before.state, before.tier
        approvers = {
            fact.reviewer
            for fact in self.decisions.values()
            if (fact.evidence, fact.rev, fact.tier) == (*_key(told), before.tier) and fact.reviewer
        }
        position = after_approval(self._tiers, before.tier, frozenset(approvers))
        final = told.entry.data.get("final") is True
        if final != (position.state is State.APPROVED):
            refuse_event(
                self._findings,
                told,
                f"keadaan {position.state.value} menurut kuorum",
                "final" if final else "belum final",
            )
        return position.state, position.tier


_CHANGES: Mapping[EventName, Callable[[Story, TrailEntry], None]] = MappingProxyType(
    {
        EventName.FILE_UPLOADED: Story.upload,
        EventName.FILE_REUSED: Story.reuse,
        EventName.FILE_REMOVED: Story.remove_file,
        EventName.COPY_MARKED: Story.mark_copy,
        EventName.COPY_UNMARKED: Story.unmark_copy,
        EventName.LINK_ADDED: Story.add_link,
        EventName.LINK_REMOVED: Story.remove_link,
    }
)
"""What changes a draft's content."""


def _key(told: TrailEntry) -> RevisionKey:
    return told.entry.obj, told.entry.rev or 0


def _parts(told: TrailEntry) -> Iterator[tuple[UUID, PartFact]]:
    """The files that the event names, whether one or many."""
    listed = told.entry.data.get("files")
    for fact in listed if isinstance(listed, list) else [told.entry.data.get("fact")]:
        match fact:
            case {
                "file": str(file),
                "sha256": str(sha256),
                "crc32": str(crc32),
                "size": int(size),
                "media_type": str(media_type),
            }:
                yield UUID(file), PartFact(sha256=sha256, crc32=crc32, size=size, media_type=media_type)
