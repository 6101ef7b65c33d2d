"""The three roles of a PostgreSQL database: the owner changes the schema, as the app the portal signs in, the reader
looks. Owns their names and how they are made; what each may do on a table is `grants.py`.

A role stops the portal and whatever slips into one of its statements. It stops neither the owner nor a superuser.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text

OWNER_SUFFIX = "_owner"


@dataclass(frozen=True, slots=True)
class DatabaseRoles:
    """Roles belong to the whole server: portals that share one must not share a `prefix`."""

    prefix: str

    @property
    def owner(self) -> str:
        return f"{self.prefix}{OWNER_SUFFIX}"

    @property
    def app(self) -> str:
        return f"{self.prefix}_app"

    @property
    def reader(self) -> str:
        return f"{self.prefix}_reader"


def find_roles(connection: Connection) -> DatabaseRoles | None:
    """The roles of this database, told by its owner's name; None where `set_up_roles` was never run."""
    owner = database_owner(connection)
    roles = DatabaseRoles(owner.removesuffix(OWNER_SUFFIX))
    if owner != roles.owner:
        return None
    return roles if {roles.owner, roles.app, roles.reader} <= _known_roles(connection) else None


def database_owner(connection: Connection) -> str:
    query = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
    return str(connection.execute(text(query)).scalar_one())


def become_owner(connection: Connection) -> None:
    """Act as the owner until the transaction ends, so that what is made belongs to that role and not to whoever signed
    in; changes nothing for one who may not.
    """
    owner = database_owner(connection)
    may = text("SELECT current_user <> :owner AND pg_has_role(current_user, :owner, 'USAGE')")
    if connection.execute(may, {"owner": owner}).scalar_one():
        run(connection, f"SET LOCAL ROLE {quoted(connection, owner)}")


def set_up_roles(connection: Connection, roles: DatabaseRoles) -> None:
    """Make the roles that are missing and give the database with all it holds to the owner. May be repeated.

    The connection is a superuser's, or that of the database's present owner with CREATEROLE and CREATEDB. Nobody gets
    a password.
    """
    known = _known_roles(connection)
    for role, login in ((roles.owner, "NOLOGIN"), (roles.app, "LOGIN"), (roles.reader, "LOGIN")):
        if role not in known:
            run(connection, f"CREATE ROLE {quoted(connection, role)} {login}")
    if not _is_superuser(connection):
        run(connection, f"GRANT {quoted(connection, roles.owner)} TO CURRENT_USER")
    _give_to_owner(connection, roles.owner)
    _close_to_strangers(connection, roles)


def _give_to_owner(connection: Connection, role: str) -> None:
    owner = quoted(connection, role)
    run(connection, f"ALTER DATABASE {_database(connection)} OWNER TO {owner}")
    for table in existing_tables(connection):
        run(connection, f"ALTER TABLE {quoted(connection, table)} OWNER TO {owner}")
    query = "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND starts_with(proname, 'guard')"
    for guard in connection.exec_driver_sql(query).scalars().all():
        run(connection, f"ALTER FUNCTION {quoted(connection, guard)}() OWNER TO {owner}")


def _close_to_strangers(connection: Connection, roles: DatabaseRoles) -> None:
    """Without temporary tables, because one could stand before the table that a guard looks at."""
    owner, app, reader = (quoted(connection, role) for role in (roles.owner, roles.app, roles.reader))
    for statement in (
        f"REVOKE ALL ON DATABASE {_database(connection)} FROM PUBLIC, {app}, {reader}",
        f"GRANT CONNECT ON DATABASE {_database(connection)} TO {app}, {reader}",
        f"REVOKE ALL ON SCHEMA public FROM PUBLIC, {app}, {reader}",
        f"GRANT USAGE, CREATE ON SCHEMA public TO {owner}",
        f"GRANT USAGE ON SCHEMA public TO {app}, {reader}",
        f"ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public GRANT SELECT, INSERT ON TABLES TO {app}",
        f"ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public GRANT SELECT ON TABLES TO {reader}",
    ):
        run(connection, statement)


def existing_tables(connection: Connection) -> list[str]:
    query = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1"
    return list(connection.exec_driver_sql(query).scalars())


def _known_roles(connection: Connection) -> set[str]:
    return set(connection.execute(text("SELECT rolname FROM pg_roles")).scalars())


def _is_superuser(connection: Connection) -> bool:
    return bool(connection.execute(text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")).scalar_one())


def _database(connection: Connection) -> str:
    return quoted(connection, connection.execute(text("SELECT current_database()")).scalar_one())


def quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote_identifier(name)


def run(connection: Connection, statement: str) -> None:
    """Send a statement as it is: none of ours has parameters."""
    connection.exec_driver_sql(statement)
