"""`portal unit` and `portal user` as programs of their own: the way to the first admin, and what they refuse."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from flask import Flask

from portal import create_app
from portal.cli import main
from portal.config import Settings
from portal.db import db
from portal.domain.events import SYSTEM_SCOPE, EventName
from portal.services.log_reader import list_entries
from portal.services.unit_of_work import transaction
from tests.fixtures.databases import settings_for
from tests.servers.portal import environment_of
from tests.web.stories.people import PASSWORD, Person, set_up_phone, sign_in

ADMIN = ("user", "add", "rina@contoh.go.id", "--name", "Rina Marlina", "--role", "admin", "--unit", "KPU", "--below")


@pytest.fixture
def settings(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = settings_for(database_url, tmp_path_factory.mktemp("portal"))
    return replace(
        settings,
        public_url="http://portal.kpu.example:8080",
        plain_http=True,
        trusted_hosts="localhost,portal.kpu.example",
    )


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The portal that works in the same database as the commands."""
    app = create_app(settings)
    yield app
    with app.app_context():
        db.engine.dispose()


def portal(settings: Settings, *arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr."""
    done = subprocess.run(
        [sys.executable, "-m", "portal.cli", *arguments],
        env=environment_of(settings),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stdout, done.stderr


def accept(app: Flask, link: str) -> None:
    """Set a password through the page behind the link."""
    client = app.test_client()
    path = link.removeprefix("http://portal.kpu.example:8080")
    person = Person(client, client.get(path))
    person.send(path, {"password": PASSWORD, "again": PASSWORD})
    assert "Kata sandi disimpan" in person.text


def test_from_nothing_to_an_admin_who_is_signed_in_and_back_when_the_link_is_lost(
    settings: Settings, app: Flask
) -> None:
    assert portal(settings, "unit", "add", "KPU", "--name", "KPU RI") == (0, "Unit KPU ditambahkan: /KPU/\n", "")
    code, path, _ = portal(settings, "unit", "add", "KPU-15", "--name", "KPU Jambi", "--under", "KPU")
    assert (code, path) == (0, "Unit KPU-15 ditambahkan: /KPU/KPU-15/\n")
    code, lost, told = portal(settings, *ADMIN)
    assert code == 0
    assert "berlaku 60 menit" in told
    assert lost.startswith("http://portal.kpu.example:8080/undangan/")
    code, link, told = portal(settings, "user", "invite", "Rina@contoh.go.id")
    assert code == 0
    assert "tautan sebelumnya tidak berlaku" in told
    assert app.test_client().get(lost.strip()).status_code == 404
    accept(app, link.strip())
    assert "KPU Jambi" in sign_in(app, "rina@contoh.go.id").open("/pengguna/baru")


def test_req_52_a_phone_that_is_lost_is_taken_away_on_the_server(settings: Settings, app: Flask) -> None:
    assert portal(settings, "unit", "add", "KPU", "--name", "KPU RI")[0] == 0
    accept(app, portal(settings, *ADMIN)[1].strip())
    set_up_phone(app, "rina@contoh.go.id")
    done = portal(settings, "user", "reset-factor", "Rina@contoh.go.id")
    assert (done[0], done[2]) == (0, "")
    assert "dicabut" in done[1]
    again = portal(settings, "user", "reset-factor", "rina@contoh.go.id")
    assert (again[0], again[1]) == (2, "")
    assert "tidak sedang dipakai" in again[2]
    sign_in(app, "rina@contoh.go.id")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("unit", "add", "KPU", "--name", "Lagi"), "code: Kode unit KPU sudah dipakai"),
        (("unit", "add", "a b", "--name", "Lain"), "code: "),
        (("unit", "add", "LAIN", "--name", "  "), "name: Wajib diisi."),
        (("unit", "add", "LAIN", "--name", "Lain", "--under", "X"), "under: Tidak ada unit"),
        (("unit", "add", "LAIN", "--name", "Lain", "--timezone", "Mars"), "timezone: "),
        (("user", "add", "bukan-email", *ADMIN[3:]), "email: "),
        ((*ADMIN[:-2], "KPU-9"), "unit: Tidak ada unit"),
        ((*ADMIN[:-2], "\udcff"), "unit: Tidak ada unit"),
        ((*ADMIN, "--area", "I"), "area: "),
        ((*ADMIN, "--restricted"), "restricted: "),
        ((*ADMIN, "--until", "2020-01-01"), "valid_until: "),
        ((*ADMIN, "--from", "0001-01-01"), "valid_from: "),
        ((*ADMIN, "--from", "kemarin"), "--from"),
        ((*ADMIN, "--role", "raja"), "--role"),
        ((*ADMIN, "--external", "--until", "2099-01-01"), "sponsor: "),
        ((*ADMIN, "--sponsor", "rina@contoh.go.id"), "sponsor: "),
        (("user", "grant", "tidak-ada@contoh.go.id", "--role", "admin", "--unit", "KPU"), "email: Tidak ada akun"),
        (("user", "grant", "a@contoh.go.id", "--unit", "KPU"), "--role"),
        (("user", "invite", "tidak-ada@contoh.go.id"), "email: Tidak ada akun"),
        (("user", "invite", "\udcff"), "email: Tidak ada akun"),
        (("user", "invite"), "EMAIL"),
        (("user", "reset-factor", "tidak-ada@contoh.go.id"), "email: Tidak ada akun"),
    ],
)
def test_what_is_refused_is_named_without_a_traceback(
    small_installation: Settings, arguments: tuple[str, ...], complaint: str
) -> None:
    terminal = CliRunner(env=environment_of(small_installation))
    assert terminal.invoke(main, ["unit", "add", "KPU", "--name", "KPU RI"]).exit_code == 0
    refused = terminal.invoke(main, arguments)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert isinstance(refused.exception, SystemExit), refused.exception
    assert complaint in refused.stderr


def test_the_server_gives_what_two_admins_would_at_once_and_the_trail_names_it(settings: Settings, app: Flask) -> None:
    """The way out where there is one admin only, or none who can sign in."""
    portal(settings, "unit", "add", "KPU", "--name", "KPU RI")
    accept(app, portal(settings, *ADMIN)[1].strip())
    lead = ("--name", "Dewi Lestari", "--role", "tpi_lead", "--unit", "KPU")
    accept(app, portal(settings, "user", "add", "dewi@contoh.go.id", *lead)[1].strip())
    code, told, _ = portal(settings, "user", "grant", "Dewi@contoh.go.id", "--role", "admin", "--unit", "KPU")
    assert (code, told) == (0, "Peran admin di KPU diberikan kepada Dewi@contoh.go.id.\n")
    last_day = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    window = ("--external", "--sponsor", "rina@contoh.go.id", "--until", last_day)
    visitor = ("--name", "Tim BPK", "--role", "auditor", "--unit", "KPU")
    code, link, _ = portal(settings, "user", "add", "bpk@contoh.go.id", *visitor, *window)
    assert code == 0
    accept(app, link.strip())
    rina = sign_in(app, "rina@contoh.go.id")
    assert "Baru ada satu admin" not in rina.text
    assert "Tim BPK" in rina.open("/pengguna/auditor-eksternal")
    with app.app_context(), transaction(write=False) as session:
        granted = [entry for entry in list_entries(session, SYSTEM_SCOPE) if entry.name in GRANTS]
    assert [(entry.actor, entry.data["member_role"]) for entry in granted] == [
        ("system:cli", role) for role in ("admin", "tpi_lead", "admin", "auditor")
    ]


GRANTS = {EventName.MEMBERSHIP_GRANTED, EventName.EXTERNAL_AUDITOR_GRANTED}
