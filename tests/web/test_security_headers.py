"""Every answer carries the headers, whatever kind it is."""

import pytest
from flask import Flask, Response, abort
from werkzeug.exceptions import default_exceptions
from werkzeug.test import TestResponse

from portal.web.guards import public
from portal.web.security_headers import HEADERS

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


def _file() -> Response:
    response = Response(b"evidence", mimetype="application/pdf")
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


def _fail() -> str:
    raise ZeroDivisionError


@pytest.fixture
def client_answers(bare_app: Flask) -> dict[str, TestResponse]:
    bare_app.add_url_rule("/berkas", "file", public("test")(_file))
    bare_app.add_url_rule("/gagal", "fail", public("test")(_fail))
    bare_app.add_url_rule("/terkunci", "unmarked", lambda: "secret")
    client = bare_app.test_client()
    paths = ("/masuk", "/berkas", "/gagal", "/terkunci", "/tidak-ada")
    return {path: client.get(path) for path in paths} | {"PUT /masuk": client.put("/masuk")}


def test_every_kind_of_answer_has_all_headers(client_answers: dict[str, TestResponse]) -> None:
    expected = HEADERS | {"Content-Security-Policy": POLICY}
    for path, answer in client_answers.items():
        for name, value in expected.items():
            if path == "/berkas" and name == "Content-Security-Policy":
                continue
            assert answer.headers.get_all(name) == [value], f"{path} ({answer.status_code}): {name}"


def test_req_36_a_view_may_be_stricter_but_not_cacheable(client_answers: dict[str, TestResponse]) -> None:
    answer = client_answers["/berkas"]
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["Cache-Control"] == "no-store"


def test_nothing_but_assets_is_kept_by_a_cache(client_answers: dict[str, TestResponse]) -> None:
    for path, answer in client_answers.items():
        assert answer.headers["Cache-Control"] == "no-store", path
        assert "Cookie" in answer.headers["Vary"], path


@pytest.mark.parametrize("status", sorted(default_exceptions))
def test_req_56_every_error_has_all_headers(bare_app: Flask, status: int) -> None:
    bare_app.add_url_rule("/galat", "failing", public("test")(lambda: abort(status)))
    answer = bare_app.test_client().get("/galat")
    assert answer.status_code == status
    expected = {**HEADERS, "Content-Security-Policy": POLICY, "Cache-Control": "no-store"}
    assert {name: answer.headers.get_all(name) for name in expected} == {n: [v] for n, v in expected.items()}


def test_https_is_remembered_only_on_https(bare_app: Flask) -> None:
    client = bare_app.test_client()
    assert "Strict-Transport-Security" not in client.get("/masuk").headers
    secure = client.get("/masuk", base_url="https://localhost")
    assert secure.headers["Strict-Transport-Security"] == "max-age=31536000"
