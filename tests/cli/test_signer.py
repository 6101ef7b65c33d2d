"""`portal signer` and `portal checkpoint`: from new keys to a checkpoint that the public ones verify, and losses."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from click.testing import CliRunner, Result

from portal.cli import main
from portal.config import Settings
from portal.domain.log.checkpoint import read_checkpoint
from portal.domain.log.note import VerifierKey
from tests.servers.portal import environment_of

ORIGIN = "bukti-zi.kpu-1502/log1"


def portal(*words: str, settings: Settings | None = None) -> Result:
    return CliRunner(env=environment_of(settings) if settings else None).invoke(main, words)


def done(*words: str, settings: Settings | None = None) -> str:
    result = portal(*words, settings=settings)
    assert result.exit_code == 0, result.output
    return result.stdout


def refusal(*words: str, settings: Settings | None = None) -> str:
    result = portal(*words, settings=settings)
    assert (result.exit_code, result.stdout) == (2, "")
    return result.stderr


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    directory = tmp_path / "keys"
    assert ORIGIN in done("signer", "init", str(directory), "--origin", ORIGIN)
    return directory


@pytest.fixture
def office(small_installation: Settings, keys: Path) -> Settings:
    """An office PC that starts its signer for each question."""
    return replace(small_installation, signer=str(keys))


def public_key(keys: Path, folder: Path) -> VerifierKey:
    """What an auditor gets."""
    done("signer", "keys", str(keys), "--out", str(folder))
    assert {path.name for path in folder.iterdir()} == {
        "checkpoint.vkey",
        "checkpoint.pem",
        "allowed_signers",
        "ecdsa.pem",
    }
    return VerifierKey.parse((folder / "checkpoint.vkey").read_text().removesuffix("\n"))


def test_a_checkpoint_is_signed_and_shown(office: Settings, keys: Path, tmp_path: Path) -> None:
    assert "portal checkpoint sign" in refusal("checkpoint", "show", settings=office)
    signed = json.loads(done("checkpoint", "sign", "--json", settings=office))
    note = done("checkpoint", "show", settings=office)
    checkpoint = read_checkpoint(note, public_key(keys, tmp_path / "public"))
    assert (checkpoint.origin, checkpoint.size, checkpoint.root.hex()) == (ORIGIN, signed["size"], signed["root"])
    assert json.loads(done("checkpoint", "show", "--json", settings=office)) == signed
    assert signed["note"] == note
    assert f"{checkpoint.size} kejadian" in done("checkpoint", "sign", settings=office)


def test_without_a_signer_nothing_is_signed(small_installation: Settings, keys: Path) -> None:
    for signer, remedy in (("", "signer init"), ("/nowhere/socket", "signer serve"), (str(keys.parent), "signer")):
        assert remedy in refusal("checkpoint", "sign", settings=replace(small_installation, signer=signer))


@contextmanager
def served(keys: Path) -> Iterator[Path]:
    """`portal signer serve` as a process; the path of its socket is short, because 107 bytes is all it may have."""
    with TemporaryDirectory(prefix="signer-") as folder:
        path = Path(folder) / "socket"
        command = [sys.executable, "-m", "portal.cli", "signer", "serve", str(keys), "--socket", str(path)]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr
            assert "mendengarkan" in process.stderr.readline()
            yield path
            process.terminate()


def test_a_signer_that_serves_signs_for_the_portal(small_installation: Settings, keys: Path, tmp_path: Path) -> None:
    with served(keys) as path:
        settings = replace(small_installation, signer=str(path))
        done("checkpoint", "sign", settings=settings)
        done("signer", "rotate", str(keys))
        done("checkpoint", "sign", settings=settings)
        note = done("checkpoint", "show", settings=settings)
    assert read_checkpoint(note, public_key(keys, tmp_path / "public")).size == 6
    assert len(note.split("\n\n")[1].splitlines()) == 2


def test_nothing_serves_on_keys_that_others_may_read(keys: Path, tmp_path: Path) -> None:
    (keys / "ssh.key").chmod(0o644)
    assert "chmod 400" in refusal("signer", "serve", str(keys), "--socket", str(tmp_path / "socket"))
    assert not (tmp_path / "socket").exists()


def test_keys_are_not_made_or_written_over_others(keys: Path, tmp_path: Path) -> None:
    assert "sudah ada" in refusal("signer", "init", str(keys), "--origin", ORIGIN)
    assert "--out" in refusal("signer", "keys", str(keys), "--out", str(tmp_path))


def test_lost_keys_are_followed_by_a_log_with_another_name(office: Settings, tmp_path: Path) -> None:
    done("checkpoint", "sign", settings=office)
    note = tmp_path / "checkpoint.txt"
    note.write_text(done("checkpoint", "show", settings=office))
    new, after = str(tmp_path / "new"), ("--after", str(note))
    assert "nama baru" in refusal("signer", "new-log", new, "--origin", ORIGIN, *after)
    done("signer", "new-log", new, "--origin", "bukti-zi.kpu-1502/log2", *after)
    signed = json.loads(done("checkpoint", "sign", "--json", settings=replace(office, signer=new)))
    assert signed["origin"] == "bukti-zi.kpu-1502/log2"
    assert "milik log" in refusal("checkpoint", "sign", settings=office)


def test_restored_keys_are_told_what_they_signed_last(office: Settings, keys: Path, tmp_path: Path) -> None:
    done("checkpoint", "sign", settings=office)
    note = tmp_path / "checkpoint.txt"
    note.write_text(done("checkpoint", "show", settings=office))
    for path in (keys / "signed").iterdir():
        path.unlink()
    assert "signer remember" in refusal("checkpoint", "sign", settings=office)
    done("signer", "remember", str(keys), "--note", str(note))
    done("checkpoint", "sign", settings=office)
