"""Riwayat: the trail of one indicator as a story, with the texts that this reader may know. Who only read is counted,
and told when it is asked for; nothing else is left out.

Built from the leaves alone; the only thing looked up elsewhere is people's names. Texts behind commitments are shown
for revisions whose content the reader may see, and stay closed otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.actor import Actor
from portal.domain.canonical_json import JsonValue
from portal.domain.errors import NotFound
from portal.domain.events import READS, EventName
from portal.domain.permissions import Permission
from portal.domain.policy import Subject, is_permitted, may_see_revision
from portal.domain.reading import ReadPage
from portal.domain.roles import Role
from portal.models import Evidence, Indicator, Requirement, Revision
from portal.services.log_reader import ORIGIN_FIELDS, LogEntry, count_entries, list_entries, read_openings
from portal.services.places import Place, get_indicator_place
from portal.services.revision_view import read_names
from portal.services.unit_of_work import transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineFile:
    """A file as a leaf names it: its bytes' SHA-256 and size, under `id`; `name` is None where it stays closed."""

    id: UUID
    name: str | None
    sha256: str
    size: int
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """One event. `who` is a name, or the process's code; `texts` the opened texts by field, None where they stay
    closed.

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
    texts: Mapping[str, str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineRead:
    """Somebody read a page, or bytes of a file: of its `size` those from `start` up to, not including, `stop`.
    `file_name` is None where it stays closed.
    """

    seq: int
    leaf_hash: str
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Version:
    """A revision that an event is about, as the policy sees it."""

    revision_id: UUID
    requirement: str
    subject: Subject


def get_timeline(*, actor: Actor, indicator_id: UUID, with_reads: bool = False, now: datetime) -> Timeline:  # noqa: ARG001  # services take now
    """The indicator's trail, with who read what if that is wanted; raises NotFound unless the actor may see it."""
    with transaction(write=False) as session:
        place = get_indicator_place(session, indicator_id)
        if not is_permitted(actor, Permission.SEE_TRAIL, place.subject()):
            raise NotFound
        entries = list_entries(session, place.scope, without=() if with_reads else READS)
        told = sum(entry.name not in READS for entry in entries)
        versions = _versions(session, place)
        openings = read_openings(session, [entry.seq for entry in entries])
        names = read_names(session, {entry.person for entry in entries if entry.person})
        return Timeline(
            place=place,
            indicator_text=session.execute(select(Indicator.text).where(Indicator.id == indicator_id)).scalar_one(),
            parts=_parts(entries, versions, openings, names, actor),
            reads=count_entries(session, place.scope) - told,
        )


def _parts(
    entries: Sequence[LogEntry],
    versions: Mapping[tuple[UUID, int], _Version],
    openings: Mapping[int, Mapping[str, str]],
    names: Mapping[UUID, str],
    actor: Actor,
) -> tuple[TimelineEntry | Readings, ...]:
    """The story in order. A file's name is told where it was sent; later events about the same file show it too."""
    told: list[TimelineEntry | Readings] = []
    file_names: dict[UUID, str] = {}
    for entry in entries:
        version, texts = versions.get((entry.obj, entry.rev or 0)), openings.get(entry.seq, {})
        readable = version is not None and may_see_revision(actor, version.subject)
        if readable and "name" in texts:
            file_names.update({fact.id: texts["name"] for fact in _files(entry.data, {})})
        shown_names = file_names if readable else {}
        if entry.name in READS:
            _add_read(told, _read(entry, version, names, shown_names))
        else:
            told.append(_entry(entry, version, texts if readable else None, names, shown_names))
    return tuple(told)


def _add_read(told: list[TimelineEntry | Readings], read: TimelineRead) -> None:
    """Put a read with those right before it."""
    before = told[-1] if told else None
    if isinstance(before, Readings):
        told[-1] = Readings(reads=(*before.reads, read))
    else:
        told.append(Readings(reads=(read,)))


def _read(
    entry: LogEntry, version: _Version | None, names: Mapping[UUID, str], file_names: Mapping[UUID, str]
) -> TimelineRead:
    page, file = _text(entry.data.get("page")), _text(entry.data.get("file"))
    return TimelineRead(
        seq=entry.seq,
        leaf_hash=entry.leaf_hash.hex(),
        who=_who(entry, names),
        role=entry.role,
        at=entry.at,
        requirement=version.requirement if version else None,
        revision_number=entry.rev,
        page=ReadPage(page) if page else None,
        file_name=file_names.get(UUID(file)) if file else None,
        start=_number(entry.data.get("start")),
        stop=_number(entry.data.get("stop")),
        size=_number(entry.data.get("size")),
    )


def _who(entry: LogEntry, names: Mapping[UUID, str]) -> str:
    return names.get(entry.person, entry.actor) if entry.person else entry.actor


def _versions(session: Session, place: Place) -> dict[tuple[UUID, int], _Version]:
    """Every revision of the indicator's evidence, by evidence and number."""
    query = (
        select(Revision.id, Revision.evidence_id, Revision.number, Revision.state, Requirement)
        .join(Evidence, Evidence.id == Revision.evidence_id)
        .join(Requirement, Requirement.id == Evidence.requirement_id)
        .where(Requirement.indicator_id == place.indicator_id)
    )
    return {
        (row.evidence_id, row.number): _Version(
            revision_id=row.id,
            requirement=row.Requirement.text,
            subject=replace(place.subject(row.Requirement.classification), state=row.state),
        )
        for row in session.execute(query)
    }


def _entry(
    entry: LogEntry,
    version: _Version | None,
    texts: Mapping[str, str] | None,
    names: Mapping[UUID, str],
    file_names: Mapping[UUID, str],
) -> TimelineEntry:
    return TimelineEntry(
        seq=entry.seq,
        leaf_hash=entry.leaf_hash.hex(),
        name=entry.name,
        who=_who(entry, names),
        role=entry.role,
        at=entry.at,
        requirement=version.requirement if version else None,
        evidence_id=entry.obj if version else None,
        revision_number=entry.rev,
        revision_id=version.revision_id if version and texts is not None else None,
        files=tuple(_files(entry.data, file_names)),
        digest=_text(entry.data.get("digest")),
        tier=_number(entry.data.get("tier")),
        final=entry.data["final"] is True if "final" in entry.data else None,
        reason=_text(entry.data.get("reason")),
        texts=None if texts is None else {name: text for name, text in texts.items() if name not in CLOSED},
    )


CLOSED = ORIGIN_FIELDS | {"name"}
"""Openings that the timeline does not tell as sentences: where a request came from, and the names that files carry."""


def _files(data: Mapping[str, JsonValue], names: Mapping[UUID, str]) -> Iterable[TimelineFile]:
    """The files that the event names, whether one or many."""
    listed = data.get("files")
    facts = listed if isinstance(listed, list) else [data.get("fact")]
    for fact in facts:
        match fact:
            case {"file": str(file), "sha256": str(sha256), "size": int(size), "media_type": str(media_type)}:
                yield TimelineFile(
                    id=UUID(file), name=names.get(UUID(file)), sha256=sha256, size=size, media_type=media_type
                )


def _text(value: JsonValue) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: JsonValue) -> int | None:
    return value if isinstance(value, int) else None
