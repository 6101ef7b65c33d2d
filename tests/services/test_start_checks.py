"""What keeps the portal from being served, beside its settings: each with the place and the remedy named."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import make_url

from portal import create_app
from portal.config import Settings
from portal.db import db
from portal.models.schema_revision import newest_revision
from portal.services.start_checks import (
    CODE,
    DURABLE,
    StartRefused,
    code_problems,
    find_start_problems,
    require_startable,
)
from tests.fixtures.databases import sqlite_url
from tests.servers.postgres import PostgresServer


@pytest.mark.usefixtures("app_context")
def test_a_sound_installation_has_no_problem() -> None:
    assert find_start_problems() == []
    require_startable()


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps permissions elsewhere")
def test_req_60_code_that_everybody_can_change_stops_the_start(tmp_path: Path) -> None:
    module = tmp_path / "web" / "module.py"
    module.parent.mkdir(mode=0o755)
    module.touch(mode=0o644)
    assert list(code_problems(tmp_path)) == []
    for path, mode in ((module, 0o646), (tmp_path, 0o757)):
        before = path.stat().st_mode
        path.chmod(mode)
        (problem,) = code_problems(tmp_path)
        assert problem.startswith(f"{path}: ")
        assert f"chmod -R o-w {tmp_path}" in problem
        path.chmod(before)
    assert (CODE / "services" / "start_checks.py").is_file()


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps permissions elsewhere")
@pytest.mark.parametrize("mode", [0o604, 0o602])
def test_req_60_a_database_that_everybody_at_the_pc_can_read_stops_the_start(
    small_installation: Settings, mode: int
) -> None:
    path = Path(make_url(small_installation.database_url).database or "")
    path.chmod(mode)
    (problem,) = _problems_of(small_installation)
    assert problem.startswith(f"PORTAL_DATABASE_URL: siapa pun di komputer ini dapat membaca {path}")
    assert "chmod o-rwx" in problem


@pytest.mark.parametrize(
    ("revision", "told"), [("0001", "Jalankan `portal migrate` dulu."), ("9999", "lebih baru daripada kode ini")]
)
def test_a_schema_of_another_portal_is_told(small_installation: Settings, revision: str, told: str) -> None:
    with closing(sqlite3.connect(make_url(small_installation.database_url).database or "")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
        connection.commit()
    (problem,) = _problems_of(small_installation)
    assert problem.startswith(f"Skema basis data {revision}")
    assert newest_revision() in problem
    assert told in problem


def test_a_database_without_a_schema_is_told(small_installation: Settings, tmp_path: Path) -> None:
    (problem,) = _problems_of(replace(small_installation, database_url=sqlite_url(tmp_path / "new.sqlite3")))
    assert problem.startswith("Skema basis data belum ada")


def test_a_database_that_does_not_answer_is_told(large_installation: Settings, tmp_path: Path) -> None:
    nobody = f"postgresql+psycopg://portal_app@/portal?host={tmp_path}"
    (problem,) = _problems_of(replace(large_installation, database_url=nobody, migration_database_url=""))
    assert problem.startswith("PORTAL_DATABASE_URL: basis data tidak terjangkau")


@pytest.fixture(params=DURABLE)
def switched_off(request: pytest.FixtureRequest, postgres_server: PostgresServer) -> Iterator[str]:
    """One of PostgreSQL's promises, switched off in the whole server while the test runs."""
    name = str(request.param)
    with postgres_server.switched_off(name):
        yield name


def test_req_60_a_postgresql_that_may_forget_stops_the_start(large_installation: Settings, switched_off: str) -> None:
    (problem,) = _problems_of(large_installation)
    assert problem.startswith(f"PORTAL_DATABASE_URL: PostgreSQL berjalan dengan {switched_off} = off")
    assert f"Atur {switched_off} = on" in problem


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps permissions elsewhere")
@pytest.mark.usefixtures("app_context")
def test_every_problem_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o757)
    monkeypatch.setattr("portal.services.start_checks.newest_revision", lambda: "9999")
    assert len(find_start_problems(code=tmp_path)) == 2
    with pytest.raises(StartRefused, match="9999"):
        require_startable()


def _problems_of(settings: Settings) -> list[str]:
    app = create_app(settings)
    with app.app_context():
        try:
            return find_start_problems()
        finally:
            db.engine.dispose()
