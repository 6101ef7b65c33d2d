"""docs/verifying.md: every command is run, on a good bundle and on forged ones, and its table is what happens."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.missing_services import require_service
from tests.servers import authority as authorities
from tests.verifiers.bag_maker import Bag, Files
from tests.verifiers.corpus import MUTATIONS
from tests.verifiers.guide import (
    BAGIT,
    BODY,
    CHECKPOINT,
    COMMANDS,
    ECDSA,
    GUIDE,
    PROGRAMS,
    SHA256SUM,
    SSH,
    UNPACK,
    lay_keys,
    why_missing,
)
from tests.verifiers.guide import run as run_guide
from tests.verifiers.keys import SIGNER
from tests.verifiers.mutations.mutation import Mutation, good_bag, put, resigned

NOTE = "audit/checkpoints/000000000032"
COLUMNS = {"bagit.py": (BAGIT,), "sha256sum": (SHA256SUM,), "ssh-keygen": (SSH,), "openssl": (ECDSA, BODY, CHECKPOINT)}


@pytest.fixture(scope="module", autouse=True)
def _programs() -> None:
    for program in PROGRAMS:
        require_service(program, why_missing(program))


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """The auditor's folder with keys and verifier, still without a bundle."""
    names = ("checkpoint.vkey", "allowed_signers", "ecdsa.pem", "checkpoint.pem")
    lay_keys(tmp_path, dict(zip(names, (*SIGNER.public, SIGNER.checkpoint_pem), strict=True)))
    return tmp_path


def lay(bag: Bag, desk: Path) -> None:
    """Put the bundle on the desk, as the ZIP and unpacked by the guide's own command."""
    (desk / "paket.zip").write_bytes(bytes(bag.archive()))
    run_guide(UNPACK, desk, top=good_bag().top)


def run(command: str, desk: Path) -> subprocess.CompletedProcess[str]:
    return run_guide(command, desk, top=good_bag().top)


def stamped(desk: Path) -> Bag:
    """The good bag with a time stamp beside an earlier note, by an authority whose certificates the auditor has."""
    authority = authorities.make_authority(desk.parent / f"{desk.name}-tsa")
    text = good_bag().files[f"{NOTE}.txt"].partition(b"\n\n")[0] + b"\n"
    (authority.folder / "text").write_bytes(text)
    make = "openssl ts -query -data text -sha256 -cert -out asked.tsq"
    subprocess.run(make.split(), cwd=authority.folder, check=True, capture_output=True)
    shutil.copy(authority.certificates, desk / "tsa.pem")
    answer = authority.answer((authority.folder / "asked.tsq").read_bytes())
    return resigned(put(f"{NOTE}.tsr", answer))(good_bag())


def test_every_command_succeeds_on_a_good_bundle(desk: Path) -> None:
    lay(stamped(desk), desk)
    assert len(COMMANDS) > 8
    for command in COMMANDS[1:]:
        done = run(command, desk)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


def test_the_guide_shows_the_checkpoint_as_it_is_printed(desk: Path) -> None:
    lay(good_bag(), desk)
    (command,) = (command for command in COMMANDS if "od -An" in command)
    size, *root = run(command, desk).stdout.split()
    assert f"{size} {''.join(root)}" == good_bag().printed


def test_a_time_stamp_of_another_state_fails(desk: Path) -> None:
    def other(files: Files) -> None:
        files[f"{NOTE}.txt"] = files[f"{NOTE}.txt"].replace(b"\n32\n", b"\n33\n")

    lay(resigned(other)(stamped(desk)), desk)
    extract, verify = (command for command in COMMANDS if "000000000032" in command)
    assert run(extract, desk).returncode == 0
    assert run(verify, desk).returncode != 0


def table() -> Iterator[tuple[str, dict[str, str]]]:
    """Each row of the guide's table: the attack, and what it says of each program."""
    rows = [line.strip("| ").split(" | ") for line in GUIDE.splitlines() if line.startswith("| ")]
    head, *body = rows
    for row in body:
        yield row[0], dict(zip(head[1:], row[1:], strict=True))


@pytest.mark.parametrize(("attack", "told"), list(table()), ids=lambda value: value if isinstance(value, str) else "")
def test_the_table_is_what_happens(attack: str, told: dict[str, str], desk: Path) -> None:
    (entry,) = (entry for entry in MUTATIONS if entry.name == attack)
    made = entry.made()
    assert isinstance(made, Bag)
    lay(Bag(top=good_bag().top, files=made.files, printed=made.printed, keys=made.keys), desk)
    seen = {name: any(run(command, desk).returncode for command in commands) for name, commands in COLUMNS.items()}
    assert seen == {name: told[name] == "yes" for name in COLUMNS}
    assert told["verifiers"] == _by_a_verifier(entry)


def _by_a_verifier(entry: Mutation) -> str:
    """What the corpus, to which both verifiers are held, says of it."""
    assert entry.verdict == "not_genuine"
    return "with the paper" if entry.codes == {"printed"} else "yes"
