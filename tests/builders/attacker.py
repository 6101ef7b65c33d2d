"""The owner of the database at work: every guard dropped, every constraint on other tables out of the way, then SQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, create_engine, event, text

from tests.fixtures.databases import superuser_url

_GUARDS = {
    "postgresql": (
        "SELECT t.tgname AS guard, c.relname AS guarded, pg_get_triggerdef(t.oid)"
        """ || '; ALTER TABLE "' || c.relname || '" ENABLE ALWAYS TRIGGER ' || t.tgname AS made_by"""
        " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE NOT t.tgisinternal"
    ),
    "sqlite": "SELECT name AS guard, tbl_name AS guarded, sql AS made_by FROM sqlite_master WHERE type = 'trigger'",
}


class Attacker:
    """Sends SQL past the portal, each statement kept at once. UUIDs are bound as this database holds them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._is_postgres = engine.dialect.name == "postgresql"

    def run(self, statement: str, **values: Any) -> int:
        """Number of rows that were touched; an attack that touches none is a mistake of the test."""
        with self._engine.begin() as connection:
            touched = connection.execute(text(statement), self._bound(values)).rowcount
        assert touched, f"nothing was attacked: {statement}"
        return int(touched)

    def value(self, query: str, **values: Any) -> Any:
        """The first value of a query."""
        with self._engine.begin() as connection:
            return connection.execute(text(query), self._bound(values)).scalar_one()

    def _bound(self, values: dict[str, Any]) -> dict[str, Any]:
        as_held = str if self._is_postgres else (lambda value: value.hex)
        return {name: as_held(value) if isinstance(value, UUID) else value for name, value in values.items()}


@contextmanager
def attacking(database_url: str) -> Iterator[Attacker]:
    """An attacker whom neither guards nor foreign keys hinder; at the end he puts the guards back, so that what shows
    is what he changed.
    """
    engine = create_engine(superuser_url(database_url) or database_url)
    event.listen(engine, "connect", forget_foreign_keys)
    made_by = drop_guards(engine)
    yield Attacker(engine)
    with engine.begin() as connection:
        for statement in made_by:
            connection.exec_driver_sql(statement)
    engine.dispose()


def drop_guards(engine: Engine) -> Sequence[str]:
    """Every trigger of ours is gone, for everybody; returns the statements that make them again."""
    with engine.begin() as connection:
        guards = connection.execute(text(_GUARDS[engine.dialect.name])).all()
        for row in guards:
            on = f' ON "{row.guarded}"' if engine.dialect.name == "postgresql" else ""
            connection.execute(text(f"DROP TRIGGER {row.guard}{on}"))
    return [str(row.made_by) for row in guards]


def forget_foreign_keys(connection: Any, _record: Any) -> None:
    """A listener for new connections: foreign keys hold nothing together any more, and SQLite checks no row."""
    if isinstance(connection, sqlite3.Connection):
        connection.set_authorizer(None)
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("PRAGMA ignore_check_constraints = ON")
        return
    connection.autocommit = True
    connection.execute("SET session_replication_role = replica")
    connection.autocommit = False
