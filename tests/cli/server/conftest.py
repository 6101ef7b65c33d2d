"""A portal that really serves, with little patience, so that no test has to wait long."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from flask import Flask

from portal import create_app
from portal.db import db
from tests.cli.server.sending import Draft
from tests.fixtures.databases import settings_for, sqlite_url
from tests.servers.portal import environment_of
from tests.servers.process import free_port, running_process
from tests.web.stories.office import open_office
from tests.web.stories.people import sign_in
from tests.web.stories.test_story import first_draft

IMPATIENT = """
import sys
from portal.cli.server.gunicorn_server import serve_with_gunicorn
from portal.cli.server.pace import Limit, Limits
serve_with_gunicorn(sys.argv[1], limits=Limits(
    head=Limit(0.5), small_body=Limit(0.5), large_body=Limit(0.5, least_bytes=1024), answer=Limit(0.5, least_bytes=1024)
))
"""


@dataclass(frozen=True, slots=True)
class Served:
    """The server's port and process, and an application on the same database and store."""

    port: int
    app: Flask
    process: psutil.Process

    @property
    def memory(self) -> int:
        """Bytes that the workers hold."""
        return sum(worker.memory_info().rss for worker in self.process.children(recursive=True))


@pytest.fixture(scope="package")
def office(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("served")
    shutil.copyfile(sqlite_template, folder / "portal.sqlite3")
    app = create_app(settings_for(sqlite_url(folder / "portal.sqlite3"), folder))
    open_office(app)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="package")
def draft(office: Flask) -> Draft:
    siti = sign_in(office, "siti@contoh.go.id")
    return Draft(siti, first_draft(siti))


@pytest.fixture(scope="package")
def served(office: Flask, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    port, settings = free_port(), office.extensions["portal.settings"]
    command = [sys.executable, "-c", IMPATIENT, f"127.0.0.1:{port}"]
    log = tmp_path_factory.mktemp("log") / "log"
    with running_process(command, port=port, env=environment_of(settings), log=log) as process:
        yield Served(port, office, psutil.Process(process.pid))
