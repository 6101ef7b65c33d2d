"""Kelola pengguna over HTTP: inviting, roles, deactivating; and what is not offered, with the reason."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from flask import Flask

from portal.domain.actor import Actor
from portal.domain.roles import Role
from portal.services.memberships import NewMembership, grant_membership
from portal.services.units import add_unit
from tests.web.stories.people import PASSWORD, Person, add_account, sign_in

SYSTEM = Actor.system("test")


@pytest.fixture
def office(app: Flask) -> Flask:
    """Two units; the first has two admins and an uploader."""
    with app.app_context():
        for code, name in (("KPU-1502", "KPU Merangin"), ("KPU-1503", "KPU Sarolangun")):
            add_unit(actor=SYSTEM, code=code, name=name, under=None, now=datetime.now(UTC))
    for email in ("rina@contoh.go.id", "yusuf@contoh.go.id"):
        add_account(app, email, Role.ADMIN)
    add_account(app, "siti@contoh.go.id", Role.UPLOADER)
    return app


@pytest.fixture
def rina(office: Flask) -> Person:
    return sign_in(office, "rina@contoh.go.id")


def invite(rina: Person, **changes: object) -> Person:
    """Rina after sending the form Tambah pengguna."""
    fields: dict[str, object] = {
        "name": "Budi Santoso",
        "email": "budi@contoh.go.id",
        "role": "uploader",
        "unit": "KPU-1502",
        "area": "ii",
    }
    rina.open("/pengguna/baru")
    rina.send("/pengguna/baru", {**fields, **changes}, expect=422 if changes else 200)
    return rina


def open_person(rina: Person, name: str) -> None:
    """Rina on the page of somebody whom she found in the list."""
    rina.open("/pengguna")
    rina.open(re.findall(rf'href="(/pengguna/[^"]+)"[^>]*>\s*{name}', rina.text)[0])


def test_an_invited_person_gets_in_by_the_link_and_has_the_role(office: Flask, rina: Person) -> None:
    link = re.search(r'value="http://localhost(/undangan/[^"]+)"', invite(rina).text)
    assert link is not None
    client = office.test_client()
    budi = Person(client, client.get(link.group(1)))
    budi.send(link.group(1), {"password": PASSWORD, "again": PASSWORD})
    assert "Budi Santoso" in sign_in(office, "budi@contoh.go.id").text
    open_person(rina, "Budi")
    assert "Pengunggah · KPU Merangin · area II" in rina.text


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("email", "siti@contoh.go.id", "sudah terdaftar"),
        ("email", "bukan-email", "tidak lengkap"),
        ("name", "Budi\u202e", "tidak terlihat"),
        ("unit", "KPU-1503", "Pilih dari daftar"),
        ("role", "raja", "Pilih dari daftar"),
        ("area", "I/II", "Area tidak dikenal"),
        ("restricted", "y", "hanya untuk auditor"),
        ("below", "y", "bukan unit di bawahnya"),
        ("valid_until", "2020-04-01", "sesudah tanggal mulai"),
        ("valid_from", "kemarin", "anggal"),
    ],
)
def test_a_refused_form_says_why_at_its_field_and_keeps_what_was_typed(
    rina: Person, field: str, value: str, sentence: str
) -> None:
    text = invite(rina, **{field: value}).text
    assert sentence in text
    (control,) = re.findall(rf'<(?:input|select)[^>]* name="{field}"[^>]*>', text)
    assert 'aria-invalid="true"' in control
    kept = "Budi Santoso" if field == "email" else "budi@contoh.go.id"
    assert f'value="{kept}"' in text
    assert field in {"unit", "role", "restricted", "below"} or f'value="{value}"' in control


def test_roles_are_given_and_ended_and_an_account_is_taken_and_given_back(office: Flask, rina: Person) -> None:
    siti = sign_in(office, "siti@contoh.go.id")
    open_person(rina, "Siti")
    page = rina.page.request.path
    rina.open(f"{page}/peran")
    rina.send("/peran", {"role": "tpi_member", "unit": "KPU-1502"})
    assert "Peran diberikan." in rina.text
    assert siti.client.get("/antrean").status_code == 303, "a session went on with other roles than it began with"
    siti = sign_in(office, "siti@contoh.go.id")
    assert siti.client.get("/antrean").status_code == 200
    rina.send(address_to_end(rina, "Anggota TPI"))
    assert "Peran diakhiri" in rina.text
    assert siti.client.get("/antrean").status_code == 303
    siti = sign_in(office, "siti@contoh.go.id")
    assert siti.client.get("/antrean").status_code == 403
    rina.send("/nonaktifkan")
    assert "Akun dinonaktifkan" in rina.text
    assert siti.client.get("/tugas").status_code == 303
    rina.send("/aktifkan")
    assert "Akun aktif kembali." in rina.text
    assert siti.client.get("/tugas").status_code == 303, "an ended session came back"
    assert "Tugas saya" in sign_in(office, "siti@contoh.go.id").text
    rina.send("/undang-lagi")
    assert "hanya ditampilkan sekali" in rina.text


def address_to_end(rina: Person, role: str) -> str:
    """The address of the button that ends a role."""
    found = re.search(rf'{role} · .*?action="(/peran/[^"]+/akhiri)"', rina.text, re.DOTALL)
    assert found is not None
    return found.group(1)


def test_ones_own_account_and_somebody_elses_offer_no_buttons_but_the_reason(office: Flask, rina: Person) -> None:
    open_person(rina, "Rina")
    assert "Ini akun Anda sendiri" in rina.text
    own = rina.page.request.path
    shared = add_account(office, "dua@contoh.go.id", Role.UPLOADER)
    with office.app_context():
        elsewhere = NewMembership(role=Role.UPLOADER, unit_code="KPU-1503")
        grant_membership(actor=SYSTEM, user_id=shared, wanted=elsewhere, now=datetime.now(UTC))
    rina.open(f"/pengguna/{shared}")
    assert "yang tidak Anda kelola" in rina.text
    offered = re.findall(r'action="(/(?:peran|pengguna)/[^"]+)"', rina.text)
    assert len(offered) == 1, "only the role in the admin's own unit can be ended"
    rina.open(own)
    assert not re.findall(r'action="(/(?:peran|pengguna)/[^"]+)"', rina.text)


def test_req_11_people_of_another_unit_look_like_nobody(office: Flask, rina: Person) -> None:
    foreign = add_account(office, "jauh@contoh.go.id", Role.UPLOADER, unit="KPU-1503", name="Orang Jauh")
    assert "Orang Jauh" not in rina.open("/pengguna")

    def answer(user_id: UUID) -> tuple[int, str]:
        page = rina.client.get(f"/pengguna/{user_id}")
        return page.status_code, page.get_data(as_text=True).replace(str(user_id), "*")

    assert answer(foreign) == answer(uuid4())
    assert answer(foreign)[0] == 404


@pytest.mark.parametrize(
    "path", ["/pengguna", "/pengguna/baru", f"/pengguna/{UUID(int=1)}", f"/pengguna/{UUID(int=1)}/peran"]
)
def test_who_is_no_admin_gets_nowhere_here(office: Flask, path: str) -> None:
    siti = sign_in(office, "siti@contoh.go.id")
    assert siti.client.get(path).status_code == 403
    assert 'href="/pengguna"' not in siti.open("/tugas")
