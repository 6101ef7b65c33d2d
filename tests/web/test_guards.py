"""Nobody passes an endpoint that does not say who may, and nobody is sent to another site after signing in."""

import logging
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.permissions import Permission
from portal.domain.roles import Role
from portal.web.guards import find_access, local_path, public, requires, signed_in
from tests.web.conftest import SignIn
from tests.web.people import make_person


@pytest.fixture
def guarded_app(bare_app: Flask) -> Flask:
    bare_app.add_url_rule("/tanpa-tanda", "unmarked", lambda: "secret")
    decide = requires(Permission.DECIDE)(lambda: "decided")
    bare_app.add_url_rule("/putuskan", "decide", decide, methods=["GET", "POST"])
    bare_app.add_url_rule("/profil", "profile", signed_in("one's own profile")(lambda: "profile"))
    bare_app.add_url_rule("/umum", "open", public("test")(lambda: "for all"))
    return bare_app


@pytest.mark.usefixtures("guarded_app")
def test_req_01_an_unmarked_endpoint_is_refused_even_for_every_role(
    sign_in: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = sign_in(make_person(*Role)).get("/tanpa-tanda")
    assert answer.status_code == 403
    assert "secret" not in answer.text
    assert "unmarked" in caplog.text


def test_an_anonymous_visitor_signs_in_first_and_comes_back(guarded_app: Flask) -> None:
    answer = guarded_app.test_client().get("/putuskan?area=II&tenggat=lewat")
    assert answer.status_code == 303
    target = urlsplit(answer.location)
    assert target.path == "/masuk"
    assert parse_qs(target.query) == {"lanjut": ["/putuskan?area=II&tenggat=lewat"]}


@pytest.mark.parametrize(
    ("referrer", "back"),
    [
        ("http://localhost/bukti/7?versi=2", "/bukti/7?versi=2"),
        ("http://elsewhere.example/bukti/7", "/"),
        ("http://localhost//elsewhere.example/", "/"),
        ("http://[localhost/bukti/7", "/"),
        ("\xff\xfe", "/"),
        (None, "/"),
    ],
)
def test_a_form_sent_after_the_session_ended_leads_back_to_its_page(
    guarded_app: Flask, referrer: str | None, back: str
) -> None:
    answer = guarded_app.test_client().post("/putuskan", headers={"Referer": referrer} if referrer else {})
    assert answer.status_code == 303
    assert parse_qs(urlsplit(answer.location).query) == {"lanjut": [back]}


@pytest.mark.usefixtures("guarded_app")
def test_roles_open_what_their_permission_covers(sign_in: SignIn) -> None:
    reviewer, uploader, nobody = (sign_in(make_person(*roles)) for roles in ((Role.TPI_MEMBER,), (Role.UPLOADER,), ()))
    assert reviewer.get("/putuskan").status_code == 200
    assert uploader.get("/putuskan").status_code == 403
    assert nobody.get("/putuskan").status_code == 403
    assert nobody.get("/profil").status_code == 200
    assert nobody.get("/umum").status_code == 200


@pytest.mark.usefixtures("guarded_app")
def test_an_ended_session_is_anonymous(sign_in: SignIn, people: dict[str, object]) -> None:
    client = sign_in(make_person(Role.TPI_MEMBER))
    people.clear()
    assert client.get("/profil").status_code == 303


def test_req_01_every_endpoint_of_every_feature_is_marked(whole_web: Flask) -> None:
    unmarked = [endpoint for endpoint in whole_web.view_functions if find_access(whole_web, endpoint) is None]
    assert not unmarked, f"endpoints without @requires, @signed_in or @public: {unmarked}"


def test_whoever_is_let_in_without_a_permission_has_a_reason(whole_web: Flask) -> None:
    accesses = {endpoint: find_access(whole_web, endpoint) for endpoint in whole_web.view_functions}
    silent = [name for name, access in accesses.items() if access and not access.permission and not access.reason]
    assert not silent, f"@public or @signed_in without a reason: {silent}"


@pytest.mark.parametrize("path", ["/", "/tugas", "/indikator/II.1?bulan=3", "/cari?q=//x", "/bukti/a%2Fb#berkas"])
def test_paths_of_the_portal_are_kept(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize(
    "candidate",
    [
        None,
        "",
        "tugas",
        "//evil.example",
        "///evil.example",
        "////evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "\t//evil.example",
        " //evil.example",
        "/tugas//evil.example",
        "/.//evil.example",
        "https://evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "/tugas\r\nSet-Cookie: a=b",
        "/\x00/evil.example",
        "/" + "a" * 5000,
    ],
)
def test_req_58_addresses_that_could_leave_the_portal_are_dropped(candidate: str | None) -> None:
    assert local_path(candidate, "/tugas") == "/tugas"


@given(st.text(alphabet="/\\.:?#@ \t\n\rabc%25", max_size=12))
def test_req_58_whatever_is_accepted_stays_on_the_host_as_browsers_read_it(candidate: str) -> None:
    accepted = local_path(candidate)
    as_a_browser = accepted.replace("\\", "/").translate({ord(c): None for c in "\t\n\r"})
    assert urlsplit(urljoin("https://portal.example/masuk", as_a_browser)).netloc == "portal.example"
