"""Reads the name of the violated rule out of a database error, the same on both databases.

Our triggers raise their own name as the message; SQLite does not name unique constraints, so those are told by their
columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlalchemy import PrimaryKeyConstraint, Table, UniqueConstraint
from sqlalchemy.exc import DBAPIError

from portal.db import Base

UNKNOWN = "unknown"

_TRIGGER = re.compile(r"\b(guard_[a-z0-9_]+)")
_CHECK = re.compile(r"CHECK constraint failed: ([A-Za-z0-9_]+)")
_UNIQUE = re.compile(r"UNIQUE constraint failed: (?:index '([a-z0-9_]+)'|(.+))")


def find_constraint(error: DBAPIError) -> str:
    """Name of the constraint, index or trigger behind `error`; `unknown` when the driver does not tell."""
    diagnosis = getattr(error.orig, "diag", None)
    if diagnosis is not None and diagnosis.constraint_name:  # before the text, which repeats what somebody typed
        return str(diagnosis.constraint_name)
    text = str(error.orig)
    trigger = _TRIGGER.search(text)
    return trigger.group(1) if trigger else _sqlite_constraint(text)


def _sqlite_constraint(text: str) -> str:
    check = _CHECK.search(text)
    if check:
        return check.group(1)
    unique = _UNIQUE.search(text)
    if unique is None:
        return "foreign_key" if "FOREIGN KEY" in text else UNKNOWN
    return unique.group(1) or _unique_by_columns(unique.group(2))


def _unique_by_columns(listed: str) -> str:
    """`revision.evidence_id, revision.number` → the name of the unique constraint, index or key over just these
    columns.
    """
    table_name = listed.split(".", 1)[0]
    columns = {part.split(".", 1)[1] for part in listed.split(", ")}
    for name, key in _unique_keys(Base.metadata.tables[table_name]):
        if key == columns:
            return name
    return UNKNOWN


def _unique_keys(table: Table) -> Iterator[tuple[str, set[str]]]:
    """Name and column names of everything in `table` that must be unique."""
    for constraint in table.constraints:
        if isinstance(constraint, PrimaryKeyConstraint | UniqueConstraint):
            yield str(constraint.name), {column.name for column in constraint.columns}
    for index in table.indexes:
        if index.unique:
            yield str(index.name), {column.name for column in index.columns}
