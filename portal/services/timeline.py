"""Riwayat: the trail of one indicator as a story, with the texts that this reader may know. Who only read is counted,
and told when it is asked for; nothing else is left out.

Built from the leaves alone; the only thing looked up elsewhere is people's names. Texts behind commitments are shown
for revisions whose content the reader may see, and stay closed otherwise; of a restricted one so do the hashes of its
files, by which a guess could be checked.
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
from portal.domain.classification import Classification
from portal.domain.errors import NotFound
from portal.domain.events import READS, EventName
from portal.domain.permissions import Permission
from portal.domain.policy import is_permitted, may_see_revision
from portal.domain.reading import ReadPage
from portal.domain.workflow import State
from portal.models import Evidence, Indicator, Requirement, Revision, RevisionFile
from portal.services.log_reader import ORIGIN_FIELDS, LogEntry, count_entries, list_entries, read_openings
from portal.services.places import Place, get_indicator_place
from portal.services.reading import record_trail
from portal.services.revision_view import read_names
from portal.services.timeline_view import (
    ClassesChanged,
    Readings,
    Timeline,
    TimelineEntry,
    TimelineFile,
    TimelineRead,
)
from portal.services.unit_of_work import transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class _Version:
    """A revision that an event is about, and how much of it this reader may know."""

    revision_id: UUID
    requirement: str
    has_page: bool
    is_restricted: bool
    is_readable: bool
    files: frozenset[UUID]

    @property
    def shows_hashes(self) -> bool:
        return self.is_readable or not self.is_restricted


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What the leaves' ids stand for: `versions` by evidence and number, `requirements` and `names` by their ids.

    `sees_reasons` tells whether the reader may know why a class was changed.
    """

    versions: Mapping[tuple[UUID, int], _Version]
    requirements: Mapping[UUID, str]
    names: Mapping[UUID, str]
    sees_reasons: bool


def get_timeline(*, actor: Actor, indicator_id: UUID, with_reads: bool = False, now: datetime) -> Timeline:
    """The indicator's trail, with who read what if that is wanted; raises NotFound unless the actor may see it. Reading
    it is recorded where texts of restricted evidence are open to him.
    """
    timeline, opens_restricted = _read_timeline(actor, indicator_id, with_reads=with_reads)
    if opens_restricted:
        record_trail(timeline.place, actor=actor, now=now)
    return timeline


def _read_timeline(actor: Actor, indicator_id: UUID, *, with_reads: bool) -> tuple[Timeline, bool]:
    with transaction(write=False) as session:
        place = get_indicator_place(session, indicator_id)
        if not is_permitted(actor, Permission.SEE_TRAIL, place.subject()):
            raise NotFound
        entries = list_entries(session, place.scope, without=() if with_reads else READS)
        told = sum(entry.name not in READS for entry in entries)
        known = _Known(
            versions=_versions(session, place, actor),
            requirements=_requirements(session, place),
            names=read_names(session, {entry.person for entry in entries if entry.person}),
            sees_reasons=_sees_reasons(actor, place),
        )
        timeline = Timeline(
            place=place,
            indicator_text=session.execute(select(Indicator.text).where(Indicator.id == indicator_id)).scalar_one(),
            parts=_parts(entries, known, read_openings(session, [entry.seq for entry in entries])),
            reads=count_entries(session, place.scope) - told,
        )
        return timeline, any(v.is_restricted and v.is_readable for v in known.versions.values())


def _parts(
    entries: Sequence[LogEntry], known: _Known, openings: Mapping[int, Mapping[str, str]]
) -> tuple[TimelineEntry | Readings, ...]:
    """The story in order. A file's name is told where it was sent; later events about the same file show it too, and so
    does a version that holds it, though what it came along from may stay closed.
    """
    told: list[TimelineEntry | Readings] = []
    sent_names: dict[UUID, str] = {}
    file_names: dict[UUID, str] = {}
    for entry in entries:
        version, texts = known.versions.get((entry.obj, entry.rev or 0)), openings.get(entry.seq, {})
        readable = version.is_readable if version else _is_open_reason(entry, known)
        if "name" in texts:
            sent_names.update({fact.id: texts["name"] for fact in _files(entry.data, {})})
        if readable:
            new = {fact.id for fact in _files(entry.data, {})} if "name" in texts else set()
            held = version.files if version else frozenset()
            file_names.update({file: sent_names[file] for file in held | new if file in sent_names})
        shown_names = file_names if readable else {}
        if entry.name in READS:
            _add_read(told, _read(entry, version, known, shown_names))
        else:
            told.append(_entry(entry, version, known, texts if readable else None, shown_names))
    return tuple(told)


def _add_read(told: list[TimelineEntry | Readings], read: TimelineRead) -> None:
    """Put a read with those right before it."""
    before = told[-1] if told else None
    if isinstance(before, Readings):
        told[-1] = Readings(reads=(*before.reads, read))
    else:
        told.append(Readings(reads=(read,)))


