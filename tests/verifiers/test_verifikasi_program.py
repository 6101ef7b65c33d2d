"""verifikasi.py as a program: exit status, output for people and for programs, and what it needs to run."""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.verifiers.corpus import MUTATIONS
from tests.verifiers.extracted import extract
from tests.verifiers.keys import SIGNER
from tests.verifiers.loaded import VERIFIER
from tests.verifiers.mutations.mutation import good_bag


def find_oldest() -> str | None:
    """A Python 3.8 that runs; a name on the path may be pyenv's and lead nowhere."""
    named = ["python3.8", *map(str, sorted(Path.home().glob(".pyenv/versions/3.8.*/bin/python")))]
    for python in filter(shutil.which, named):
        done = subprocess.run([python, "--version"], capture_output=True, text=True, check=False)
        if done.stdout.startswith("Python 3.8."):
            return python
    return None


OLDEST = find_oldest()


def run(*arguments: str | Path, python: str = sys.executable, **environment: str) -> subprocess.CompletedProcess[str]:
    """The program alone: `-I` keeps out what the tests have installed."""
    command = [python, "-I", str(VERIFIER), *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", check=False, env={**os.environ, **environment}
    )


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an auditor holds: the ZIP, the keys, and a ZIP that was tampered with."""
    folder = tmp_path_factory.mktemp("auditor")
    (folder / "paket.zip").write_bytes(bytes(good_bag().archive()))
    bad = next(entry for entry in MUTATIONS if entry.name == "payload byte")
    (folder / "palsu.zip").write_bytes(bad.zip_bytes())
    for name, text in zip(("checkpoint.vkey", "allowed_signers", "ecdsa.pem"), SIGNER.public, strict=True):
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def keys(held: Path) -> list[str | Path]:
    names = ("checkpoint.vkey", "allowed_signers", "ecdsa.pem")
    return [argument for name in names for argument in ("--kunci", held / name)]


def test_a_genuine_bundle_ends_with_0(held: Path, keys: list[str | Path]) -> None:
    done = run(held / "paket.zip", *keys, "--cetak", good_bag().printed)
    assert (done.returncode, done.stderr) == (0, "")
    assert "==> ASLI" in done.stdout
    assert "Unit KPU-1502, tahun 2026: 3 bukti, 5 berkas" in done.stdout
    assert "Yang tidak dapat dipastikan" not in done.stdout
    assert "Tidak dapat diperiksa dengan cara ini" in done.stdout
    assert "[tidak diperiksa]" not in done.stdout


def test_a_bundle_that_is_not_genuine_ends_with_1_and_says_why(held: Path, keys: list[str | Path]) -> None:
    done = run(held / "palsu.zip", *keys)
    assert (done.returncode, done.stderr) == (1, "")
    assert "==> TIDAK ASLI" in done.stdout
    assert "[digest] data/01_manajemen-perubahan" in done.stdout
    assert "Isi berkas berubah" in done.stdout


def test_without_keys_it_ends_with_2_and_says_what_is_missing(held: Path) -> None:
    done = run(held / "paket.zip")
    assert (done.returncode, done.stderr) == (2, "")
    assert "==> TIDAK DAPAT DIPASTIKAN" in done.stdout
    for words in ("Tanpa kunci checkpoint", "Tanpa kunci paket", "Tanpa checkpoint cetak"):
        assert words in done.stdout


def test_english_with_a_flag(held: Path, keys: list[str | Path]) -> None:
    done = run(held / "palsu.zip", *keys, "--bahasa", "en")
    assert "==> NOT GENUINE" in done.stdout
    assert "The content changed" in done.stdout


def test_json_has_the_keys_of_the_format(held: Path, keys: list[str | Path]) -> None:
    report = json.loads(run(held / "palsu.zip", *keys, "--json").stdout)
    assert set(report) == {"verdict", "findings", "not_established", "bundle"}
    assert {key for finding in report["findings"] for key in finding} == {
        "code",
        "place",
        "expected",
        "found",
        "message",
    }
    size, root = good_bag().printed.split()
    assert report["bundle"] == {
        "name": good_bag().top,
        "unit": "KPU-1502",
        "year": 2026,
        "files": 5,
        "bytes": sum(len(data) for path, data in good_bag().files.items() if path.startswith("data/")),
        "evidence": 3,
        "size": int(size),
        "root": root,
        "origin": SIGNER.origin,
    }


def states(text: str) -> dict[str, str]:
    """What the list of checks says of each: baik, TIDAK, tidak diperiksa."""
    return {name: state for state, name in re.findall(r"^  \[(.+?)\] (.+)$", text, re.MULTILINE)}


@pytest.mark.parametrize(
    ("name", "unchecked"),
    [
        (
            "audit/log.jsonl removed and unlisted",
            {"Catatan audit", "Catatan tiap", "Penyegelan", "Bukti sesuai", "Checkpoint"},
        ),
        ("log with an empty line", {"Catatan tiap", "Penyegelan", "Bukti sesuai", "Checkpoint"}),
        ("SSH signature removed", {"Checkpoint"}),
        ("checkpoint that is none: empty", {"Tanda tangan pada checkpoint", "Checkpoint"}),
        ("no key", {"Tanda tangan portal", "Tanda tangan pada checkpoint", "Checkpoint"}),
        ("a link", {"Semua", "Tanda", "Catatan", "Penyegelan", "Bukti", "Checkpoint"}),
        ("printed at a size between", {"Checkpoint"}),
        ("good bag", {"Checkpoint"}),
    ],
)
def test_what_was_not_checked_is_not_called_good(name: str, unchecked: set[str], tmp_path: Path) -> None:
    (entry,) = (entry for entry in MUTATIONS if entry.name == name)
    (tmp_path / "paket.zip").write_bytes(entry.zip_bytes())
    (tmp_path / "kunci").write_text("".join(entry.keys))
    printed = ["--cetak", entry.printed] if entry.printed else []
    told = states(run(tmp_path / "paket.zip", "--kunci", tmp_path / "kunci", *printed).stdout)
    assert len(told) == 9
    assert {check for check, state in told.items() if state == "tidak diperiksa"} == {
        check for check in told if check.startswith(tuple(unchecked))
    }


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--json",),
        ("paket", "--kunci"),
        ("paket", "--bahasa", "fr"),
        ("a", "b"),
        ("paket", "--lain"),
        ("tidak-ada",),
    ],
    ids=repr,
)
def test_a_wrong_call_ends_with_2_and_no_traceback(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stderr) == (2, "")
    assert "Traceback" not in done.stdout
    if "--json" in arguments:
        assert [item["code"] for item in json.loads(done.stdout)["not_established"]] == ["unreadable"]


def test_a_terminal_without_the_letters_gets_an_answer(held: Path, keys: list[str | Path]) -> None:
    done = run(held / "paket.zip", *keys, PYTHONIOENCODING="cp1252", PYTHONUTF8="0")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(os.name == "nt", reason="a shell of POSIX closes and fills the streams")
@pytest.mark.parametrize(("streams", "status"), [(">&-", 2), (">/dev/full", 2), ("2>&- >/dev/null", 0)])
def test_an_answer_that_nobody_can_read_is_none(held: Path, keys: list[str | Path], streams: str, status: int) -> None:
    if "full" in streams and not Path("/dev/full").exists():
        pytest.skip("no device here that is always full")
    command = shlex.join(map(str, (sys.executable, "-I", VERIFIER, held / "paket.zip", *keys)))
    done = subprocess.run(f"{command} {streams}", shell=True, capture_output=True, text=True, check=False)  # noqa: S602  # made of our own paths
    assert (done.returncode, done.stderr) == (status, "")


def test_a_key_file_of_blanks_does_not_hold_it_up(held: Path, tmp_path: Path) -> None:
    (tmp_path / "kunci").write_text("-----BEGIN PUBLIC KEY-----" + " " * 60_000)
    assert run(held / "paket.zip", "--kunci", tmp_path / "kunci").returncode == 2


def test_it_needs_the_standard_library_alone() -> None:
    tree = ast.parse(VERIFIER.read_text(encoding="utf-8"), feature_version=(3, 8))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported <= sys.stdlib_module_names
    assert not imported & {"socket", "urllib", "http", "subprocess", "ssl"}


@pytest.mark.skipif(OLDEST is None, reason="no Python 3.8 on this machine")
def test_python_3_8_judges_alike(held: Path, keys: list[str | Path]) -> None:
    assert OLDEST is not None
    for name in ("paket.zip", "palsu.zip"):
        given = (held / name, *keys, "--json")
        old, new = run(*given, python=OLDEST), run(*given)
        assert (old.returncode, old.stderr, json.loads(old.stdout)) == (new.returncode, "", json.loads(new.stdout))


class TestFolder:
    """What only a folder can have."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        return extract(good_bag(), tmp_path)

    def codes(self, folder: Path, keys: list[str | Path]) -> tuple[str, set[str]]:
        report = json.loads(run(folder, *keys, "--json").stdout)
        return report["verdict"], {finding["code"] for finding in report["findings"]}

    def test_as_extracted_below_a_folder_of_its_own(self, folder: Path, keys: list[str | Path]) -> None:
        assert self.codes(folder.parent, keys) == ("genuine", set())

    @pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
    def test_a_link_to_a_file(self, folder: Path, keys: list[str | Path], tmp_path: Path) -> None:
        target = folder / "index.html"
        shutil.move(target, tmp_path / "luar.html")
        target.symlink_to(tmp_path / "luar.html")
        assert self.codes(folder, keys) == ("not_genuine", {"name"})

    @pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
    def test_a_link_to_a_folder(self, folder: Path, keys: list[str | Path], tmp_path: Path) -> None:
        shutil.move(folder / "data", tmp_path / "luar")
        (folder / "data").symlink_to(tmp_path / "luar")
        assert self.codes(folder, keys) == ("not_genuine", {"name"})

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in folders here")
    def test_a_pipe_does_not_hold_it_up(self, folder: Path, keys: list[str | Path]) -> None:
        os.mkfifo(folder / "data" / "pipa")
        assert self.codes(folder, keys) == ("not_genuine", {"name"})

    def test_a_file_beside_it_in_the_folder_around(self, folder: Path, keys: list[str | Path]) -> None:
        (folder.parent / "PERSETUJUAN.pdf").write_bytes(b"%PDF")
        assert self.codes(folder.parent, keys)[0] == "not_genuine"

    def test_a_file_that_a_system_left_there(self, folder: Path, keys: list[str | Path]) -> None:
        (folder / "data" / "Thumbs.db").write_bytes(b"x")
        assert self.codes(folder, keys) == ("not_genuine", {"unlisted", "bag"})

    def test_an_empty_folder_is_nothing(self, folder: Path, keys: list[str | Path]) -> None:
        (folder / "data" / "kosong").mkdir()
        assert self.codes(folder, keys) == ("genuine", set())
