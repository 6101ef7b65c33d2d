"""The mathematics and parsers of verifikasi.py against published vectors and other implementations."""

from __future__ import annotations

import json
import shutil
import subprocess
from base64 import b64decode
from hashlib import sha256
from pathlib import Path

import pytest
import rfc8785
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.verifiers import tree
from tests.verifiers.keys import SIGNER
from tests.verifiers.loaded import verifikasi

ED25519 = (  # RFC 8032 §7.1, tests 1 to 3: public key, message, signature
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe246"
        "55141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb"
        "00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc"
        "027beceea1ec40a",
    ),
)
LEAVES = [bytes.fromhex(text) for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")]
ROOT_OF_7 = "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"  # Certificate Transparency's vectors
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
CURVE_L = 2**252 + 27742317777372353535851937790883648493


@pytest.mark.parametrize(("public", "message", "signature"), ED25519)
def test_ed25519_accepts_published_signatures_and_nothing_near_them(public: str, message: str, signature: str) -> None:
    key, text, good = bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature)
    assert verifikasi.ed25519_is_valid(key, good, text)
    assert not verifikasi.ed25519_is_valid(key, good, text + b"x")
    for at in (0, 31, 32, 63):
        assert not verifikasi.ed25519_is_valid(key, good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :], text)


def test_ed25519_refuses_second_spellings() -> None:
    public, message, signature = (bytes.fromhex(text) for text in ED25519[1])
    scalar = int.from_bytes(signature[32:], "little") + CURVE_L
    assert not verifikasi.ed25519_is_valid(public, signature[:32] + scalar.to_bytes(32, "little"), message)
    assert not verifikasi.ed25519_is_valid(public, signature + b"\0", message)
    assert not verifikasi.ed25519_is_valid(public[:-1], signature, message)
    assert not verifikasi.ed25519_is_valid(b"\xff" * 32, signature, message)


@settings(max_examples=10, deadline=None)
@given(secret=st.binary(min_size=32, max_size=32), message=st.binary(max_size=80))
def test_ed25519_agrees_with_openssl(secret: bytes, message: bytes) -> None:
    key = Ed25519PrivateKey.from_private_bytes(secret)
    public = key.public_key().public_bytes_raw()
    assert verifikasi.ed25519_is_valid(public, key.sign(message), message)
    assert not verifikasi.ed25519_is_valid(public, key.sign(message), message + b"x")


@settings(max_examples=10, deadline=None)
@given(secret=st.integers(1, ORDER - 1), message=st.binary(max_size=80))
def test_ecdsa_agrees_with_openssl(secret: int, message: bytes) -> None:
    key = ec.derive_private_key(secret, ec.SECP256R1())
    numbers = key.public_key().public_numbers()
    signature = key.sign(message, ec.ECDSA(hashes.SHA256()))
    point = (numbers.x, numbers.y)
    assert verifikasi.p256_is_point(point)
    assert not verifikasi.p256_is_point((numbers.x, numbers.y ^ 1))
    assert verifikasi.ecdsa_is_valid(point, signature, message)
    assert not verifikasi.ecdsa_is_valid(point, signature, message + b"x")


def test_ecdsa_refuses_numbers_out_of_range_and_other_spellings() -> None:
    key = ec.derive_private_key(7, ec.SECP256R1())
    point = (key.public_key().public_numbers().x, key.public_key().public_numbers().y)
    r, s = decode_dss_signature(key.sign(b"x", ec.ECDSA(hashes.SHA256())))
    for numbers in ((0, s), (r, 0), (0, 0), (r + ORDER, s), (r, s + ORDER), (ORDER, ORDER)):
        assert not verifikasi.ecdsa_is_valid(point, encode_dss_signature(*numbers), b"x"), numbers
    good = encode_dss_signature(r, s)
    longer = b"\x30\x81" + good[1:]
    padded = b"\x30" + bytes([good[1] + 1, 2, good[3] + 1, 0]) + good[4:]
    for other in (longer, padded, good + b"\0", good[:-1], b"\x31" + good[1:], b"", b"\x30", b"\x30\x00"):
        assert not verifikasi.ecdsa_is_valid(point, other, b"x"), other.hex()


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="no ssh-keygen on this machine")
def test_a_signature_by_ssh_keygen_itself(tmp_path: Path) -> None:
    key, message = tmp_path / "kunci", tmp_path / "pesan"
    message.write_bytes(b"isi\n")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "portal", "-f", key], check=True)
    public = b64decode((tmp_path / "kunci.pub").read_text().split()[1])[-32:]
    for namespace, is_ours in (("bukti-zi", True), ("git", False)):
        subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-f", key, "-n", namespace, message], check=True)
        signature = tmp_path / "pesan.sig"
        assert verifikasi.sshsig_is_valid(public, signature.read_bytes(), b"isi\n") is is_ours
        assert not verifikasi.sshsig_is_valid(public, signature.read_bytes(), b"isi")
        signature.unlink()


