"""`portal serve`: a server of this platform that starts only when all is well, and says in one line what is not."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from portal.config import PREFIX, Settings
from tests.fixtures.databases import sqlite_url
from tests.servers.portal import environment_of
from tests.servers.process import free_port, running_process

PORTAL = [sys.executable, "-m", "portal.cli"]


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PORTAL, *arguments], env=environment, capture_output=True, text=True, check=False, timeout=60
    )


def test_it_serves_until_it_is_stopped_and_logs_no_visitor(installation: Settings, tmp_path: Path) -> None:
    port = free_port()
    command, log = [*PORTAL, "serve", "--port", str(port)], tmp_path / "log"
    with running_process(command, port=port, env=environment_of(installation), log=log) as server:
        # The installation's public address has no port, and its host is the only one that is answered.
        with urlopen(f"http://localhost:{port}/masuk", timeout=30) as page:
            assert "Masuk" in page.read().decode()
        server.terminate()
        assert server.wait(90) == 0  # a bound, far from the half minute after which gunicorn kills its workers
    words = log.read_text()
    assert f"http://127.0.0.1:{port}" in words
    assert "/masuk" not in words


def test_it_migrates_nothing_and_names_the_command_that_does(small_installation: Settings, tmp_path: Path) -> None:
    environment = environment_of(small_installation) | {f"{PREFIX}DATABASE_URL": sqlite_url(tmp_path / "new.sqlite3")}
    before = run(environment, "serve", "--port", str(free_port()))
    assert (before.returncode, before.stdout) == (2, "")
    assert "`portal migrate`" in before.stderr
    assert len(before.stderr.splitlines()) == 1
    migrated = run(environment, "migrate")
    assert (migrated.returncode, migrated.stderr) == (0, "")
    assert re.fullmatch(r"Skema basis data naik ke \d{4}\.\n", migrated.stdout)
    assert "sudah terbaru" in run(environment, "migrate").stdout


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps permissions elsewhere")
def test_a_command_makes_a_database_that_nobody_else_can_read(small_installation: Settings, tmp_path: Path) -> None:
    new = tmp_path / "new.sqlite3"
    assert (
        run(environment_of(small_installation) | {f"{PREFIX}DATABASE_URL": sqlite_url(new)}, "migrate").returncode == 0
    )
    assert new.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("host", ["256.1.1.1", "tidak-ada.invalid", "192.0.2.1", "a b", ""])
def test_an_address_that_is_none_is_told(small_installation: Settings, host: str) -> None:
    done = run(environment_of(small_installation), "serve", "--host", host, "--port", str(free_port()))
    assert (done.returncode, done.stdout) == (2, "")
    assert "tidak dapat dipakai" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_taken_port_is_told(small_installation: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = run(environment_of(small_installation), "serve", "--port", port)
    assert done.returncode == 2
    assert re.fullmatch(rf"Alamat '127.0.0.1' port {port} tidak dapat dipakai .*\n", done.stderr)


@pytest.mark.parametrize("command", ["serve", "migrate", "sweep"])
def test_settings_that_cannot_be_right_are_told_in_a_line_each(small_installation: Settings, command: str) -> None:
    wrong = {f"{PREFIX}SECRET_KEY": "short", f"{PREFIX}TIMEZONE": "Asia/Bangko"}
    done = run(environment_of(small_installation) | wrong, command)
    assert (done.returncode, done.stdout) == (2, "")
    lines = done.stderr.splitlines()
    assert [line.split(":")[0] for line in lines] == [f"{PREFIX}SECRET_KEY", f"{PREFIX}TIMEZONE"]
