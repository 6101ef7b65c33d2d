"""`portal bundle seal` as a program of its own, on the small and on the large installation."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

from portal import create_app
from portal.config import Settings
from portal.db import db
from portal.domain.roles import Role
from tests.servers.portal import environment_of
from tests.web.stories.office import approved_evidence, open_office
from tests.web.stories.people import add_account


@pytest.fixture
def environment(installation: Settings) -> dict[str, str]:
    """An installation in which one evidence is approved and an auditor is invited."""
    app = create_app(installation)
    open_office(app)
    add_account(app, "agus@contoh.go.id", Role.AUDITOR)
    approved_evidence(app, "I.1.1", name="SK Tim.pdf")
    with app.app_context():
        db.engine.dispose()
    return environment_of(installation)


def seal(environment: dict[str, str], out: Path, *more: str, email: str = "agus@contoh.go.id") -> tuple[int, str, str]:
    """Exit code, stdout and stderr."""
    command = [sys.executable, "-m", "portal.cli", "bundle", "seal", "--unit", "KPU-1502", "--year", "2025"]
    command += ["--as", email, "--out", str(out), *more]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout, done.stderr


def test_it_writes_the_bundle_and_says_what_it_commits_to(environment: dict[str, str], tmp_path: Path) -> None:
    out = tmp_path / "paket.zip"
    code, answer, complaint = seal(environment, out, "--area", "I", "--json")
    assert (code, complaint) == (0, "")
    told = json.loads(answer)
    assert (told["bundle"], told["bytes"], told["files"]) == (str(out), out.stat().st_size, 1)
    with zipfile.ZipFile(out) as archive:
        assert archive.testzip() is None
        (manifest,) = [name for name in archive.namelist() if name.endswith("/manifest-sha256.txt")]
        assert sha256(archive.read(manifest)).hexdigest() == told["manifest_sha256"]
        assert f"{told['checkpoint_root']}\n" in archive.read(manifest.replace("manifest-sha256", "bag-info")).decode()


def test_what_cannot_be_sealed_is_said_and_leaves_no_file(environment: dict[str, str], tmp_path: Path) -> None:
    taken = tmp_path / "ada.zip"
    taken.write_bytes(b"milik orang lain")
    half = tmp_path / "setengah.zip.part"
    half.write_bytes(b"sedang ditulis perintah lain")
    cases = {
        "nobody": (tmp_path / "a.zip", [], "tidak@contoh.go.id", "as: Tidak ada akun aktif"),
        "an uploader": (tmp_path / "b.zip", [], "siti@contoh.go.id", "tidak ada dalam cakupan orang tersebut"),
        "no such area": (tmp_path / "c.zip", ["--area", "IX"], "agus@contoh.go.id", "tidak ada dalam cakupan"),
        "nothing approved": (tmp_path / "d.zip", ["--area", "VI"], "agus@contoh.go.id", "Belum ada berkas bukti"),
        "no folder": (tmp_path / "x" / "e.zip", [], "agus@contoh.go.id", "tanpa folder"),
        "file is there": (taken, [], "agus@contoh.go.id", "sudah ada"),
        "it is being written": (tmp_path / "setengah.zip", [], "agus@contoh.go.id", "sudah ada"),
        "no room for the half": (tmp_path / ("f" * 253), [], "agus@contoh.go.id", "terlalu panjang"),
    }
    for name, (out, more, email, sentence) in cases.items():
        code, answer, complaint = seal(environment, out, *more, email=email)
        assert (code, answer) == (2, ""), name
        assert sentence in complaint, (name, complaint)
        assert "Tidak ada yang disegel." in complaint, name
        assert "Traceback" not in complaint, name
    assert taken.read_bytes() == b"milik orang lain"
    assert half.read_bytes() == b"sedang ditulis perintah lain"
    assert sorted(path.name for path in tmp_path.glob("*.zip*")) == ["ada.zip", "setengah.zip.part"]
