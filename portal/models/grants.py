"""Grants: what app and reader may do on each table of a PostgreSQL database, given by the rule of `privileges.py`, and
how to tell where a role differs from it.

Given anew after each migration, so that nobody has to think of it.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, text

from portal.db import Base
from portal.models.database_roles import existing_tables, find_roles, quoted, run
from portal.models.privileges import HIDDEN_FROM_READER, privileges_on


def grant_privileges(connection: Connection) -> None:
    """Grant on every table there is; does nothing on a database without the roles. The connection is the owner's."""
    roles = find_roles(connection)
    if roles is None:
        return
    app, reader = quoted(connection, roles.app), quoted(connection, roles.reader)
    for name in existing_tables(connection):
        table = quoted(connection, name)
        run(connection, f"REVOKE ALL ON {table} FROM PUBLIC, {app}, {reader}")
        run(connection, f"GRANT {', '.join(sorted(privileges_on(name)))} ON {table} TO {app}")
        run(connection, f"GRANT SELECT {_columns_for_reader(connection, name)} ON {table} TO {reader}")


def _columns_for_reader(connection: Connection, table: str) -> str:
    """Those that are shown, in brackets; empty where all are."""
    hidden = HIDDEN_FROM_READER.get(table)
    if not hidden:
        return ""
    shown = (column.name for column in Base.metadata.tables[table].columns if column.name not in hidden)
    return f"({', '.join(quoted(connection, name) for name in shown)})"


def find_differences(connection: Connection) -> tuple[list[str], list[str]]:
    """What the connected role may do beyond the app's privileges, and what it lacks of them; both empty for the app.

    Each is spelled like `UPDATE log_leaf`; a privilege on a single column counts like one on all.
    """
    rows = connection.execute(text(_ON_TABLES)).all()
    found = {f"{privilege} {table}" for table, privilege, granted in rows if granted}
    needed = {f"{privilege} {table}" for table in {row[0] for row in rows} for privilege in privileges_on(table)}
    return sorted({*found - needed, *_powers(connection)}), sorted(needed - found)


_ON_TABLES = """
SELECT c.relname, p.name, CASE WHEN p.of_columns THEN has_any_column_privilege(c.oid, p.name)
                               ELSE has_table_privilege(c.oid, p.name) END
FROM pg_class c, (VALUES ('SELECT', true), ('INSERT', true), ('UPDATE', true), ('REFERENCES', true),
                         ('DELETE', false), ('TRUNCATE', false), ('TRIGGER', false)) p (name, of_columns)
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
"""

_POWERS = """
SELECT 'SUPERUSER', rolsuper FROM pg_roles WHERE rolname = current_user
UNION ALL SELECT 'CREATEROLE', rolcreaterole FROM pg_roles WHERE rolname = current_user
UNION ALL SELECT 'REPLICATION', rolreplication FROM pg_roles WHERE rolname = current_user
UNION ALL SELECT 'OWNER', pg_has_role(datdba, 'MEMBER') FROM pg_database WHERE datname = current_database()
UNION ALL SELECT 'CREATE', has_database_privilege(current_database(), 'CREATE')
UNION ALL SELECT 'TEMPORARY', has_database_privilege(current_database(), 'TEMPORARY')
UNION ALL SELECT 'CREATE public', has_schema_privilege('public', 'CREATE')
"""
"""What would let a role past every privilege on a table."""


def _powers(connection: Connection) -> Iterator[str]:
    yield from (name for name, held in connection.execute(text(_POWERS)).all() if held)
