"""Whatever is changed, removed or slipped in behind the portal's back is told by its row and column; an office in which
everything was done through the portal is clean.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy
from sqlalchemy import Column, Row, Table, delete, select, update
from sqlalchemy import text as sql

from portal.db import Base, UtcDateTime
from tests.services.verify.laboratory import Attempt, Laboratory


def test_an_office_that_only_used_the_portal_is_clean(laboratory: Laboratory) -> None:
    with laboratory.attempt() as attempt:
        assert attempt.findings() == []


OPERATIONAL = {
    "login_throttle": "counts tries within minutes and grants nothing",
    "pending_login": "lives for five minutes and opens nothing without the code",
    "log_leaf": "replayed",
    "log_head": "replayed",
    "log_subtree": "replayed",
    "scope_head": "replayed",
    "log_opening": "replayed",
    "log_checkpoint": "checked by its signatures",
    "signing_key": "checked with the signatures",
    "log_anchor": "tells an operator what worked; what counts lies at the other end",
}
"""Tables that are not reconciled with the log."""

UNEXPLAINED = {
    "bundle_completion.completed_at": "tells when the bag was written and decides nothing",
    "login_session.last_seen_at": "moves with every request; the absolute limit counts from started_at",
    "login_session.device": "is shown to the person and decides nothing",
}
"""Columns that no event explains, and why that is well."""

WHERE = {
    "bundle_member": "path LIKE 'data/%'",
    "revision": "number = 3",
    "revision_file": "position = 0 AND revision_id = (SELECT id FROM revision WHERE number = 3)",
    "revision_link": "position = 0 AND revision_id = (SELECT id FROM revision WHERE number = 3)",
    "revision_slot": "revision_id = (SELECT id FROM revision WHERE number = 3)",
    "contributor": "revision_id = (SELECT id FROM revision WHERE number = 3)",
    "login_session": "ended_at IS NOT NULL",
    "invitation": "used_at IS NOT NULL",
}
"""Which row to attack where the first one will not do: what a draft says, for instance, is nobody's business yet."""


def watched() -> list[Table]:
    return [table for name, table in sorted(Base.metadata.tables.items()) if name not in OPERATIONAL]


def victim(attempt: Attempt, table: Table) -> Row[*tuple[Any, ...]]:
    query = select(table).where(sql(WHERE.get(table.name, "1 = 1"))).order_by(*table.primary_key)
    return attempt.session.execute(query.limit(1)).one()


def is_row(table: Table, row: Row[*tuple[Any, ...]]) -> Any:
    key = [column == row._mapping[column] for column in table.primary_key]
    return key[0] if len(key) == 1 else key[0] & key[1]


def other(column: Column[Any], value: Any) -> Any:
    """Another value of the column's type."""
    if isinstance(value, Enum):
        return next(member for member in type(value) if member is not value)
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1000
    if isinstance(value, datetime | date):
        return value + timedelta(days=1)
    if isinstance(value, UUID):
        return uuid4()
    if isinstance(value, str):
        return f"{value[:-1]}{'9' if value[-1:] != '9' else '8'}"
    if isinstance(column.type, sqlalchemy.Enum):
        return next(iter(column.type.python_type))
    if isinstance(column.type, UtcDateTime):
        return datetime(2025, 1, 1, tzinfo=UTC)
    samples = {str: "1", int: 7, UUID: uuid4(), date: date(2025, 1, 1)}
    return samples[column.type.python_type]


@pytest.mark.parametrize("table", watched(), ids=lambda table: table.name)
def test_every_column_of_every_table_is_explained_by_an_event(sqlite_laboratory: Laboratory, table: Table) -> None:
    unseen: set[str] = set()
    seen: set[str] = set()
    for column in table.columns:
        with sqlite_laboratory.attempt() as attempt:
            row = victim(attempt, table)
            value = other(column, row._mapping[column])
            attempt.session.execute(update(table).where(is_row(table, row)).values({column: value}))
            found = attempt.table_findings()
            (seen if found else unseen).add(f"{table.name}.{column.name}")
    excused = {name for name in UNEXPLAINED if name.startswith(f"{table.name}.")}
    assert unseen == excused, (
        f"columns that can be changed unnoticed: {unseen - excused}; seen after all: {excused & seen}"
    )


@pytest.mark.parametrize("table", watched(), ids=lambda table: table.name)
def test_a_row_that_is_gone_is_missed(sqlite_laboratory: Laboratory, table: Table) -> None:
    with sqlite_laboratory.attempt() as attempt:
        attempt.session.execute(delete(table).where(is_row(table, victim(attempt, table))))
        assert attempt.table_findings(), f"nobody misses the row of {table.name}"
