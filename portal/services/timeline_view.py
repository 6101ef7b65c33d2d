"""Riwayat as pages see it: the events of one indicator as a story, and who read what between them. Holds, and asks
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.domain.classification import Classification
from portal.domain.events import EventName
from portal.domain.reading import ReadPage
from portal.domain.roles import Role
from portal.services.places import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineFile:
    """A file as a leaf names it: its bytes' SHA-256 and size, under `id`; `name` is None where it stays closed."""

    id: UUID
    name: str | None
    sha256: str
    size: int
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassesChanged:
    """The class of a requirement before and after somebody raised or lowered it."""

    before: Classification
    after: Classification


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """One event. `who` is a name, or the process's code; `texts` the opened texts by field, None where they stay
    closed.

    `copy` are the names of a file and of the one that it is marked as a redacted copy of, where they may be told.
    `revision_id` is the version it is about when the reader may open that; `digest` its digest if the event names one.
    """

    seq: int
    leaf_hash: str
    name: EventName
    who: str
    role: Role | None
    at: datetime
    requirement: str | None
    evidence_id: UUID | None
    revision_number: int | None
    revision_id: UUID | None
    files: tuple[TimelineFile, ...]
    digest: str | None
    tier: int | None
    final: bool | None
    reason: str | None
    classes: ClassesChanged | None
    copy: tuple[str, str] | None
    texts: Mapping[str, str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineRead:
    """Somebody read a page, or bytes of a file: of its `size` those from `start` up to, not including, `stop`. What
    stays closed to this reader is None.
    """

    seq: int
    leaf_hash: str
    name: EventName
    who: str
    role: Role | None
    at: datetime
    requirement: str | None
    revision_number: int | None
    page: ReadPage | None
    file_name: str | None
    start: int | None
    stop: int | None
    size: int | None

    @property
    def is_whole(self) -> bool:
        return (self.start, self.stop) == (0, self.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """Reads between two events of the story, oldest first."""

    reads: tuple[TimelineRead, ...]

    @property
    def readers(self) -> int:
        """How many people they are by."""
        return len({read.who for read in self.reads})


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """All events of one indicator, oldest first. `reads` counts who read what, whether or not that is among `parts`."""

    place: Place
    indicator_text: str
    parts: tuple[TimelineEntry | Readings, ...]
    reads: int

    @property
    def entries(self) -> tuple[TimelineEntry, ...]:
        """The story: what changed something."""
        return tuple(part for part in self.parts if isinstance(part, TimelineEntry))
