"""Units of the organisation: adding one below another, and finding it by its code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import available_timezones

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.actor import Actor
from portal.domain.codes import MAX_UNIT_CODE, is_code
from portal.domain.errors import InvalidInput, NotPermitted
from portal.domain.events import Personal, UnitAdded
from portal.domain.permissions import Permission
from portal.domain.policy import Subject, find_grant
from portal.models import Unit
from portal.services import audit
from portal.services.one_line import one_line
from portal.services.unit_of_work import transaction
from portal.services.visibility import visible_to

DEFAULT_TIMEZONE = "Asia/Jakarta"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitView:
    """`path` is the codes from the root, for instance `/KPU/KPU-15/KPU-1502/`."""

    unit_id: UUID
    code: str
    name: str
    path: str
    timezone: str


def add_unit(
    *, actor: Actor, code: str, name: str, under: str | None, now: datetime, timezone: str | None = None
) -> UnitView:
    """Add a unit below the unit `under`, or at the root; its zone is by default that of the unit above.

    Raises InvalidInput for a code that is taken or malformed, an unknown unit above, or an unknown zone.
    """
    _require_code(code)
    name = one_line("name", name, longest=200)
    with transaction() as session:
        above = get_managed_unit(session, actor, under, field="under") if under else None
        subject = Subject(unit_path=above.path if above else "/")
        grant = find_grant(actor, Permission.MANAGE_ACCOUNTS, subject)
        if grant is None:
            raise NotPermitted
        if session.execute(select(Unit.id).where(Unit.code == code)).scalar_one_or_none():
            raise InvalidInput("code", f"Kode unit {code} sudah dipakai. Pilih kode lain.")
        unit = Unit(
            code=code,
            name=name,
            parent_id=above.id if above else None,
            path=f"{subject.unit_path}{code}/",
            timezone=_zone(timezone or (above.timezone if above else DEFAULT_TIMEZONE)),
        )
        session.add(unit)
        event = UnitAdded(obj=unit.id, code=code, under=under, timezone=unit.timezone, name=Personal(name))
        audit.record(session, event, actor=actor, now=now, grant=grant)
        return _view(unit)


def list_units(*, actor: Actor, now: datetime) -> tuple[UnitView, ...]:  # noqa: ARG001  # services take now
    """The units whose accounts the actor manages, in the tree's order."""
    with transaction(write=False) as session:
        query = select(Unit).where(visible_to(actor, Permission.MANAGE_ACCOUNTS)).order_by(Unit.path)
        return tuple(_view(unit) for unit in session.execute(query).scalars())


def get_managed_unit(session: Session, actor: Actor, code: str, *, field: str) -> Unit:
    """The unit of this code if the actor manages its accounts; raises InvalidInput for `field` otherwise."""
    query = select(Unit).where(Unit.code == code, visible_to(actor, Permission.MANAGE_ACCOUNTS))
    well_formed = is_code(code, longest=MAX_UNIT_CODE)  # a database refuses NUL and half characters its own way
    unit = session.execute(query).scalar_one_or_none() if well_formed else None
    if unit is None:
        raise InvalidInput(field, f"Tidak ada unit dengan kode {code[:MAX_UNIT_CODE]}. Periksa kodenya.")
    return unit


def _require_code(code: str) -> None:
    if not is_code(code, longest=MAX_UNIT_CODE):
        raise InvalidInput(
            "code", f"Kode unit terdiri atas huruf, angka, dan tanda hubung, paling banyak {MAX_UNIT_CODE} tanda."
        )


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise InvalidInput("timezone", "Zona waktu tidak dikenal. Pakai misalnya Asia/Jakarta.")
    return name


def _view(unit: Unit) -> UnitView:
    return UnitView(unit_id=unit.id, code=unit.code, name=unit.name, path=unit.path, timezone=unit.timezone)
