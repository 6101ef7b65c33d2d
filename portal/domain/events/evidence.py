"""Events of evidence, from its draft to its decision, and of who read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from portal.domain.classification import Classification
from portal.domain.events.base import Event, Personal, RevisionEvent
from portal.domain.events.names import EventName
from portal.domain.reading import ReadPage
from portal.domain.review import ReturnReason


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFact:
    """One file as the trail states it. `crc32` is 8 hex digits, `size` is in bytes."""

    file: UUID
    sha256: str
    crc32: str
    size: int
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceStarted(RevisionEvent):
    type = EventName.EVIDENCE_STARTED
    requirement: UUID
    classification: Classification


@dataclass(frozen=True, slots=True, kw_only=True)
class FileUploaded(RevisionEvent):
    type = EventName.FILE_UPLOADED
    fact: FileFact
    object_key: str
    version_id: str | None
    name: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReused(RevisionEvent):
    """A file that is stored already was attached; `uploader` sent it first."""

    type = EventName.FILE_REUSED
    fact: FileFact
    uploader: UUID
    name: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRemoved(RevisionEvent):
    """Taken out of the draft; the object stays."""

    type = EventName.FILE_REMOVED
    file: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyMarked(RevisionEvent):
    """`file` is the redacted copy of `original`, which is in the same revision."""

    type = EventName.COPY_MARKED
    file: UUID
    original: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyUnmarked(RevisionEvent):
    """`file` is a file like any other again."""

    type = EventName.COPY_UNMARKED
    file: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkAdded(RevisionEvent):
    type = EventName.LINK_ADDED
    link: UUID
    url: Personal
    note: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRemoved(RevisionEvent):
    type = EventName.LINK_REMOVED
    link: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionDrafted(RevisionEvent):
    """A new draft began with the content of revision `answers`, marks of copies included."""

    type = EventName.REVISION_DRAFTED
    answers: int
    files: tuple[FileFact, ...]
    links: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftDiscarded(RevisionEvent):
    type = EventName.DRAFT_DISCARDED


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceSubmitted(RevisionEvent):
    """`digest` covers the whole revision; `months` are the first days of the slots' months, in order; `contributors`
    everybody who had a hand in it, sorted, and so may not decide on it.
    """

    type = EventName.EVIDENCE_SUBMITTED
    digest: str
    files: tuple[FileFact, ...]
    links: tuple[UUID, ...]
    months: tuple[date, ...]
    document_date: date | None
    contributors: tuple[UUID, ...]
    note: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceWithdrawn(RevisionEvent):
    type = EventName.EVIDENCE_WITHDRAWN
    note: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionEvent(RevisionEvent):
    """Base of the three verdicts: `digest` is the revision as the reviewer was shown it, `tier` counts from 1."""

    decision: UUID
    membership: UUID
    digest: str
    tier: int
    note: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceApproved(DecisionEvent):
    """`final` tells whether the revision is approved by this, or waits for a further approval."""

    type = EventName.EVIDENCE_APPROVED
    final: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceReturned(DecisionEvent):
    type = EventName.EVIDENCE_RETURNED
    reason: ReturnReason


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRejected(DecisionEvent):
    type = EventName.EVIDENCE_REJECTED
    reason: ReturnReason


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceReopened(RevisionEvent):
    type = EventName.EVIDENCE_REOPENED
    membership: UUID
    note: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRead(RevisionEvent):
    """Base of the events that tell of no change: content was handed out. Written before the first byte leaves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRead(EvidenceRead):
    """Of the file's `size` bytes those from `start` up to, not including, `stop`."""

    type = EventName.FILE_READ
    file: UUID
    start: int
    stop: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRead(EvidenceRead):
    """A page with the content of a restricted revision, and of those before it where the page shows them."""

    type = EventName.PAGE_READ
    page: ReadPage


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailRead(Event):
    """The timeline of an indicator (`obj`) with names, notes or links of its restricted evidence."""

    type = EventName.TRAIL_READ


READS = frozenset({EventName.FILE_READ, EventName.PAGE_READ, EventName.TRAIL_READ})
"""Events that change nothing: whoever follows what became of an evidence may pass them over."""
