"""A small organisation for tests that call services: a unit with a plan of two areas, and people as they are needed.

Rows go in through the unit of work, as the models have them; states only ever move through the workflow.
"""

from __future__ import annotations

import calendar
import secrets
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

from portal.domain.actor import Actor, Grant
from portal.domain.classification import Classification
from portal.domain.roles import Role
from portal.domain.workflow import Action, State, Tier
from portal.models import (
    Area,
    Component,
    Contributor,
    Evidence,
    Indicator,
    Membership,
    Plan,
    Requirement,
    ReviewTier,
    Revision,
    RevisionFile,
    RevisionSlot,
    Slot,
    SlotClaim,
    StoredFile,
    Unit,
    User,
)
from portal.services.unit_of_work import transaction
from portal.services.workflow import Outcome, perform
from tests.builders.commands import REASONED, command_on

NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
"""Tuesday morning in Jambi; slots of February are past, those of March lie ahead."""

YEAR = 2026
LATENESS_FROM = date(2026, 2, 1)


@dataclass(kw_only=True)
class World:
    """Ids of what was built. `requirements` are keyed by `<area>.<n>`, `slots` by requirement id, months in order."""

    unit_id: UUID
    unit_path: str
    plan_id: UUID
    indicators: dict[str, UUID] = field(default_factory=dict)
    requirements: dict[str, UUID] = field(default_factory=dict)
    slots: dict[UUID, list[UUID]] = field(default_factory=dict)
    clock: datetime = NOW

    def tick(self) -> datetime:
        """A new moment, one minute later than the last."""
        self.clock += timedelta(minutes=1)
        return self.clock


def build_world(
    *,
    code: str = "KPU-1502",
    parent: str = "/KPU/",
    tiers: tuple[Tier, ...] = (Tier(Role.TPI_MEMBER),),
    indicators: int = 2,
    restricted: str | None = None,
) -> World:
    """A unit with a plan of areas I and II; each has `indicators`, each of those one requirement due in three months.

    `restricted` names the requirement (for instance `II.1`) that is Terbatas.
    """
    with transaction() as session:
        unit = Unit(code=code, name=f"Unit {code}", path=f"{parent}{code}/", timezone="Asia/Jakarta")
        session.add(unit)
        session.flush()
        plan = Plan(
            unit_id=unit.id,
            year=YEAR,
            title="Rencana Aksi",
            decree_number="1",
            decree_date=LATENESS_FROM,
            issuer="Kantor",
            place="Bangko",
            signatory="Ketua",
            lateness_from=LATENESS_FROM,
            document_sha256="0" * 64,
        )
        session.add(plan)
        session.flush()
        for position, tier in enumerate(tiers):
            session.add(ReviewTier(plan_id=plan.id, position=position, role=tier.role, quorum=tier.quorum))
        world = World(unit_id=unit.id, unit_path=unit.path, plan_id=plan.id)
        for position, area_code in enumerate(("I", "II"), start=1):
            area = Area(plan_id=plan.id, position=position, code=area_code, name=f"Area {area_code}", official_name="-")
            session.add(area)
            session.flush()
            component = Component(area_id=area.id, number=1, name="Komponen")
            session.add(component)
            session.flush()
            for seq in range(1, indicators + 1):
                indicator = Indicator(
                    plan_id=plan.id,
                    component_id=component.id,
                    seq=seq,
                    code=f"{area_code}.1.{seq}",
                    text=f"Indikator {area_code}.1.{seq}",
                    actions="Melaksanakan",
                    evidence_text="Laporan",
                    target_text="Triwulan I",
                )
                session.add(indicator)
                session.flush()
                key = f"{area_code}.{seq}"
                requirement = Requirement(
                    indicator_id=indicator.id,
                    position=1,
                    text=f"Laporan {key}",
                    classification=Classification.TERBATAS if key == restricted else Classification.BIASA,
                )
                session.add(requirement)
                session.flush()
                world.indicators[key] = indicator.id
                world.requirements[key] = requirement.id
                world.slots[requirement.id] = []
                for month in (1, 2, 3):
                    last = calendar.monthrange(YEAR, month)[1]
                    slot = Slot(
                        requirement_id=requirement.id, month=date(YEAR, month, 1), due_on=date(YEAR, month, last)
                    )
                    session.add(slot)
                    session.flush()
                    world.slots[requirement.id].append(slot.id)
    return world


