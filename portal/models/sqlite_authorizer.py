"""SQLite has no roles: here each connection of the portal is told what it must refuse, when a statement is prepared.

It stops the portal itself and whatever slips into one of its statements; another program that opens the file meets the
guards alone.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event

from portal.models.privileges import Privilege, privileges_on

_SPEAKING = frozenset(
    {
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_RECURSIVE,
        sqlite3.SQLITE_SAVEPOINT,
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_TRANSACTION,
    }
)
"""Actions that are always allowed."""

_WITH_VALUE = frozenset(
    {
        "foreign_key_list",
        "index_info",
        "index_list",
        "index_xinfo",
        "table_info",
        "table_list",
        "table_xinfo",
        "wal_checkpoint",
    }
)
"""Pragmas whose value asks for something; with any other it would change how the connection works."""

_RULES: dict[int, Callable[[str, str | None], bool]] = {
    sqlite3.SQLITE_INSERT: lambda table, _: Privilege.INSERT in privileges_on(table),
    sqlite3.SQLITE_UPDATE: lambda table, _: Privilege.UPDATE in privileges_on(table),
    sqlite3.SQLITE_DELETE: lambda table, _: Privilege.DELETE in privileges_on(table),
    sqlite3.SQLITE_PRAGMA: lambda pragma, value: value is None or pragma in _WITH_VALUE,
    sqlite3.SQLITE_FUNCTION: lambda _, function: function != "load_extension",
}
"""Every action that is neither here nor in `_SPEAKING` is refused: it changes the schema or attaches another file."""


def authorize(action: int, first: str | None, second: str | None, _schema: str | None, _within: str | None) -> int:
    """SQLite's own interface (https://www.sqlite.org/c3ref/set_authorizer.html)."""
    if action in _SPEAKING:
        return sqlite3.SQLITE_OK
    rule = _RULES.get(action)
    return sqlite3.SQLITE_OK if rule is not None and rule(first or "", second) else sqlite3.SQLITE_DENY


@event.listens_for(Engine, "connect")
def _on_connect(connection: Any, _record: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.set_authorizer(authorize)


@contextmanager
def unrestricted(connection: Connection) -> Iterator[None]:
    """Let this connection do everything within the block, for migrations; on PostgreSQL a role decides that."""
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        yield
        return
    driver.set_authorizer(None)
    try:
        yield
    finally:
        driver.set_authorizer(authorize)
