"""A server that is told to stop while its workers are only beginning stops them in order, and need not kill them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from portal.config import Settings
from tests.servers.portal import environment_of
from tests.servers.process import free_port

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="gunicorn does not run on Windows")

PROGRAM = """
import os, pathlib, signal, sys, time
from portal.cli.server import gunicorn_server as server

def stop_the_parent_and_wait_for_its_signal(arbiter, worker):
    os.kill(arbiter.pid, signal.SIGTERM)
    patience = time.monotonic() + 60
    while signal.SIGTERM not in signal.sigpending() and time.monotonic() < patience:
        pass

def note_the_end(arbiter, worker):
    if os.getpid() == worker.pid:
        pathlib.Path(sys.argv[2], str(worker.age)).touch()

settings = server.gunicorn_settings
hooks = {"post_fork": stop_the_parent_and_wait_for_its_signal, "worker_exit": note_the_end}
server.gunicorn_settings = lambda address: {**settings(address), **hooks}
server.serve_with_gunicorn(sys.argv[1])
"""


def test_a_worker_that_has_just_been_forked_hears_that_it_shall_stop(
    small_installation: Settings, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", PROGRAM, f"127.0.0.1:{free_port()}", str(tmp_path)]
    done = subprocess.run(
        command, env=environment_of(small_installation), capture_output=True, text=True, check=False, timeout=90
    )
    assert done.returncode == 0, done.stderr
    ended_by_themselves = [each.name for each in tmp_path.iterdir() if each.name.isdecimal()]
    assert "1" in ended_by_themselves, f"workers were killed instead: {done.stderr}"
