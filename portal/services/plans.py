"""Imports an action plan: whole or not at all, once. What a file must look like is known in `plan_file`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from portal.domain.actor import Actor, Grant
from portal.domain.codes import MAX_UNIT_CODE, is_code
from portal.domain.errors import InvalidInput, NotPermitted
from portal.domain.events import Personal, PlanImported
from portal.domain.permissions import Permission
from portal.domain.plan import PlanDocument, PlanTotals
from portal.domain.policy import Subject, find_grant, may_ever
from portal.models import Area, Component, Indicator, Plan, Requirement, Unit
from portal.services import audit
from portal.services.imported_classes import read_imported_classes
from portal.services.plan_content import spell_plan
from portal.services.plan_differences import PlanDiffers, find_differences
from portal.services.plan_file import PlanError, PlanFileInvalid
from portal.services.plan_rows import find_suspicion, plan_rows
from portal.services.unit_of_work import transaction

_UNIT_REMEDY = "Periksa kodenya, atau tambahkan dulu dengan `portal unit add`, lalu impor lagi."


class ImportOutcome(StrEnum):
    """What an import did; WOULD_CREATE is what a dry run says where a real one would create."""

    CREATED = "created"
    WOULD_CREATE = "would_create"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanWarning:
    """Something in the plan that is kept as it is written and that somebody should look at."""

    place: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanImport:
    """What was done with the document, what it holds, and what is suspicious about it."""

    outcome: ImportOutcome
    unit_code: str
    year: int
    totals: PlanTotals
    warnings: tuple[PlanWarning, ...]

    @property
    def created(self) -> bool:
        return self.outcome is ImportOutcome.CREATED


def import_plan(
    *, actor: Actor, unit_code: str, year: int, document: PlanDocument, dry_run: bool = False, now: datetime
) -> PlanImport:
    """Store `document` as the unit's plan of `year`, or find that it is stored already.

    Raises NotPermitted, InvalidInput for a unit that is not there or not his, PlanFileInvalid for a document of another
    year, PlanDiffers when the unit has another plan for that year.
    """
    if not may_ever(actor, Permission.MANAGE_PLAN):
        raise NotPermitted
    if document.year != year:
        message = f"Berkas ini rencana tahun {document.year}, sedangkan yang diminta tahun {year}."
        raise PlanFileInvalid((PlanError("document.year", message),))
    with transaction(write=not dry_run) as session:
        unit, grant = _get_managed_unit(session, unit_code, actor)
        offered = plan_rows(document, unit_id=unit.id)
        outcome = _outcome(session, offered, dry_run=dry_run)
        if outcome is ImportOutcome.CREATED:
            _store(session, offered, document, unit=unit, actor=actor, grant=grant, now=now)
    return PlanImport(
        outcome=outcome,
        unit_code=unit_code,
        year=year,
        totals=document.totals,
        warnings=_warnings(document, unit_code=unit_code),
    )


def _get_managed_unit(session: Session, code: str, actor: Actor) -> tuple[Unit, Grant]:
    """The unit, locked, so that of two imports at the same time the second finds the plan of the first, and the grant
    by which the actor manages its plans. A unit outside his scope is answered as one that is not there.
    """
    named = select(Unit).where(Unit.code == code).with_for_update()
    unit = session.scalar(named) if is_code(code, longest=MAX_UNIT_CODE) else None
    grant = find_grant(actor, Permission.MANAGE_PLAN, Subject(unit_path=unit.path)) if unit else None
    if unit is None or grant is None:
        raise InvalidInput("unit", f"Unit {code} tidak ada atau di luar wewenang Anda. {_UNIT_REMEDY}")
    return unit, grant


def _outcome(session: Session, offered: Plan, *, dry_run: bool) -> ImportOutcome:
    """What is to be done about `offered`; raises PlanDiffers."""
    stored = _find_plan(session, offered)
    if stored is None:
        return ImportOutcome.WOULD_CREATE if dry_run else ImportOutcome.CREATED
    imported = read_imported_classes(session, stored.id)
    if differences := find_differences(stored, offered, imported=imported):
        raise PlanDiffers(differences)
    return ImportOutcome.UNCHANGED


def _find_plan(session: Session, offered: Plan) -> Plan | None:
    """The plan of that unit and year with everything below it, in one query a level."""
    requirements = selectinload(Plan.areas, Area.components, Component.indicators, Indicator.requirements)
    return session.scalar(
        select(Plan)
        .where(Plan.unit_id == offered.unit_id, Plan.year == offered.year)
        .options(requirements.selectinload(Requirement.slots))
    )


def _store(
    session: Session,
    plan: Plan,
    document: PlanDocument,
    *,
    unit: Unit,
    actor: Actor,
    grant: Grant,
    now: datetime,
) -> None:
    session.add(plan)
    session.flush()
    totals = document.totals
    event = PlanImported(
        obj=plan.id,
        unit=unit.code,
        year=plan.year,
        document_sha256=document.sha256,
        indicators=totals.indicators,
        requirements=totals.requirements,
        slots=totals.slots,
        content=Personal(spell_plan(plan)),
    )
    audit.record(session, event, actor=actor, grant=grant, now=now)


def _warnings(document: PlanDocument, *, unit_code: str) -> tuple[PlanWarning, ...]:
    warnings = [
        PlanWarning(place=indicator.code, message=suspicion)
        for indicator in document.indicators
        if (suspicion := find_suspicion(indicator, year=document.year))
    ]
    if document.units and document.units[-1].code != unit_code:
        message = f"Berkas ini menyebut unit {document.units[-1].code}, tetapi diimpor untuk {unit_code}."
        warnings.insert(0, PlanWarning(place="units", message=message))
    return tuple(warnings)
