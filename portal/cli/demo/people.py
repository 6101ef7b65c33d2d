"""The demo's people: one or more of each role, with random passwords in a file that only the owner may read."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from portal.cli.application import CannotRun
from portal.cli.demo.place import DemoPlace, write_private
from portal.domain.actor import Actor
from portal.domain.roles import Role
from portal.models import User
from portal.services.invitations import accept_invitation
from portal.services.memberships import NewMembership
from portal.services.unit_of_work import transaction
from portal.services.users import invite_user

UNIT = "KPU-1502"
AUDITOR_DAYS = 60


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


def ensure_people(place: DemoPlace, *, now: datetime) -> list[Account]:
    """All of the cast with an account; raises CannotRun when the database holds anybody else."""
    known = {account.email: account for account in read_accounts(place)}
    present = _emails()
    strangers = present - {part.email for part in CAST}
    if strangers or (present and not known):
        raise CannotRun(
            "Basis data ini memuat pengguna lain, jadi demo tidak menyentuhnya. "
            "Pakai basis data kosong, atau hapus PORTAL_DATABASE_URL untuk basis data demo sendiri."
        )
    for part in CAST:
        if part.email not in present:
            known[part.email] = _account(part, secrets.token_urlsafe(12))
            _save(place, list(known.values()))  # before the account exists: a password that nobody knows is no use
            _invite(part, known[part.email].password, now)
    return [known[part.email] for part in CAST]


def read_accounts(place: DemoPlace) -> list[Account]:
    """The accounts of an earlier run."""
    if not place.accounts.exists():
        return []
    return [Account(**entry) for entry in json.loads(place.accounts.read_text(encoding="utf-8"))]


def _emails() -> set[str]:
    with transaction(write=False) as session:
        return set(session.execute(select(User.email)).scalars())


def _account(part: Part, password: str) -> Account:
    return Account(
        email=part.email, password=password, role=part.role.value, unit=part.unit, area=part.area, name=part.name
    )


def _save(place: DemoPlace, accounts: Sequence[Account]) -> None:
    text = json.dumps([asdict(account) for account in accounts], indent=2, ensure_ascii=False)
    write_private(place.accounts, text + "\n")


def _invite(part: Part, password: str, now: datetime) -> None:
    """As an admin and the person would: a one-time link, and a password chosen through it."""
    until = (now + timedelta(days=AUDITOR_DAYS)).date() if part.role is Role.AUDITOR else None
    wanted = NewMembership(
        role=part.role, unit_code=part.unit, area_code=part.area, below=part.below, valid_until=until
    )
    invited = invite_user(
        actor=Actor.system("demo"), email=part.email, name=part.name, membership=wanted, now=datetime.now(UTC)
    )
    accept_invitation(token=invited.invitation.token, password=password, now=datetime.now(UTC))
