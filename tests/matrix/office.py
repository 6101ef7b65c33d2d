"""The office of the matrix: evidence of every kind, class and place, people of every kind, bundles, all made through
the services ten days ago, so that windows could open and close since then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

from flask import Flask
from sqlalchemy import insert, select, update

from portal.domain.actor import Actor
from portal.domain.classification import Classification
from portal.domain.plan import PlanArea, PlanComponent, PlanDocument, PlanIndicator, PlanRequirement, Recurrence
from portal.domain.roles import Role
from portal.models import (
    Area,
    Component,
    Indicator,
    Membership,
    Plan,
    Requirement,
    ReviewTier,
    SecondFactor,
    Slot,
    Unit,
    User,
)
from portal.services.bundles.scope import BundleScope
from portal.services.bundles.sealing import BundleUnfinished, seal_bundle
from portal.services.memberships import NewMembership, end_membership, grant_membership
from portal.services.passwords import hash_password
from portal.services.people import get_actor_by_email
from portal.services.plans import import_plan
from portal.services.sessions import start_session
from portal.services.unit_of_work import transaction
from portal.services.units import add_unit
from portal.services.users import deactivate_user, invite_again, invite_user
from tests.builders.signers import HookedSigner, be_away
from tests.fixtures.databases import as_owner
from tests.matrix.authorisation import Holding, Kind, authorisation
from tests.matrix.expected import sees
from tests.matrix.facts import Account, Evidence, Login, Place, Proposal, Sealed, Seat, Thing, Version
from tests.matrix.life import TIERS, Life

SYSTEM = Actor.system("test")
UNITS = {"above": "KPU-15", "own": "KPU-1502", "other": "KPU-1503"}
AREAS = {"own": ("I", "II"), "other": ("I",)}
CLASSES = {"own": tuple(Classification), "other": (Classification.BIASA, Classification.TERBATAS)}
YEAR = 2026
PASSWORD = "kuda hijau terbang pelan"
SIGNED_IN = ("uploader", "lead", "leader", "admin")
SPONSOR = "lead"
PROPOSALS = (
    ("admin", "uploader", "own"),
    ("admin of the unit above", "admin", "own"),
    ("admin of the unit above", "uploader of another unit", "other"),
)
"""Who has proposed whom as an auditor, and where."""
SEALERS: Mapping[str, str | None] = {
    "lead": None,
    "auditor": None,
    "auditor with leave": None,
    "auditor of one area with leave": "I",
    "external auditor inside": None,
    "external auditor after": None,
    "two roles": "I",
}
"""Who has sealed a bundle, and of which area alone."""


@dataclass(kw_only=True)
class Office:
    """Everything that is there, as facts. `slots` are those that no evidence holds and the rest alike."""

    evidence: list[Evidence] = field(default_factory=list)
    requirements: list[Thing] = field(default_factory=list)
    slots: list[Thing] = field(default_factory=list)
    indicators: list[Thing] = field(default_factory=list)
    plans: dict[str, UUID] = field(default_factory=dict)
    units: dict[str, UUID] = field(default_factory=dict)
    bundles: list[Sealed] = field(default_factory=list)
    accounts: dict[str, Account] = field(default_factory=dict)
    logins: list[Login] = field(default_factory=list)
    proposals: list[Proposal] = field(default_factory=list)
    token: str = ""

    @property
    def versions(self) -> list[Version]:
        return [version for evidence in self.evidence for version in evidence.versions]

    @property
    def seats(self) -> list[Seat]:
        return [
            Seat(id=id_, kind=account.kind, place=Place(unit=holding.unit))
            for account in self.accounts.values()
            for holding, id_ in account.memberships.items()
        ]


def _is_external(kind: Kind) -> bool:
    return any(holding.is_external for holding in kind.holds)


def email_of(kind: str) -> str:
    return f"{kind.replace(' ', '.')}@contoh.go.id"


class Builder:
    """Builds the office step by step; everything that acts does so as one of the kinds of people."""

    def __init__(self, app: Flask, now: datetime) -> None:
        self.store, self.signer = app.extensions["portal.store"], app.extensions["portal.signer"]
        self.now, self.clock = now, now - timedelta(days=10)
        self.office = Office()
        self.actors: dict[str, Actor] = {}
        self.marks = 0

    def tick(self) -> datetime:
        self.clock += timedelta(seconds=1)
        return self.clock

    def build(self) -> Office:
        add_unit(actor=SYSTEM, code="KPU-15", name="Provinsi", under=None, now=self.tick())
        for unit in ("own", "other"):
            add_unit(actor=SYSTEM, code=UNITS[unit], name=f"Kantor {unit}", under="KPU-15", now=self.tick())
            self._plan(unit)
        kinds = [kind for kind in authorisation().people.values() if kind.account != "none"]
        for external in (False, True):  # whose sponsor has to be there before, with a password
            coming = [kind for kind in kinds if _is_external(kind) is external]
            for kind in coming:
                self._person(kind)
            self._activate([self.office.accounts[kind.name] for kind in coming])
        for unit, areas in AREAS.items():
            for area in areas:
                for requirement in [r for r in self.office.requirements if r.place == _of(r, unit, area)]:
                    self._evidence(requirement)
        for sealer, sealed_area in SEALERS.items():
            self._seal(sealer, sealed_area)
        self._leave_unfinished()
        self._let_go()
        self._propose()
        self._sign_in()
        invited = self.office.accounts["invited"].id
        self.office.token = invite_again(actor=SYSTEM, user_id=invited, now=self.now).invitation.token
        return self.office

    def _plan(self, unit: str) -> None:
        import_plan(actor=SYSTEM, unit_code=UNITS[unit], year=YEAR, document=_document(unit), now=self.tick())
        with transaction(write=False) as session:
            query = select(Plan.id, Plan.unit_id).join(Unit).where(Unit.code == UNITS[unit])
            plan_id, self.office.units[unit] = session.execute(query).one()
        self.office.plans[unit] = plan_id
        if unit == "own":
            _set_three_tiers(plan_id)
        self._note_plan(unit)

    def _note_plan(self, unit: str) -> None:
        query = (
            select(Area.code, Indicator.id.label("indicator"), Requirement, Slot)
            .join(Component, Component.area_id == Area.id)
            .join(Indicator, Indicator.component_id == Component.id)
            .join(Requirement, Requirement.indicator_id == Indicator.id)
            .join(Slot, Slot.requirement_id == Requirement.id)
            .where(Area.plan_id == self.office.plans[unit])
            .order_by(Area.position, Requirement.position, Slot.month)
        )
        indicators: dict[UUID, Thing] = {}
        requirements: dict[UUID, Thing] = {}
        with transaction(write=False) as session:
            for row in session.execute(query):
                restricted = row.Requirement.classification.is_restricted
                place = Place(unit=unit, area=row.code, restricted=restricted)
                plain = Place(unit=unit, area=row.code)
                indicators.setdefault(row.indicator, Thing(id=row.indicator, place=plain, name="indicator"))
                name = row.Requirement.classification.value
                requirements.setdefault(row.Requirement.id, Thing(id=row.Requirement.id, place=place, name=name))
                self.office.slots.append(Thing(id=row.Slot.id, place=place, name=f"slot {row.Slot.month:%Y-%m} {name}"))
        self.office.indicators += indicators.values()
        self.office.requirements += requirements.values()

    def _person(self, kind: Kind) -> None:
        first, *further = kind.holds
        invited = invite_user(
            actor=SYSTEM,
            email=email_of(kind.name),
            name=kind.name.title(),
            membership=self._wanted(first),
            now=self.tick(),
        )
        for holding in further:
            grant_membership(actor=SYSTEM, user_id=invited.user_id, wanted=self._wanted(holding), now=self.tick())
        with transaction(write=False) as session:
            query = select(Membership.id).where(Membership.user_id == invited.user_id).order_by(Membership.granted_at)
            ids = session.execute(query).scalars().all()
        self.office.accounts[kind.name] = Account(
            id=invited.user_id,
            kind=kind.name,
            is_active=kind.account != "deactivated",
            memberships=dict(zip(kind.holds, ids, strict=True)),
        )

    def _wanted(self, holding: Holding) -> NewMembership:
        today = self.now.date()
        since = today + timedelta(days=2) if holding.window == "before" else today - timedelta(days=20)
        until = {
            "before": today + timedelta(days=30),
            "inside": today + timedelta(days=30),
            "after": today - timedelta(days=2),
        }.get(holding.window)
        return NewMembership(
            role=Role(holding.role),
            unit_code=UNITS[holding.unit],
            area_code=holding.area,
            below=holding.below,
            restricted=holding.restricted,
            valid_from=since,
            valid_until=until,
            external=holding.is_external,
            sponsor=email_of(SPONSOR) if holding.is_external else None,
        )

    def _activate(self, accounts: Sequence[Account]) -> None:
        """Everybody has a phone, and but the invited a password, all the same one: hashing takes time."""
        active = [a.id for a in accounts if authorisation().people[a.kind].account != "invited"]
        hashed = hash_password(PASSWORD)
        with transaction() as session:
            session.execute(update(User).where(User.id.in_(active)).values(password_hash=hashed))
            for account in accounts:
                session.add(SecondFactor(user_id=account.id, secret="A" * 32, last_step=0, enrolled_at=self.clock))

    def actor(self, kind: str) -> Actor:
        if kind not in self.actors:
            self.actors[kind] = get_actor_by_email(email=email_of(kind), now=self.clock)
        return self.actors[kind]

    def _evidence(self, requirement: Thing) -> None:
        """One evidence of every kind for the requirement, each in a month of its own."""
        slots = [s for s in self.office.slots if s.place == requirement.place and s.name.endswith(requirement.name)]
        for name, slot in zip(authorisation().evidence, slots, strict=True):
            if requirement.place.unit == "own" or name not in TIERS[1:]:
                self.office.evidence.append(Life(self, requirement, slot, name).lead())

    def _seal(self, kind: str, area: str | None) -> None:
        scope = BundleScope(plan_id=self.office.plans["own"], area_code=area)
        bundle_id = seal_bundle(
            actor=self.actor(kind), scope=scope, store=self.store, signer=self.signer, now=self.tick()
        )
        self._note_bundle(bundle_id, kind, area, is_complete=True)

    def _leave_unfinished(self) -> None:
        scope = BundleScope(plan_id=self.office.plans["own"], area_code="II")
        away = HookedSigner(self.signer, {"sign_bag": be_away})
        try:
            seal_bundle(actor=self.actor("lead"), scope=scope, store=self.store, signer=away, now=self.tick())
        except BundleUnfinished as unfinished:
            self._note_bundle(unfinished.bundle_id, "lead", "II", is_complete=False)

    def _note_bundle(self, bundle_id: UUID, kind: str, area: str | None, *, is_complete: bool) -> None:
        owner = authorisation().people[kind]
        then = replace(owner, holds=tuple(replace(holding, window="open") for holding in owner.holds))
        self.office.bundles.append(
            Sealed(
                id=bundle_id,
                owner=kind,
                place=Place(unit="own", area=area),
                is_complete=is_complete,
                holds=frozenset(
                    version
                    for version in self.office.versions
                    if version.state == "approved"
                    and version.place.unit == "own"
                    and area in {None, version.place.area}
                    and sees(then, version)
                ),
            )
        )

    def _propose(self) -> None:
        """Today, so that none has lapsed."""
        for owner, kind, unit in PROPOSALS:
            wanted = NewMembership(role=Role.AUDITOR, unit_code=UNITS[unit])
            user_id = self.office.accounts[kind].id
            id_ = grant_membership(actor=self.actor(owner), user_id=user_id, wanted=wanted, now=self.now)
            self.office.proposals.append(Proposal(id=id_, kind=kind, owner=owner, place=Place(unit=unit)))

    def _sign_in(self) -> None:
        """On another device than the one of the matrix."""
        for kind in SIGNED_IN:
            with transaction() as session:
                new = start_session(
                    session, user_id=self.office.accounts[kind].id, address="10.0.0.9", device="-", now=self.now
                )
                self.office.logins.append(Login(id=new.session_id, owner=kind))

    def _let_go(self) -> None:
        for account in self.office.accounts.values():
            for holding, id_ in account.memberships.items():
                if holding.window == "ended":
                    end_membership(actor=SYSTEM, membership_id=id_, now=self.tick())
            if not account.is_active:
                deactivate_user(actor=SYSTEM, user_id=account.id, now=self.tick())


def _set_three_tiers(plan_id: UUID) -> None:
    """No page changes tiers yet, and the app may not: the owner of the schema does."""
    with as_owner() as connection:
        connection.execute(update(ReviewTier).where(ReviewTier.plan_id == plan_id).values(role=Role.AREA_COORDINATOR))
        for position, role in ((1, Role.TPI_MEMBER), (2, Role.TPI_LEAD)):
            values = {"id": uuid4(), "plan_id": plan_id, "position": position, "role": role, "quorum": 1}
            connection.execute(insert(ReviewTier).values(**values))


def _of(requirement: Thing, unit: str, area: str) -> Place:
    return replace(requirement.place, unit=unit, area=area)


def build_office(app: Flask, *, now: datetime | None = None) -> Office:
    """Fill the application's empty database; needs no context of its own."""
    with app.app_context():
        return Builder(app, now or datetime.now(UTC)).build()


