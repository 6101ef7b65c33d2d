"""Every key, check and foreign key of the schema refuses what it is there for and is told by its name, on both
databases; and the database has just those that the models declare.

The guards are taken away first, so that it is the constraint that speaks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnClause,
    Enum,
    ForeignKeyConstraint,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    and_,
    insert,
    inspect,
    literal_column,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.dml import Insert, Update

from portal.db import db
from portal.domain.workflow import State
from portal.models import Invitation, LoginSession, LoginThrottle
from portal.models.guards import drop_guards
from portal.services.constraint_names import find_constraint
from tests.builders.world import NOW
from tests.models.scene import NOT_REFUSED, Scene
from tests.test_migrations import migration_guards

TABLES = db.metadata.sorted_tables


@dataclass(frozen=True)
class Unguarded:
    """The scene's database without its guards."""

    scene: Scene

    def row(self, table: Table) -> dict[str, Any]:
        """A row of the table; of the revisions, an open one."""
        query = select(table).where(table.c.state == State.DRAFT) if table.name == "revision" else select(table)
        found = self.scene.connection.execute(query.limit(1)).mappings().first()
        assert found, f"the scene has no row in {table.name}"
        return dict(found)

    def refusal_of(self, statement: Insert | Update) -> str:
        with self.scene.connection.begin_nested() as nested:
            try:
                self.scene.connection.execute(statement)
            except IntegrityError as error:
                return find_constraint(error)
            finally:
                nested.rollback()
        return NOT_REFUSED

    def refusal_of_change(self, table: Table, changes: dict[str, object]) -> str:
        """What refuses these values in an existing row."""
        row = self.row(table)
        this_row = and_(*(column == row[column.name] for column in table.primary_key))
        return self.refusal_of(update(table).where(this_row).values(changes))


@pytest.fixture
def unguarded(scene: Scene) -> Unguarded:
    drop_guards(scene.connection, migration_guards())
    user = scene.connection.execute(select(db.metadata.tables["user"].c.id).limit(1)).scalar_one()
    token = {"token_sha256": "0" * 64, "user_id": user, "id": uuid4()}
    rows: dict[type, dict[str, object]] = {
        Invitation: {**token, "issued_at": NOW, "expires_at": NOW},
        LoginSession: {
            **token,
            "started_at": NOW,
            "confirmed_at": NOW,
            "last_seen_at": NOW,
            "address": "::1",
            "device": "-",
        },
        LoginThrottle: {"id": uuid4(), "key": "0" * 64, "window_started_at": NOW, "failures": 1},
    }
    for model, values in rows.items():
        scene.connection.execute(insert(model).values(values))
    return Unguarded(scene)


OTHER_PERSON: ColumnClause[Any] = literal_column(
    "(SELECT o.user_id FROM membership o WHERE o.role = 'tpi_member' LIMIT 1)"
)
CONFIRMED: dict[str, object] = {"verdict": "confirmed", "settled_by": OTHER_PERSON, "settled_at": NOW}
"""A proposal that somebody settled who has nothing else to do with it."""

