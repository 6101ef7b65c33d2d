"""The desk signs what extends its last checkpoint and nothing else, whoever asks and whatever happened to its files."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from portal.domain.errors import InvalidInput, SignerRefused, SignerUnavailable
from portal.domain.log.checkpoint import Checkpoint, read_checkpoint
from portal.domain.log.leaf import leaf_hash
from portal.domain.log.merkle import root_of
from portal.domain.log.note import SignedNote
from portal.signer.desk import SigningDesk
from tests.domain.log.naive_tree import consistency_proof
from tests.fixtures.signer import ORIGIN
from tests.signer.small_log import FORK, LEAVES, MANIFEST, checkpoint_of, proof, sign


def state(desk: SigningDesk) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in desk.directory.rglob("*") if path.is_file()}


def test_a_log_is_signed_as_it_grows(signer: SigningDesk) -> None:
    assert signer.last_signed() is None
    for size in (1, 2, 7, 8, 20):
        assert read_checkpoint(sign(signer, size), signer.keys().verifier) == checkpoint_of(size)
        assert signer.last_signed() == checkpoint_of(size)


def test_the_last_checkpoint_is_given_again_byte_for_byte(signer: SigningDesk) -> None:
    """Whoever lost the answer asks again."""
    note, before = sign(signer, 7), state(signer)
    assert signer.sign_checkpoint(checkpoint=checkpoint_of(7), old_size=0, proof=()) == note
    assert state(signer) == before


@pytest.mark.parametrize(
    ("checkpoint", "old_size", "hashes"),
    [
        pytest.param(checkpoint_of(12, FORK), 7, proof(12, FORK), id="a fork with its own proof"),
        pytest.param(checkpoint_of(12, FORK), 7, proof(12), id="a fork with the true proof"),
        pytest.param(checkpoint_of(12, FORK), 0, (), id="a fork as if nothing had been signed"),
        pytest.param(checkpoint_of(12, FORK), 5, consistency_proof(FORK[:12], 5), id="a fork from an older size"),
        pytest.param(checkpoint_of(12), 5, consistency_proof(LEAVES[:12], 5), id="a true proof from an older size"),
        pytest.param(checkpoint_of(5), 7, (), id="an older size"),
        pytest.param(checkpoint_of(5), 5, (), id="an older size from itself"),
        pytest.param(checkpoint_of(7, FORK), 7, (), id="the same size with another root"),
        pytest.param(checkpoint_of(12), 7, (), id="no proof"),
        pytest.param(checkpoint_of(12), 7, (*proof(12), bytes(32)), id="a proof that is too long"),
        pytest.param(checkpoint_of(12), 7, proof(12)[:-1], id="a proof that is too short"),
        pytest.param(checkpoint_of(12), 7, (*proof(12)[:-1], b""), id="a proof of empty hashes"),
        pytest.param(checkpoint_of(12, origin="another/log"), 7, proof(12), id="another log"),
        pytest.param(replace(checkpoint_of(12), size=2**62), 7, proof(12), id="a size that no proof reaches"),
        pytest.param(Checkpoint(ORIGIN, 0, root_of([])), 0, (), id="an empty log"),
    ],
)
def test_what_is_not_proven_to_extend_is_refused(
    signer: SigningDesk, checkpoint: Checkpoint, old_size: int, hashes: tuple[bytes, ...]
) -> None:
    sign(signer, 7)
    before = state(signer)
    with pytest.raises(SignerRefused):
        signer.sign_checkpoint(checkpoint=checkpoint, old_size=old_size, proof=hashes)
    assert state(signer) == before


def test_of_two_requests_at_once_one_wins(signer: SigningDesk) -> None:
    """Two branches of one past, each with a true proof: whichever is signed, the other is not."""
    sign(signer, 3)
    branches = [[*LEAVES[:3], leaf_hash(b"branch %d" % number)] for number in range(8)]

    def ask(leaves: Sequence[bytes]) -> str | None:
        try:
            return signer.sign_checkpoint(
                checkpoint=checkpoint_of(4, leaves), old_size=3, proof=consistency_proof(leaves, 3)
            )
        except SignerRefused:
            return None

    with ThreadPoolExecutor(len(branches)) as pool:
        signed = [note for note in pool.map(ask, branches) if note]
    assert len(signed) == 1
    last = signer.last_signed()
    assert last
    assert last.text == SignedNote.parse(signed[0]).text


def notes(desk: SigningDesk) -> Path:
    return desk.directory / "signed"


@pytest.mark.parametrize("content", [b"", b"rubbish", b"\xff\xfe", bytes(10_000_000)])
def test_a_spoiled_memory_signs_nothing(signer: SigningDesk, content: bytes) -> None:
    sign(signer, 7)
    newest = notes(signer) / "00000001.note"
    newest.chmod(0o600)
    newest.write_bytes(content)
    with pytest.raises(SignerUnavailable, match="Catatan"):
        sign(signer, 12)


def test_a_forged_memory_signs_nothing(signer: SigningDesk, tmp_path: Path) -> None:
    """A note of the same log by another key does not make the desk go on from another past."""
    sign(signer, 7)
    forger = SigningDesk.create(tmp_path / "forger", origin=ORIGIN)
    (notes(signer) / "00000002.note").write_text(sign(forger, 5, FORK))
    with pytest.raises(SignerUnavailable, match="bukan miliknya"):
        signer.sign_checkpoint(checkpoint=checkpoint_of(12, FORK), old_size=5, proof=consistency_proof(FORK[:12], 5))


def test_an_old_backup_copied_over_the_directory_takes_nothing_back(signer: SigningDesk) -> None:
    sign(signer, 5)
    backup = state(signer)
    sign(signer, 12)
    for name, content in backup.items():
        place = next(signer.directory.rglob(name))
        place.unlink()
        place.write_bytes(content)
        place.chmod(0o400)
    assert signer.last_signed() == checkpoint_of(12)


def rolled_back(desk: SigningDesk) -> str:
    """Sign twice and lose the memory of the second time; returns the lost note."""
    sign(desk, 5)
    note = sign(desk, 12)
    (notes(desk) / "00000002.note").unlink()
    return note


def test_a_rolled_back_memory_does_not_take_the_proof_of_who_knows_better(signer: SigningDesk) -> None:
    rolled_back(signer)
    with pytest.raises(SignerRefused):
        signer.sign_checkpoint(checkpoint=checkpoint_of(20), old_size=12, proof=consistency_proof(LEAVES[:20], 12))


def test_a_rolled_back_memory_is_given_its_last_note_and_goes_on_from_there(signer: SigningDesk) -> None:
    note = rolled_back(signer)
    assert signer.remember(note) == checkpoint_of(12)
    with pytest.raises(SignerRefused):
        sign(signer, 20, FORK)
    sign(signer, 20)


def test_only_newer_notes_of_its_own_are_remembered(signer: SigningDesk, tmp_path: Path) -> None:
    old = sign(signer, 5)
    sign(signer, 7)
    foreign = sign(SigningDesk.create(tmp_path / "foreign", origin=ORIGIN), 12, FORK)
    for note in (old, foreign, "rubbish", old.replace("\n5\n", "\n9\n")):
        with pytest.raises(InvalidInput):
            signer.remember(note)
    assert signer.last_signed() == checkpoint_of(7)


KEY_FILES = ["checkpoint.key", "ssh.key", "ecdsa.key"]


def test_key_files_are_for_the_signer_alone(signer: SigningDesk) -> None:
    sign(signer, 1)
    assert signer.directory.stat().st_mode & 0o777 == 0o700
    assert {(signer.directory / name).stat().st_mode & 0o777 for name in KEY_FILES} == {0o400}


@pytest.mark.parametrize("mode", [0o440, 0o404, 0o600 | 0o020, 0o401])
@pytest.mark.parametrize("name", KEY_FILES)
def test_a_key_that_others_may_touch_is_refused(signer: SigningDesk, name: str, mode: int) -> None:
    (signer.directory / name).chmod(mode)
    for act in (signer.keys, lambda: sign(signer, 1), lambda: signer.sign_bag(tag_manifest=MANIFEST)):
        with pytest.raises(SignerUnavailable, match="chmod 400"):
            act()


def test_a_directory_that_others_may_write_is_refused(signer: SigningDesk) -> None:
    signer.directory.chmod(0o770)
    with pytest.raises(SignerUnavailable, match="chmod 700"):
        signer.keys()


def make_fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path, 0o400)


def make_rubbish(path: Path) -> None:
    path.chmod(0o600)
    path.write_bytes(b"\xffrubbish")
    path.chmod(0o400)


def make_swapped(path: Path) -> None:
    """A key of the other kind."""
    other = path.with_name("ecdsa.key" if path.name != "ecdsa.key" else "ssh.key").read_bytes()
    path.chmod(0o600)
    path.write_bytes(other)
    path.chmod(0o400)


@pytest.mark.parametrize("spoil", [Path.unlink, make_fifo, make_rubbish, make_swapped])
@pytest.mark.parametrize("name", KEY_FILES)
def test_an_unfit_key_file_is_named(signer: SigningDesk, name: str, spoil: Callable[[Path], None]) -> None:
    spoil(signer.directory / name)
    with pytest.raises(SignerUnavailable, match=name):
        signer.keys()


@pytest.mark.parametrize("content", ["", "two words\n", "a+b\n"])
def test_an_unfit_origin_is_named(signer: SigningDesk, content: str) -> None:
    (signer.directory / "origin").chmod(0o600)
    (signer.directory / "origin").write_text(content)
    with pytest.raises(SignerUnavailable, match="origin"):
        signer.keys()


def test_a_directory_with_keys_is_not_overwritten(signer: SigningDesk) -> None:
    before = state(signer)
    with pytest.raises(InvalidInput, match="sudah ada"):
        SigningDesk.create(signer.directory, origin=ORIGIN)
    assert state(signer) == before


@pytest.mark.parametrize(
    "origin", ["", "log1", "two words/log1", "a+b/log1", "a/b\n", "../a", "A/b", "a/", f"a/{'b' * 99}"]
)
def test_an_origin_that_names_no_log_makes_nothing(tmp_path: Path, origin: str) -> None:
    with pytest.raises(InvalidInput):
        SigningDesk.create(tmp_path / "keys", origin=origin)
    assert not (tmp_path / "keys").exists()


def test_after_a_rotation_checkpoints_are_signed_by_both_keys(signer: SigningDesk) -> None:
    sign(signer, 3)
    old = signer.keys()
    new = signer.rotate()
    assert {old.checkpoint, old.ssh, old.ecdsa}.isdisjoint({new.checkpoint, new.ssh, new.ecdsa})
    for size in (5, 7):
        note = SignedNote.parse(sign(signer, size))
        assert [each.is_named_like(new.verifier) for each in note.signatures] == [True, False]
        assert note.is_signed_by(old.verifier)
        assert note.is_signed_by(new.verifier)


def test_keys_are_not_rotated_again_before_they_have_signed(signer: SigningDesk) -> None:
    """Else no checkpoint would link the first key to the third."""
    sign(signer, 3)
    oldest, middle = signer.keys(), signer.rotate()
    with pytest.raises(SignerRefused, match="checkpoint sign"):
        signer.rotate()
    sign(signer, 5)
    newest = signer.rotate()
    note = SignedNote.parse(sign(signer, 7))
    assert [note.is_signed_by(each.verifier) for each in (oldest, middle, newest)] == [False, True, True]


def test_a_rotation_that_was_cut_off_leaves_a_signer_that_signs(signer: SigningDesk) -> None:
    """Killed after the first step, when the old key has its second name and no new key is in place."""
    sign(signer, 3)
    os.link(signer.directory / "checkpoint.key", signer.directory / "checkpoint.previous.key")
    (signer.directory / "new.key").write_bytes(b"half")
    assert read_checkpoint(sign(signer, 5), signer.keys().verifier) == checkpoint_of(5)
    new = signer.rotate()
    assert SignedNote.parse(sign(signer, 7)).is_signed_by(new.verifier)
    assert {path.stat().st_mode & 0o777 for path in signer.directory.glob("*.key")} == {0o400}


def test_a_new_log_continues_from_the_last_trusted_note_of_the_lost_one(signer: SigningDesk, tmp_path: Path) -> None:
    note = sign(signer, 7)
    heir = SigningDesk.create(tmp_path / "heir", origin="bukti-zi.kpu-1502/log2", after=note)
    assert heir.last_signed() == checkpoint_of(7)
    for leaves in (FORK, LEAVES[1:]):
        with pytest.raises(SignerRefused):
            sign(heir, 12, leaves, "bukti-zi.kpu-1502/log2")
    with pytest.raises(SignerRefused):
        sign(heir, 12)
    signed = sign(heir, 12, origin="bukti-zi.kpu-1502/log2")
    assert read_checkpoint(signed, heir.keys().verifier).size == 12


def test_a_new_log_needs_a_new_name_and_a_note(signer: SigningDesk, tmp_path: Path) -> None:
    for origin, after in ((ORIGIN, sign(signer, 7)), ("another/log", "rubbish")):
        with pytest.raises(InvalidInput):
            SigningDesk.create(tmp_path / "heir", origin=origin, after=after)
    assert not (tmp_path / "heir").exists()


def test_ssh_keygen_verifies_the_bag_signature(signer: SigningDesk, tmp_path: Path) -> None:
    signature = signer.sign_bag(tag_manifest=MANIFEST).ssh
    write_public_keys(signer, tmp_path)
    (tmp_path / "sig").write_bytes(signature)
    assert max(map(len, signature.splitlines())) == 70

    def verify(message: bytes, namespace: str = "bukti-zi") -> int:
        command = ["ssh-keygen", "-Y", "verify", "-f", "allowed_signers", "-I", "portal", "-n", namespace, "-s", "sig"]
        return subprocess.run(command, cwd=tmp_path, input=message, capture_output=True).returncode

    assert verify(MANIFEST) == 0
    assert verify(MANIFEST + b"\n") != 0
    assert verify(MANIFEST, "file") != 0


def test_openssl_verifies_the_ecdsa_signature_and_reads_both_keys(signer: SigningDesk, tmp_path: Path) -> None:
    write_public_keys(signer, tmp_path)
    (tmp_path / "sig").write_bytes(signer.sign_bag(tag_manifest=MANIFEST).ecdsa)

    def openssl(*words: str, message: bytes = b"") -> int:
        return subprocess.run(["openssl", *words], cwd=tmp_path, input=message, capture_output=True).returncode

    assert openssl("dgst", "-sha256", "-verify", "ecdsa.pem", "-signature", "sig", message=MANIFEST) == 0
    assert openssl("dgst", "-sha256", "-verify", "ecdsa.pem", "-signature", "sig", message=b"other") != 0
    note = SignedNote.parse(sign(signer, 7))
    (tmp_path / "body").write_text(note.text)
    (tmp_path / "raw").write_bytes(note.signatures[0].signature)
    words = ["pkeyutl", "-verify", "-pubin", "-inkey", "checkpoint.pem", "-rawin", "-in", "body", "-sigfile", "raw"]
    assert openssl(*words) == 0
    (tmp_path / "body").write_text(note.text.replace("\n7\n", "\n8\n"))
    assert openssl(*words) != 0


def write_public_keys(desk: SigningDesk, folder: Path) -> None:
    for name, content in desk.keys().files().items():
        (folder / name).write_text(content)


def test_a_bag_is_signed_alike_each_time(signer: SigningDesk) -> None:
    assert signer.sign_bag(tag_manifest=MANIFEST) == signer.sign_bag(tag_manifest=MANIFEST)


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"please sign this contract",
        checkpoint_of(7).text.encode(),
        MANIFEST.removesuffix(b"\n"),
        MANIFEST.upper(),
        MANIFEST.replace(b"  ", b" *"),
        MANIFEST + b"\n",
        MANIFEST.replace(b"\n", b"\r\n"),
    ],
)
def test_nothing_but_a_tag_manifest_is_signed(signer: SigningDesk, message: bytes) -> None:
    with pytest.raises(SignerRefused):
        signer.sign_bag(tag_manifest=message)
