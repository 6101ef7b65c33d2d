"""`portal database roles`, and what the commands say to a role that may too much or too little."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import flask_migrate
import pytest
from click.testing import CliRunner, Result
from psycopg import sql
from sqlalchemy import create_engine, make_url, text

from portal import create_app
from portal.cli import main
from portal.config import Settings
from portal.db import db
from portal.models.grants import find_differences
from tests.fixtures.databases import ROLES, settings_for
from tests.servers.portal import environment_of
from tests.servers.postgres import SUPERUSER, PostgresServer
from tests.servers.process import free_port


def portal(settings: Settings, *arguments: str) -> Result:
    return CliRunner(env=environment_of(settings)).invoke(main, arguments)


def differences(url: str) -> tuple[list[str], list[str]]:
    """Of the role that signs in by `url`."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = find_differences(connection)
    engine.dispose()
    return found


@pytest.fixture
def prefix(postgres_server: PostgresServer) -> Iterator[str]:
    """Of roles that go with the test."""
    prefix = f"test_{uuid4().hex[:8]}"
    yield prefix
    with postgres_server.connect() as connection:
        made = connection.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE %s", (f"{prefix}%",)).fetchall()
        for (role,) in made:
            connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


@pytest.fixture
def empty(postgres_server: PostgresServer, prefix: str) -> Iterator[str]:
    """The name of an empty database; it goes before the roles that own it."""
    del prefix
    with postgres_server.database() as name:
        yield name


def installation_of(postgres_server: PostgresServer, name: str, prefix: str, folder: Path, *, by: str) -> Settings:
    """The app's, on that database; `by` is who makes the roles and migrates."""
    app_url = postgres_server.url(name, user=f"{prefix}_app")
    return replace(settings_for(app_url, folder), migration_database_url=postgres_server.url(name, user=by))


def test_an_empty_database_becomes_one_on_which_the_app_may_just_what_it_needs(
    postgres_server: PostgresServer, empty: str, prefix: str, tmp_path: Path
) -> None:
    settings = installation_of(postgres_server, empty, prefix, tmp_path, by=SUPERUSER)
    for command in (("database", "roles", "--prefix", prefix), ("migrate",), ("database", "roles", "--prefix", prefix)):
        done = portal(settings, *command)
        assert (done.exit_code, done.stderr) == (0, ""), command
    assert f"{prefix}_app untuk PORTAL_DATABASE_URL" in done.stdout
    assert differences(settings.database_url) == ([], [])
    added = portal(settings, "unit", "add", "KPU-1", "--name", "KPU", "--timezone", "Asia/Jakarta")
    assert added.exit_code == 0, added.output


def test_the_owner_of_a_database_who_may_make_roles_is_enough(
    postgres_server: PostgresServer, empty: str, prefix: str, tmp_path: Path
) -> None:
    administrator = f"{prefix}_administrator"
    with postgres_server.connect() as connection:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEROLE CREATEDB").format(sql.Identifier(administrator)))
        give = sql.SQL("ALTER DATABASE {} OWNER TO {}")
        connection.execute(give.format(sql.Identifier(empty), sql.Identifier(administrator)))
    settings = installation_of(postgres_server, empty, prefix, tmp_path, by=administrator)
    for command in (("database", "roles", "--prefix", prefix), ("migrate",)):
        done = portal(settings, *command)
        assert done.exit_code == 0, done.output
    assert differences(settings.database_url) == ([], [])


def test_a_database_that_one_role_had_alone_is_taken_over(
    postgres_server: PostgresServer, empty: str, prefix: str, tmp_path: Path
) -> None:
    alone = settings_for(postgres_server.url(empty, user=SUPERUSER), tmp_path)
    app = create_app(alone)
    with app.app_context():
        flask_migrate.upgrade()
        db.engine.dispose()
    settings = installation_of(postgres_server, empty, prefix, tmp_path, by=SUPERUSER)
    done = portal(settings, "database", "roles", "--prefix", prefix)
    assert done.exit_code == 0, done.output
    assert differences(settings.database_url) == ([], [])
    assert "sudah terbaru" in portal(settings, "migrate").stdout


def as_role(settings: Settings, role: str) -> Settings:
    url = make_url(settings.database_url).set(username=role).render_as_string(hide_password=False)
    return replace(settings, database_url=url)


@pytest.mark.parametrize(
    ("role", "told"),
    [
        (SUPERUSER, "haknya berlebih: CREATE, CREATE public, CREATEROLE, DELETE alembic_version, DELETE area dan "),
        (ROLES.reader, "haknya kurang: DELETE login_throttle, "),
    ],
)
def test_it_is_not_served_by_another_role_than_the_apps(large_installation: Settings, role: str, told: str) -> None:
    done = portal(as_role(large_installation, role), "serve", "--port", str(free_port()))
    assert (done.exit_code, done.stdout) == (2, "")
    assert told in done.stderr
    assert "`portal database roles`" in done.stderr


def test_one_privilege_too_many_is_named(large_installation: Settings) -> None:
    owner = create_engine(large_installation.migration_database_url)
    with owner.begin() as connection:
        connection.execute(text(f"GRANT UPDATE (body) ON log_leaf TO {ROLES.app}"))
    owner.dispose()
    done = portal(large_installation, "serve", "--port", str(free_port()))
    assert done.exit_code == 2
    assert "bukan peran aplikasi; haknya berlebih: UPDATE log_leaf. Portal tidak dijalankan." in done.stderr
    assert portal(large_installation, "migrate").exit_code == 0
    assert differences(large_installation.database_url) == ([], []), "a migration grants anew"


def test_the_app_migrates_nothing_and_makes_no_roles(
    postgres_server: PostgresServer, empty: str, large_installation: Settings, tmp_path: Path
) -> None:
    del tmp_path
    settings = replace(large_installation, database_url=postgres_server.url(empty), migration_database_url="")
    for command in (("migrate",), ("database", "roles")):
        done = portal(settings, *command)
        assert (done.exit_code, done.stdout) == (2, ""), command
        assert "PORTAL_MIGRATION_DATABASE_URL" in done.stderr
        assert "tidak berhak" in done.stderr


def test_sqlite_has_no_roles(small_installation: Settings) -> None:
    done = portal(small_installation, "database", "roles")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "Hanya PostgreSQL" in done.stderr
