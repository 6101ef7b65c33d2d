"""`portal verify` as a program of its own: its exit code, and what it says in words and in JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from portal import create_app
from portal.config import Settings
from portal.db import db
from portal.domain.actor import Actor
from portal.services.units import add_unit
from tests.builders.attacker import attacking
from tests.servers.portal import environment_of


@pytest.fixture
def busy_installation(installation: Settings) -> Settings:
    """An installation with three units and their events."""
    app = create_app(installation)
    with app.app_context():
        for code, under in (("KPU", None), ("KPU-15", "KPU"), ("KPU-1502", "KPU-15")):
            add_unit(actor=Actor.system("test"), code=code, name=code, under=under, now=datetime.now(UTC))
        db.engine.dispose()
    return installation


def verify(settings: Settings, *options: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr."""
    command = [sys.executable, "-m", "portal.cli", "verify", *options]
    done = subprocess.run(
        command, env=environment_of(settings), capture_output=True, text=True, check=False, timeout=60
    )
    return done.returncode, done.stdout, done.stderr


def test_what_agrees_is_clean_and_what_does_not_is_told(busy_installation: Settings) -> None:
    code, answer, complaint = verify(busy_installation, "--json")
    told = json.loads(answer)
    assert (code, complaint) == (0, "")
    assert (told["clean"], told["leaves"], told["findings"], told["kept"]) == (True, 3, 0, [])
    with attacking(busy_installation.database_url) as attacker:
        attacker.run("UPDATE log_head SET root = :root", root=bytes(32))
    root = told["root"]
    code, answer, complaint = verify(busy_installation, "--json")
    told_then = json.loads(answer)
    (finding,) = told_then["kept"]
    assert (code, complaint) == (1, "")
    assert (finding["code"], finding["place"]) == ("log_head_wrong", "kepala log, akar")
    assert (finding["expected"], finding["found"]) == (root, "00" * 32)
    code, answer, complaint = verify(busy_installation)
    assert (code, complaint) == (1, "")
    for said in ("TEMUAN log_head_wrong: kepala log, akar", finding["sentence"], root, "1 temuan. Jangan ubah"):
        assert said in answer


def test_what_cannot_be_read_is_no_verdict(small_installation: Settings) -> None:
    code, answer, complaint = verify(replace(small_installation, database_url="sqlite:////nonexistent/p.sqlite3"))
    assert (code, answer) == (2, "")
    assert "portal migrate" in complaint
