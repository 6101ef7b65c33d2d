"""The demo as somebody runs it: a program of its own, on the small and on the large installation."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from stat import S_IMODE
from typing import Any

import pytest

from portal.config import INSTANCE, PREFIX, Settings
from tests.servers.portal import environment_of

COUNTS = {"units": 3, "areas": 6, "components": 23, "indicators": 70, "requirements": 105, "slots": 151}
KEYS = {
    *COUNTS, "evidence", "approved", "returned", "rejected", "events",
    "bundle", "bundle_files", "bundle_valid", "config", "accounts",
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


@pytest.fixture
def demo(installation: Settings) -> Iterator[Demo]:
    """The demo of an installation whose database is empty."""
    found = Demo(environment_of(installation))
    before = set((INSTANCE / "demo").glob("*"))
    yield found
    for path in set((INSTANCE / "demo").glob("*")) - before:
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def test_the_main_job_is_done_and_a_second_run_goes_on_with_it(demo: Demo) -> None:
    told = demo.told()
    assert set(told) == KEYS
    assert {name: told[name] for name in COUNTS} == COUNTS
    assert told["evidence"] >= 40
    assert min(told["approved"], told["returned"], told["rejected"]) >= 1
    assert told["bundle_valid"] is True
    with zipfile.ZipFile(told["bundle"]) as bundle:
        assert sum("/data/" in name for name in bundle.namelist()) == told["bundle_files"]
        assert any(entry.file_size > 19_000_000 for entry in bundle.infolist())
    again = demo.told()
    assert {name: again[name] for name in (*COUNTS, "evidence", "approved")} == {
        name: told[name] for name in (*COUNTS, "evidence", "approved")
    }


def test_secrets_are_for_the_owner_alone_and_reach_the_demo(demo: Demo) -> None:
    told = demo.told()
    for name in ("config", "accounts"):
        assert S_IMODE(Path(told[name]).stat().st_mode) == 0o600, name
    accounts = json.loads(Path(told["accounts"]).read_text(encoding="utf-8"))
    assert {"email", "password", "role", "unit", "area"} <= set(accounts[0])
    assert len({account["role"] for account in accounts}) == 7
    assert len({account["password"] for account in accounts}) == len(accounts)
    config = tomllib.loads(Path(told["config"]).read_text(encoding="utf-8"))
    assert config["database_url"] == demo.environment[f"{PREFIX}DATABASE_URL"]
    command = [sys.executable, "-m", "portal.cli", "sweep", "--dry-run", "--json"]
    environment = {k: v for k, v in demo.environment.items() if not k.startswith(PREFIX)}
    swept = subprocess.run(
        command,
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
    done = demo.run()
    assert done.returncode == 2
    assert "bukan milik demo" in done.stderr
    assert "Traceback" not in done.stderr
