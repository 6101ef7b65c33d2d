"""What needs a fresh password is asked for once more and then done, with everything that was typed."""

from __future__ import annotations

import inspect
import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from wtforms import PasswordField

from portal.domain.actor import Actor
from portal.domain.errors import PasswordNotFresh
from portal.domain.roles import Role
from portal.models import LoginSession, LoginThrottle, Membership
from portal.services.fresh_password import FRESH, WRONG
from portal.services.throttle import limits_for
from portal.services.unit_of_work import transaction
from portal.services.units import add_unit
from portal.web.auth.confirmation import MOST_CHARACTERS, MOST_FIELDS, NOT_REPEATED, WHAT
from portal.web.forms import PortalForm
from portal.web.guards import signed_in
from tests.web.stories.people import PASSWORD, Person, add_account, sign_in

FIELDS: dict[str, object] = {"role": "tpi_member", "unit": "KPU-1502", "valid_until": "2027-04-01", "area": "II"}


@pytest.fixture
def office(app: Flask) -> Flask:
    """A unit with two admins; `/selalu` wants a password however fresh the last one is."""

    def always() -> str:
        raise PasswordNotFresh

    app.add_url_rule("/selalu", "always", signed_in("test")(always), methods=["POST"])
    with app.app_context():
        add_unit(actor=Actor.system("test"), code="KPU-1502", name="KPU Merangin", under=None, now=datetime.now(UTC))
    for email in ("rina@contoh.go.id", "yusuf@contoh.go.id"):
        add_account(app, email, Role.ADMIN)
    return app


@pytest.fixture
def rina(office: Flask) -> Person:
    """An admin who gave the password longer ago than is fresh."""
    rina = sign_in(office, "rina@contoh.go.id")
    let_age(office)
    return rina


def let_age(office: Flask) -> None:
    with office.app_context(), transaction() as session:
        session.execute(update(LoginSession).values(confirmed_at=datetime.now(UTC) - FRESH - timedelta(seconds=1)))


def granted(office: Flask) -> list[Role]:
    """All roles that were ever given but those of the fixture."""
    with office.app_context(), transaction(write=False) as session:
        roles = session.execute(select(Membership.role).where(Membership.role != Role.ADMIN)).scalars()
        return [role for role in roles if role is not Role.UPLOADER]


def ask(office: Flask, rina: Person) -> str:
    """Rina before the page that asks for her password, which took the place of a new role; returns the address."""
    siti = add_account(office, "siti@contoh.go.id", Role.UPLOADER)
    rina.open(f"/pengguna/{siti}/peran")
    rina.send("/peran", FIELDS, expect=403)
    return f"/pengguna/{siti}/peran"


def cookie_of(rina: Person) -> str:
    with rina.client.session_transaction() as session:
        return str(session["_user_id"])


def test_req_53_an_old_password_is_asked_for_again_and_nothing_typed_is_lost(office: Flask, rina: Person) -> None:
    address = ask(office, rina)
    assert granted(office) == []
    assert "Memberi peran perlu kata sandi" in rina.text
    for name, value in FIELDS.items():
        assert f'name="{name}" value="{value}"' in rina.text
    rina.send(address, {"confirm_password": PASSWORD})
    assert "Peran diberikan." in rina.text
    assert granted(office) == [Role.TPI_MEMBER]


def test_for_ten_minutes_it_is_not_asked_again(office: Flask, rina: Person) -> None:
    rina.send(ask(office, rina), {"confirm_password": PASSWORD})
    rina.send("/undang-lagi")
    assert "hanya ditampilkan sekali" in rina.text
    let_age(office)
    rina.open("/pengguna")
    rina.open(re.findall(r'href="(/pengguna/[^"]+)"[^>]*>\s*Siti', rina.text)[0])
    rina.send("/undang-lagi", expect=403)


@pytest.mark.parametrize("typed", ["salah salah salah", "", "x" * 129])
def test_a_wrong_password_brings_the_page_back_with_all_fields(office: Flask, rina: Person, typed: str) -> None:
    address = ask(office, rina)
    rina.send(address, {"confirm_password": typed}, expect=422)
    assert not typed or f'value="{typed}"' not in rina.text
    assert f'name="valid_until" value="{FIELDS["valid_until"]}"' in rina.text
    assert granted(office) == []
    rina.send(address, {"confirm_password": PASSWORD})
    assert granted(office) == [Role.TPI_MEMBER]


