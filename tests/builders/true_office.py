"""A small office in which everything was done through the services, so that the trail explains every row: states of
every kind, a reuse, a rejection, a reopening, accounts that came and went, logins, a bundle.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from uuid import UUID

from flask import current_app
from pyotp import TOTP
from sqlalchemy import select

from portal.adapters.identity_provider import ProvedIdentity
from portal.adapters.mailer import Mail, Mailer
from portal.adapters.store import ObjectStore
from portal.domain.actor import Actor
from portal.domain.classification import Classification
from portal.domain.review import ReturnReason
from portal.domain.roles import Role
from portal.domain.workflow import Action
from portal.models import MembershipProposal, Plan, Requirement, Revision, Slot
from portal.services.bundles.scope import BundleScope
from portal.services.bundles.sealing import seal_bundle
from portal.services.classifying import change_classification
from portal.services.devices import end_device, end_devices
from portal.services.downloads import open_file
from portal.services.drafts import Draft, answer_revision, change_draft, start_evidence
from portal.services.evidence_page import get_evidence
from portal.services.fresh_password import confirm_password
from portal.services.invitations import accept_invitation
from portal.services.links import add_link, remove_link
from portal.services.logins import enter_code, log_in
from portal.services.memberships import NewMembership, end_membership, grant_membership
from portal.services.password_change import change_password
from portal.services.password_reset import send_reset
from portal.services.people import get_actor_by_email
from portal.services.pics import assign_pic
from portal.services.plan_file import read_plan
from portal.services.plans import import_plan
from portal.services.proposals import confirm_proposal, refuse_proposal, withdraw_proposal
from portal.services.provider_logins import log_in_proved
from portal.services.redactions import mark_copy, unmark_copy
from portal.services.reuse import reuse_files
from portal.services.second_factor import enrol_factor, renew_recovery_codes
from portal.services.sending import ByteRange
from portal.services.sessions import find_session, log_out
from portal.services.totp import new_secret
from portal.services.unit_of_work import transaction
from portal.services.units import add_unit
from portal.services.uploads import OfferedFile, add_files, remove_file
from portal.services.users import deactivate_user, invite_again, invite_user, reactivate_user
from portal.services.workflow import perform
from tests.builders import documents
from tests.builders.commands import command_on
from tests.services.plan_file.small_plan import SMALL_PLAN

SYSTEM = Actor.system("test")
PASSWORD = "kuda hijau terbang pelan"
UNIT = "KPU-15"


class NoMail(Mailer):
    """Takes every mail and sends none."""

    def __init__(self) -> None:
        super().__init__("smtp", "127.0.0.1", 1, "portal@contoh.go.id")

    def send(self, mail: Mail) -> tuple[str, ...]:
        return mail.to


@dataclass
class Clock:
    """A new moment each time it is asked, a second later than the last."""

    at: datetime = datetime(2025, 10, 1, 2, 0, 0, 123456, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


class TrueOffice:
    """Does what an office does, each step a method; `build_true_office` does it all."""

    def __init__(self, store: ObjectStore) -> None:
        self.store, self.now = store, Clock()
        for code, under in (("KPU", None), (UNIT, "KPU")):
            add_unit(actor=SYSTEM, code=code, name=f"Kantor {code}", under=under, now=self.now())
        document = read_plan(SMALL_PLAN.encode())
        import_plan(actor=SYSTEM, unit_code=UNIT, year=2025, document=document, now=self.now())
        self.siti, self.budi = self.person("siti", Role.UPLOADER), self.person("budi", Role.UPLOADER)
        self.hendra, self.dewi = self.person("hendra", Role.TPI_MEMBER), self.person("dewi", Role.TPI_LEAD)
        self.agus = self.person("agus", Role.AUDITOR)

    def person(self, name: str, role: Role) -> Actor:
        """An account with a password and one membership."""
        membership = NewMembership(role=role, unit_code=UNIT, valid_from=date(2025, 1, 1))
        email = f"{name}@contoh.go.id"
        invited = invite_user(actor=SYSTEM, email=email, name=name.title(), membership=membership, now=self.now())
        accept_invitation(token=invited.invitation.token, password=PASSWORD, now=self.now())
        return get_actor_by_email(email=email, now=self.now())

    def log_in(self, email: str, address: str) -> str:
        """The token of a new session, or of a login that waits for its code."""
        return log_in(email=email, password=PASSWORD, address=address, device="-", now=self.now()).token

    def actor_of(self, token: str) -> Actor:
        """The person of a session, by its token."""
        found = find_session(token=token, address="-", requires_factor=False, now=self.now())
        assert found is not None
        return found.actor

    def slot(self, position: int, indicator: str = "I.1.1") -> tuple[UUID, UUID]:
        """The requirement and its only slot."""
        query = select(Slot.requirement_id, Slot.id).join(Requirement).where(Requirement.position == position)
        with transaction(write=False) as session:
            row = session.execute(query.where(Requirement.indicator.has(code=indicator))).one()
            return row.requirement_id, row.id

    def start(self, actor: Actor, position: int = 1, indicator: str = "I.1.1") -> Draft:
        requirement_id, slot_id = self.slot(position, indicator)
        return start_evidence(actor=actor, requirement_id=requirement_id, slot_ids=[slot_id], now=self.now())

    def upload(self, actor: Actor, revision_id: UUID, name: str) -> None:
        offered = [OfferedFile(f"{name}.pdf", BytesIO(documents.pdf(name)))]
        report = add_files(
            actor=actor, revision_id=revision_id, files=offered, store=self.store, limit=1 << 20, now=self.now()
        )
        assert not report.refused, report.refused

    def act(self, actor: Actor, action: Action, revision_id: UUID) -> None:
        """Act on what is stored now, with a note, and a reason where one is needed."""
        command = command_on(revision_id, action, note=f"Catatan {action.value}.", reason=ReturnReason.NOT_SIGNED)
        perform(actor=actor, command=command, now=self.now())

    def read(self, actor: Actor, draft: Draft) -> None:
        """Open the page of the evidence, and fetch its first file, part of it, and the rest."""
        get_evidence(actor=actor, evidence_id=draft.evidence_id, now=self.now())
        with transaction(write=False) as session:
            file_id = session.get_one(Revision, draft.revision_id).files[0].file_id
        for wanted in (ByteRange(stop=5), ByteRange(start=5)):
            file = open_file(
                actor=actor, revision_id=draft.revision_id, file_id=file_id, wanted=wanted, store=self.store,
                clock=self.now, now=self.now(),
            )  # fmt: skip
            list(file.chunks)

    def mark(self, revision_id: UUID, *, copy: int, original: int) -> None:
        """Siti marks one file of a draft as the redacted copy of another, takes it back, and marks it again."""
        with transaction(write=False) as session:
            files = [part.file_id for part in session.get_one(Revision, revision_id).files]
        now, file_id, original_id = self.now(), files[copy], files[original]
        mark_copy(actor=self.siti, revision_id=revision_id, file_id=file_id, original_id=original_id, now=now)
        unmark_copy(actor=self.siti, revision_id=revision_id, file_id=file_id, now=self.now())
        mark_copy(actor=self.siti, revision_id=revision_id, file_id=file_id, original_id=original_id, now=self.now())

    def answer(self, actor: Actor, evidence_id: UUID) -> UUID:
        return answer_revision(actor=actor, evidence_id=evidence_id, now=self.now()).revision_id

    def seal(self) -> UUID:
        with transaction(write=False) as session:
            plan_id = session.execute(select(Plan.id)).scalar_one()
        return seal_bundle(
            actor=self.agus,
            scope=BundleScope(plan_id=plan_id),
            store=self.store,
            signer=current_app.extensions["portal.signer"],
            now=self.now(),
        )


def build_true_office(store: ObjectStore) -> TrueOffice:
    """Everything that the tables can hold, done by the people."""
    office = TrueOffice(store)
    _returned_and_approved(office)
    _rejected_and_reused(office)
    _reopened(office)
    _reclassified(office)
    _devices(office)
    _accounts(office)
    _second_factors(office)
    _second_admin(office)
    _by_provider(office)
    office.seal()
    return office


def _returned_and_approved(office: TrueOffice) -> None:
    """Bukti satu: two hands, files and links that came and went, returned, answered, approved."""
    siti, budi, hendra = office.siti, office.budi, office.hendra
    assign_pic(actor=SYSTEM, slot_id=office.slot(1)[1], user_id=siti.person, now=office.now())
    draft = office.start(siti)
    for name in ("SK", "Lampiran", "Salah"):
        office.upload(siti, draft.revision_id, name)
    with transaction(write=False) as session:
        wrong = session.get_one(Revision, draft.revision_id).files[-1].file_id
    remove_file(actor=siti, revision_id=draft.revision_id, file_id=wrong, now=office.now())
    for number in (1, 2, 3):
        url = f"https://kantor.go.id/{number}"
        link = add_link(actor=siti, revision_id=draft.revision_id, url=url, note=f"Foto {number}", now=office.now())
    remove_link(actor=siti, revision_id=draft.revision_id, link_id=link, now=office.now())
    change_draft(
        actor=budi, revision_id=draft.revision_id, note="Sudah lengkap.", document_date=date(2025, 8, 1),
        slot_ids=[office.slot(1)[1]], now=office.now(),
    )  # fmt: skip
    office.act(siti, Action.SUBMIT, draft.revision_id)
    office.act(hendra, Action.RETURN, draft.revision_id)
    second = office.answer(siti, draft.evidence_id)
    office.act(siti, Action.SUBMIT, second)
    office.act(siti, Action.WITHDRAW, second)
    third = office.answer(siti, draft.evidence_id)
    office.upload(siti, third, "Tanda tangan")
    office.read(budi, Draft(evidence_id=draft.evidence_id, revision_id=third))
    office.act(siti, Action.SUBMIT, third)
    office.act(hendra, Action.APPROVE, third)


def _rejected_and_reused(office: TrueOffice) -> None:
    """Bukti dua: rejected, then answered by a file of another evidence, still a draft in which somebody types."""
    rejected = office.start(office.budi, 2)
    office.upload(office.budi, rejected.revision_id, "Tidak berlaku")
    office.act(office.budi, Action.SUBMIT, rejected.revision_id)
    office.act(office.hendra, Action.REJECT, rejected.revision_id)
    with transaction(write=False) as session:
        approved = session.execute(select(Revision).where(Revision.number == 3)).scalar_one()
        revision_id, file_id = approved.id, approved.files[0].file_id
    draft = reuse_files(
        actor=office.budi, revision_id=revision_id, file_ids=[file_id], requirement_id=office.slot(2)[0],
        now=office.now(),
    )  # fmt: skip
    change_draft(
        actor=office.siti, revision_id=draft.revision_id, note="Sedang ditulis", document_date=None,
        slot_ids=[office.slot(2)[1]], now=office.now(),
    )  # fmt: skip


def _reopened(office: TrueOffice) -> None:
    """Bukti tiga: a discarded draft, an approval, a reopening that is being answered."""
    dropped = office.start(office.siti, 1, "I.1.2")
    office.act(office.siti, Action.DISCARD, dropped.revision_id)
    draft = office.start(office.siti, 1, "I.1.2")
    office.upload(office.siti, draft.revision_id, "Data pribadi")
    office.upload(office.siti, draft.revision_id, "Data tersamar")
    office.mark(draft.revision_id, copy=1, original=0)
    office.act(office.siti, Action.SUBMIT, draft.revision_id)
    office.read(office.hendra, draft)
    office.act(office.hendra, Action.APPROVE, draft.revision_id)
    office.act(office.dewi, Action.REOPEN, draft.revision_id)
    office.answer(office.siti, draft.evidence_id)


def _reclassified(office: TrueOffice) -> None:
    """Bukti dua is raised as far as it goes, and lowered a step."""
    biasa, terbatas, rahasia = Classification
    for actor, seen, wanted in (
        (office.hendra, biasa, terbatas),
        (office.hendra, terbatas, rahasia),
        (office.dewi, rahasia, terbatas),
    ):
        change_classification(
            actor=actor, requirement_id=office.slot(2)[0], seen=seen, wanted=wanted, reason=f"Alasan {wanted}.",
            now=office.now(),
        )  # fmt: skip


def _accounts(office: TrueOffice) -> None:
    """Somebody invited twice, somebody who left and came back, a role that ended, and logins."""
    office.log_in("siti@contoh.go.id", "10.0.0.7")
    token = office.log_in("budi@contoh.go.id", "10.0.0.8")
    found = find_session(token=token, address="10.0.0.8", requires_factor=False, now=office.now())
    assert found is not None
    log_out(actor=found.actor, session_id=found.session_id, now=office.now())
    office.log_in("dewi@contoh.go.id", "10.0.0.9")
    deactivate_user(actor=SYSTEM, user_id=office.dewi.person, now=office.now())
    reactivate_user(actor=SYSTEM, user_id=office.dewi.person, now=office.now())
    deactivate_user(actor=SYSTEM, user_id=office.dewi.person, now=office.now())
    wanted = NewMembership(role=Role.LEADER, unit_code=UNIT, valid_from=date(2025, 1, 1))
    granted = grant_membership(actor=SYSTEM, user_id=office.agus.person, wanted=wanted, now=office.now())
    end_membership(actor=SYSTEM, membership_id=granted, now=office.now())
    invite_again(actor=SYSTEM, user_id=office.agus.person, now=office.now())
    send_reset(email="agus@contoh.go.id", mailer=NoMail(), link_of=str, now=office.now())


def _devices(office: TrueOffice) -> None:
    """A password that was asked for twice, a session ended from another, another password, all sessions ended."""
    address, email = "10.0.0.6", "hendra@contoh.go.id"
    token = office.log_in(email, address)
    for _ in range(2):
        actor = office.actor_of(token)
        token = confirm_password(actor=actor, token=token, password=PASSWORD, address=address, now=office.now())
    elsewhere = office.actor_of(office.log_in(email, "10.0.0.5")).origin
    assert elsewhere is not None
    actor = office.actor_of(token)
    end_device(actor=actor, session_id=UUID(elsewhere.session), now=office.now())
    office.log_in(email, "10.0.0.5")
    new = f"{PASSWORD} sekali"
    change_password(actor=actor, token=token, old=PASSWORD, new=new, address=address, now=office.now())
    office.log_in("agus@contoh.go.id", "10.0.0.4")
    end_devices(actor=SYSTEM, user_id=office.agus.person, now=office.now())
    office.log_in("agus@contoh.go.id", "10.0.0.4")


def _second_factors(office: TrueOffice) -> None:
    """A phone that signed in, codes in its place, new codes, another phone, and a login that waits for its code."""
    for _ in ("first phone", "second phone"):
        secret, at = new_secret(), office.now()
        code = TOTP(secret).at(at)
        enrolled = enrol_factor(actor=office.siti, secret=secret, code=code, device="-", now=at)
        for proof in (TOTP(secret).at(at + timedelta(seconds=30)), enrolled.codes[3]):
            enter_code(
                token=office.log_in("siti@contoh.go.id", "10.0.0.7"),
                code=proof,
                address="10.0.0.7",
                device="-",
                now=office.now(),
            )
    renew_recovery_codes(actor=office.siti, now=office.now())
    office.log_in("siti@contoh.go.id", "10.0.0.7")


def _second_admin(office: TrueOffice) -> None:
    """What two admins propose and confirm, refuse or withdraw, an external auditor, and what lies there still."""
    rina, tono = office.person("rina", Role.ADMIN), office.person("tono", Role.ADMIN)
    today = office.now()

    def propose(role: Role, name: str, *, external: bool = False) -> UUID:
        wanted = NewMembership(
            role=role,
            unit_code=UNIT,
            valid_until=(today + timedelta(days=30)).date(),
            external=external,
            sponsor="hendra@contoh.go.id" if external else None,
        )
        email = f"{name}@contoh.go.id"
        invited = invite_user(actor=rina, email=email, name=name.title(), membership=wanted, now=office.now())
        with transaction(write=False) as session:
            query = select(MembershipProposal.id).where(MembershipProposal.user_id == invited.user_id)
            return session.execute(query).scalar_one()

    confirm_proposal(actor=tono, proposal_id=propose(Role.AUDITOR, "bpk", external=True), now=office.now())
    confirm_proposal(actor=tono, proposal_id=propose(Role.ADMIN, "lia"), now=office.now())
    refuse_proposal(actor=tono, proposal_id=propose(Role.ADMIN, "joni"), now=office.now())
    withdraw_proposal(actor=rina, proposal_id=propose(Role.AUDITOR, "ucok"), now=office.now())
    propose(Role.AUDITOR, "maya", external=True)


def _by_provider(office: TrueOffice) -> None:
    """Somebody whom the provider of the office let in."""
    identity = ProvedIdentity(issuer="https://masuk.contoh.go.id", subject="pegawai-7", email="budi@contoh.go.id")
    for _ in range(2):
        log_in_proved(identity=identity, address="10.0.0.3", device="-", now=office.now())
