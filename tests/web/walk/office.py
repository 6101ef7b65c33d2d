"""An office in which every page has something to show and every form can be met: evidence in each state, people of
each role, somebody deactivated, roles that wait for a second admin, an auditor from outside, a sealed bundle and an
unfinished one.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO
from uuid import UUID

from flask import Flask
from sqlalchemy import select

from portal.domain.actor import Actor
from portal.domain.roles import Role
from portal.domain.workflow import Action
from portal.models import Area, Component, Evidence, Indicator, Revision
from portal.services.links import add_link
from portal.services.memberships import NewMembership, grant_membership
from portal.services.people import get_actor_by_email
from portal.services.redactions import mark_copy
from portal.services.unit_of_work import transaction
from portal.services.uploads import OfferedFile, add_files
from portal.services.users import deactivate_user, invite_user
from tests.builders import documents
from tests.builders.signers import HookedSigner, be_away
from tests.web.stories.office import open_office, sent_evidence
from tests.web.stories.people import add_account, set_up_phone, sign_in

RESTRICTED = "II.2.1"
"""An indicator that the plan keeps restricted."""

PEOPLE = ("siti", "hendra", "dewi", "ratna", "agus", "bambang", "rina")
MORE_PEOPLE = {
    "ratna": Role.AREA_COORDINATOR, "agus": Role.AUDITOR, "bambang": Role.LEADER, "rina": Role.ADMIN,
    "dian": Role.ADMIN,
}  # fmt: skip
FATES: tuple[tuple[Action, ...], ...] = (
    (),
    (Action.SUBMIT,),
    (Action.SUBMIT, Action.RETURN),
    (Action.SUBMIT, Action.APPROVE),
)


def email_of(name: str) -> str:
    return f"{name}@contoh.go.id"


def open_busy_office(app: Flask) -> list[str]:
    """Fill the database; returns addresses to which no link leads, because a button or somebody's mail does."""
    open_office(app)
    for name, role in MORE_PEOPLE.items():
        add_account(app, email_of(name), role)
    set_up_phone(app, email_of("bambang"))
    gone = add_account(app, email_of("pensiun"), Role.UPLOADER)
    revisions = [sent_evidence(app, code, *fate) for code, fate in zip(_first_codes(app), FATES, strict=True)]
    now = datetime.now(UTC)
    _propose_roles(app, now)
    restricted = _copied_draft(app, now)
    with app.app_context():
        deactivate_user(actor=Actor.system("test"), user_id=gone, now=now)
        siti = get_actor_by_email(email=email_of("siti"), now=now)
        add_link(actor=siti, revision_id=revisions[0], url="https://contoh.go.id/sk", note="", now=now)
        with transaction(write=False) as session:
            draft = session.execute(select(Evidence.id).join(Revision).where(Revision.id == revisions[0])).scalar_one()
    auditor = sign_in(app, email_of("agus"))
    real = app.extensions["portal.signer"]
    for signer in (HookedSigner(real, {"sign_bag": be_away}), real):  # one bundle is left unfinished
        app.extensions["portal.signer"] = signer
        auditor.open("/paket")
        auditor.send("/paket")
    return [
        f"/bukti/{draft}/draf", f"/bukti/{draft}/periksa-dulu", f"/bukti/{restricted}/draf",
        f"/pengguna/{gone}", f"/pengguna/{gone}/peran",
    ]  # fmt: skip


def _copied_draft(app: Flask, now: datetime) -> UUID:
    """A restricted draft of one file with its redacted copy, and another that nobody has marked; its evidence's id."""
    revision_id = sent_evidence(app, RESTRICTED)
    with app.app_context():
        siti = get_actor_by_email(email=email_of("siti"), now=now)
        further = [OfferedFile(f"{name}.pdf", BytesIO(documents.pdf(name))) for name in ("Samar", "Lampiran")]
        store = app.extensions["portal.store"]
        add_files(actor=siti, revision_id=revision_id, files=further, store=store, limit=1 << 30, now=now)
        with transaction(write=False) as session:
            revision = session.get_one(Revision, revision_id)
            evidence_id, (original, copy, _) = revision.evidence_id, [part.file_id for part in revision.files]
        mark_copy(actor=siti, revision_id=revision_id, file_id=copy, original_id=original, now=now)
    return evidence_id


def _propose_roles(app: Flask, now: datetime) -> None:
    """Each admin has one role to confirm and one to take back, and there is a window to extend."""
    with app.app_context():
        for proposer, wanted in (("rina", Role.AUDITOR), ("dian", Role.ADMIN)):
            actor = get_actor_by_email(email=email_of(proposer), now=now)
            for_whom = get_actor_by_email(email=email_of("bambang"), now=now).person
            membership = NewMembership(role=wanted, unit_code="KPU-1502")
            grant_membership(actor=actor, user_id=for_whom, wanted=membership, now=now)
        window = NewMembership(
            role=Role.AUDITOR,
            unit_code="KPU-1502",
            external=True,
            sponsor=email_of("dewi"),
            valid_until=(now + timedelta(days=30)).date(),
        )
        invite_user(actor=Actor.system("test"), email=email_of("tamu"), name="Tamu", membership=window, now=now)


def invitation_of(app: Flask) -> str:
    """The address of a one-time link that somebody new was sent."""
    membership = NewMembership(role=Role.UPLOADER, unit_code="KPU-1502")
    with app.app_context():
        invited = invite_user(
            actor=Actor.system("test"),
            email=email_of("baru"),
            name="Orang Baru",
            membership=membership,
            now=datetime.now(UTC),
        )
    return f"/undangan/{invited.invitation.token}"


def _first_codes(app: Flask) -> list[str]:
    """The codes of the indicators that a walk meets first."""
    query = (
        select(Indicator.code)
        .join(Component, Component.id == Indicator.component_id)
        .join(Area, Area.id == Component.area_id)
        .order_by(Area.position, Component.number, Indicator.seq)
        .limit(len(FATES))
    )
    with app.app_context(), transaction(write=False) as session:
        return list(session.execute(query).scalars())
