"""The connection that may change the schema: the portal's own may not, on either database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, NullPool, create_engine

from portal.db import WRITE_OPTION
from portal.models.database_roles import become_owner
from portal.models.sqlite_authorizer import unrestricted


@contextmanager
def owner_connection(engine: Engine, owner_url: str = "") -> Iterator[Connection]:
    """Open a transaction as the owner of the schema and commit it at the end unless something was raised.

    By `owner_url`, where there is one, else by the portal's own `engine`.
    """
    with administrator_connection(engine, owner_url) as connection:
        if connection.dialect.name == "postgresql":
            become_owner(connection)
        yield connection


@contextmanager
def administrator_connection(engine: Engine, owner_url: str) -> Iterator[Connection]:
    """The same as whoever signs in there, who may be more than the owner."""
    other = create_engine(owner_url, poolclass=NullPool) if owner_url else engine
    with (
        other.connect().execution_options(**{WRITE_OPTION: True}) as connection,
        unrestricted(connection),
        connection.begin(),
    ):
        yield connection
