"""Every refusal becomes a page with the right status, in words, and says nothing of the inside."""

import logging
import re
from collections.abc import Callable

import pytest
from flask import Flask, abort
from werkzeug.exceptions import default_exceptions

import portal.adapters.store  # noqa: F401  # its errors are domain errors too
from portal.adapters.store import ObjectTooLarge, StoreUnavailable
from portal.domain.errors import (
    ConstraintViolated,
    Denial,
    DomainError,
    IntegrityMismatch,
    InvalidInput,
    InvalidTransition,
    NotFound,
    NotPermitted,
    Stale,
    Throttled,
)
from portal.domain.roles import Role
from portal.domain.workflow import Action, State
from portal.web.errors import PAGES
from portal.web.extensions import login_manager
from portal.web.guards import public
from tests.web.conftest import SignIn
from tests.web.people import make_person

SECRET = "postgresql://portal:hunter2@db/portal"

STATUSES: list[tuple[Exception, int, str]] = [
    (NotPermitted(Denial.OUT_OF_SCOPE), 404, "Halaman tidak ditemukan"),
    (NotPermitted(Denial.CONTRIBUTED), 403, "Anda ikut mengunggah bukti ini"),
    (NotFound(SECRET), 404, "Halaman tidak ditemukan"),
    (InvalidInput("note", "Catatan terlalu panjang."), 400, "Catatan terlalu panjang."),
    (InvalidTransition(Action.APPROVE, State.DRAFT), 409, "Keadaan sudah berubah"),
    (Stale(SECRET), 409, "Keadaan sudah berubah"),
    (ConstraintViolated(SECRET), 409, "Keadaan sudah berubah"),
    (Throttled(150), 429, "Tunggu 3 menit"),
    (IntegrityMismatch(SECRET), 500, "Isi berkas tidak sesuai catatan"),
    (ObjectTooLarge(SECRET), 413, "Kiriman terlalu besar"),
    (StoreUnavailable(SECRET), 503, "Portal sedang tidak dapat dipakai"),
    (DomainError(SECRET), 500, "Terjadi gangguan pada portal"),
    (ZeroDivisionError(SECRET), 500, "Terjadi gangguan pada portal"),
]


def raises(error: Exception) -> Callable[[], str]:
    def view() -> str:
        raise error

    return view


def _page_raising(app: Flask, error: Exception) -> None:
    app.add_url_rule("/galat", "failing", public("test")(raises(error)))


@pytest.mark.parametrize(
    ("error", "status", "words"), STATUSES, ids=[f"{type(error).__name__}: {words}" for error, _, words in STATUSES]
)
def test_req_11_a_refusal_becomes_its_page(
    bare_app: Flask, sign_in: SignIn, error: Exception, status: int, words: str
) -> None:
    _page_raising(bare_app, error)
    for client in (bare_app.test_client(), sign_in(make_person(Role.UPLOADER))):
        answer = client.get("/galat")
        assert answer.status_code == status
        assert words in answer.text
        assert answer.text.count("<h1>") == 1
        assert re.search(r"tersimpan|hilang|berubah", answer.text), "does not say what is safe"
        assert SECRET not in answer.text
        assert "Traceback" not in answer.text


def test_every_domain_error_has_a_page() -> None:
    def below(kind: type[DomainError]) -> set[type[DomainError]]:
        return {kind}.union(*(below(child) for child in kind.__subclasses__()))

    ours = {kind for kind in below(DomainError) - {DomainError} if kind.__module__.startswith("portal.")}
    homeless = sorted(kind.__qualname__ for kind in ours if not set(kind.__mro__) & set(PAGES))
    assert not homeless, f"domain errors without a page in portal/web/errors.py: {homeless}"


@pytest.mark.parametrize("status", sorted(set(default_exceptions) - {500}))
def test_every_http_error_has_a_page(bare_app: Flask, status: int) -> None:
    def view() -> str:
        abort(status)

    bare_app.add_url_rule("/galat", "failing", public("test")(view))
    answer = bare_app.test_client().get("/galat")
    assert answer.status_code == status
    assert answer.text.count("<h1>") == 1
    assert '<html lang="id">' in answer.text


def test_waiting_times_are_headers_too(bare_app: Flask) -> None:
    _page_raising(bare_app, Throttled(150))
    assert bare_app.test_client().get("/galat").headers["Retry-After"] == "150"


def test_an_outage_says_when_to_try_again(bare_app: Flask) -> None:
    _page_raising(bare_app, StoreUnavailable("down"))
    assert bare_app.test_client().get("/galat").headers["Retry-After"] == "30"


def test_a_wrong_method_names_the_right_ones(bare_app: Flask) -> None:
    answer = bare_app.test_client().get("/keluar")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_a_failure_is_found_in_the_log_by_the_code_on_its_page(
    bare_app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    _page_raising(bare_app, ZeroDivisionError(SECRET))
    with caplog.at_level(logging.ERROR):
        page = bare_app.test_client().get("/galat").text
    code = re.search(r'class="incident-code">([0-9A-F]{8})<', page)
    assert code is not None
    assert code.group(1) in caplog.text
    assert "Traceback" in caplog.text


def test_the_page_of_an_outage_needs_no_session(bare_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def database_is_down(token: str) -> None:
        raise StoreUnavailable(token)

    monkeypatch.setattr(login_manager, "_user_callback", database_is_down)
    bare_app.add_url_rule("/galat", "failing", lambda: "")
    client = bare_app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = "a token"
    bare_app.view_functions["failing"] = public("test")(raises(StoreUnavailable("down")))
    answer = client.get("/galat")
    assert answer.status_code == 503
    assert "Portal sedang tidak dapat dipakai" in answer.text


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "evil.example:80", "a b", ""])
def test_req_61_a_wrong_host_is_refused_with_words(bare_app: Flask, sign_in: SignIn, host: str) -> None:
    bare_app.config["TRUSTED_HOSTS"] = ["localhost"]
    for client in (bare_app.test_client(), sign_in(make_person(Role.UPLOADER))):
        for path in ("/masuk", "/tidak-ada"):
            answer = client.get(path, headers={"Host": host})
            assert answer.status_code == 400
            assert "Alamat portal tidak dikenal" in answer.text
            assert "evil" not in answer.text


def test_a_form_without_its_token_is_not_processed(bare_app: Flask, sign_in: SignIn) -> None:
    done: list[str] = []

    def view() -> str:
        done.append("done")
        return "done"

    bare_app.add_url_rule("/kirim", "send", public("test")(view), methods=["POST"])
    answer = sign_in(make_person(Role.UPLOADER)).post("/kirim", headers={"Referer": "http://localhost/bukti/7"})
    assert answer.status_code == 400
    assert "Formulir sudah tidak berlaku" in answer.text
    assert 'href="/bukti/7"' in answer.text
    assert not done


def test_a_body_over_the_limit_is_refused_with_words(bare_app: Flask) -> None:
    answer = bare_app.test_client().post("/keluar", data={"x": "a" * 5000})
    assert answer.status_code == 413
    assert "Kiriman terlalu besar" in answer.text
