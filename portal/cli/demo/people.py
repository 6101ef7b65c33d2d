"""The demo's people: one or more of each role, with random passwords in a file that only the owner may read."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import inspect, select
from sqlalchemy.orm import InstrumentedAttribute

from portal.cli.application import CannotRun
from portal.cli.demo.place import DemoPlace, write_private
from portal.db import db
from portal.domain.actor import Actor
from portal.domain.roles import Role
from portal.models import Unit, User
from portal.services.invitations import accept_invitation
from portal.services.memberships import NewMembership, grant_membership
from portal.services.people import get_actor_by_email
from portal.services.unit_of_work import transaction
from portal.services.users import invite_user

UNIT = "KPU-1502"
AUDITOR_DAYS = 60
SYSTEM = Actor.system("demo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What somebody needs to try the demo as this person."""

    email: str
    password: str
    role: str
    unit: str
    area: str | None
    name: str


@dataclass(frozen=True, slots=True)
class Part:
    """A person of the demo."""

    email: str
    name: str
    role: Role
    area: str | None = None
    unit: str = UNIT
    below: bool = False


CAST: tuple[Part, ...] = (
    Part("rina.marlina@demo.invalid", "Rina Marlina", Role.ADMIN, unit="KPU", below=True),
    Part("yusuf.hakim@demo.invalid", "Yusuf Hakim", Role.ADMIN),
    Part("siti.rahmawati@demo.invalid", "Siti Rahmawati", Role.UPLOADER, "I"),
    Part("budi.santoso@demo.invalid", "Budi Santoso", Role.UPLOADER, "II"),
    Part("nur.aisyah@demo.invalid", "Nur Aisyah", Role.UPLOADER, "III"),
    Part("joko.prasetyo@demo.invalid", "Joko Prasetyo", Role.UPLOADER, "IV"),
    Part("fitri.handayani@demo.invalid", "Fitri Handayani", Role.UPLOADER, "V"),
    Part("andi.saputra@demo.invalid", "Andi Saputra", Role.UPLOADER, "VI"),
    Part("ratna.dewi@demo.invalid", "Ratna Dewi", Role.AREA_COORDINATOR, "III"),
    Part("hendra.gunawan@demo.invalid", "Hendra Gunawan", Role.TPI_MEMBER),
    Part("lina.kartika@demo.invalid", "Lina Kartika", Role.TPI_MEMBER),
    Part("dewi.lestari@demo.invalid", "Dewi Lestari", Role.TPI_LEAD),
    Part("agus.salim@demo.invalid", "Agus Salim", Role.AUDITOR),
    Part("bambang.wijaya@demo.invalid", "Bambang Wijaya", Role.LEADER),
)


def require_own_database(place: DemoPlace) -> None:
    """Raise CannotRun unless the database is empty or all in it is the demo's; reads only, whatever its schema is.

    From then on the file of accounts says that it is the demo's, even if this run is broken off.
    """
    tables = set(inspect(db.engine).get_table_names())
    emails = _column(User.email) if User.__tablename__ in tables else set()
    units = _column(Unit.code) if Unit.__tablename__ in tables else set()
    is_foreign = tables and "alembic_version" not in tables
    if is_foreign or emails - {part.email for part in CAST} or ((emails or units) and not place.accounts.exists()):
        raise CannotRun(
            "Basis data ini bukan milik demo, jadi tidak ada yang diubah di dalamnya. Sebutkan basis data kosong "
            f"dengan PORTAL_DATABASE_URL; tanpa itu, hapus folder {place.folder} untuk memulai demo dari awal."
        )
    if not place.accounts.exists():
        _save(place, [])


def ensure_people(place: DemoPlace, *, now: datetime) -> list[Account]:
    """All of the cast with an account, and with a role that is in force."""
    known = {account.email: account for account in read_accounts(place)}
    present = _column(User.email)
    for part in CAST:
        if part.email not in present:
            known[part.email] = _account(part, secrets.token_urlsafe(12))
            _save(place, list(known.values()))  # before the account exists: a password that nobody knows is no use
            _invite(part, known[part.email].password, now)
        _renew(part, now)
    return [known[part.email] for part in CAST]


def read_accounts(place: DemoPlace) -> list[Account]:
    """The accounts of an earlier run."""
    if not place.accounts.exists():
        return []
    return [Account(**entry) for entry in json.loads(place.accounts.read_text(encoding="utf-8"))]


def _column(column: InstrumentedAttribute[str]) -> set[str]:
    with transaction(write=False) as session:
        return set(session.execute(select(column)).scalars())


def _account(part: Part, password: str) -> Account:
    return Account(
        email=part.email, password=password, role=part.role.value, unit=part.unit, area=part.area, name=part.name
    )


def _save(place: DemoPlace, accounts: Sequence[Account]) -> None:
    text = json.dumps([asdict(account) for account in accounts], indent=2, ensure_ascii=False)
    write_private(place.accounts, text + "\n")


def _invite(part: Part, password: str, now: datetime) -> None:
    """As an admin and the person would: a one-time link, and a password chosen through it."""
    invited = invite_user(
        actor=SYSTEM, email=part.email, name=part.name, membership=_membership(part, now), now=datetime.now(UTC)
    )
    accept_invitation(token=invited.invitation.token, password=password, now=datetime.now(UTC))


def _renew(part: Part, now: datetime) -> None:
    """A new window for the auditor when the one of an earlier run has closed."""
    person = get_actor_by_email(email=part.email, now=now)
    if not person.grants:
        grant_membership(actor=SYSTEM, user_id=person.person, wanted=_membership(part, now), now=now)


def _membership(part: Part, now: datetime) -> NewMembership:
    until = (now + timedelta(days=AUDITOR_DAYS)).date() if part.role is Role.AUDITOR else None
    return NewMembership(role=part.role, unit_code=part.unit, area_code=part.area, below=part.below, valid_until=until)
