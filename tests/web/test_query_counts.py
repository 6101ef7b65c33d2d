"""The work list and every list ask the database a few questions, however many rows they are about."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, event, select

from portal import create_app
from portal.db import db
from portal.domain.roles import Role
from portal.domain.workflow import State
from portal.models import Revision
from portal.services.people import get_actor_by_email
from portal.services.unit_of_work import transaction
from tests.builders.crowd import FULL_INDICATOR, add_bundles, add_long_story, add_people, build_crowd
from tests.fixtures.databases import settings_for, sqlite_url
from tests.web.stories.people import Person, add_account, sign_in

MOST = 12
MOST_OF_A_REVIEW = 19
"""No list: it reads one revision for the decision and all versions for the eye, and looks into the queue."""

INDICATOR, TIMELINE = "/indikator/{full}", "/riwayat/{full}"
CLASS = "/kebutuhan/{first}/klasifikasi"
LONG, REVIEW, SHORT = "/bukti/{long}", "/periksa/{last}", "/bukti/{short}"
MOST_OF = {REVIEW: MOST_OF_A_REVIEW}
PAGES: dict[Role, tuple[str, ...]] = {
    Role.UPLOADER: ("/tugas", "/akun", "/indikator", INDICATOR, TIMELINE, LONG),
    Role.AREA_COORDINATOR: ("/tugas", "/indikator", INDICATOR, TIMELINE, LONG, "/antrean"),
    Role.TPI_MEMBER: ("/tugas", "/indikator", INDICATOR, TIMELINE, LONG, "/antrean", REVIEW),
    Role.TPI_LEAD: ("/tugas", "/indikator", INDICATOR, TIMELINE, LONG, "/antrean", REVIEW, "/paket", "/checkpoint"),
    Role.AUDITOR: ("/tugas", "/indikator", INDICATOR, TIMELINE, SHORT, "/paket", "/checkpoint"),
    Role.LEADER: ("/tugas", "/indikator", INDICATOR, TIMELINE, SHORT),
    Role.ADMIN: ("/tugas", "/indikator", INDICATOR, TIMELINE, CLASS, "/checkpoint", "/pengguna"),
}


@dataclass(frozen=True)
class Crowd:
    """An office with `rows` rows of everything; `ids` are those that addresses of pages name."""

    app: Flask
    rows: int
    ids: Mapping[str, str]

    def address(self, path: str) -> str:
        return path.format_map(self.ids)


@pytest.fixture(scope="module", params=[10, 1000], ids="{} rows".format)
def crowd(
    request: pytest.FixtureRequest, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Crowd]:
    folder = tmp_path_factory.mktemp("crowd")
    shutil.copyfile(sqlite_template, folder / "portal.sqlite3")
    app = create_app(settings_for(sqlite_url(folder / "portal.sqlite3"), folder))
    app.testing = True
    yield Crowd(app, request.param, _fill(app, request.param))
    with app.app_context():
        db.engine.dispose()


def _fill(app: Flask, rows: int) -> dict[str, str]:
    """Fill the database; returns the ids that the addresses of full pages name."""
    with app.app_context():
        world = build_crowd(rows)
        last = add_long_story(world, versions_of(rows))
        add_people(world, rows)
    for role in Role:
        add_account(app, f"{role}@contoh.go.id", role)
    with app.app_context():
        with transaction(write=False) as session:
            query = select(Revision.id, Revision.evidence_id).where(Revision.state == State.APPROVED)
            approved = session.execute(query.limit(1)).one()
        for role in (Role.AUDITOR, Role.TPI_LEAD):
            actor = get_actor_by_email(email=f"{role}@contoh.go.id", now=datetime.now(UTC))
            add_bundles(world, actor, approved.id, rows)
    return {
        "full": str(world.indicators[FULL_INDICATOR]),
        "first": str(world.requirements[FULL_INDICATOR]),
        "long": str(last.evidence_id),
        "last": str(last.revision_id),
        "short": str(approved.evidence_id),
    }


def versions_of(rows: int) -> int:
    """How many versions the longest evidence has; each has one file more than the one before."""
    return rows // 20 + 1


@cache
def somebody(app: Flask, role: Role) -> Person:
    return sign_in(app, f"{role}@contoh.go.id")


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that are sent to any database in the block."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            statements.append(re.sub(r"\s+", " ", statement))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@pytest.mark.parametrize(("role", "path"), [(role, path) for role, paths in PAGES.items() for path in paths])
def test_a_page_asks_few_questions_whatever_it_shows(crowd: Crowd, role: Role, path: str) -> None:
    person = somebody(crowd.app, role)
    with counted() as statements:
        answer = person.client.get(crowd.address(path))
    assert answer.status_code == 200
    assert 2 <= len(statements) <= MOST_OF.get(path, MOST), "\n".join(statements)


@pytest.mark.parametrize(
    ("role", "path", "shown"),
    [
        (Role.TPI_MEMBER, "/antrean", "{rows} bukti"),
        (Role.LEADER, "/indikator", "I.1.{half}"),
        (Role.LEADER, INDICATOR, "Laporan ke-{last}"),
        (Role.UPLOADER, LONG, "versi ke-{versions}"),
        (Role.TPI_MEMBER, REVIEW, "versi ke-{versions}"),
        (Role.AUDITOR, "/paket", "{rows} bukti"),
        (Role.ADMIN, "/pengguna", "{people} akun"),
    ],
)
def test_the_pages_that_are_counted_are_full(crowd: Crowd, role: Role, path: str, shown: str) -> None:
    wanted = shown.format(
        rows=_number(crowd.rows),
        half=crowd.rows // 2,
        last=crowd.rows + 1,
        versions=versions_of(crowd.rows),
        people=_number(crowd.rows + 11),
    )
    assert wanted in somebody(crowd.app, role).open(crowd.address(path))


def _number(value: int) -> str:
    """As Indonesian pages write it."""
    return f"{value:,}".replace(",", ".")
