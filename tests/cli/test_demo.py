"""The demo as somebody runs it: a program of its own, on the small and on the large installation."""

from __future__ import annotations

import json
import shutil
import socket
import sqlite3
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from stat import S_IMODE
from typing import Any

import pytest

from portal.config import INSTANCE, PREFIX, Settings
from tests.servers.portal import environment_of

COUNTS = {"units": 3, "areas": 6, "components": 23, "indicators": 70, "requirements": 105, "slots": 151}
KEYS = {
    *COUNTS, "evidence", "approved", "returned", "rejected", "events",
    "bundle", "bundle_files", "bundle_valid", "bundle_verified", "keys", "printed", "verifier",
    "verify", "config", "accounts",
}  # fmt: skip


@dataclass
class Demo:
    """The demo on one installation; its folder goes with the test."""

    environment: dict[str, str]

    def run(self) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "portal.cli", "demo", "--no-serve"]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False, timeout=300)

    def told(self) -> dict[str, Any]:
        done = self.run()
        assert done.returncode == 0, done.stderr[-3000:]
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return answer


@pytest.fixture(autouse=True)
def _folders(tmp_path: Path) -> Iterator[None]:
    """What a demo on a database of this test leaves under `instance/demo/` goes with it."""
    yield
    forget(str(tmp_path))


@pytest.fixture
def demo(installation: Settings) -> Iterator[Demo]:
    """The demo of an installation whose database is empty; its folder goes with the test."""
    yield Demo(environment_of(installation))
    forget(installation.database_url)


def forget(place: str) -> None:
    """Remove the demo's folder for what is in `place`, and no other: other processes try demos at the same time."""
    for config in (INSTANCE / "demo").glob("*/config.toml"):
        if place in config.read_text(encoding="utf-8"):
            shutil.rmtree(config.parent)


def test_the_main_job_is_done_and_a_second_run_goes_on_with_it(demo: Demo) -> None:
    told = demo.told()
    assert set(told) == KEYS
    assert {name: told[name] for name in COUNTS} == COUNTS
    assert told["evidence"] >= 40
    assert min(told["approved"], told["returned"], told["rejected"]) >= 1
    assert (told["bundle_valid"], told["bundle_verified"]) == (True, True)
    assert told["verify"] == {"leaves": told["events"], "findings": 0}
    _check_bundle(told)
    _check_what_the_auditor_needs(told)
    _check_secrets(told, demo)
    _check_that_other_commands_reach_it(told, demo)
    again = demo.told()
    kept = set(KEYS) - {"events", "printed", "verify"}  # the auditor signs in and seals again
    assert {name: again[name] for name in kept} == {name: told[name] for name in kept}
    assert again["events"] > told["events"]


def _check_bundle(told: dict[str, Any]) -> None:
    """All files of it, the large one among them."""
    with zipfile.ZipFile(told["bundle"]) as bundle:
        assert sum("/data/" in name for name in bundle.namelist()) == told["bundle_files"]
        assert any(entry.file_size > 19_000_000 for entry in bundle.infolist())


def _check_what_the_auditor_needs(told: dict[str, Any]) -> None:
    """With what is named anybody can check the bundle, and nothing that is named is private."""
    given = [word for key in told["keys"] for word in ("--kunci", key)]
    command = [sys.executable, told["verifier"], told["bundle"], *given]
    size = told["printed"].split()[0]
    for printed, code in ((told["printed"], 0), (f"{size} {'0' * 64}", 1)):
        done = subprocess.run([*command, "--cetak", printed], check=False, capture_output=True, timeout=60)
        assert done.returncode == code, (printed, done.stdout.decode())
    assert not [key for key in told["keys"] if "PRIVATE" in Path(key).read_text(encoding="utf-8")]


def _check_secrets(told: dict[str, Any], demo: Demo) -> None:
    """They are for their owner alone, and no password is used twice."""
    for name in ("config", "accounts"):
        assert S_IMODE(Path(told[name]).stat().st_mode) == 0o600, name
    accounts = json.loads(Path(told["accounts"]).read_text(encoding="utf-8"))
    assert {"email", "password", "role", "unit", "area"} <= set(accounts[0])
    assert len({account["role"] for account in accounts}) == 7
    assert len({account["password"] for account in accounts}) == len(accounts)
    config = tomllib.loads(Path(told["config"]).read_text(encoding="utf-8"))
    assert config["database_url"] == demo.environment[f"{PREFIX}DATABASE_URL"]


def _check_that_other_commands_reach_it(told: dict[str, Any], demo: Demo) -> None:
    environment = {k: v for k, v in demo.environment.items() if not k.startswith(PREFIX)}
    swept = subprocess.run(
        [sys.executable, "-m", "portal.cli", "sweep", "--dry-run", "--json"],
        env=environment | {f"{PREFIX}CONFIG": told["config"]},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert json.loads(swept.stdout)["swept"] == []
    assert json.loads(swept.stdout)["known"] > told["bundle_files"]


def test_a_database_with_other_people_is_refused_and_left_alone(demo: Demo) -> None:
    add = [sys.executable, "-m", "portal.cli", "unit", "add", "LAIN", "--name", "Kantor lain"]
    subprocess.run(add, env=demo.environment, check=True, capture_output=True, timeout=60)
    refused(demo)
    refused(demo)  # what the first run left must not make it the demo's own


def test_a_database_of_another_program_is_not_even_migrated(small_installation: Settings, tmp_path: Path) -> None:
    database = tmp_path / "other.sqlite3"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE TABLE person (name TEXT)")
        connection.commit()
    refused(Demo(environment_of(replace(small_installation, database_url=f"sqlite:///{database}"))))
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("person",)]


def test_a_taken_port_is_told_before_any_work(small_installation: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        command = [sys.executable, "-m", "portal.cli", "demo", "--port", str(taken.getsockname()[1])]
        environment = environment_of(small_installation)
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert "tidak dapat dipakai" in done.stderr
    assert "Menyiapkan" not in done.stderr


def refused(demo: Demo) -> None:
    done = demo.run()
    assert done.returncode == 2, done.stderr[-2000:]
    assert "bukan milik demo" in done.stderr
    assert "Traceback" not in done.stderr
