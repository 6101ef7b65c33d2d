"""Reads the rows that belong to one indicator; judges none of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal.models import Evidence, Requirement, Revision


@dataclass(frozen=True, slots=True)
class IndicatorRows:
    """Reads the rows of one indicator."""

    session: Session
    indicator_id: UUID

    def of(self, query: Select[*tuple[Any, ...]]) -> Iterable[Any]:
        """Rows of a query that joins `requirement`, narrowed to the indicator."""
        return self.session.execute(query.where(Requirement.indicator_id == self.indicator_id)).all()

    def revision_parts(self, *columns: Any, table: Any) -> Iterable[Any]:
        """Columns of a table whose rows belong to a revision, with the revision's key first."""
        return self.of(
            select(Revision.evidence_id, Revision.number, *columns)
            .join(table, table.revision_id == Revision.id)
            .join(Evidence, Evidence.id == Revision.evidence_id)
            .join(Requirement, Requirement.id == Evidence.requirement_id)
        )
