"""Slow and silent clients of the real server: each is given up, and none stands in another's way."""

from __future__ import annotations

import contextlib
import select
import socket
from collections.abc import Iterator

import pytest

from portal.cli.server.gunicorn_server import THREADS, WORKERS
from portal.cli.server.pace import Limit, Limits, Pace, TooSlow
from portal.cli.server.paced_socket import PacedSocket
from tests.cli.server.conftest import Served
from tests.cli.server.sending import HOST, Draft, posted
from tests.servers.wire import Wire, ask, wire

MORE_THAN_THREADS = WORKERS * THREADS + 6
PAGE = b"GET /masuk HTTP/1.0\r\n" + HOST + b"\r\n"


@contextlib.contextmanager
def crowd(port: int, says: bytes) -> Iterator[list[Wire]]:
    """More clients than there are threads, each of which says this and then nothing more."""
    clients = [Wire(port) for _ in range(MORE_THAN_THREADS)]
    try:
        for client in clients:
            client.send(says)
        yield clients
    finally:
        for client in clients:
            client.close()


@pytest.mark.parametrize(
    "says",
    [b"", b"GET /mas", b"GET /masuk HTTP/1.1\r\n" + HOST + b"X-A: ", PAGE],
    ids=["nothing", "half a line", "half a header", "a whole request, and does not hang up"],
)
def test_req_25_silent_clients_take_no_thread(served: Served, says: bytes) -> None:
    with crowd(served.port, says):
        assert ask(served.port, PAGE).status == 200


def test_req_25_a_trickling_form_is_given_up(served: Served) -> None:
    """More of them than there are threads, so that the last wait until the first have been given up."""
    with crowd(served.port, posted("/masuk", length=1000) + b"email=") as clients:
        assert ask(served.port, PAGE).status == 200
        answer = clients[0].answer()
        assert (answer.status, answer.headers["Connection"]) == (408, "close")
        assert "Kiriman terlalu lambat" in answer.text


def test_req_25_a_trickling_upload_is_given_up_and_leaves_nothing(served: Served, draft: Draft) -> None:
    begun = draft.posted(length=10 << 20) + draft.part("files", "besar.txt") + b"x" * 5000
    answer = ask(served.port, begun)
    assert answer.status == 408
    assert "Berkas yang sudah tersimpan sebelumnya tidak hilang." in answer.text
    assert "besar.txt" not in draft.text()


def test_req_25_who_stops_reading_is_given_up(served: Served, draft: Draft) -> None:
    address = draft.keep("besar.txt", b"isi\n" * (4 << 20))
    with wire(served.port, receive_buffer=4096) as client:
        client.send(b"GET " + address.encode() + b" HTTP/1.1\r\n" + HOST + draft.cookie + b"\r\n")
        poll = select.poll()
        poll.register(client.socket, select.POLLHUP | select.POLLERR)
        assert poll.poll(20_000), "the server still waits for a reader that has stopped"


def test_patience_counts_the_waiting_alone_and_begins_anew_with_enough_bytes() -> None:
    pace = Pace(Limit(10, least_bytes=100, whole_seconds=25))
    pace.note(waited=9, passed=99)
    assert pace.seconds_left == 1
    pace.note(waited=0.5, passed=1)
    assert pace.seconds_left == 10
    pace.note(waited=9, passed=100)
    assert pace.seconds_left == 6.5, "not more than is left altogether"


def test_a_limit_without_bytes_is_for_the_whole() -> None:
    pace = Pace(Limit(10))
    pace.note(waited=9, passed=1 << 20)
    assert pace.seconds_left == 1


@pytest.fixture
def pair() -> Iterator[tuple[PacedSocket, socket.socket]]:
    """A paced socket of no patience at all, and its client."""
    ours, client = socket.socketpair()
    none = Limit(0.01)
    paced = PacedSocket.of(ours, Limits(head=none, small_body=none, large_body=none, answer=none))
    paced.setblocking(True)
    yield paced, client
    paced.close()
    client.close()


def test_what_is_there_is_taken_and_what_is_not_ends_it(pair: tuple[PacedSocket, socket.socket]) -> None:
    paced, client = pair
    client.sendall(b"abc")
    assert paced.recv(10) == b"abc"
    with pytest.raises(TooSlow):
        paced.recv(10)
    paced.begin()
    client.sendall(b"d")
    assert paced.recv(10) == b"d", "a new request begins with all its patience"


def test_a_timeout_of_the_server_itself_stays_one(pair: tuple[PacedSocket, socket.socket]) -> None:
    paced, _ = pair
    paced.settimeout(0.001)
    with pytest.raises(TimeoutError):
        paced.recv(10)
    assert paced.gettimeout() == 0.001


def test_what_nobody_takes_is_not_sent_for_ever(pair: tuple[PacedSocket, socket.socket]) -> None:
    paced, client = pair
    with pytest.raises(TooSlow):
        paced.sendall(b"x" * (64 << 20))
    assert client.recv(10) == b"x" * 10


def test_limits_are_generous_enough_for_the_edge_of_a_network() -> None:
    limits = Limits()
    for limit in (limits.large_body, limits.answer):
        assert limit.least_bytes is not None
        assert limit.least_bytes / limit.seconds <= 1024
    assert limits.small_body.seconds <= 60
    assert limits.large_body.whole_seconds >= 60 * 60
