"""Plans against what was imported: every column of every row, save who is in charge of a slot."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from portal.domain.events import EventName
from portal.models import Area, Component, Indicator, Plan, Requirement
from portal.services.imported_classes import read_imported_classes
from portal.services.plan_content import ContentRows, plan_content, read_content
from portal.services.verify.findings import FindingCode, Findings
from portal.services.verify.rows import row_place
from portal.services.verify.trail import TrailEntry

_REQUIREMENTS = selectinload(Plan.areas, Area.components, Component.indicators, Indicator.requirements)


class PlanCheck:
    """Compares each plan as its event comes by; `finish` names the plans that none has told of."""

    def __init__(self, session: Session, findings: Findings) -> None:
        self._session, self._findings = session, findings
        self._told: set[UUID] = set()

    def tell(self, told: TrailEntry) -> None:
        if told.entry.name is not EventName.PLAN_IMPORTED:
            return
        self._told.add(told.entry.obj)
        try:
            expected = read_content(told.texts.get("content", ""))
        except ValueError:
            return  # an opening that is gone or was changed is a finding of the replay
        compare_content(self._findings, expected=expected, found=self._stored(told.entry.obj))

    def finish(self) -> None:
        for plan_id in self._session.execute(select(Plan.id)).scalars():
            if plan_id not in self._told:
                self._findings.add(
                    FindingCode.ROW_UNEXPLAINED, row_place("plan", plan_id), expected=None, found="rencana aksi"
                )

    def _stored(self, plan_id: UUID) -> ContentRows:
        query = select(Plan).where(Plan.id == plan_id).options(_REQUIREMENTS.selectinload(Requirement.slots))
        plan = self._session.execute(query).scalar_one_or_none()
        rows = plan_content(plan, imported=read_imported_classes(self._session, plan_id)) if plan else {}
        self._session.expunge_all()
        return rows


def compare_content(findings: Findings, *, expected: ContentRows, found: ContentRows) -> None:
    """Only columns that there were at the import are compared: later ones have no value to compare with."""
    for table, row in expected.keys() | found.keys():
        place = row_place(table, row, within=_code(expected, found, table, row))
        if (table, row) not in found:
            findings.add(FindingCode.ROW_MISSING, place, expected=_told(expected[table, row]), found=None)
        elif (table, row) not in expected:
            findings.add(FindingCode.ROW_UNEXPLAINED, place, expected=None, found=_told(found[table, row]))
        else:
            for column, value in expected[table, row].items():
                findings.compare(
                    FindingCode.ROW_CHANGED,
                    f"{place}, {column}",
                    expected=value,
                    found=found[table, row].get(column),
                )


def _code(expected: ContentRows, found: ContentRows, table: str, row: str) -> str:
    """The code of the area or indicator that the row is, or belongs to, as far as it can be told."""
    columns = expected.get((table, row)) or found[table, row]
    while "code" not in columns:
        above = next((key for key in _ABOVE if key in columns), None)
        parent = (expected.get((_ABOVE[above], str(columns[above]))) if above else None) or {}
        if not parent:
            return ""
        columns = parent
    return str(columns["code"])


_ABOVE: Mapping[str, str] = {"requirement_id": "requirement", "indicator_id": "indicator", "area_id": "area"}


def _told(columns: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in columns.items() if value is not None)
