"""The classes of one indicator's evidence items: every change by its event, and the class that the last one left.

What they were before the first change is a matter of the imported plan, see `plans.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.classification import Classification
from portal.domain.policy import classification_permission, roles_with
from portal.domain.roles import Role
from portal.models import ClassificationChange, Requirement
from portal.services.verify.findings import Findings
from portal.services.verify.people import Term, check_membership
from portal.services.verify.rows import reconcile
from portal.services.verify.trail import TrailEntry, refuse_event

ChangeKey: TypeAlias = tuple[UUID, int]
"""The requirement and the number of the change, from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassificationChangeFact:
    before: str | None
    after: str | None
    reason: str | None
    changed_by: UUID | None
    membership: UUID | None
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassFact:
    classification: str | None


class ClassHistory:
    """Facts by key after the events told so far. `terms` are all memberships by id."""

    def __init__(self, findings: Findings, *, terms: Mapping[UUID, Term]) -> None:
        self._findings, self._terms = findings, terms
        self.changes: dict[ChangeKey, ClassificationChangeFact] = {}
        self.classes: dict[UUID, ClassFact] = {}

    def tell(self, told: TrailEntry) -> None:
        """Take the next change of the chain, and refuse to believe one that the portal would not have made."""
        entry, number = told.entry, told.number("number")
        before, after = told.text("before"), told.text("after")
        known = self.classes.get(entry.obj)
        earlier = sum(1 for requirement, _ in self.changes if requirement == entry.obj)
        if number != earlier + 1 or (known and known.classification != before):
            class_now = known.classification if known else before
            refuse_event(
                self._findings, told, f"perubahan ke-{earlier + 1} dari {class_now}", f"ke-{number} dari {before}"
            )
        check_membership(self._findings, told, self._terms, seats=_seats(before, after))
        self.classes[entry.obj] = ClassFact(classification=after)
        self.changes[entry.obj, number] = ClassificationChangeFact(
            before=before,
            after=after,
            reason=told.text("reason"),
            changed_by=entry.person,
            membership=told.id("membership"),
            changed_at=entry.at,
        )

    def compare(self, session: Session, indicator_id: UUID, *, within: str) -> None:
        """Compare the rows of the indicator with the facts."""
        own = Requirement.indicator_id == indicator_id
        changes = select(ClassificationChange).join(Requirement).where(own)
        found = {(row.requirement_id, row.number): _change(row) for row in session.execute(changes).scalars()}
        reconcile(self._findings, "classification_change", expected=self.changes, found=found, within=within)
        rows = session.execute(select(Requirement.id, Requirement.classification).where(own))
        classes = {row.id: ClassFact(classification=row.classification) for row in rows if row.id in self.classes}
        reconcile(self._findings, "requirement", expected=self.classes, found=classes, within=within)


def _seats(before: str | None, after: str | None) -> frozenset[Role]:
    """The roles that make this change; none makes one between classes that there are not."""
    try:
        return roles_with(classification_permission(Classification(before or ""), Classification(after or "")))
    except ValueError:
        return frozenset()


def _change(row: ClassificationChange) -> ClassificationChangeFact:
    return ClassificationChangeFact(
        before=row.before,
        after=row.after,
        reason=row.reason,
        changed_by=row.changed_by,
        membership=row.membership_id,
        changed_at=row.changed_at,
    )
