"""Signed notes and checkpoints: the published C2SP example, openssl as second judge, and refusal of everything else."""

from __future__ import annotations

import subprocess
from base64 import b64encode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.log.checkpoint import Checkpoint, InvalidCheckpoint, read_checkpoint
from portal.domain.log.note import InvalidNote, NoteSignature, SignedNote, VerifierKey

PUBLISHED_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
PUBLISHED_NOTE = (
    "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONnc"
    "AlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
ORIGIN = "bukti-zi.kpu-1502/log1"
ROOT = bytes(range(32))
CHECKPOINT = Checkpoint(ORIGIN, 1234, ROOT)
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(32))
KEY = VerifierKey(ORIGIN, PRIVATE.public_key().public_bytes_raw())


def signature_of(text: str, key: VerifierKey = KEY, private: Ed25519PrivateKey = PRIVATE) -> NoteSignature:
    return NoteSignature(key.name, key.key_id, private.sign(text.encode()))


def note_of(text: str, *signatures: NoteSignature) -> str:
    return str(SignedNote(text, signatures or (signature_of(text),)))


def test_the_published_example_verifies_and_is_written_again_as_it_was() -> None:
    key, note = VerifierKey.parse(PUBLISHED_KEY), SignedNote.parse(PUBLISHED_NOTE)
    assert note.is_signed_by(key)
    assert (str(key), str(note)) == (PUBLISHED_KEY, PUBLISHED_NOTE)
    changed = SignedNote.parse(PUBLISHED_NOTE.replace("example message", "exbmple message"))
    assert not changed.is_signed_by(key)


def test_openssl_verifies_the_text_and_the_bytes_after_the_key_id(tmp_path: Path) -> None:
    note = SignedNote.parse(note_of(CHECKPOINT.text))
    pem = PRIVATE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "key.pem").write_bytes(pem)
    (tmp_path / "body").write_bytes(note.text.encode())
    (tmp_path / "sig").write_bytes(note.signatures[0].signature)
    command = [
        "openssl",
        "pkeyutl",
        "-verify",
        "-pubin",
        "-inkey",
        "key.pem",
        "-rawin",
        "-in",
        "body",
        "-sigfile",
        "sig",
    ]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True).returncode == 0
    (tmp_path / "body").write_bytes(note.text.replace("1234", "1235").encode())
    assert subprocess.run(command, cwd=tmp_path, capture_output=True).returncode != 0


def test_further_signatures_are_kept_and_ignored() -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes([1] * 32))
    other_key = VerifierKey("witness.example", other.public_key().public_bytes_raw())
    text = CHECKPOINT.text
    note = note_of(text, signature_of(text, other_key, other), signature_of(text))
    assert read_checkpoint(note, KEY) == CHECKPOINT
    assert str(SignedNote.parse(note)) == note


def test_a_wrong_signature_of_the_key_spoils_a_right_one() -> None:
    text = CHECKPOINT.text
    wrong = NoteSignature(KEY.name, KEY.key_id, bytes(64))
    assert not SignedNote(text, (signature_of(text), wrong)).is_signed_by(KEY)


@pytest.mark.parametrize(
    "note",
    [
        "",
        "text\n",
        "text\n\n",
        f"{CHECKPOINT.text}{signature_of(CHECKPOINT.text)}\n",
        note_of(CHECKPOINT.text).removesuffix("\n"),
        note_of(CHECKPOINT.text) + "\n",
        note_of(CHECKPOINT.text).replace("\n", "\r\n"),
        note_of(CHECKPOINT.text).replace("— ", "- "),
        note_of(CHECKPOINT.text).replace(f"— {ORIGIN} ", f"— {ORIGIN}  "),
        note_of(CHECKPOINT.text).replace(f"— {ORIGIN}", "— a+b"),
        note_of(CHECKPOINT.text).replace("=\n", "\n"),
        note_of("tab\tin it\n"),
        note_of(CHECKPOINT.text, *[signature_of(CHECKPOINT.text)] * 101),
        note_of(CHECKPOINT.text, NoteSignature(ORIGIN, KEY.key_id, b"")),
    ],
)
def test_what_is_no_signed_note_is_refused(note: str) -> None:
    with pytest.raises(InvalidNote):
        SignedNote.parse(note)
    with pytest.raises(InvalidCheckpoint):
        read_checkpoint(note, KEY)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.com/foo",
        PUBLISHED_KEY.replace("530d903a", "530d903b"),
        PUBLISHED_KEY.replace("530d903a", "530D903A"),
        PUBLISHED_KEY.replace("example.com/foo", "example.com/fop"),
        PUBLISHED_KEY.replace("example.com/foo", "example.com foo"),
        PUBLISHED_KEY.replace("AekyeRr", "AukyeRr"),
        PUBLISHED_KEY + "\n",
        PUBLISHED_KEY[:-4],
        PUBLISHED_KEY + "é",
    ],
)
def test_what_is_no_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(InvalidNote):
        VerifierKey.parse(text)


def test_a_checkpoint_is_three_lines() -> None:
    assert CHECKPOINT.text == f"{ORIGIN}\n1234\n{b64encode(ROOT).decode()}\n"
    assert CHECKPOINT.printed == f"1234 {ROOT.hex()}"


@given(st.integers(0, 2**62), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_is_read_as_it_was_written(size: int, root: bytes) -> None:
    checkpoint = Checkpoint(ORIGIN, size, root)
    assert Checkpoint.parse(checkpoint.text) == checkpoint


@pytest.mark.parametrize(
    "text",
    [
        CHECKPOINT.text.replace("1234", "01234"),
        CHECKPOINT.text.replace("1234", "+1234"),
        CHECKPOINT.text.replace("1234", "-1"),
        CHECKPOINT.text.replace("1234", "1_234"),
        CHECKPOINT.text.replace("1234", "١٢٣٤"),
        CHECKPOINT.text.replace("1234", "9" * 5000),
        CHECKPOINT.text + "extension\n",
        CHECKPOINT.text.removesuffix("\n"),
        CHECKPOINT.text.replace(ORIGIN, ""),
        CHECKPOINT.text.replace(ORIGIN, "two words"),
        f"{ORIGIN}\n1234\n{b64encode(ROOT[1:]).decode()}\n",
        CHECKPOINT.text.replace("=\n", "\n"),
        CHECKPOINT.text.replace("8=\n", "9=\n"),
    ],
)
def test_every_other_text_is_no_checkpoint(text: str) -> None:
    with pytest.raises(InvalidCheckpoint):
        Checkpoint.parse(text)


def test_a_checkpoint_counts_only_for_its_own_log_and_key() -> None:
    foreign = VerifierKey(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes([1] * 32)).public_key().public_bytes_raw())
    with pytest.raises(InvalidCheckpoint):
        read_checkpoint(note_of(CHECKPOINT.text), foreign)
    elsewhere = Checkpoint("bukti-zi.kpu-1502/log2", 1234, ROOT)
    with pytest.raises(InvalidCheckpoint):
        read_checkpoint(note_of(elsewhere.text), KEY)