CHECKS: dict[str, dict[str, object]] = {
    "ck_unit_path_form": {"path": "KPU"},
    "ck_unit_code_length": {"code": ""},
    "ck_user_email_lower": {"email": "Siti@contoh.invalid"},
    "ck_membership_window_order": {"valid_from": date(2026, 2, 1), "valid_until": date(2026, 1, 31)},
    "ck_membership_ended_complete": {"ended_at": NOW},
    "ck_membership_proposal_role_confirmed": {"role": "leader"},
    "ck_membership_proposal_window_order": {"valid_from": date(2026, 2, 1), "valid_until": date(2026, 1, 31)},
    "ck_membership_proposal_settled_complete": {"verdict": None, "settled_by": None, "settled_at": NOW},
    "ck_membership_proposal_four_eyes": {"proposed_by": literal_column("user_id")},
    "ck_membership_proposal_in_time": {**CONFIRMED, "expires_at": NOW},
    "ck_external_window_days": {"last_day": date(2026, 4, 2)},
    "ck_plan_year_range": {"year": 1999},
    "ck_review_tier_quorum_range": {"quorum": 0},
    "ck_review_tier_role_decides": {"role": "auditor"},
    "ck_stored_file_size_positive": {"size": -1},
    "ck_stored_file_sha256_length": {"sha256": "0" * 63},
    "ck_stored_file_crc32_range": {"crc32": 2**32},
    "ck_bundle_size_positive": {"evidence_size": 0},
    "ck_bundle_completion_size_positive": {"size": 0},
    "ck_log_head_single": {"id": 2},
    "ck_log_subtree_level_positive": {"level": 0},
    "ck_revision_number_positive": {"number": 0},
    "ck_revision_submitted_complete": {"state": "submitted", "digest": None},
    "ck_classification_change_number_positive": {"number": 0},
    "ck_classification_change_changes": {"before": "biasa", "after": "biasa"},
    "ck_classification_change_explained": {"reason": ""},
    "ck_decision_refusal_explained": {"verdict": "return", "reason": None},
    "ck_redaction_not_of_itself": {"original_id": literal_column("file_id")},
    "ck_reopening_explained": {"note": ""},
}
MORE_CHECKS: list[tuple[str, dict[str, object]]] = [
    ("ck_membership_ended_complete", {"ended_by": "system:test"}),
    ("ck_membership_proposal_settled_complete", {"verdict": None, "settled_at": None, "settled_by": OTHER_PERSON}),
    ("ck_membership_proposal_settled_complete", {**CONFIRMED, "verdict": None}),
    ("ck_membership_proposal_four_eyes", {**CONFIRMED, "settled_by": literal_column("user_id")}),
    ("ck_membership_proposal_four_eyes", {**CONFIRMED, "settled_by": literal_column("proposed_by")}),
    ("ck_membership_proposal_four_eyes", {**CONFIRMED, "verdict": "withdrawn"}),
    ("ck_external_window_days", {"last_day": date(2025, 12, 31)}),
    ("ck_plan_year_range", {"year": 2101}),
    ("ck_review_tier_quorum_range", {"quorum": 10}),
    ("ck_stored_file_crc32_range", {"crc32": -1}),
    ("ck_revision_submitted_complete", {"state": "approved", "submitted_by": None}),
    ("ck_revision_submitted_complete", {"state": "withdrawn", "submitted_at": None}),
    ("ck_decision_refusal_explained", {"verdict": "reject", "reason": "other", "note": ""}),
]


def checks() -> Iterator[tuple[Table, CheckConstraint]]:
    for table in TABLES:
        for constraint in table.constraints:
            if isinstance(constraint, CheckConstraint):
                yield table, constraint


def closed_sets() -> dict[str, Column[Any]]:
    """The check of each column that holds a code, by its name."""
    columns = (column for table in TABLES for column in table.columns if isinstance(column.type, Enum))
    return {f"ck_{column.table.name}_{column.type.name}": column for column in columns}  # type: ignore[attr-defined]  # Enum


def test_every_check_refuses_what_it_is_there_for(unguarded: Unguarded) -> None:
    tables = {str(constraint.name): table for table, constraint in checks()}
    untested = set(tables) - set(CHECKS) - set(closed_sets())
    assert not untested, f"checks without a case: {sorted(untested)}"
    wrong = [
        f"{name} {changes}: {refusal}"
        for name, changes in (*CHECKS.items(), *MORE_CHECKS)
        if (refusal := unguarded.refusal_of_change(tables[name], literal(changes))) != name
    ]
    assert not wrong, "\n".join(wrong)


def literal(changes: dict[str, object]) -> dict[str, object]:
    """Text goes past the column's own type, which would refuse an unknown code before the database sees it."""
    return {n: literal_column(f"'{value}'") if isinstance(value, str) else value for n, value in changes.items()}


def test_no_column_of_codes_holds_another(unguarded: Unguarded) -> None:
    for name, column in closed_sets().items():
        changes = {column.name: "nonsense", **WITH.get(name, {})}
        refusal = unguarded.refusal_of_change(db.metadata.tables[column.table.name], literal(changes))
        assert refusal in {name, ALSO_REFUSED_BY.get(name)}