def add_person(
    world: World,
    role: Role,
    *,
    area: str | None = None,
    below: bool = False,
    restricted: bool = False,
    until: date | None = None,
    name: str | None = None,
    further: tuple[Role, ...] = (),
) -> Actor:
    """A person with one membership in the world's unit (and one of each `further` role), signed in now."""
    user_id = uuid4()
    grants = []
    with transaction() as session:
        session.add(
            User(
                id=user_id,
                email=f"{user_id.hex}@contoh.invalid",
                name=name or f"Orang {user_id.hex[:6]}",
                password_hash="-",
                created_at=NOW,
            )
        )
        session.flush()
        for held in (role, *further):
            membership = Membership(
                user_id=user_id,
                unit_id=world.unit_id,
                role=held,
                area_code=area,
                below=below,
                restricted=restricted,
                valid_from=date(2026, 1, 1),
                valid_until=until,
                granted_by="system:test",
                granted_at=NOW,
            )
            session.add(membership)
            grants.append(
                Grant(
                    membership_id=membership.id,
                    role=held,
                    unit_path=world.unit_path,
                    area=area,
                    below=below,
                    restricted=restricted,
                )
            )
    return Actor(user_id=user_id, grants=tuple(grants))


def stored_file(uploader: UUID, name: str = "laporan.pdf") -> StoredFile:
    """The row of a file whose object nobody reads."""
    return StoredFile(
        uploader_id=uploader,
        name=name,
        media_type="application/pdf",
        size=3,
        sha256=secrets.token_hex(32),
        crc32=7,
        object_key=secrets.token_hex(16),
        version_id=None,
        uploaded_at=NOW,
    )


def add_draft(
    world: World, sender: Actor, key: str = "I.1", *, months: tuple[int, ...] = (1,), files: tuple[StoredFile, ...] = ()
) -> UUID:
    """A first draft with one file (or `files`) for the given months of a requirement; returns the revision's id."""
    requirement_id = world.requirements[key]
    slot_ids = [world.slots[requirement_id][month - 1] for month in months]
    with transaction() as session:
        evidence = Evidence(requirement_id=requirement_id, started_by=sender.person, started_at=world.tick())
        session.add(evidence)
        session.flush()
        revision = Revision(
            evidence_id=evidence.id,
            number=1,
            state=State.DRAFT,
            note="",
            digest_salt=secrets.token_hex(16),
            drafted_by=sender.person,
            drafted_at=world.clock,
        )
        session.add(revision)
        session.flush()
        own = files or (stored_file(sender.person),)
        session.add_all(own)
        session.flush()
        session.add_all(
            RevisionFile(revision_id=revision.id, file_id=file.id, position=at) for at, file in enumerate(own)
        )
        session.add_all(RevisionSlot(revision_id=revision.id, slot_id=slot_id) for slot_id in slot_ids)
        session.add_all(SlotClaim(slot_id=slot_id, evidence_id=evidence.id) for slot_id in slot_ids)
        people = {sender.person, *(file.uploader_id for file in own)}
        session.add_all(Contributor(revision_id=revision.id, user_id=person) for person in people)
        return revision.id


def act(world: World, actor: Actor, action: Action, revision_id: UUID, *, note: str = "") -> Outcome:
    """Perform `action` on what is stored now, with a note and a reason where one is needed."""
    needed = "Lengkapi tanda tangan." if action in REASONED | {Action.REOPEN} else ""
    return perform(actor=actor, command=command_on(revision_id, action, note=note or needed), now=world.tick())


def submitted(world: World, sender: Actor, key: str = "I.1", *, months: tuple[int, ...] = (1,)) -> UUID:
    """A submitted revision; returns its id."""
    revision_id = add_draft(world, sender, key, months=months)
    act(world, sender, Action.SUBMIT, revision_id)
    return revision_id
