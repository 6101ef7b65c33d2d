"""Large bodies at the real server: refused before a byte of them is read, unless the page is for files and the person
may use it.
"""

from __future__ import annotations

import pytest

from tests.cli.server.conftest import Served
from tests.cli.server.sending import FILES, FORM, HOST, Draft, chunk, posted
from tests.servers.wire import ask, wire

HUGE = 600 << 20
UNKNOWN = "7d0c0f2e-5f0e-4c57-9d53-3b1d4a1f2a10"
MIB = b"x" * (1 << 20)
SMALL_LIMIT = 256 << 10


@pytest.mark.parametrize("further", [b"", b"Expect: 100-continue\r\n"], ids=["at once", "asks first"])
@pytest.mark.parametrize(
    ("path", "kind", "status"),
    [
        ("/masuk", FORM, 413),
        ("/masuk", FILES, 413),
        ("/masuk", "application/json", 413),
        (f"/undangan/{'x' * 43}", FORM, 413),
        (f"/bukti/{UNKNOWN}/berkas", FILES, 303),
        (f"/bukti/baru/{UNKNOWN}", FILES, 303),
        ("/tidak-ada", FILES, 404),
    ],
)
def test_req_25_a_stranger_is_answered_before_his_body_is_read(
    served: Served, path: str, kind: str, status: int, further: bytes
) -> None:
    """Not a byte of the body is ever sent, so an answer that waited for one would never come."""
    answer = ask(served.port, posted(path, length=HUGE, kind=kind, further=further))
    assert answer.status == status
    assert answer.is_from_the_portal


def test_req_25_a_person_is_answered_before_a_body_is_read_that_does_not_belong_there(
    served: Served, draft: Draft
) -> None:
    heads = {
        "more than any request may be": (draft.posted(length=HUGE), 413),
        "a large form without files": (draft.posted(length=5 << 20, kind=FORM), 413),
        "somebody else's draft": (
            posted(f"/bukti/{UNKNOWN}/berkas", length=HUGE, kind=FILES, further=draft.cookie),
            404,
        ),
        "a page for small forms": (posted(draft.address, length=HUGE, kind=FILES, further=draft.cookie), 413),
    }
    for name, (head, status) in heads.items():
        assert ask(served.port, head).status == status, name


@pytest.mark.parametrize(("kind", "status"), [(FORM, 413), (FILES, 413), ("text/plain", 400)])
def test_req_25_a_body_in_chunks_is_read_to_the_limit_and_no_further(served: Served, kind: str, status: int) -> None:
    with wire(served.port) as client:
        client.send(posted("/masuk", length=None, kind=kind) + chunk(b"x" * (SMALL_LIMIT + 1)))
        assert client.answer().status == status


def test_req_25_pushing_on_does_not_fill_the_memory(served: Served) -> None:
    assert ask(served.port, b"GET /masuk HTTP/1.0\r\n" + HOST + b"\r\n").status == 200
    before = served.memory
    for length in (None, HUGE):
        with wire(served.port) as client:
            client.send(posted("/masuk", length=length))
            sent = client.push(chunk(MIB), times=HUGE >> 20)
        assert sent < 64 << 20, "what the system's buffers hold, and what the portal takes"
    assert served.memory - before < 16 << 20


def test_an_upload_that_asks_first_is_told_to_go_on_and_is_kept(served: Served, draft: Draft) -> None:
    body = draft.token() + draft.part("files", "bertanya.txt") + b"isi" * 100 + b"\r\n--batas--\r\n"
    with wire(served.port) as client:
        client.send(draft.posted(length=len(body), further=b"Expect: 100-continue\r\n"))
        asked = client.socket.recv(100)
        assert asked.startswith(b"HTTP/1.1 100 ")
        client.send(body)
        assert client.answer().status == 303
    assert "bertanya.txt" in draft.text()


def test_an_upload_in_chunks_is_kept(served: Served, draft: Draft) -> None:
    body = draft.token() + draft.part("files", "potongan.txt") + MIB + b"\r\n--batas--\r\n"
    with wire(served.port) as client:
        client.send(draft.posted(length=None, further=b"Connection: close\r\n"))
        client.send(b"".join(chunk(body[start : start + 70_000]) for start in range(0, len(body), 70_000)) + chunk(b""))
        assert client.answer().status == 303
    assert "potongan.txt" in draft.text()


def test_an_upload_that_ends_before_its_length_leaves_nothing(served: Served, draft: Draft) -> None:
    body = draft.token() + draft.part("files", "terputus.txt") + b"isi"
    with wire(served.port) as client:
        client.send(draft.posted(length=len(body) + 1000) + body)
        client.hang_up()
        assert client.answer().status == 400
    assert "terputus.txt" not in draft.text()


@pytest.mark.parametrize(
    ("broken", "what"),
    [(b"zz\r\nabc\r\n", "no size"), (b"3\r\nabcdef", "longer than it says"), (b"-1\r\n", "less than nothing")],
)
def test_req_63_a_broken_chunk_is_the_clients_fault(served: Served, broken: bytes, what: str) -> None:
    with wire(served.port) as client:
        client.send(posted("/masuk", length=None) + chunk(b"a=b&") + broken)
        answer = client.answer()
    assert (answer.status, answer.headers["Connection"]) == (400, "close"), what


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"&".join(b"a=1" for _ in range(300)), FORM),
        (b"&" * 5000, FORM),
        (b"".join(b'--batas\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' for _ in range(300)), FILES),
        (b'--batas\r\nContent-Disposition: form-data; name="' + b"n" * SMALL_LIMIT + b'"\r\n\r\n', FILES),
    ],
    ids=["fields", "nothing but separators", "parts", "a part's name"],
)
def test_req_25_a_form_of_too_many_or_too_large_fields_is_refused(served: Served, body: bytes, kind: str) -> None:
    answer = ask(served.port, posted("/masuk", length=len(body), kind=kind, further=b"Connection: close\r\n") + body)
    assert answer.status == 413
    assert "Kiriman terlalu besar" in answer.text


def test_a_packed_body_is_not_unpacked(served: Served) -> None:
    body = b"\x1f\x8b\x08" + b"\x00" * 50
    further = b"Content-Encoding: gzip\r\nConnection: close\r\n"
    assert ask(served.port, posted("/masuk", length=len(body), further=further) + body).status == 400
