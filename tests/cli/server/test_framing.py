"""Requests whose end two programs could see in different places, at both servers: refused, and nothing that follows
them is answered as a request (RFC 9112 §6.3, §11.2).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
from flask import Flask

from tests.cli.server.conftest import Served
from tests.cli.server.sending import HOST
from tests.servers.portal import environment_of
from tests.servers.process import free_port, running_process
from tests.servers.wire import ask, wire

HIDDEN = b"GET /masuk HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
"""What a smuggler would have answered."""

WAITRESS = """
import sys
from portal.cli.server.waitress_server import serve_with_waitress
serve_with_waitress("127.0.0.1", int(sys.argv[1]))
"""


@pytest.fixture(scope="package")
def waitress_port(office: Flask, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Where the server of Windows serves."""
    port, environment = free_port(), environment_of(office.extensions["portal.settings"])
    log: Path = tmp_path_factory.mktemp("log") / "log"
    with running_process([sys.executable, "-c", WAITRESS, str(port)], port=port, env=environment, log=log):
        yield port


@pytest.fixture(params=["gunicorn", "waitress"])
def port(request: pytest.FixtureRequest) -> int:
    """Where the server of Linux serves, and then that of Windows."""
    if request.param == "waitress":
        return int(request.getfixturevalue("waitress_port"))
    served: Served = request.getfixturevalue("served")
    return served.port


def get(*lines: bytes) -> bytes:
    return b"\r\n".join((b"GET /masuk HTTP/1.1", HOST.strip(), *lines, b"", b""))


def post(*lines: bytes, body: bytes = b"") -> bytes:
    return b"\r\n".join((b"POST /masuk HTTP/1.1", HOST.strip(), *lines, b"", body))


AMBIGUOUS = {
    "a length and chunks": post(b"Content-Length: 5", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n" + HIDDEN),
    "chunks and a length": post(b"Transfer-Encoding: chunked", b"Content-Length: 5", body=b"0\r\n\r\n" + HIDDEN),
    "two lengths": post(b"Content-Length: 0", b"Content-Length: 44", body=HIDDEN),
    "a list of lengths": post(b"Content-Length: 0, 44", body=HIDDEN),
    "a length with a sign": post(b"Content-Length: +5", body=b"a=b&c" + HIDDEN),
    "a negative length": post(b"Content-Length: -1", body=HIDDEN),
    "a length that is no number": post(b"Content-Length: 0x5", body=b"a=b&c" + HIDDEN),
    "a length in other digits": post("Content-Length: ٥".encode(), body=b"a=b&c" + HIDDEN),
    "an unknown coding": post(b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n" + HIDDEN),
    "chunked twice": post(b"Transfer-Encoding: chunked, chunked", body=b"0\r\n\r\n" + HIDDEN),
    "chunked, and then something": post(b"Transfer-Encoding: chunked, identity", body=b"0\r\n\r\n" + HIDDEN),
    "a tab in the coding": post(b"Transfer-Encoding: \x0bchunked", body=b"0\r\n\r\n" + HIDDEN),
    "a space before the colon": post(b"Transfer-Encoding : chunked", body=b"0\r\n\r\n" + HIDDEN),
    "a folded header": get(b"X-A: b", b" Transfer-Encoding: chunked"),
    "a header without a name": get(b": b"),
    "a header without a colon": get(b"X-A"),
    "a NUL in a header": get(b"X-A: b\x00c"),
    "a lone carriage return in a header": get(b"X-A: b\rX-B: c"),
    "two hosts": get(b"Host: jahat.invalid"),
    "a version from the future": b"GET /masuk HTTP/3.0\r\n" + HOST + b"\r\n",
    "a version of two digits": b"GET /masuk HTTP/1.10\r\n" + HOST + b"\r\n",
    "no version": b"GET /masuk\r\n" + HOST + b"\r\n",
    "a method in small letters": b"get /masuk HTTP/1.1\r\n" + HOST + b"\r\n",
    "a method that is none": b"GE(T /masuk HTTP/1.1\r\n" + HOST + b"\r\n",
    "too many headers": get(*(b"X-%d: b" % number for number in range(20_000))),
    "a header that is too long": get(b"X-A: " + b"b" * 300_000),
    "an address that is too long": b"GET /masuk?" + b"a" * 300_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
}


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_req_63_ambiguous_framing_is_refused(port: int, name: str) -> None:
    with wire(port) as client:
        client.push(AMBIGUOUS[name], times=1)
        found = client.answers()
    assert [answer.status // 100 for answer in found] in ([4], [5], []), [answer.status for answer in found]
    assert not [answer for answer in found if answer.is_from_the_portal], name


def test_req_63_a_request_after_a_request_is_answered_for_itself(port: int) -> None:
    """Not every following request is smuggled: the check above could not tell if none were answered."""
    with wire(port) as client:
        client.send(get() + HIDDEN)
        assert [answer.status for answer in client.answers()] == [200, 200]


def test_req_63_the_servers_are_newer_than_the_known_faults() -> None:
    """CVE-2024-1135 and CVE-2024-6827 are mended in gunicorn 23; CVE-2024-49768 in waitress 3.0.1."""
    assert int(version("gunicorn").split(".")[0]) >= 23
    assert tuple(map(int, version("waitress").split("."))) >= (3, 0, 1)


def test_a_name_with_an_underscore_does_not_pass_for_a_header_of_ours(port: int) -> None:
    answer = ask(port, get(b"X_Forwarded_Host: jahat.invalid", b"X_Forwarded_Proto: https", b"Connection: close"))
    assert answer.status == 200
    assert "Strict-Transport-Security" not in answer.headers


def test_no_answer_tells_the_version_of_the_server(port: int) -> None:
    for request in (HIDDEN, get(b"X-A")):
        assert not any(letter.isdigit() for letter in ask(port, request).headers.get("Server", ""))
