"""The office of the Merangin plan, for stories: its plan, its people, and evidence that is approved."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from uuid import UUID

from flask import Flask
from sqlalchemy import select

from portal.domain.actor import Actor
from portal.domain.review import ReturnReason
from portal.domain.roles import Role
from portal.domain.workflow import Action
from portal.models import Indicator, Requirement, Slot
from portal.services.drafts import start_evidence
from portal.services.people import get_actor_by_email
from portal.services.plans import import_plan
from portal.services.unit_of_work import transaction
from portal.services.uploads import OfferedFile, add_files
from portal.services.workflow import perform
from tests.builders import documents
from tests.builders.commands import command_on
from tests.services.plan_file.merangin import merangin_plan
from tests.services.units import add_merangin_units
from tests.web.stories.people import add_account

PDF = documents.pdf()


def open_office(app: Flask) -> None:
    """The units, the plan, an uploader, a TPI member and a TPI lead."""
    with app.app_context():
        add_merangin_units()
        import_plan(
            actor=Actor.system("test"),
            unit_code="KPU-1502",
            year=2025,
            document=merangin_plan(),
            now=datetime.now(UTC),
        )
    add_account(app, "siti@contoh.go.id", Role.UPLOADER, name="Siti Rahmawati")
    add_account(app, "hendra@contoh.go.id", Role.TPI_MEMBER, name="Hendra Gunawan")
    add_account(app, "dewi@contoh.go.id", Role.TPI_LEAD, name="Dewi Lestari")


def open_audited_office(app: Flask) -> None:
    """The same with an auditor, and one approved evidence with `PDF`."""
    open_office(app)
    add_account(app, "agus@contoh.go.id", Role.AUDITOR, name="Agus Salim")
    approved_evidence(app, "I.1.1", name="SK Tim.pdf")


def approved_evidence(app: Flask, code: str, *, name: str, content: bytes = PDF) -> UUID:
    """An approved evidence for the first item of an indicator, in its first month; returns the revision's id."""
    return sent_evidence(app, code, Action.SUBMIT, Action.APPROVE, name=name, content=content)


def sent_evidence(app: Flask, code: str, *actions: Action, name: str = "Laporan.pdf", content: bytes = PDF) -> UUID:
    """A draft of Siti's with one file, and then what she and Hendra do with it; returns the revision's id."""
    now = datetime.now(UTC)
    with app.app_context():
        siti = get_actor_by_email(email="siti@contoh.go.id", now=now)
        hendra = get_actor_by_email(email="hendra@contoh.go.id", now=now)
        requirement_id, slot_id = _first_slot(code)
        draft = start_evidence(actor=siti, requirement_id=requirement_id, slot_ids=[slot_id], now=now)
        report = add_files(
            actor=siti,
            revision_id=draft.revision_id,
            files=[OfferedFile(name, BytesIO(content))],
            store=app.extensions["portal.store"],
            limit=1 << 30,
            now=now,
        )
        assert not report.refused, report.refused
        for action in actions:
            _act(siti if action is Action.SUBMIT else hendra, action, draft.revision_id, now)
        return draft.revision_id


def _act(actor: Actor, action: Action, revision_id: UUID, now: datetime) -> None:
    """Act on what is stored now; a return has its reason."""
    note = "Halaman 2 belum ditandatangani." if action is Action.RETURN else ""
    command = command_on(revision_id, action, note=note, reason=ReturnReason.NOT_SIGNED)
    perform(actor=actor, command=command, now=now)


def _first_slot(code: str) -> tuple[UUID, UUID]:
    query = (
        select(Slot.requirement_id, Slot.id)
        .join(Requirement, Requirement.id == Slot.requirement_id)
        .join(Indicator, Indicator.id == Requirement.indicator_id)
        .where(Indicator.code == code)
        .order_by(Requirement.position, Slot.month)
    )
    with transaction(write=False) as session:
        row = session.execute(query).first()
        assert row is not None, f"no slot for {code}"
        return row.requirement_id, row.id