WITH: dict[str, dict[str, object]] = {
    "ck_membership_proposal_verdict": {"settled_by": OTHER_PERSON, "settled_at": NOW},
    "ck_decision_verdict": {"reason": "other", "note": "x"},
    "fk_membership_proposal_settled_by_user": {"verdict": "refused", "settled_at": NOW},
    "ck_revision_state": {"digest": "x", "submitted_at": NOW, "submitted_by": literal_column("drafted_by")},
}
"""What keeps another check from speaking first."""
ALSO_REFUSED_BY = {
    "ck_membership_proposal_role": "ck_membership_proposal_role_confirmed",
    "ck_review_tier_role": "ck_review_tier_role_decides",
}


def unique_keys(table: Table) -> dict[str, frozenset[str]]:
    """Name and columns of whatever must be unique in the table."""
    kinds = (PrimaryKeyConstraint, UniqueConstraint)
    keys = {str(c.name): frozenset(c.columns.keys()) for c in table.constraints if isinstance(c, kinds)}
    return keys | {str(index.name): frozenset(index.columns.keys()) for index in table.indexes if index.unique}


def fresh(column: Column[Any]) -> object:
    """A value that no row has."""
    text = "/new/"
    values: dict[type, object] = {int: 9999, str: text, bytes: uuid4().bytes * 2, date: date(2001, 1, 1)}
    return values.get(column.type.python_type, uuid4())


def test_every_key_refuses_a_second_row(unguarded: Unguarded) -> None:
    wrong = []
    for table in TABLES:
        for name in unique_keys(table):
            refusal = unguarded.refusal_of(insert(table).values(second_row(table, name, unguarded.row(table))))
            wrong += [] if refusal == name else [f"{name}: {refusal}"]
    assert not wrong, "\n".join(wrong)


def second_row(table: Table, name: str, row: dict[str, Any]) -> dict[str, Any]:
    """A row that differs from `row` in every key but `name`."""
    keys = unique_keys(table)
    for other in keys.values():
        for column in sorted(other - keys[name])[:1]:
            row[column] = fresh(table.columns[column])
    if table.name == "revision" and name != "uq_revision_open_per_evidence":
        row["state"] = State.DISCARDED
    return row


def test_every_foreign_key_refuses_what_is_not_there(unguarded: Unguarded) -> None:
    on_sqlite = db.engine.dialect.name == "sqlite"
    wrong = []
    for table in TABLES:
        for constraint in table.foreign_key_constraints:
            changes = {**WITH.get(str(constraint.name), {}), constraint.column_keys[0]: uuid4()}
            refusal = unguarded.refusal_of_change(table, changes)
            expected = "foreign_key" if on_sqlite else constraint.name  # SQLite does not tell which
            wrong += [] if refusal == expected else [f"{constraint.name}: {refusal}"]
    assert not wrong, "\n".join(wrong)


def test_nothing_is_deleted_by_cascade() -> None:
    loose = [str(key.name) for table in TABLES for key in table.foreign_key_constraints if key.ondelete != "RESTRICT"]
    assert not loose, f"foreign keys that do not RESTRICT: {loose}"
    trail = [t.name for t in TABLES if t.name.startswith("log_") or t.name == "scope_head"]
    tied = [table.name for table in TABLES if table.name in trail and table.foreign_keys]
    assert not tied, f"the trail hangs on business rows: {tied}"


KINDS = (CheckConstraint, UniqueConstraint, ForeignKeyConstraint, PrimaryKeyConstraint)


@pytest.mark.usefixtures("app_context")
def test_the_database_has_the_constraints_of_the_models_and_no_others() -> None:
    """`flask db check` compares no checks, and errors are told by name."""
    for table in TABLES:
        declared = {str(constraint.name) for constraint in table.constraints if isinstance(constraint, KINDS)}
        assert constraints_in_database(table) == declared | {str(index.name) for index in table.indexes}


def constraints_in_database(table: Table) -> set[str | None]:
    found = inspect(db.engine)
    return {
        found.get_pk_constraint(table.name)["name"],
        *(each["name"] for each in found.get_check_constraints(table.name)),
        *(each["name"] for each in found.get_unique_constraints(table.name)),
        *(each["name"] for each in found.get_foreign_keys(table.name)),
        *(each["name"] for each in found.get_indexes(table.name)),
    }
