"""One laboratory for each engine and the whole run: building the office takes longer than all attacks on it."""

import shutil
from collections.abc import Iterator

import pytest

from tests.fixtures.databases import ROLES, sqlite_url
from tests.servers.postgres import PostgresServer
from tests.services.verify.laboratory import Laboratory, open_laboratory


@pytest.fixture(scope="session")
def sqlite_laboratory(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    folder = tmp_path_factory.mktemp("sqlite-laboratory")
    shutil.copyfile(request.getfixturevalue("sqlite_template"), folder / "portal.sqlite3")
    with open_laboratory(sqlite_url(folder / "portal.sqlite3"), folder) as laboratory:
        yield laboratory


@pytest.fixture(scope="session")
def postgresql_laboratory(
    postgres_server: PostgresServer, postgres_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Laboratory]:
    with (
        postgres_server.database(template=postgres_template, owner=ROLES.owner) as name,
        open_laboratory(postgres_server.url(name), tmp_path_factory.mktemp("postgres-laboratory")) as laboratory,
    ):
        yield laboratory


@pytest.fixture(params=["sqlite", "postgresql"])
def laboratory(request: pytest.FixtureRequest) -> Laboratory:
    """The office on each engine; by name, so that a machine without PostgreSQL still runs the SQLite half."""
    found: Laboratory = request.getfixturevalue(f"{request.param}_laboratory")
    return found
