"""Links of a draft: addresses on the web that belong to the evidence, with a note on what is to be seen there."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import delete

from portal.domain.actor import Actor
from portal.domain.errors import InvalidInput, NotFound
from portal.domain.events import LinkAdded, LinkRemoved, Personal
from portal.models import RevisionLink
from portal.services.draft_change import get_open_draft, record_change
from portal.services.one_line import one_line
from portal.services.unit_of_work import transaction

MOST_LINKS = 50
LONGEST_URL = 2000
LONGEST_NOTE = 500


def add_link(*, actor: Actor, revision_id: UUID, url: str, note: str, now: datetime) -> UUID:
    """Add an http or https address; raises NotFound, NotPermitted, InvalidTransition or InvalidInput."""
    url = _checked_url(url)
    note = one_line("note", note, longest=LONGEST_NOTE) if note.strip() else ""
    with transaction() as session:
        case = get_open_draft(session, actor=actor, revision_id=revision_id)
        links = case.revision.links
        if len(links) >= MOST_LINKS:
            raise InvalidInput("url", f"Satu bukti memuat paling banyak {MOST_LINKS} tautan.")
        if any(link.url == url for link in links):
            raise InvalidInput("url", "Tautan ini sudah ada di bukti ini.")
        position = max((link.position for link in links), default=-1) + 1
        link = RevisionLink(revision_id=revision_id, position=position, url=url, note=note)
        session.add(link)
        event = LinkAdded(
            obj=case.evidence.id, rev=case.revision.number, link=link.id, url=Personal(url), note=Personal(note)
        )
        record_change(session, case, event, actor=actor, now=now)
        return link.id


def remove_link(*, actor: Actor, revision_id: UUID, link_id: UUID, now: datetime) -> None:
    """Take a link out of the draft; raises NotFound when it is not in it."""
    with transaction() as session:
        case = get_open_draft(session, actor=actor, revision_id=revision_id)
        removed = session.execute(
            delete(RevisionLink)
            .where(RevisionLink.revision_id == revision_id, RevisionLink.id == link_id)
            .returning(RevisionLink.id)
        ).one_or_none()
        if removed is None:
            raise NotFound
        event = LinkRemoved(obj=case.evidence.id, rev=case.revision.number, link=link_id)
        record_change(session, case, event, actor=actor, now=now)


def _checked_url(url: str) -> str:
    url = one_line("url", url, longest=LONGEST_URL)
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host = None
    if not host or parts.scheme not in {"http", "https"} or parts.username or " " in url:
        raise InvalidInput("url", "Tautan harus lengkap dan diawali https:// atau http://, tanpa spasi.")
    return url