def _read(entry: LogEntry, version: _Version | None, known: _Known, file_names: Mapping[UUID, str]) -> TimelineRead:
    data = _open_data(entry, known)
    page, file = _text(data.get("page")), _text(data.get("file"))
    return TimelineRead(
        seq=entry.seq,
        leaf_hash=entry.leaf_hash.hex(),
        name=entry.name,
        who=_who(entry, known.names),
        role=entry.role,
        at=entry.at,
        requirement=version.requirement if version else None,
        revision_number=entry.rev,
        page=ReadPage(page) if page else None,
        file_name=file_names.get(UUID(file)) if file else None,
        start=_number(data.get("start")),
        stop=_number(data.get("stop")),
        size=_number(data.get("size")),
    )


def _who(entry: LogEntry, names: Mapping[UUID, str]) -> str:
    return names.get(entry.person, entry.actor) if entry.person else entry.actor


def _is_open_reason(entry: LogEntry, known: _Known) -> bool:
    return entry.name is EventName.CLASSIFICATION_CHANGED and known.sees_reasons


def _sees_reasons(actor: Actor, place: Place) -> bool:
    """A reason may hint at what is restricted: it is for who reads that here, and for who changes classes."""
    secret = replace(place.subject(Classification.RAHASIA), state=State.APPROVED)
    changes_classes = is_permitted(actor, Permission.RAISE_CLASSIFICATION, place.subject())
    return changes_classes or is_permitted(actor, Permission.SEE_EVIDENCE, secret)


def _requirements(session: Session, place: Place) -> dict[UUID, str]:
    query = select(Requirement.id, Requirement.text).where(Requirement.indicator_id == place.indicator_id)
    return {row.id: row.text for row in session.execute(query)}


def _versions(session: Session, place: Place, actor: Actor) -> dict[tuple[UUID, int], _Version]:
    """Every revision of the indicator's evidence, by evidence and number."""
    query = (
        select(
            Revision.id,
            Revision.evidence_id,
            Revision.number,
            Revision.state,
            Requirement.text,
            Requirement.classification,
        )
        .join(Evidence, Evidence.id == Revision.evidence_id)
        .join(Requirement, Requirement.id == Evidence.requirement_id)
        .where(Requirement.indicator_id == place.indicator_id)
    )
    found, files = {}, _files_of_versions(session, place)
    for row in session.execute(query):
        found[row.evidence_id, row.number] = _Version(
            revision_id=row.id,
            requirement=row.text,
            has_page=row.state is not State.DISCARDED,
            is_restricted=row.classification.is_restricted,
            is_readable=may_see_revision(actor, replace(place.subject(row.classification), state=row.state)),
            files=frozenset(files.get(row.id, ())),
        )
    return found


def _files_of_versions(session: Session, place: Place) -> dict[UUID, list[UUID]]:
    """The files that each revision of the indicator's evidence holds."""
    query = (
        select(RevisionFile.revision_id, RevisionFile.file_id)
        .join(Revision, Revision.id == RevisionFile.revision_id)
        .join(Evidence, Evidence.id == Revision.evidence_id)
        .join(Requirement, Requirement.id == Evidence.requirement_id)
        .where(Requirement.indicator_id == place.indicator_id)
    )
    found: dict[UUID, list[UUID]] = {}
    for row in session.execute(query):
        found.setdefault(row.revision_id, []).append(row.file_id)
    return found


def _entry(
    entry: LogEntry,
    version: _Version | None,
    known: _Known,
    texts: Mapping[str, str] | None,
    file_names: Mapping[UUID, str],
) -> TimelineEntry:
    data = _open_data(entry, known)
    return TimelineEntry(
        seq=entry.seq,
        leaf_hash=entry.leaf_hash.hex(),
        name=entry.name,
        who=_who(entry, known.names),
        role=entry.role,
        at=entry.at,
        requirement=version.requirement if version else known.requirements.get(entry.obj),
        evidence_id=entry.obj if version else None,
        revision_number=entry.rev,
        revision_id=version.revision_id if version and version.has_page and texts is not None else None,
        files=tuple(_files(data, file_names)),
        digest=_text(data.get("digest")),
        tier=_number(data.get("tier")),
        final=data["final"] is True if "final" in data else None,
        reason=_text(data.get("reason")),
        classes=_classes(data) if entry.name is EventName.CLASSIFICATION_CHANGED else None,
        copy=_copy(data, file_names),
        texts=None if texts is None else {name: text for name, text in texts.items() if name not in CLOSED},
    )


def _open_data(entry: LogEntry, known: _Known) -> Mapping[str, JsonValue]:
    """The event's own fields; about restricted content only what says nothing of it: where it stood, which page. A new
    draft begins with the content of the version that it answers.
    """
    version = known.versions.get((entry.obj, _number(entry.data.get("answers")) or entry.rev or 0))
    if version is None or version.shows_hashes:
        return entry.data
    return {name: value for name, value in entry.data.items() if name in {"tier", "final", "page"}}


def _classes(data: Mapping[str, JsonValue]) -> ClassesChanged:
    return ClassesChanged(before=Classification(str(data["before"])), after=Classification(str(data["after"])))


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


def _copy(data: Mapping[str, JsonValue], names: Mapping[UUID, str]) -> tuple[str, str] | None:
    match data:
        case {"file": str(file), "original": str(original)} if {UUID(file), UUID(original)} <= names.keys():
            return names[UUID(file)], names[UUID(original)]
    return None


def _text(value: JsonValue) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: JsonValue) -> int | None:
    return value if isinstance(value, int) else None
