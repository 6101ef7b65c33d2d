"""Runs one server process for the tests: starts it, waits until it is really up, stops it by its own handle.

It must never take an answer from a process it did not start: the port is free when chosen, and the server counts as up
only when the child itself listens there.
"""

import contextlib
import secrets
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import psutil

START_SECONDS = 60.0
STOP_SECONDS = 10.0
POLL_SECONDS = 0.05


class ServerFailed(Exception):
    """A server ended or stayed silent before it was up; the message ends with its own last words."""


def free_port() -> int:
    """Return a TCP port of the loopback address on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def made_up_secret() -> str:
    """Return a credential for one run: whoever answers to it is the server that was started with it."""
    return secrets.token_hex(16)


@contextlib.contextmanager
def running_process(
    command: Sequence[str], *, port: int, env: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `command` until the block ends and enter it once the child listens on `port`.

    Raises ServerFailed when the child ends first or does not listen within START_SECONDS.
    """
    with log.open("wb") as output:
        child = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    try:
        _wait_until_listening(child, port=port, log=log)
        yield child
    finally:
        _stop(child)


def _wait_until_listening(child: subprocess.Popen[bytes], *, port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise ServerFailed(f"{child.args!r} ended with {child.returncode}:\n{_tail(log)}")
        if _listens(child.pid, port):
            return
        time.sleep(POLL_SECONDS)
    raise ServerFailed(f"{child.args!r} did not listen on port {port} in {START_SECONDS:.0f} s:\n{_tail(log)}")


def _listens(pid: int, port: int) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        connections = psutil.Process(pid).net_connections(kind="tcp")
        return any(each.status == psutil.CONN_LISTEN and each.laddr.port == port for each in connections)
    return False


def _stop(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait(STOP_SECONDS)


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-20:])
