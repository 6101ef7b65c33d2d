"""The class that an evidence item had in the imported plan, before anybody raised or lowered it in the portal."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.classification import Classification
from portal.models import ClassificationChange, Indicator, Requirement


def read_imported_classes(session: Session, plan_id: UUID) -> Mapping[UUID, Classification]:
    """By requirement, and of those alone whose class was ever changed."""
    query = (
        select(ClassificationChange.requirement_id, ClassificationChange.before)
        .join(Requirement, Requirement.id == ClassificationChange.requirement_id)
        .join(Indicator, Indicator.id == Requirement.indicator_id)
        .where(Indicator.plan_id == plan_id, ClassificationChange.number == 1)
    )
    return {row.requirement_id: row.before for row in session.execute(query)}
