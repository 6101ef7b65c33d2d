"""What the migrations make of a database, read back from it: guards word by word, tables, columns, indexes and the
revision. Only compares; `services/verify/schema.py` says what a difference means.

Whatever else could act behind the portal's back counts as a difference: triggers, views, rules and policies that no
migration makes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Connection, inspect, text

from portal.config import MIGRATIONS
from portal.db import Base
from portal.models.guards import Guard

_TRIGGERS = {
    "sqlite": "SELECT name, sql AS definition FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": (
        "SELECT t.tgname AS name, pg_get_triggerdef(t.oid, true) || format(' %s %s', t.tgenabled, l.lanname)"
        " || p.prosrc AS definition"
        " FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_language l ON l.oid = p.prolang"
        " WHERE NOT t.tgisinternal AND pg_table_is_visible(t.tgrelid)"
    ),
}
_RULES_AND_POLICIES = (
    "SELECT 'rule ' || rulename || ' on ' || tablename FROM pg_rules WHERE schemaname = current_schema()"
    " UNION ALL SELECT 'policy ' || policyname || ' on ' || tablename FROM pg_policies"
    " WHERE schemaname = current_schema()"
)


def expected_triggers(dialect: str) -> Mapping[str, str]:
    """Name → definition of every guard that the migrations leave behind."""
    guards = (
        guard
        for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()
        for guard in getattr(script.module, "GUARDS", ())
    )
    return {guard.name: _definition(guard, dialect) for guard in guards if guard.created_by(dialect)}


def found_triggers(connection: Connection) -> Mapping[str, str]:
    """Name → definition of every trigger that is there."""
    rows = connection.execute(text(_TRIGGERS[connection.dialect.name]))
    return {row.name: _unquoted(row.definition) for row in rows}


def schema_differences(connection: Connection) -> Iterator[str]:
    """What else is not as the migrations made it, each as a line such as `remove_column revision.secret`: what would
    have to be done to the database to mend it.
    """
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    yield from (_told(step) for step in _steps(compare_metadata(context, Base.metadata)))
    heads, found = set(ScriptDirectory(str(MIGRATIONS)).get_heads()), set(context.get_current_heads())
    yield from (f"revision {revision}" for revision in sorted(heads ^ found))
    checks_expected, checks_found = _checks_expected(connection), _checks_found(connection)
    yield from (f"remove_check {name}" for name in sorted(checks_found - checks_expected))
    yield from (f"add_check {name}" for name in sorted(checks_expected - checks_found))
    yield from (f"remove_view {name}" for name in inspect(connection).get_view_names())
    if connection.dialect.name == "postgresql":
        yield from (f"remove_{line}" for line in connection.execute(text(_RULES_AND_POLICIES)).scalars())


def _definition(guard: Guard, dialect: str) -> str:
    """As `found_triggers` reads it back; on PostgreSQL with the state ALWAYS and the function's source."""
    statements = guard.created_by(dialect)
    if dialect == "sqlite":
        return _unquoted(statements[0])
    source = statements[0].split("$$")[1]
    return _unquoted(f"{statements[1]} A plpgsql{source}")


def _unquoted(definition: str) -> str:
    """PostgreSQL quotes a name only where it must."""
    return definition.replace('"', "")


def _steps(differences: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    """Alembic tells changes of one column as a list within the list."""
    for difference in differences:
        yield from difference if isinstance(difference, list) else [difference]


def _told(step: tuple[Any, ...]) -> str:
    name, *about = step
    named = (getattr(each, "name", each) for each in about)
    return " ".join([str(name), *(str(each) for each in named if isinstance(each, str))])


def _checks_expected(connection: Connection) -> frozenset[str]:
    preparer = connection.dialect.identifier_preparer
    return frozenset(
        f"{table.name} {preparer.format_constraint(constraint)}"
        for table in Base.metadata.sorted_tables
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    )


def _checks_found(connection: Connection) -> frozenset[str]:
    found = inspect(connection).get_multi_check_constraints()
    return frozenset(f"{table} {each['name']}" for (_, table), checks in found.items() for each in checks)
