"""Without TLS on a network, whoever could change it is told on every page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from portal import create_app
from portal.db import db
from portal.domain.actor import Actor
from portal.domain.roles import Role
from portal.services.units import add_unit
from tests.fixtures.databases import settings_for
from tests.web.stories.people import Person, add_account, sign_in

WARNING = "Portal ini dibuka tanpa TLS"
PAGES = ("/tugas", "/pengguna", "/pengguna/baru", "/akun", "/indikator", "/tidak-ada")


@pytest.fixture(params=[True, False], ids=["plain", "loopback"])
def office(request: pytest.FixtureRequest, sqlite_database_url: str, tmp_path: Path) -> Iterator[Flask]:
    settings = replace(settings_for(sqlite_database_url, tmp_path), trusted_hosts="localhost")
    if request.param:
        settings = replace(settings, public_url="http://portal.kantor.invalid", plain_http=True)
    app = create_app(settings)
    with app.app_context():
        add_unit(actor=Actor.system("test"), code="KPU-1502", name="KPU Merangin", under=None, now=datetime.now(UTC))
    add_account(app, "rina@contoh.go.id", Role.ADMIN)
    add_account(app, "siti@contoh.go.id", Role.UPLOADER)
    yield app
    with app.app_context():
        db.engine.dispose()


def warned(person: Person) -> set[str]:
    return {page for page in PAGES if WARNING in person.open(page)}


def test_an_admin_is_told_on_every_page_and_nobody_else(office: Flask) -> None:
    is_plain = office.extensions["portal.settings"].plain_http
    assert warned(sign_in(office, "rina@contoh.go.id")) == (set(PAGES) if is_plain else set())
    assert warned(sign_in(office, "siti@contoh.go.id")) == set()
    assert WARNING not in office.test_client().get("/masuk").text
