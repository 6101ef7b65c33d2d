"""What the portal may do with each table is what the rule says, and the guards agree with it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine, make_url, select, text

from portal.db import db
from portal.models.grants import find_differences
from portal.models.guards import existing_guards
from portal.models.privileges import CHANGED, HIDDEN_FROM_READER, REMOVED, Privilege, privileges_on
from tests.fixtures.databases import ROLES, as_owner
from tests.models.scene import NOT_REFUSED
from tests.models.test_attempts import BY_PRIVILEGE, as_app, refusal_of

pytestmark = pytest.mark.usefixtures("app_context")

on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

TABLES = tuple(table.name for table in db.metadata.sorted_tables)


@on_postgresql
def test_the_whole_suite_is_signed_in_as_the_app() -> None:
    with as_app() as connection:
        assert connection.execute(text("SELECT session_user, current_user")).one() == (ROLES.app, ROLES.app)
        assert find_differences(connection) == ([], [])


@on_postgresql
def test_everything_belongs_to_the_owner() -> None:
    owners = (
        "SELECT relname, pg_get_userbyid(relowner) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " UNION ALL SELECT proname, pg_get_userbyid(proowner) FROM pg_proc"
        " WHERE pronamespace = 'public'::regnamespace"
    )
    with as_app() as connection:
        strangers = [name for name, owner in connection.exec_driver_sql(owners) if owner != ROLES.owner]
    assert not strangers


def test_rows_are_changed_and_removed_where_the_rule_lets_them_and_nowhere_else() -> None:
    wrong = []
    with as_app() as connection:
        for table in TABLES:
            for privilege, statement in harmless(table).items():
                allowed = refusal_of(connection, statement, {}) == NOT_REFUSED
                if allowed != (privilege in privileges_on(table)):
                    wrong.append(f"{privilege} {table} is {'allowed' if allowed else 'refused'}")
    assert not wrong, "\n".join(wrong)


def harmless(table: str) -> dict[Privilege, str]:
    """Statements that need the privilege and touch no row."""
    column = next(iter(db.metadata.tables[table].columns)).name
    return {
        Privilege.SELECT: f'SELECT {column} FROM "{table}"',
        Privilege.INSERT: f'INSERT INTO "{table}" SELECT * FROM "{table}" WHERE 1 = 0',
        Privilege.UPDATE: f'UPDATE "{table}" SET {column} = {column} WHERE 1 = 0',
        Privilege.DELETE: f'DELETE FROM "{table}" WHERE 1 = 0',
    }


def test_no_table_may_be_changed_or_removed_from_where_a_guard_forbids_it_altogether() -> None:
    with as_app() as connection:
        guards = existing_guards(connection)
    update, delete = (
        {table for table in TABLES if f"guard_{table}_no_{operation}" in guards} for operation in ("update", "delete")
    )
    assert not CHANGED & update, f"take out of CHANGED: {sorted(CHANGED & update)}"
    assert not REMOVED & delete, f"take out of REMOVED: {sorted(REMOVED & delete)}"


def test_req_18_no_row_of_the_trail_is_ever_removed() -> None:
    with as_app() as connection:
        guards = existing_guards(connection)
    trail = {table for table in TABLES if table.startswith("log_")}
    missing = sorted(f"guard_{table}_no_delete" for table in trail if f"guard_{table}_no_delete" not in guards)
    assert not missing, f"without a guard: {missing}"


def test_the_rule_names_only_tables_and_columns_that_exist() -> None:
    assert {*CHANGED, *REMOVED, *HIDDEN_FROM_READER} <= set(TABLES)
    for table, hidden in HIDDEN_FROM_READER.items():
        assert hidden <= set(db.metadata.tables[table].columns.keys()), table


@on_postgresql
def test_a_table_that_a_migration_adds_can_be_read_and_added_to_at_once() -> None:
    with as_owner() as connection:
        connection.execute(text("CREATE TABLE added (id integer)"))
    with as_app() as connection:
        allowed = {p for p, s in statements_on_added().items() if refusal_of(connection, s, {}) == NOT_REFUSED}
    assert allowed == {Privilege.SELECT, Privilege.INSERT}


def statements_on_added() -> dict[Privilege, str]:
    return {
        Privilege.SELECT: "SELECT id FROM added",
        Privilege.INSERT: "INSERT INTO added VALUES (1)",
        Privilege.UPDATE: "UPDATE added SET id = 1",
        Privilege.DELETE: "DELETE FROM added",
    }


@pytest.fixture
def reader() -> Iterator[Connection]:
    engine = create_engine(make_url(str(db.engine.url)).set(username=ROLES.reader))
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@on_postgresql
def test_the_reader_reads_everything_but_what_would_let_him_in_and_changes_nothing(reader: Connection) -> None:
    for table in db.metadata.sorted_tables:
        hidden = HIDDEN_FROM_READER.get(table.name, frozenset())
        shown = select(*(column for column in table.columns if column.name not in hidden)).limit(1)
        reader.execute(shown)
        for column in hidden:
            statement = f'SELECT {column} FROM "{table.name}"'
            assert refusal_of(reader, statement, {}) == BY_PRIVILEGE, f"{table.name}.{column}"
        for privilege in (Privilege.INSERT, Privilege.UPDATE, Privilege.DELETE):
            refusal = refusal_of(reader, harmless(table.name)[privilege], {})
            assert refusal == BY_PRIVILEGE, f"{privilege} {table.name}"
