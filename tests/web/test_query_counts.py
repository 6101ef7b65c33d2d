"""No page asks more of the database the more there is in it, with ten rows or a thousand.

Lists and the home page need twelve statements at most; a page of one thing, with all its versions and people, twenty.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import event, insert, update

from portal.db import db
from portal.domain.roles import Role
from portal.domain.workflow import State
from portal.models import Contributor, Evidence, Revision, RevisionFile, RevisionSlot, SlotClaim, StoredFile, User
from portal.services.people import get_actor_by_email
from portal.services.unit_of_work import transaction
from tests.builders.world import NOW, World, build_world
from tests.web.stories.people import Person, add_account, sign_in

MOST, MOST_OF_ONE = 12, 20
SMALL, LARGE = 2, 170
"""Indicators in each of two areas, with three slots each: 12 slots, and 1,020."""


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """The statements sent while inside; those that only open or close a transaction do not count."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            sent.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def fill(world: World, sender_email: str) -> None:
    """One submitted evidence for every slot, written in bulk; the guards still look at each row."""
    sender = get_actor_by_email(email=sender_email, now=NOW).person
    slots = [(requirement, slot) for requirement, own in world.slots.items() for slot in own]
    ids = [(requirement, slot, uuid4(), uuid4(), uuid4()) for requirement, slot in slots]
    with transaction() as session:
        rows: list[tuple[type, list[dict[str, object]]]] = [
            (
                Evidence,
                [{"id": e, "requirement_id": q, "started_by": sender, "started_at": NOW} for q, _, e, _, _ in ids],
            ),
            (Revision, [_draft(e, r, sender) for _, _, e, r, _ in ids]),
            (StoredFile, [_file(f, sender) for _, _, _, _, f in ids]),
            (RevisionFile, [{"revision_id": r, "file_id": f, "position": 0} for _, _, _, r, f in ids]),
            (RevisionSlot, [{"revision_id": r, "slot_id": s} for _, s, _, r, _ in ids]),
            (SlotClaim, [{"slot_id": s, "evidence_id": e} for _, s, e, _, _ in ids]),
            (Contributor, [{"revision_id": r, "user_id": sender} for _, _, _, r, _ in ids]),
        ]
        for model, values in rows:
            session.execute(insert(model), values)
        session.execute(
            update(Revision).values(state=State.SUBMITTED, digest="0" * 64, submitted_by=sender, submitted_at=NOW)
        )


def _evidence(evidence_id: object, requirement_id: object, sender: object) -> dict[str, object]:
    return {"id": evidence_id, "requirement_id": requirement_id, "started_by": sender, "started_at": NOW}


def _draft(evidence_id: object, revision_id: object, sender: object) -> dict[str, object]:
    return {
        "id": revision_id, "evidence_id": evidence_id, "number": 1, "state": State.DRAFT, "tier": 0, "note": "",
        "digest_salt": secrets.token_hex(16), "drafted_by": sender, "drafted_at": NOW,
    }  # fmt: skip


def _file(file_id: object, sender: object) -> dict[str, object]:
    return {
        "id": file_id, "uploader_id": sender, "name": "a.pdf", "media_type": "application/pdf", "size": 1,
        "sha256": secrets.token_hex(32), "crc32": 1, "object_key": secrets.token_hex(16), "uploaded_at": NOW,
    }  # fmt: skip


def more_people(count: int) -> None:
    with transaction() as session:
        session.add_all(
            User(email=f"x{n}@contoh.invalid", name=f"Orang {n}", password_hash="-", created_at=NOW)
            for n in range(count)
        )


PAGES = {
    Role.UPLOADER: ("/tugas", "/indikator", "{indicator}", "{evidence}", "{timeline}"),
    Role.TPI_MEMBER: ("/tugas", "/antrean", "{review}", "/indikator"),
    Role.TPI_LEAD: ("/tugas", "/paket"),
    Role.ADMIN: ("/tugas", "/pengguna", "{indicator}"),
}


OF_ONE = {"{evidence}", "{review}"}


def addresses(reviewer: Person) -> dict[str, str]:
    """The addresses of one thing of each kind, found as a reviewer finds them."""
    reviewer.open("/antrean")
    review = reviewer.link("/periksa/")
    reviewer.open(review)
    indicator, timeline = reviewer.link("/indikator/"), reviewer.link("/riwayat/")
    reviewer.open(indicator)
    return {
        "review": review,
        "indicator": indicator,
        "timeline": timeline,
        "evidence": reviewer.link("/bukti/"),
    }


@pytest.mark.parametrize("indicators", [SMALL, LARGE])
def test_every_page_needs_few_statements_however_much_there_is(app: Flask, indicators: int) -> None:
    with app.app_context():
        world = build_world(indicators=indicators)
        more_people(indicators)
    emails = {role: f"{role.value}@contoh.go.id" for role in PAGES}
    for role, email in emails.items():
        add_account(app, email, role)
    with app.app_context():
        fill(world, emails[Role.UPLOADER])
    named = addresses(sign_in(app, emails[Role.TPI_MEMBER]))
    too_many = []
    for role, paths in PAGES.items():
        person = sign_in(app, emails[role])
        for path in paths:
            with counted(app) as sent:
                person.open(path.format(**named))
            assert person.page.status_code == 200, (role, path)
            if len(sent) > (MOST_OF_ONE if path in OF_ONE else MOST):
                too_many.append(f"{role.value} {path}: {len(sent)} statements")
    assert not too_many
