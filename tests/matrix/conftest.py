"""The office of the matrix on each database, built once a run."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from portal.db import db
from tests.fixtures.databases import ROLES, sqlite_url
from tests.matrix.standing import Standing, open_standing
from tests.servers.postgres import PostgresServer


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def standing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    """Nothing that a test does to it may last."""
    folder = tmp_path_factory.mktemp("matrix")
    with ExitStack() as stack:
        if request.param == "sqlite":
            shutil.copyfile(request.getfixturevalue("sqlite_template"), folder / "portal.sqlite3")
            url = sqlite_url(folder / "portal.sqlite3")
        else:
            server: PostgresServer = request.getfixturevalue("postgres_server")
            template = request.getfixturevalue("postgres_template")
            url = server.url(stack.enter_context(server.database(template=template, owner=ROLES.owner)))
        standing = open_standing(url, folder)
        yield standing
        with standing.app.app_context():
            db.engine.dispose()
