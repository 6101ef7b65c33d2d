"""Restricted evidence in every state, full of marks that nobody without the right must ever meet, and people of every
kind who look for them.

Some of it was restricted by the plan, the rest was raised afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256
from io import BytesIO
from uuid import UUID

from flask import Flask

from portal.domain.actor import Actor
from portal.domain.classification import Classification
from portal.domain.roles import Role
from portal.domain.workflow import Action
from portal.models import Revision
from portal.services.classifying import change_classification
from portal.services.drafts import Draft, answer_revision, change_draft, start_evidence
from portal.services.links import add_link, remove_link
from portal.services.people import get_actor_by_email
from portal.services.unit_of_work import transaction
from portal.services.uploads import OfferedFile, add_files, remove_file
from portal.services.workflow import perform
from tests.builders import documents
from tests.builders.commands import command_on
from tests.builders.world import World, build_world
from tests.web.stories.people import add_account

UNIT, ELSEWHERE = "KPU-1502", "KPU-1503"

HANDED_IN = frozenset({"diajukan", "dikembalikan", "ditolak", "disetujui", "dibuka"})
OF_AREA = HANDED_IN | {"draf", "ditarik", "digantikan", "dibuang"}

FATES: Mapping[str, tuple[Action, ...]] = {
    "draf": (),
    "diajukan": (Action.SUBMIT,),
    "disetujui": (Action.SUBMIT, Action.APPROVE),
    "dikembalikan": (Action.SUBMIT, Action.RETURN),
    "ditolak": (Action.SUBMIT, Action.REJECT),
    "ditarik": (Action.SUBMIT, Action.WITHDRAW),
    "dibuka": (Action.SUBMIT, Action.APPROVE, Action.REOPEN),
    "dibuang": (Action.DISCARD,),
    "digantikan": (Action.SUBMIT, Action.WITHDRAW),
}
"""What becomes of each evidence; the last one is answered by a version with nothing of it."""

OPEN = "terbuka"
"""The one evidence that everybody in the unit may read, of another area."""


@dataclass(frozen=True, slots=True)
class Onlooker:
    """Somebody with one role; `sees` are the fates of which he may know the content, `knows_why` tells whether also why
    a class was changed.
    """

    role: Role
    area: str | None = None
    unit: str = UNIT
    restricted: bool = False
    sees: frozenset[str] = frozenset()
    knows_why: bool = False


ONLOOKERS: Mapping[str, Onlooker] = {
    "pengunggah-ii": Onlooker(Role.UPLOADER, "II", sees=OF_AREA, knows_why=True),
    "koordinator-ii": Onlooker(Role.AREA_COORDINATOR, "II", sees=OF_AREA, knows_why=True),
    "anggota": Onlooker(Role.TPI_MEMBER, sees=HANDED_IN, knows_why=True),
    "ketua": Onlooker(Role.TPI_LEAD, sees=HANDED_IN, knows_why=True),
    "auditor-berizin": Onlooker(Role.AUDITOR, restricted=True, sees=frozenset({"disetujui"}), knows_why=True),
    "pengunggah-i": Onlooker(Role.UPLOADER, "I"),
    "koordinator-i": Onlooker(Role.AREA_COORDINATOR, "I"),
    "anggota-i": Onlooker(Role.TPI_MEMBER, "I"),
    "ketua-i": Onlooker(Role.TPI_LEAD, "I"),
    "auditor": Onlooker(Role.AUDITOR),
    "auditor-berizin-i": Onlooker(Role.AUDITOR, "I", restricted=True),
    "pimpinan": Onlooker(Role.LEADER),
    "admin": Onlooker(Role.ADMIN, knows_why=True),
    "pengunggah-luar": Onlooker(Role.UPLOADER, unit=ELSEWHERE),
    "admin-luar": Onlooker(Role.ADMIN, unit=ELSEWHERE),
}

REASON = "alasan-kelas-rahasia"


@dataclass(frozen=True, slots=True)
class Secret:
    """An evidence and, by what they are, the texts that only its readers may meet."""

    draft: Draft
    marks: Mapping[str, str]


@dataclass(slots=True)
class SecretOffice:
    world: World
    secrets: dict[str, Secret] = field(default_factory=dict)


def email_of(name: str) -> str:
    return f"{name}@contoh.go.id"


def open_secret_office(app: Flask) -> SecretOffice:
    with app.app_context():
        office = SecretOffice(build_world(code=UNIT, indicators=3, restricted="II.1"))
        build_world(code=ELSEWHERE)
    for name, who in ONLOOKERS.items():
        add_account(app, email_of(name), who.role, unit=who.unit, area=who.area, restricted=who.restricted)
    with app.app_context():
        for number, fate in enumerate(FATES):
            office.secrets[fate] = _secret(app, office.world, fate, f"II.{number // 3 + 1}", number)
        office.secrets[OPEN] = _secret(app, office.world, OPEN, "I.1", len(FATES))
        _replace(app, office.secrets["digantikan"].draft.evidence_id)
        for key, wanted in (("II.2", Classification.TERBATAS), ("II.3", Classification.RAHASIA)):
            change_classification(
                actor=_actor("ketua"),
                requirement_id=office.world.requirements[key],
                seen=Classification.BIASA,
                wanted=wanted,
                reason=REASON,
                now=datetime.now(UTC),
            )
    return office


def _actor(name: str) -> Actor:
    return get_actor_by_email(email=email_of(name), now=datetime.now(UTC))


def _secret(app: Flask, world: World, fate: str, key: str, number: int) -> Secret:
    """An evidence with its marks, sent by somebody of its area."""
    sender, now = _actor("pengunggah-ii" if key.startswith("II") else "pengunggah-i"), datetime.now(UTC)
    requirement_id, content = world.requirements[key], documents.pdf(f"isi-{fate}")
    slot_id, day = world.slots[requirement_id][number % 3], date(2019, 5, 11 + number)
    draft = start_evidence(actor=sender, requirement_id=requirement_id, slot_ids=[slot_id], now=now)
    _send(app, sender, draft.revision_id, f"berkas-{fate}.pdf", content)
    url = f"https://tautan-{fate}.contoh.go.id/"
    add_link(actor=sender, revision_id=draft.revision_id, url=url, note=f"keterangan-{fate}", now=now)
    change_draft(
        actor=sender, revision_id=draft.revision_id, note=f"catatan-{fate}", document_date=day, slot_ids=[slot_id],
        now=now,
    )  # fmt: skip
    actions = FATES.get(fate, FATES["disetujui"])
    for action in actions:
        reviews = action in {Action.APPROVE, Action.RETURN, Action.REJECT, Action.REOPEN}
        _act(_actor("ketua") if reviews else sender, action, draft.revision_id, f"putusan-{fate}")
    marks = {
        "file name": f"berkas-{fate}.pdf",
        "SHA-256": sha256(content).hexdigest(),
        "link": f"tautan-{fate}.",
        "link note": f"keterangan-{fate}",
        "note": f"catatan-{fate}",
        "document date": f"{day.day} Mei 2019",
        **({"note of a step": f"putusan-{fate}"} if set(actions) - {Action.SUBMIT, Action.DISCARD} else {}),
    }
    return Secret(draft, marks)


def _replace(app: Flask, evidence_id: UUID) -> None:
    """Answer a withdrawn version by one that has nothing of it, and hand that in."""
    sender, now = _actor("pengunggah-ii"), datetime.now(UTC)
    second = answer_revision(actor=sender, evidence_id=evidence_id, now=now).revision_id
    with transaction(write=False) as session:
        revision = session.get_one(Revision, second)
        slots = [part.slot_id for part in revision.slots]
        (file_id,), (link_id,) = [part.file_id for part in revision.files], [link.id for link in revision.links]
    remove_file(actor=sender, revision_id=second, file_id=file_id, now=now)
    remove_link(actor=sender, revision_id=second, link_id=link_id, now=now)
    _send(app, sender, second, "pengganti.pdf", documents.pdf("pengganti"))
    change_draft(actor=sender, revision_id=second, note="", document_date=None, slot_ids=slots, now=now)
    _act(sender, Action.SUBMIT, second, "")


def _send(app: Flask, sender: Actor, revision_id: UUID, name: str, content: bytes) -> None:
    report = add_files(
        actor=sender, revision_id=revision_id, files=[OfferedFile(name, BytesIO(content))],
        store=app.extensions["portal.store"], limit=1 << 20, now=datetime.now(UTC),
    )  # fmt: skip
    assert not report.refused, report.refused


def _act(actor: Actor, action: Action, revision_id: UUID, note: str) -> None:
    command = command_on(revision_id, action, note="" if action in {Action.SUBMIT, Action.DISCARD} else note)
    perform(actor=actor, command=command, now=datetime.now(UTC))
