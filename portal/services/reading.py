"""Reads in the trail: each evidence file that is sent, and each page that shows the content of a restricted revision.

A read is recorded in a transaction of its own before the service hands the content out, so that what cannot be recorded
is not shown. What the same person had recorded in the same session a moment ago is not recorded again: the trail grows
with what people read, not with how often they press a key.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.domain.actor import Actor
from portal.domain.events import EvidenceRead, FileRead, PageRead, TrailRead
from portal.domain.permissions import Permission
from portal.domain.policy import Subject, find_file_grant, find_grant
from portal.domain.reading import ReadPage
from portal.domain.workflow import State
from portal.services import audit
from portal.services.log_reader import LogEntry, list_newest, read_openings
from portal.services.places import Place
from portal.services.shown_revision import ShownRevision
from portal.services.unit_of_work import transaction

JOINED_FOR = timedelta(minutes=5)
"""How long a recorded read stands for the same page opened again, or for the rest of a download that broke off."""

LOOKED_AT = 100
"""Newest leaves of the indicator among which it is looked for; in a busier one it is recorded once more."""


def record_page(page: ReadPage, shown: ShownRevision, *, actor: Actor, now: datetime) -> None:
    """Record that a page with the revision's content is opened, if it is restricted and not the actor's own draft."""
    is_own = shown.state is State.DRAFT and shown.drafter_id == actor.user_id
    if shown.classification.is_restricted and not is_own:
        _record(PageRead(obj=shown.evidence_id, rev=shown.number, page=page), shown.place, shown.subject, actor, now)


def record_file(event: FileRead, shown: ShownRevision, *, actor: Actor, now: datetime) -> None:
    """Record that bytes of one of the revision's files are sent, whatever its class."""
    _record(event, shown.place, shown.subject, actor, now)


def record_trail(place: Place, *, actor: Actor, now: datetime) -> None:
    """Record that the indicator's timeline is opened with texts of restricted evidence."""
    _record(TrailRead(obj=place.indicator_id), place, place.subject(), actor, now)


def _record(event: EvidenceRead | TrailRead, place: Place, subject: Subject, actor: Actor, now: datetime) -> None:
    with transaction(write=False) as session:
        if _is_recorded(session, event, place.scope, actor, now):
            return
    if isinstance(event, TrailRead):
        grant = find_grant(actor, Permission.SEE_TRAIL, subject)
    else:
        grant = find_file_grant(actor, subject, is_copy=True)
    with transaction() as session:
        audit.record(session, event, actor=actor, now=now, grant=grant, scope=place.scope, area=place.area_code)


def _is_recorded(session: Session, event: EvidenceRead | TrailRead, scope: str, actor: Actor, now: datetime) -> bool:
    """Whether the same person in the same session has a read in the trail that stands for this one."""
    newest = list_newest(session, scope, most=LOOKED_AT)
    known = [entry.seq for entry in _lately(newest, now) if entry.person == actor.user_id and _covers(entry, event)]
    if not known:
        return False
    own = actor.origin.session if actor.origin else None
    openings = read_openings(session, known)
    return any(openings.get(seq, {}).get("sid") == own for seq in known)


def _lately(entries: Iterable[LogEntry], now: datetime) -> Iterable[LogEntry]:
    return (entry for entry in entries if now - JOINED_FOR < entry.at <= now)


def _covers(entry: LogEntry, event: EvidenceRead | TrailRead) -> bool:
    """Whether a recorded read stands for this one: the same page, or bytes among which are those of a part. A whole
    file is a download of its own each time.
    """
    if (entry.name, entry.obj, entry.rev) != (event.type, event.obj, getattr(event, "rev", None)):
        return False
    match event, entry.data:
        case TrailRead(), _:
            return True
        case PageRead(page=page), {"page": str(recorded)}:
            return recorded == page.value
        case FileRead(file=file, start=start, stop=stop, size=size), {
            "file": str(recorded),
            "start": int(first),
            "stop": int(end),
        }:
            return recorded == str(file) and (start, stop) != (0, size) and first <= start and stop <= end
    return False