def test_a_verifier_key_and_a_note_of_the_specification() -> None:
    key = verifikasi.Keys([], [], [])
    line = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    signature = "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
    verifikasi._take_line(key, line)
    (given_key,) = key.checkpoint
    data = b64decode(signature)
    assert data[:4] == given_key.key_id
    assert verifikasi.ed25519_is_valid(given_key.public, data[4:], b"This is an example message.\n")


def test_the_tree_of_the_published_vectors() -> None:
    grown = verifikasi.Tree()
    assert grown.root().hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    for leaf in LEAVES:
        grown.append(1, verifikasi.leaf_hash(leaf))
    assert grown.root().hex() == ROOT_OF_7


def test_trees_grown_in_any_full_subtrees_have_one_root() -> None:
    hashes_of = [tree.leaf_hash(bytes([n])) for n in range(41)]
    for size in range(1, 42):
        grown = verifikasi.Tree()
        for step in (32, 16, 4, 2, 1):
            while grown.size % step == 0 and grown.size + step <= size:
                grown.append(step, tree.root(hashes_of[grown.size : grown.size + step]))
        assert (grown.size, grown.root()) == (size, tree.root(hashes_of[:size]))


def test_inclusion_proofs_of_all_small_trees_and_of_nothing_else() -> None:
    hashes_of = [tree.leaf_hash(bytes([n])) for n in range(17)]
    for size in range(1, 18):
        root = tree.root(hashes_of[:size])
        for index in range(size):
            proof = tree.inclusion_proof(index, hashes_of[:size])
            assert verifikasi.root_of_inclusion(index, size, hashes_of[index], proof) == root
            assert verifikasi.root_of_inclusion(index, size, hashes_of[index], [*proof, bytes(32)]) is None
            assert verifikasi.root_of_inclusion(index, size, hashes_of[index], proof[:-1]) != root or not proof
            for other in range(size):
                if other != index:
                    assert verifikasi.root_of_inclusion(other, size, hashes_of[index], proof) != root
    assert verifikasi.root_of_inclusion(0, 0, bytes(32), []) is None
    assert verifikasi.root_of_inclusion(-1, 1, bytes(32), []) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.from_regex(r"[a-z0-9_]+", fullmatch=True), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(JSON)
def test_canonical_json_is_rfc_8785_and_has_one_spelling(value: object) -> None:
    data = rfc8785.dumps(value)  # type: ignore[arg-type]  # JSON by construction
    assert verifikasi.parse_canonical(data) == value
    spaced = json.dumps(value, sort_keys=True, indent=1).encode()
    if spaced != data:
        with pytest.raises(ValueError, match="canonical"):
            verifikasi.parse_canonical(spaced)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "1 ",
            "01",
            "-0",
            "1.0",
            "1e2",
            "NaN",
            "Infinity",
            "9007199254740992",
            "9" * 20_000,
            "tru",
            '"\\u0041"',
        ),
        *(
            '{"a":1,"a":1}',
            '{"b":1,"a":1}',
            '{"A":1}',
            '{"":1}',
            "[1,]",
            '"\\ud800"',
            "\ufeff1",
            "[" * 100_000,
            "[" * 40 + "]" * 40,
        ),
    ],
    ids=lambda text: f"{len(text)} {text[:20]!r}",
)
def test_other_spellings_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        verifikasi.parse_canonical(text.encode())


def test_keys_are_told_apart_by_content(tmp_path: Path) -> None:
    path = tmp_path / "semua"
    path.write_text("\ufeff# kunci portal\n\n" + "".join(SIGNER.public) + SIGNER.checkpoint_pem, encoding="utf-8")
    keys = verifikasi.read_keys([str(path)])
    assert (len(keys.checkpoint), len(keys.ssh), len(keys.ecdsa)) == (1, 1, 1)
    assert keys.checkpoint[0].key_id == SIGNER.key_id


def test_a_printed_checkpoint_may_be_typed_in_many_ways() -> None:
    root = sha256(b"x").hexdigest()
    groups = " ".join(root[at : at + 4] for at in range(0, 64, 4))
    for text in (
        f"12 {root}",
        f"  12\t{root.upper()} ",
        f"12 {groups}",
        f"12\n{groups.replace(' ', '-')}\n",
        f"12  {groups}\n",
    ):
        assert verifikasi.read_printed(text) == (12, root), text
    for text in (
        "",
        root,
        f"-1 {root}",
        f"x {root}",
        f"12 {root[:-1]}",
        f"12 {root}0",
        f"12 {root[:-1]}g",
        f"12{root}",
    ):
        with pytest.raises(verifikasi.Unreadable):
            verifikasi.read_printed(text)
