"""What the rows around an evidence must be, by the events: one frozen fact for each row, by its key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias
from uuid import UUID

from portal.domain.workflow import State

RevisionKey: TypeAlias = tuple[UUID, int]
"""The evidence and the number of its revision: events know no other name for it."""
PartKey: TypeAlias = tuple[UUID, int, UUID]
"""A file or a person of a revision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceFact:
    requirement: UUID | None
    started_by: UUID | None
    started_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionFact:
    """`note`, `document_date` and `months` are None until the revision is submitted: a draft may say anything."""

    state: State
    tier: int = 0
    answers: int | None = None
    drafted_by: UUID | None
    drafted_at: datetime
    submitted_by: UUID | None = None
    submitted_at: datetime | None = None
    settled_at: datetime | None = None
    digest: str | None = None
    note: str | None = None
    document_date: date | None = None
    months: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionFact:
    """`tier` counts from 0, as the row does."""

    evidence: UUID
    rev: int | None
    tier: int
    reviewer: UUID | None
    membership: UUID | None
    verdict: str
    reason: str | None
    note: str | None
    digest: str | None
    decided_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopeningFact:
    reopened_by: UUID | None
    membership: UUID | None
    note: str | None
    reopened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFileFact:
    """`crc32` is 8 hex digits, as events spell it."""

    uploader: UUID | None
    name: str | None
    media_type: str | None
    size: int
    sha256: str | None
    crc32: str | None
    object_key: str | None
    version_id: str | None
    uploaded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PartFact:
    """A file as an event names it when it is attached or submitted."""

    sha256: str
    crc32: str
    size: int
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactionFact:
    """Of which file the one in the key is the redacted copy."""

    original: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkFact:
    evidence: UUID
    rev: int
    url: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Present:
    """A row that says nothing but that it is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBy:
    """Who holds a slot, or is in charge of it."""

    holder: UUID | None