def test_req_48_guessing_is_slowed_down_and_the_fields_stay(office: Flask, rina: Person) -> None:
    address = ask(office, rina)
    for _ in range(limits_for(account="", address="")[0].tries):
        rina.send(address, {"confirm_password": "salah salah salah"}, expect=422)
    assert WRONG in rina.text
    rina.send(address, {"confirm_password": PASSWORD}, expect=429)
    assert re.search(r"Tunggu \d+ menit", rina.text)
    assert granted(office) == []
    with office.app_context(), transaction() as session:
        session.execute(update(LoginThrottle).values(failures=0))
    rina.send(address, {"confirm_password": PASSWORD})
    assert granted(office) == [Role.TPI_MEMBER]


def test_req_43_with_the_password_the_session_has_a_new_token_and_the_old_one_is_dead(
    office: Flask, rina: Person
) -> None:
    stolen = office.test_client()
    with stolen.session_transaction() as session:
        session["_user_id"] = old = cookie_of(rina)
    assert stolen.get("/pengguna").status_code == 200
    rina.send(ask(office, rina), {"confirm_password": PASSWORD})
    assert cookie_of(rina) != old
    assert stolen.get("/pengguna").status_code == 303
    assert rina.client.get("/pengguna").status_code == 200


def test_a_password_in_a_form_of_somebody_who_is_not_signed_in_does_nothing(office: Flask) -> None:
    stranger = Person(office.test_client(), office.test_client().get("/masuk"))
    stranger.open("/masuk")
    stranger.send("/masuk", {"confirm_password": PASSWORD, "email": "x@contoh.go.id", "password": "salah"}, expect=422)
    assert "Ketik kata sandi" not in stranger.text


def sent(rina: Person, data: dict[str, object] | str) -> str:
    """The page after a form with these fields was sent to `/selalu`."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', rina.open("/pengguna"))
    assert token is not None
    headers = {"X-CSRFToken": token.group(1)}
    form = "application/x-www-form-urlencoded"
    rina.page = rina.client.post("/selalu?lanjut=//jahat", data=data, headers=headers, content_type=form)
    return rina.text


def test_several_values_of_a_name_stay_several_and_passwords_are_never_given_back(rina: Person) -> None:
    text = sent(
        rina, {"bulan": ["1", "2"], "catatan": '<b>"baris\ndua"</b>', "password": "rahasia", "again": "rahasia"}
    )
    assert rina.page.status_code == 403
    assert re.findall(r'name="bulan" value="(\d)"', text) == ["1", "2"]
    assert "&lt;b&gt;&#34;baris\ndua&#34;" in text
    assert "rahasia" not in text
    assert text.count('name="csrf_token"') == 2, "that of the form and that of Keluar"


def test_the_page_sends_to_where_it_is_and_names_no_other_address(rina: Person) -> None:
    text = sent(rina, {"lanjut": "https://jahat.example/"})
    assert re.findall(r'<form method="post" action="([^"]*)" novalidate', text) == [""]
    assert not re.search(r'(?:href|action)="[^"]*jahat', text)


def test_it_asks_once_for_each_time_that_somebody_sends(rina: Person) -> None:
    """Were the answer to a right password the same question, nothing would go round by itself."""
    text = sent(rina, {"confirm_password": PASSWORD, "catatan": "a"})
    assert rina.page.status_code == 403
    assert 'name="catatan" value="a"' in text
    assert PASSWORD not in text


@pytest.mark.parametrize(
    "body", ["&".join(f"a{n}=1" for n in range(MOST_FIELDS + 1)), "a=" + "x" * MOST_CHARACTERS], ids=["many", "long"]
)
def test_no_page_gives_back_more_than_any_form_has(rina: Person, body: str) -> None:
    sent(rina, body)
    assert rina.page.status_code == 413


def password_fields() -> set[str]:
    """Names of the password fields of every form of the portal."""

    def below(kind: type[PortalForm]) -> set[type[PortalForm]]:
        return {kind}.union(*(below(child) for child in kind.__subclasses__()))

    def names(kind: type[PortalForm]) -> set[str]:
        members = inspect.getmembers(kind)
        return {name for name, member in members if getattr(member, "field_class", None) is PasswordField}

    return set[str]().union(*(names(kind) for kind in below(PortalForm)))


def test_no_password_field_of_any_form_is_given_back(whole_web: Flask) -> None:  # noqa: ARG001  # loads every form
    assert password_fields(), "the search finds nothing"
    assert not password_fields() - NOT_REPEATED, f"would be shown: {password_fields() - NOT_REPEATED}"


def test_what_the_page_speaks_of_are_endpoints(whole_web: Flask) -> None:
    assert not set(WHAT) - set(whole_web.view_functions), f"no such: {set(WHAT) - set(whole_web.view_functions)}"
