"""clamd is believed when it has looked, and only then."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from secrets import token_bytes

import pytest

from portal.adapters.scanner import Clamd, ScannerUnavailable, Verdict
from tests.servers import clamd

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def test_req_29_only_what_was_looked_at_whole_is_clean(clamd_address: str) -> None:
    scanner = Clamd(clamd_address)
    assert scanner.scan(BytesIO(b"laporan")) is Verdict.CLEAN
    assert scanner.scan(BytesIO(EICAR)) is Verdict.INFECTED
    assert scanner.scan(BytesIO(token_bytes(300 << 10))) is Verdict.UNSCANNABLE, "beyond MaxFileSize"


def test_req_29_more_than_the_stream_may_hold_is_not_clean(clamd_address: str) -> None:
    try:
        verdict = Clamd(clamd_address).scan(BytesIO(token_bytes(4 << 20)))
    except ScannerUnavailable:  # clamd hung up while it was still being sent
        return
    assert verdict is Verdict.UNSCANNABLE


@pytest.mark.parametrize(
    ("how", "told"),
    [({"alert_exceeds_max": False}, "AlertExceedsMax"), ({"signatures": "Other:0:0:414243444546"}, "freshclam")],
)
def test_req_29_a_scanner_that_calls_clean_what_it_cannot_know_is_not_believed(
    how: dict[str, str],
    told: str,
    clamd_address: str,  # noqa: ARG001  # skips where there is no clamd
) -> None:
    with (
        clamd.running(**how) as address,  # type: ignore[arg-type]  # one of its parameters each
        pytest.raises(ScannerUnavailable, match=told),
    ):
        Clamd(address).scan(BytesIO(b"laporan"))


@contextmanager
def answering(said: bytes) -> Iterator[str]:
    """Something that says this to whatever it is sent, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1 << 16)
                connection.sendall(said)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"127.0.0.1:{server.getsockname()[1]}"
        finally:
            thread.join()


@pytest.mark.parametrize(
    "said", [b"", b"OK", b"stream: OK\n nonsense\0", b"\xff\xfe", b"UNKNOWN COMMAND\0", b"x" * 9000]
)
def test_req_29_any_other_answer_is_none(said: bytes) -> None:
    with answering(said) as address, pytest.raises(ScannerUnavailable):
        Clamd(address).scan(BytesIO(b"laporan"))


@pytest.mark.parametrize("address", ["/nowhere/clamd.sock", "127.0.0.1:1"])
def test_req_29_a_scanner_that_is_not_there_lets_nothing_pass(address: str) -> None:
    with pytest.raises(ScannerUnavailable):
        Clamd(address).scan(BytesIO(b"laporan"))
