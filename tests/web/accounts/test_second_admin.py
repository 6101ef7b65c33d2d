"""Two admins over HTTP: what one proposes the other finds, settles and sees; and the windows of external auditors."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from portal.domain.actor import Actor
from portal.domain.roles import Role
from portal.services.units import add_unit
from tests.web.stories.people import Person, add_account, sign_in

TODAY = datetime.now(UTC).date()
"""In the unit it may be a day later, so no test stands on a limit."""

OPEN_DETAILS = '<details class="earlier mb-4" open>'
"""What only auditors need, unfolded."""


@pytest.fixture
def office(app: Flask) -> Flask:
    """A unit with two admins, and a lead who can sponsor."""
    with app.app_context():
        add_unit(actor=Actor.system("test"), code="KPU-1502", name="KPU Merangin", under=None, now=datetime.now(UTC))
    for email in ("rina@contoh.go.id", "yusuf@contoh.go.id"):
        add_account(app, email, Role.ADMIN)
    add_account(app, "dewi@contoh.go.id", Role.TPI_LEAD, name="Dewi Lestari")
    return app


@pytest.fixture
def rina(office: Flask) -> Person:
    return sign_in(office, "rina@contoh.go.id")


@pytest.fixture
def yusuf(office: Flask) -> Person:
    return sign_in(office, "yusuf@contoh.go.id")


def propose(rina: Person, **changes: object) -> None:
    """Rina sends the form for an external auditor."""
    fields: dict[str, object] = {
        "name": "Tim BPK",
        "email": "bpk@contoh.go.id",
        "role": "auditor",
        "unit": "KPU-1502",
        "external": "y",
        "sponsor": "dewi@contoh.go.id",
        "valid_until": TODAY + timedelta(days=5),
    }
    rina.open("/pengguna/baru")
    rina.send("/pengguna/baru", {**fields, **changes}, expect=422 if changes else 200)


def test_req_06_what_one_admin_proposes_the_other_confirms(rina: Person, yusuf: Person) -> None:
    propose(rina)
    assert "Perannya menunggu admin lain" in rina.text
    rina.open("/pengguna/usulan")
    assert "Dapat disetujui: Yusuf." in rina.text
    assert "/setujui" not in rina.text
    assert "1 usulan peran Admin atau Auditor" in yusuf.open("/tugas")
    assert "Usulan peran (1 menunggu Anda)" in yusuf.open("/pengguna")
    assert "dari luar kantor, penanggung jawab Dewi Lestari" in yusuf.open("/pengguna/usulan")
    yusuf.send("/setujui")
    assert "Usulan disetujui" in yusuf.text
    assert "Auditor · KPU Merangin · semua area · dari luar kantor, penanggung jawab Dewi Lestari" in yusuf.text
    assert "Tidak ada usulan yang menunggu" in yusuf.open("/pengguna/usulan")
    assert "disetujui oleh Yusuf" in rina.open("/pengguna/usulan")


def test_a_refused_proposal_gives_nothing(rina: Person, yusuf: Person) -> None:
    propose(rina)
    yusuf.open("/pengguna/usulan")
    yusuf.send("/tolak")
    assert "Usulan ditolak" in yusuf.text
    assert "ditolak oleh Yusuf" in rina.open("/pengguna/usulan")


def test_a_stale_button_is_a_conflict_and_gives_nothing(rina: Person, yusuf: Person) -> None:
    propose(rina)
    yusuf.open("/pengguna/usulan")
    rina.open("/pengguna/usulan")
    rina.send("/tarik")
    assert "Usulan ditarik kembali" in rina.text
    yusuf.send("/setujui", expect=409)
    assert "Belum ada auditor eksternal" in yusuf.open("/pengguna/auditor-eksternal")


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("sponsor", "bpk@contoh.go.id", "perlu penanggung jawab"),
        ("sponsor", "", "perlu penanggung jawab"),
        ("external", "", "hanya untuk auditor eksternal"),
        ("valid_until", "", "selalu punya hari terakhir"),
        ("valid_until", TODAY + timedelta(days=99), "Paling lama 90 hari"),
        ("role", "tpi_lead", "hanya untuk auditor"),
    ],
)
def test_req_09_a_window_that_cannot_be_says_why_at_its_field(
    rina: Person, field: str, value: object, sentence: str
) -> None:
    propose(rina, **{field: value})
    assert sentence in rina.text
    assert 'value="bpk@contoh.go.id"' in rina.text
    assert OPEN_DETAILS in rina.text
    assert OPEN_DETAILS not in rina.open("/pengguna/baru")


def test_an_ending_window_is_told_to_all_three_and_extended_by_the_other_admin(
    office: Flask, rina: Person, yusuf: Person
) -> None:
    propose(rina)
    yusuf.open("/pengguna/usulan")
    yusuf.send("/setujui")
    dewi = sign_in(office, "dewi@contoh.go.id")
    for person in (rina, yusuf, dewi):
        assert "Masa auditor eksternal segera berakhir" in person.open("/tugas")
    assert "penanggung jawab Anda" in dewi.text
    rina.open("/pengguna/auditor-eksternal")
    assert "perpanjangannya diusulkan admin lain" in rina.text
    assert "/perpanjang" not in rina.text
    yusuf.open("/pengguna/auditor-eksternal")
    yusuf.open(yusuf.link("/perpanjang"))
    yusuf.send("/perpanjang", {"valid_until": TODAY + timedelta(days=95)}, expect=422)
    assert "Perpanjangan paling lama 90 hari" in yusuf.text
    yusuf.send("/perpanjang", {"valid_until": TODAY + timedelta(days=80)})
    assert "Perpanjangan diusulkan" in yusuf.text
    rina.open("/pengguna/usulan")
    rina.send("/setujui")
    assert "Belum mulai" in rina.open("/pengguna/auditor-eksternal")


def test_the_only_admin_is_told_what_to_do(office: Flask, rina: Person) -> None:
    rina.open("/pengguna")
    rina.open(rina.text.split("Yusuf", 1)[0].rpartition('href="')[2].split('"', 1)[0])
    rina.send("/nonaktifkan")
    for path in ("/tugas", "/pengguna", "/pengguna/usulan"):
        assert "Baru ada satu admin yang aktif" in rina.open(path), path
    propose(rina)
    assert "Belum ada admin lain yang mengelola unit ini" in rina.open("/pengguna/usulan")
    assert "Baru ada satu admin" not in sign_in(office, "dewi@contoh.go.id").text


@pytest.mark.parametrize("path", ["/pengguna/usulan", "/pengguna/auditor-eksternal"])
def test_who_is_no_admin_gets_nowhere_here(office: Flask, path: str) -> None:
    assert sign_in(office, "dewi@contoh.go.id").client.get(path).status_code == 403