def _document(unit: str) -> PlanDocument:
    """A plan in which every area has one indicator, whose evidence items are one of each class, due every month."""
    months = tuple(date(YEAR, month, 1) for month in range(1, 13))
    return PlanDocument(
        title="Rencana Aksi", decree_number="1", decree_date=date(YEAR, 1, 1), issuer="Kantor", place="Bangko",
        signatory="Ketua", year=YEAR, lateness_from=date(YEAR, 1, 1), units=(), sha256="0" * 64,
        areas=tuple(_area(unit, code, months) for code in AREAS[unit]),
    )  # fmt: skip


def _area(unit: str, code: str, months: tuple[date, ...]) -> PlanArea:
    requirements = tuple(
        PlanRequirement(position=at, text=f"Laporan {kind.value}", classification=kind)
        for at, kind in enumerate(CLASSES[unit], start=1)
    )
    indicator = PlanIndicator(
        code=f"{code}.1.1", seq=1, text=f"Indikator {code}", actions=("Melaksanakan",), requirements=requirements,
        evidence_text="Laporan", target_text="Setiap bulan", months=months, recurrence=Recurrence.MONTHLY,
        classification_reason="Memuat data pribadi.",
    )  # fmt: skip
    component = PlanComponent(number=1, name="Komponen", indicators=(indicator,))
    return PlanArea(code=code, name=f"Area {code}", official_name=f"Area {code}", components=(component,))
