"""Guards: triggers that hold in the database what no query may do, whoever sends it. Owns their form and the list of
those in force.

The conditions themselves are frozen in the migrations that create them. A guard is a speed bump and never the proof:
an owner of the database can drop it, and only a copy of the trail's head elsewhere shows that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

REFUSED = "1 = 1"
"""Condition of a guard that refuses its operation altogether."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Refuses `operation` (INSERT, UPDATE, DELETE or TRUNCATE) on a row of `table` when `refused_if` holds, a
    condition on OLD and NEW.

    The condition is SQL that both databases read alike; the refusal is an integrity error that carries the guard's
    name.
    """

    table: str
    rule: str
    operation: str
    refused_if: str = REFUSED

    @property
    def name(self) -> str:
        return f"guard_{self.table}_{self.rule}"

    def created_by(self, dialect: str) -> Sequence[str]:
        """Statements that create the guard on `sqlite` or `postgresql`; TRUNCATE exists on the latter alone."""
        if dialect == "postgresql":
            return self._postgresql()
        return () if self.operation == "TRUNCATE" else (self._sqlite(),)

    def dropped_by(self, dialect: str) -> Sequence[str]:
        if dialect == "postgresql":
            return (f'DROP TRIGGER {self.name} ON "{self.table}"', f"DROP FUNCTION {self.name}()")
        return () if self.operation == "TRUNCATE" else (f"DROP TRIGGER {self.name}",)

    def _sqlite(self) -> str:
        return (
            f'CREATE TRIGGER {self.name} BEFORE {self.operation} ON "{self.table}" FOR EACH ROW WHEN {self.refused_if} '
            f"BEGIN SELECT RAISE(ABORT, '{self.name}'); END"
        )

    def _postgresql(self) -> Sequence[str]:
        """ENABLE ALWAYS, because session_replication_role = replica would otherwise switch the trigger off."""
        each = "STATEMENT" if self.operation == "TRUNCATE" else "ROW"
        passed = {"DELETE": "OLD", "TRUNCATE": "NULL"}.get(self.operation, "NEW")
        return (
            f"CREATE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {self.refused_if} THEN RAISE EXCEPTION '{self.name}' "
            "USING ERRCODE = 'integrity_constraint_violation'; "
            f"END IF; RETURN {passed}; END $$",
            f'CREATE TRIGGER {self.name} BEFORE {self.operation} ON "{self.table}" '
            f"FOR EACH {each} EXECUTE FUNCTION {self.name}()",
            f'ALTER TABLE "{self.table}" ENABLE ALWAYS TRIGGER {self.name}',
        )


def create_guards(connection: Connection, guards: Sequence[Guard]) -> None:
    for guard in guards:
        for statement in guard.created_by(connection.dialect.name):
            connection.execute(text(_literal(statement)))


def drop_guards(connection: Connection, guards: Sequence[Guard]) -> None:
    for guard in guards:
        for statement in guard.dropped_by(connection.dialect.name):
            connection.execute(text(_literal(statement)))


def _literal(statement: str) -> str:
    """`text()` reads a colon as the start of a parameter; guards have none."""
    return statement.replace(":", r"\:")


def existing_guards(connection: Connection) -> frozenset[str]:
    """Names of the guards that are in the database now."""
    if connection.dialect.name == "postgresql":
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'A' AND tgname LIKE 'guard%'"
    else:
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'guard%'"
    return frozenset(connection.execute(text(query)).scalars())


def refuse_if_trail_holds_leaves(connection: Connection) -> None:
    """A downgrade would cut the trail: it is allowed on an empty one only."""
    leaves = connection.execute(text("SELECT COUNT(*) FROM log_leaf")).scalar_one()
    if leaves:
        raise SystemExit(f"Downgrade refused: the audit trail holds {leaves} leaves. Restore a backup instead.")
