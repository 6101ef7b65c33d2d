"""Everything that is stored of a plan, spelled as one text: what the trail commits to when the plan is imported, and
what the rows are compared with ever after.

All columns of all its tables count, save who is in charge of a slot, which changes by events of its own, and the class
of an item as it is after a change, which does so too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from enum import Enum
from types import MappingProxyType
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import inspect

from portal.db import Base
from portal.domain.canonical_json import JsonValue, canonical_json
from portal.domain.classification import Classification
from portal.models import Plan, Requirement, Slot

ContentRows: TypeAlias = Mapping[tuple[str, str], Mapping[str, JsonValue]]
"""By table and id, the columns of each row."""

_CHANGES_LATER = frozenset({Slot.pic_id})


def spell_plan(plan: Plan) -> str:
    """Canonical JSON of all rows of the plan, which has been flushed."""
    rows: list[JsonValue] = [
        {"columns": dict(columns), "table": table} for (table, _), columns in plan_content(plan).items()
    ]
    return canonical_json(rows).decode()


def read_content(text: str) -> ContentRows:
    """The rows that `spell_plan` wrote; raises ValueError for any other text."""
    try:
        return {(entry["table"], entry["columns"]["id"]): entry["columns"] for entry in json.loads(text)}
    except (KeyError, TypeError) as error:
        raise ValueError("not the content of a plan") from error


def plan_content(plan: Plan, *, imported: Mapping[UUID, Classification] = MappingProxyType({})) -> ContentRows:
    """The rows as they are now, with everything below the plan; those of `imported` (services.imported_classes) with
    the class that they had before it was changed.
    """
    rows = {(row.__tablename__, str(_id(row))): _columns(row) for row in _rows(plan)}
    for requirement_id, classification in imported.items():
        rows[Requirement.__tablename__, str(requirement_id)]["classification"] = classification.value
    return rows


def _rows(plan: Plan) -> Iterator[Base]:
    yield plan
    yield from plan.tiers
    for area in plan.areas:
        yield area
        for component in area.components:
            yield component
            for indicator in component.indicators:
                yield indicator
                for requirement in indicator.requirements:
                    yield requirement
                    yield from requirement.slots


def _id(row: Base) -> object:
    return getattr(row, "id")  # noqa: B009  # Base does not say that every table of a plan has one


def _columns(row: Base) -> dict[str, JsonValue]:
    return {
        attribute.key: _json(getattr(row, attribute.key))
        for attribute in inspect(type(row)).column_attrs
        if attribute.class_attribute not in _CHANGES_LATER
    }


def _json(value: object) -> JsonValue:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, UUID | date):
        return str(value)
    if value is None or isinstance(value, bool | int | str):
        return value
    raise TypeError(f"a plan cannot hold {type(value).__name__}")
