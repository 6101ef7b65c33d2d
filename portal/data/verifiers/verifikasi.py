"""Checks an evidence bundle of Portal Bukti ZI without the portal and without the internet, with Python 3.8 or newer.

    python verifikasi.py PAKET --kunci BERKAS [--kunci BERKAS ...] [--cetak "SIZE ROOT"] [--json] [--bahasa en]

PAKET is the ZIP file or the folder that it was extracted to. The exit status is 0 when the bundle is genuine, 1 when
it is not, 2 when that cannot be told. The rules are those of docs/bundle-format.md ("§" below is a section of that
page), of which this is one of two implementations. It writes nothing and believes nothing that lies in the bundle: keys
and the printed checkpoint come from elsewhere, on paper or by another way.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import re
import stat
import struct
import sys
from typing import (
    BinaryIO,
    Callable,
    Dict,
    Iterator,
    Mapping,
    NamedTuple,
    NoReturn,
    Sequence,
    TextIO,
    Tuple,
)

CHUNK = 1 << 20
MAX_MEMBERS = 200_000
MAX_BODIES = 1_000_000
MAX_DOCUMENT = 64 << 20
MAX_SMALL = 64 << 10
MAX_LINE = 65_535
MAX_OPENING = 1 << 20
MAX_PATH = 129
MAX_DEPTH = 32
MAX_PARTS = 4_000_000
SHOWN_PER_CODE = 100  # of each code; the rest is only counted, so that a hostile bundle cannot fill the memory

PAYLOAD, SIGNATURES, NOTES = "data/", "sig/", "audit/checkpoints/"
BAGIT, BAG_INFO = "bagit.txt", "bag-info.txt"
MANIFEST, TAG_MANIFEST = "manifest-sha256.txt", "tagmanifest-sha256.txt"
LOG, CHECKPOINT, HEADS = "audit/log.jsonl", "audit/checkpoint", "audit/heads.jsonl"
OPENINGS, PROOF, METADATA = "audit/openings.jsonl", "audit/seal.tlog-proof", "metadata/bukti.json"
SSH_SIGNATURE, ECDSA_SIGNATURE = "sig/tagmanifest-sha256.txt.sig", "sig/tagmanifest-sha256.txt.ecdsa"
NOTE_BODY, NOTE_SIGNATURE = "sig/checkpoint.body", "sig/checkpoint.ed25519"
BAGIT_FILES = (BAGIT, BAG_INFO, MANIFEST, TAG_MANIFEST)
SIGNATURE_FILES = (SSH_SIGNATURE, ECDSA_SIGNATURE, NOTE_BODY, NOTE_SIGNATURE)
REQUIRED = (LOG, CHECKPOINT, HEADS, OPENINGS, PROOF, METADATA, "audit/keys.jsonl", *SIGNATURE_FILES)
NAMESPACE = "bukti-zi"
BAGIT_TEXT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
HEX = re.compile(r"[0-9a-f]{64}")


# ---------------------------------------------------------------------------------------------------------------------
# Findings
# ---------------------------------------------------------------------------------------------------------------------


class Words(NamedTuple):
    """One sentence for people, in Indonesian and in English."""

    id: str
    en: str


class Finding(NamedTuple):
    """Something that is not as it must be (§8). `expected` and `found` are empty where there is nothing to compare."""

    code: str
    place: str
    expected: str
    found: str
    message: Words


class NotEstablished(NamedTuple):
    """Something that could not be told, and why."""

    code: str
    message: Words


class Report:
    """What was found and what could not be established; `begun` holds the codes whose checks were made at all."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.not_established: list[NotEstablished] = []
        self.counts: dict[str, int] = {}
        self.begun: set[str] = set()
        self.facts: dict[str, object] = dict.fromkeys(
            ("name", "unit", "year", "files", "bytes", "evidence", "size", "root", "origin")
        )

    def begin(self, *codes: str) -> None:
        self.begun.update(codes)

    def find(self, code: str, place: str, words: Words, expected: object = "", found: object = "") -> None:
        self.counts[code] = self.counts.get(code, 0) + 1
        if self.counts[code] <= SHOWN_PER_CODE:
            self.findings.append(Finding(code, place, _shown(expected), _shown(found), words))

    def cannot(self, code: str, words: Words) -> None:
        self.not_established.append(NotEstablished(code, words))

    @property
    def verdict(self) -> str:
        if self.findings:
            return "not_genuine"
        missing = {item.code for item in self.not_established} - {"no_printed_checkpoint"}
        return "cannot_tell" if missing else "genuine"


class Broken(Exception):
    """Input that cannot be judged any further; says what is wrong with it."""

    def __init__(self, words: Words, expected: object = "", found: object = "") -> None:
        super().__init__(words.en)
        self.words, self.expected, self.found = words, expected, found


class Unreadable(Exception):
    """The input, or an argument, cannot be read at all: nothing is said about the bundle."""

    def __init__(self, words: Words) -> None:
        super().__init__(words.en)
        self.words = words


def _shown(value: object) -> str:
    """At most 200 characters of a value, harmless on a terminal."""
    text = value if isinstance(value, str) else repr(value)
    text = text[:200] + "…" if len(text) > 200 else text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


# ---------------------------------------------------------------------------------------------------------------------
# Canonical JSON: RFC 8785, restricted
# ---------------------------------------------------------------------------------------------------------------------

_KEY = re.compile(r"[a-z0-9_]+")


def _refuse(text: str) -> NoReturn:
    raise ValueError("not a number of canonical JSON: " + text[:20])


def _integer(text: str) -> int:
    """An integer of few digits: Python would take hours for one of millions."""
    return int(text) if len(text) <= 17 else _refuse(text)


def parse_canonical(data: bytes) -> object:
    """The value whose only spelling these bytes are; raises ValueError for any others."""
    if len(data) > MAX_PARTS and sum(map(data.count, (b",", b"[", b"{"))) > MAX_PARTS:
        raise ValueError("more values than a bundle needs")
    try:
        value: object = json.loads(
            data.decode("utf-8"), parse_int=_integer, parse_float=_refuse, parse_constant=_refuse
        )
        _require_canonical(value, MAX_DEPTH)
    except RecursionError:
        raise ValueError("nested too deep") from None
    if canonical(value) != data:
        raise ValueError("not the canonical spelling")
    return value


def canonical(value: object) -> bytes:
    """The canonical spelling of a value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def _require_canonical(value: object, depth: int) -> None:
    if isinstance(value, (list, dict)) and not depth:
        raise ValueError("nested too deep")
    if isinstance(value, int) and abs(value) >= 2**53:
        raise ValueError("a number beyond 2^53")
    if isinstance(value, list):
        for item in value:
            _require_canonical(item, depth - 1)
    if isinstance(value, dict):
        for key, item in value.items():
            if not _KEY.fullmatch(key):
                raise ValueError("a key that is not made of a-z, 0-9 and _")
            _require_canonical(item, depth - 1)


class Node:
    """A JSON object that is read strictly: each getter raises ValueError when the value is not of that kind."""

    def __init__(self, value: object, keys: str = "") -> None:
        if not isinstance(value, dict) or (keys and set(value) != set(keys.split())):
            raise ValueError("expected an object" + (" with exactly " + keys if keys else ""))
        self.value: dict[str, object] = value

    def _get(self, key: str, kind: type) -> object:
        value = self.value.get(key)
        if type(value) is not kind:
            raise ValueError(f"{key} must be of type {kind.__name__}")
        return value

    def text(self, key: str) -> str:
        return str(self._get(key, str))

    def text_or_none(self, key: str) -> str | None:
        if key not in self.value:
            raise ValueError(key + " is missing")
        return None if self.value[key] is None else self.text(key)

    def number(self, key: str) -> int:
        value = self._get(key, int)
        return value if isinstance(value, int) else 0

    def hex(self, key: str) -> str:
        text = self.text(key)
        if not HEX.fullmatch(text):
            raise ValueError(key + " must be 64 lower-case hexadecimal digits")
        return text

    def node(self, key: str) -> Node:
        return Node(self.value.get(key))

    def items(self, key: str) -> list[object]:
        value = self._get(key, list)
        return value if isinstance(value, list) else []

    def nodes(self, key: str) -> list[Node]:
        return [Node(item) for item in self.items(key)]

    def texts(self, key: str) -> list[str]:
        items = self.items(key)
        if not all(type(item) is str for item in items):
            raise ValueError(key + " must be a list of texts")
        return [str(item) for item in items]

    def numbers(self, key: str) -> list[int]:
        items = [item for item in self.items(key) if type(item) is int]
        if len(items) != len(self.items(key)):
            raise ValueError(key + " must be a list of numbers")
        return items


# ---------------------------------------------------------------------------------------------------------------------
# Ed25519: RFC 8032 §5.1.7
# ---------------------------------------------------------------------------------------------------------------------

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_ROOT_OF_MINUS_1 = pow(2, (_P - 1) // 4, _P)
_Extended = Tuple[int, int, int, int]


def ed25519_is_valid(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the 64 bytes are the signature of the message under the 32 bytes of the key."""
    key = _decompress(public)
    if key is None or len(signature) != 64:
        return False
    scalar = int.from_bytes(signature[32:], "little")
    if scalar >= _L:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % _L
    negative = (-key[0] % _P, key[1], 1, -key[3] % _P)
    return _compress(_add(_times(scalar, _BASE), _times(challenge, negative))) == signature[:32]


def _decompress(data: bytes) -> _Extended | None:
    if len(data) != 32:
        return None
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT_OF_MINUS_1 % _P
    if y >= _P or (x * x - square) % _P or (not x and sign):
        return None
    x = -x % _P if x & 1 != sign else x
    return x, y, 1, x * y % _P


def _compress(point: _Extended) -> bytes:
    inverse = pow(point[2], -1, _P)
    x, y = point[0] * inverse % _P, point[1] * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _add(one: _Extended, two: _Extended) -> _Extended:
    """RFC 8032 §5.1.4; it doubles as well."""
    a = (one[1] - one[0]) * (two[1] - two[0]) % _P
    b = (one[1] + one[0]) * (two[1] + two[0]) % _P
    c, d = 2 * one[3] * two[3] * _D % _P, 2 * one[2] * two[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(scalar: int, point: _Extended) -> _Extended:
    result: _Extended = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = _add(result, point)
        point, scalar = _add(point, point), scalar >> 1
    return result


_BASE_X = 15112221349535400772501151409588531511454012693041857206046113283949847762202
_BASE_Y = 46316835694926478169428394003475163141307993866256225615783033603165251855960
_BASE: _Extended = (_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % _P)


# ---------------------------------------------------------------------------------------------------------------------
# ECDSA on P-256 with SHA-256: FIPS 186-5 §6.4.2, curve of SP 800-186 §3.2.1.3
# ---------------------------------------------------------------------------------------------------------------------

_Q = 2**256 - 2**224 + 2**192 + 2**96 - 1
_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
_Point = Tuple[int, int]
_G: _Point = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)


def p256_is_point(point: _Point) -> bool:
    x, y = point
    return 0 <= x < _Q and 0 <= y < _Q and (y * y - x * x * x + 3 * x - _B) % _Q == 0


def ecdsa_is_valid(public: _Point, signature: bytes, message: bytes) -> bool:
    """Whether the DER bytes are a signature of the message under the key."""
    numbers = _der_numbers(signature)
    if numbers is None or not all(0 < number < _N for number in numbers):
        return False
    r, s = numbers
    inverse = pow(s, -1, _N)
    digest = int.from_bytes(hashlib.sha256(message).digest(), "big")
    left, right = _p256_times(digest * inverse % _N, _G), _p256_times(r * inverse % _N, public)
    point = _p256_add(left, right)
    return point is not None and point[0] % _N == r


def _der_numbers(data: bytes) -> tuple[int, int] | None:
    """The two numbers of a DER sequence of just these (RFC 3279 §2.2.3)."""
    try:
        if data[0] != 0x30 or data[1] != len(data) - 2 or data[1] >= 0x80:
            return None
        one, rest = _der_number(data[2:])
        two, rest = _der_number(rest)
    except (IndexError, ValueError):
        return None
    return None if rest else (one, two)


def _der_number(data: bytes) -> tuple[int, bytes]:
    length = data[1]
    body, rest = data[2 : 2 + length], data[2 + length :]
    shortest = body[0] or (len(body) > 1 and body[1] & 0x80) or len(body) == 1
    if data[0] != 2 or len(body) != length or body[0] & 0x80 or not shortest:
        raise ValueError("not a positive number in its shortest form")
    return int.from_bytes(body, "big"), rest


def _p256_add(one: _Point | None, two: _Point | None) -> _Point | None:
    """Sum of two points; None is the point at infinity."""
    if one is None or two is None:
        return two if one is None else one
    if one[0] == two[0] and (one[1] + two[1]) % _Q == 0:
        return None
    if one == two:
        slope = 3 * (one[0] * one[0] - 1) * pow(2 * one[1], -1, _Q)
    else:
        slope = (two[1] - one[1]) * pow(two[0] - one[0], -1, _Q)
    x = (slope * slope - one[0] - two[0]) % _Q
    return x, (slope * (one[0] - x) - one[1]) % _Q


def _p256_times(scalar: int, point: _Point) -> _Point | None:
    result: _Point | None = None
    power: _Point | None = point
    while scalar:
        if scalar & 1:
            result = _p256_add(result, power)
        power, scalar = _p256_add(power, power), scalar >> 1
    return result


# ---------------------------------------------------------------------------------------------------------------------
# SSHSIG: PROTOCOL.sshsig of OpenSSH
# ---------------------------------------------------------------------------------------------------------------------

_ARMOR = re.compile(r"-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+/=\n]+)\n-----END SSH SIGNATURE-----\n?")


def sshsig_is_valid(public: bytes, armored: bytes, message: bytes) -> bool:
    """Whether this is a signature of the message, for our namespace, under the raw Ed25519 key."""
    match = _ARMOR.fullmatch(armored.decode("latin-1").replace("\r\n", "\n"))
    if not match:
        return False
    try:
        parts = _sshsig_parts(_strict_base64(match.group(1).replace("\n", "")))
    except (ValueError, struct.error):
        return False
    key, namespace, reserved, algorithm, signature = parts
    if (namespace, algorithm) != (NAMESPACE.encode(), b"sha512") or key != _ssh_string(b"ssh-ed25519", public):
        return False
    digest = hashlib.sha512(message).digest()
    signed = b"SSHSIG" + _ssh_string(namespace, reserved, algorithm, digest)
    prefix = _ssh_string(b"ssh-ed25519") + struct.pack(">L", 64)
    return signature[: len(prefix)] == prefix and ed25519_is_valid(public, signature[len(prefix) :], signed)


def _sshsig_parts(blob: bytes) -> list[bytes]:
    if blob[:10] != b"SSHSIG" + struct.pack(">L", 1):
        raise ValueError("not a signature of version 1")
    parts, rest = [], blob[10:]
    for _ in range(5):
        (length,) = struct.unpack(">L", rest[:4])
        if length > len(rest) - 4:
            raise ValueError("a length beyond the end")
        parts.append(rest[4 : 4 + length])
        rest = rest[4 + length :]
    if rest:
        raise ValueError("something after the end")
    return parts


def _ssh_string(*values: bytes) -> bytes:
    return b"".join(struct.pack(">L", len(value)) + value for value in values)


# ---------------------------------------------------------------------------------------------------------------------
# Keys given by the auditor (§7)
# ---------------------------------------------------------------------------------------------------------------------


class CheckpointKey(NamedTuple):
    """A C2SP verifier key: the name, the 4 bytes of the key id, the raw Ed25519 key."""

    name: str
    key_id: bytes
    public: bytes


class Keys(NamedTuple):
    """All keys given: of checkpoints, raw Ed25519 keys of SSH, points on P-256."""

    checkpoint: list[CheckpointKey]
    ssh: list[bytes]
    ecdsa: list[_Point]


_VKEY = re.compile(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)")
_SSH_LINE = re.compile(r'[^\s#]\S*(?:[ \t]+namespaces="([^"]*)")?[ \t]+ssh-ed25519[ \t]+([A-Za-z0-9+/=]+)(?:[ \t].*)?')
_PEM = re.compile(r"-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]*)-----END PUBLIC KEY-----")
_SPKI_P256 = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
_SPKI_ED25519 = bytes.fromhex("302a300506032b6570032100")


def read_keys(paths: Sequence[str]) -> Keys:
    """The keys in these files, told apart by their content; raises Unreadable for anything that is none."""
    keys = Keys([], [], [])
    for path in paths:
        try:
            text = _read_key_file(path)
            for pem in _PEM.findall(text):
                _take_pem(keys, pem)
            for line in _PEM.sub("", text).splitlines():
                _take_line(keys, line.strip())
        except (OSError, ValueError) as error:
            raise Unreadable(
                Words(
                    f"Berkas kunci {_shown(path)} tidak dapat dipakai: {_shown(str(error))}",
                    f"The key file {_shown(path)} cannot be used: {_shown(str(error))}",
                )
            ) from None
    return keys


def _read_key_file(path: str) -> str:
    with open(path, "rb") as file:
        data = file.read(MAX_SMALL + 1)
    if len(data) > MAX_SMALL:
        raise ValueError("too long for a file of public keys")
    return data.decode("utf-8-sig")


def _take_line(keys: Keys, line: str) -> None:
    verifier_key, ssh = _VKEY.fullmatch(line), _SSH_LINE.fullmatch(line)
    if verifier_key:
        keys.checkpoint.append(_checkpoint_key(*verifier_key.groups()))
    elif ssh and (ssh.group(1) is None or NAMESPACE in ssh.group(1).split(",")):
        keys.ssh.append(_ssh_key(ssh.group(2)))
    elif line and not line.startswith("#"):
        raise ValueError("not a public key: " + line[:40])


def _checkpoint_key(name: str, key_id: str, encoded: str) -> CheckpointKey:
    key = base64.b64decode(encoded, validate=True)
    expected = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]
    if len(key) != 33 or key[0] != 1 or expected.hex() != key_id or _decompress(key[1:]) is None:
        raise ValueError("not a verifier key of Ed25519, or mistyped")
    return CheckpointKey(name, expected, key[1:])


def _ssh_key(encoded: str) -> bytes:
    blob = base64.b64decode(encoded, validate=True)
    public = blob[-32:]
    if blob != _ssh_string(b"ssh-ed25519", public) or _decompress(public) is None:
        raise ValueError("not an SSH key of Ed25519, or mistyped")
    return public


def _take_pem(keys: Keys, text: str) -> None:
    """A key on P-256; one of Ed25519 is openssl's form of the checkpoint key and tells nothing new."""
    der = base64.b64decode("".join(text.split()), validate=True)
    if der.startswith(_SPKI_ED25519) and len(der) == len(_SPKI_ED25519) + 32:
        return
    x, y = der[-64:-32], der[-32:]
    point = int.from_bytes(x, "big"), int.from_bytes(y, "big")
    if der != _SPKI_P256 + x + y or not p256_is_point(point):
        raise ValueError("not a public key on P-256")
    keys.ecdsa.append(point)


def read_printed(text: str) -> tuple[int, str]:
    """Size and root (hex) of a printed checkpoint; spaces, hyphens and case do not count."""
    text = re.sub("[\u2010-\u2015\u2212]", "-", re.sub("[\u00ad\u200b\ufeff]", "", text))
    match = re.fullmatch(r"\s*([0-9]{1,16})\s((?:[\s-]*[0-9A-Fa-f]){64})[\s-]*", text)
    if not match:
        raise Unreadable(
            Words(
                "Checkpoint cetak harus berupa SIZE lalu ROOT (64 angka heksadesimal), seperti yang tercetak.",
                "A printed checkpoint is SIZE and then ROOT (64 hexadecimal digits), as printed.",
            )
        )
    return int(match.group(1)), re.sub(r"[\s-]", "", match.group(2)).lower()


# ---------------------------------------------------------------------------------------------------------------------
# The bag: a folder or a ZIP (§1)
# ---------------------------------------------------------------------------------------------------------------------


class TooLarge(Exception):
    """A document that is larger than the format allows."""


class Bag:
    """The files of a bag: `sizes` in bytes by their path. Content is read in pieces and never kept."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.sizes: dict[str, int] = {}

    def chunks(self, path: str) -> Iterator[bytes]:
        raise NotImplementedError

    def read(self, path: str, limit: int) -> bytes:
        """The whole content of a document; raises TooLarge."""
        if self.sizes[path] > limit:
            raise TooLarge
        data = b"".join(self.chunks(path))
        if len(data) > limit:
            raise TooLarge
        return data

    def lines(self, path: str, limit: int) -> Iterator[bytes]:
        """Its lines with their line breaks; one longer than `limit` is cut there and is the last."""
        rest = b""
        for chunk in self.chunks(path):
            lines = (rest + chunk).split(b"\n")
            rest = lines.pop()
            for line in lines:
                yield line + b"\n"
            if len(rest) > limit:
                break
        if rest:
            yield rest[: limit + 1]


class FolderBag(Bag):
    """A folder as it was extracted."""

    def __init__(self, folder: str) -> None:
        super().__init__(os.path.basename(os.path.abspath(folder)))
        self._folder = folder

    def chunks(self, path: str) -> Iterator[bytes]:
        with open(os.path.join(self._folder, *path.split("/")), "rb") as file:
            yield from iter(lambda: file.read(CHUNK), b"")


class ZipBag(Bag):
    """A ZIP of stored members; `offsets` tells where the content of each begins."""

    def __init__(self, name: str, file: BinaryIO) -> None:
        super().__init__(name)
        self._file = file
        self.offsets: dict[str, int] = {}

    def chunks(self, path: str) -> Iterator[bytes]:
        at, rest = self.offsets[path], self.sizes[path]
        while rest:
            data = _read_at(self._file, at, min(CHUNK, rest))
            if not data:
                raise OSError("the file became shorter while it was read")
            yield data
            at, rest = at + len(data), rest - len(data)


def _read_at(file: BinaryIO, at: int, length: int) -> bytes:
    file.seek(at)
    return file.read(length)


_NAME = re.compile(r"[A-Za-z0-9_-](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?")


class Names:
    """Judges the names of a bag: each alone, and all together."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._files: set[str] = set()
        self._folders: set[str] = set()

    def refuse(self, path: str, words: Words) -> None:
        self._report.find("name", _shown(path), words)

    def is_safe(self, path: str) -> bool:
        """Whether every system would give the file this very name."""
        if len(path) <= MAX_PATH and all(_NAME.fullmatch(part) for part in path.split("/")):
            return True
        self.refuse(path, Words("Nama berkas tidak aman.", "The name of the file is not safe."))
        return False

    def add(self, path: str) -> None:
        folded = path.lower()
        if folded in self._files:
            self.refuse(
                path,
                Words(
                    "Nama ini muncul dua kali, setidaknya tanpa membedakan huruf besar dan kecil.",
                    "The name occurs twice, at least where upper and lower case are the same.",
                ),
            )
        self._files.add(folded)
        while "/" in folded:
            folded = folded.rpartition("/")[0]
            self._folders.add(folded)

    def finish(self) -> None:
        for path in sorted(self._files & self._folders)[:SHOWN_PER_CODE]:
            self.refuse(path, Words("Nama ini berkas sekaligus folder.", "The name is a file and a folder."))


_LINK = Words("Ini tautan atau bukan berkas biasa.", "This is a link, or no regular file.")


def open_folder(folder: str, report: Report) -> FolderBag:
    """The bag in a folder, all names judged."""
    if not os.path.lexists(os.path.join(folder, BAGIT)):
        inner = list(os.scandir(folder))
        if len(inner) == 1 and inner[0].is_dir(follow_symlinks=False):
            folder = inner[0].path  # programs that extract a ZIP often put its top folder into one of their own
    bag, names, waiting = FolderBag(folder), Names(report), [""]
    try:
        while waiting:
            prefix = waiting.pop()
            with os.scandir(os.path.join(folder, prefix)) as entries:
                waiting.extend(_take_entries(bag, names, prefix, entries))
    except Broken as error:
        report.find("zip", bag.name, error.words, error.expected)
    names.finish()
    return bag


def _take_entries(bag: Bag, names: Names, prefix: str, entries: Iterator[os.DirEntry[str]]) -> Iterator[str]:
    """Note the files of one folder; returns the folders in it."""
    for entry in entries:
        if len(bag.sizes) >= MAX_MEMBERS:
            raise Broken(Words("Paket memuat terlalu banyak berkas.", "The bundle holds too many files."), MAX_MEMBERS)
        path, info = prefix + entry.name, entry.stat(follow_symlinks=False)
        junction = getattr(info, "st_reparse_tag", 0) == 0xA0000003  # a link between folders on Windows
        if not names.is_safe(path):
            continue
        if stat.S_ISDIR(info.st_mode) and not junction:
            yield path + "/"
        elif stat.S_ISREG(info.st_mode):
            names.add(path)
            bag.sizes[path] = info.st_size
        else:
            names.refuse(path, _LINK)


# ---------------------------------------------------------------------------------------------------------------------
# The ZIP container (§1): APPNOTE.TXT 6.3, §4.3
# ---------------------------------------------------------------------------------------------------------------------

_END = struct.Struct("<4sHHHHLLH")
_END64 = struct.Struct("<4sQHHLLQQQQ")
_LOCATOR = struct.Struct("<4sLQL")
_CENTRAL = struct.Struct("<4sHHHHLLLLHHHHHLL")
_LOCAL = struct.Struct("<4sHHHLLLLHH")  # the time is not compared
_FULL_16, _FULL_32 = 0xFFFF, 0xFFFFFFFF
_UTF8_NAMES = 0x0800


class Directory(NamedTuple):
    """Where the central directory lies."""

    start: int
    size: int
    members: int


class Entry(NamedTuple):
    """A member as the central directory tells of it."""

    name: bytes
    flags: int
    crc32: int
    size: int
    offset: int
    attributes: int


def open_zip(path: str, file: BinaryIO, report: Report) -> ZipBag:
    """The bag in a ZIP, the container and all names judged; raises Unreadable for what is no ZIP at all."""
    bag = ZipBag(os.path.basename(path), file)
    length = file.seek(0, os.SEEK_END)
    if _read_at(file, 0, 4) != b"PK\3\4" and _read_at(file, max(length - _END.size, 0), 4) != b"PK\5\6":
        raise Unreadable(
            Words("Berkas ini bukan paket bukti (bukan ZIP).", "This file is not a bundle (it is not a ZIP).")
        )
    try:
        directory = _find_directory(file, length)
        _take_members(bag, file, _read_entries(file, directory), Names(report), directory.start)
    except Broken as error:
        report.find("zip", bag.name, error.words, error.expected, error.found)
    return bag


def _find_directory(file: BinaryIO, length: int) -> Directory:
    end_at = length - _END.size
    end = _read_at(file, max(end_at, 0), _END.size)
    if len(end) != _END.size or end[:4] != b"PK\5\6" or end[-2:] != b"\0\0":
        raise Broken(
            Words(
                "Berkas tidak berakhir dengan catatan penutup ZIP: terpotong, atau ada bita tambahan di belakangnya.",
                "The file does not end with the end record of a ZIP: it was cut, or something follows.",
            )
        )
    _, disk, start_disk, here, count, size, start, _ = _END.unpack(end)
    shown = (here, count, size, start)
    if _FULL_16 in (here, count) or _FULL_32 in (size, start):
        end_at, (here, count, size, start) = _read_zip64_end(file, end_at)
    fits = shown == (min(here, _FULL_16), min(count, _FULL_16), min(size, _FULL_32), min(start, _FULL_32))
    if not fits or disk or start_disk or here != count or start + size != end_at or count * _CENTRAL.size > size:
        raise Broken(
            Words(
                "Catatan penutup ZIP tidak cocok dengan berkasnya.", "The end record of the ZIP does not fit the file."
            )
        )
    if not 0 < count <= MAX_MEMBERS or size > MAX_DOCUMENT:
        raise Broken(
            Words("Banyaknya anggota ZIP di luar batas.", "The number of members is out of bounds."), MAX_MEMBERS, count
        )
    return Directory(start, size, count)


def _read_zip64_end(file: BinaryIO, end_at: int) -> tuple[int, tuple[int, int, int, int]]:
    """Where the zip64 record begins, and its numbers."""
    at = end_at - _LOCATOR.size - _END64.size
    data = _read_at(file, at, _LOCATOR.size + _END64.size) if at >= 0 else b""
    if len(data) == _LOCATOR.size + _END64.size:
        magic, rest, _, _, disk, start_disk, here, count, size, start = _END64.unpack(data[: _END64.size])
        locator = _LOCATOR.unpack(data[_END64.size :])
        if (magic, rest, disk, start_disk) == (b"PK\6\6", 44, 0, 0) and locator == (b"PK\6\7", 0, at, 1):
            return at, (here, count, size, start)
    raise Broken(Words("Catatan zip64 tidak ada atau salah.", "The zip64 record is absent or wrong."))


def _read_entries(file: BinaryIO, directory: Directory) -> list[Entry]:
    entries, at, stop = [], directory.start, directory.start + directory.size
    file.seek(at)
    for _ in range(directory.members):
        head = file.read(_CENTRAL.size)
        if len(head) != _CENTRAL.size or head[:4] != b"PK\1\2":
            raise Broken(Words("Daftar isi ZIP rusak.", "The directory of the ZIP is broken."))
        name_length, extra_length, comment_length = struct.unpack("<HHH", head[28:34])
        rest = file.read(name_length + extra_length + comment_length)
        at += len(head) + len(rest)
        if comment_length:
            raise Broken(Words("Anggota ZIP berkomentar.", "A member has a comment."), "", rest[:name_length])
        entries.append(_entry(head, rest[:name_length], rest[name_length:]))
    if at != stop:
        raise Broken(
            Words("Daftar isi ZIP lebih panjang atau lebih pendek.", "The directory is longer or shorter."), stop, at
        )
    return entries


def _entry(head: bytes, name: bytes, extra: bytes) -> Entry:
    """An entry of the directory; `extra` is what follows the name."""
    fields = _CENTRAL.unpack(head)
    flags, method, crc32, packed, size = fields[3], fields[4], fields[6], fields[7], fields[8]
    disk, attributes, offset = fields[12], fields[14], fields[15]
    large = [value for value in (size, packed, offset) if value == _FULL_32]
    values = list(struct.unpack(f"<{len(large)}Q", extra[4:])) if len(extra) == 4 + 8 * len(large) and large else []
    if method or flags not in (0, _UTF8_NAMES) or disk or extra != _zip64_extra(values) or len(values) != len(large):
        raise Broken(
            Words(
                "Anggota ZIP ini dikompres, disandikan, atau bermedan tambahan.",
                "This member is compressed, encrypted, or has an extra field.",
            ),
            "method 0",
            f"{_shown(repr(name))}: method {method}, flags {flags:#x}",
        )
    size, packed, offset = (values.pop(0) if value == _FULL_32 else value for value in (size, packed, offset))
    if size != packed:
        raise Broken(Words("Ukuran anggota ZIP tidak sama.", "The sizes of a member differ."), size, packed)
    return Entry(name, flags, crc32, size, offset, attributes)


def _zip64_extra(values: Sequence[int]) -> bytes:
    return struct.pack(f"<HH{len(values)}Q", 1, 8 * len(values), *values) if values else b""


def _take_members(bag: ZipBag, file: BinaryIO, entries: Sequence[Entry], names: Names, end: int) -> None:
    """Compare each local header with its entry, in order and without gaps up to `end`, and judge the names."""
    at, top = 0, entries[0].name.partition(b"/")[0]
    for entry in entries:
        at = _require_local_header(file, entry, at)
        _take_member(bag, names, entry, top, at)
        at += entry.size
    names.finish()
    if at != end:
        raise Broken(
            Words("Anggota terakhir tidak berakhir di daftar isi.", "The last member does not end at the directory."),
            end,
            at,
        )
    bag.name = top.decode("ascii", "backslashreplace")


def _require_local_header(file: BinaryIO, entry: Entry, at: int) -> int:
    """Where the member's content begins, if its header stands here and says what the directory says."""
    extra = _zip64_extra([entry.size, entry.size]) if entry.size >= _FULL_32 else b""
    size, lengths = min(entry.size, _FULL_32), (len(entry.name), len(extra))
    head = _read_at(file, at, _LOCAL.size + sum(lengths))
    told = _LOCAL.unpack(head[: _LOCAL.size]) if len(head) >= _LOCAL.size else ()
    expected = (b"PK\3\4", entry.flags, 0, entry.crc32, size, size, *lengths)
    same = told[:1] + told[2:4] + told[5:] == expected and head[_LOCAL.size :] == entry.name + extra
    if not same or entry.offset != at:
        raise Broken(
            Words(
                "Kepala anggota ZIP lain dari daftar isinya, atau ada bita di antaranya.",
                "A member's header differs from the directory, or there are bytes between.",
            ),
            f"{_shown(repr(entry.name))} @ {entry.offset}",
            f"@ {at}",
        )
    return at + len(head)


def _take_member(bag: ZipBag, names: Names, entry: Entry, top: bytes, offset: int) -> None:
    name = entry.name.decode("ascii", "backslashreplace")
    if entry.name.endswith(b"/") or entry.attributes & 0x10:
        raise Broken(Words("ZIP memuat entri folder.", "The ZIP holds an entry for a folder."), "", name)
    folder, _, path = name.partition("/")
    if not path or entry.name.partition(b"/")[0] != top:
        raise Broken(
            Words("Anggota ini tidak berada di bawah folder teratas.", "This member is not below the top folder."),
            top.decode("ascii", "backslashreplace") + "/",
            name,
        )
    if stat.S_IFMT(entry.attributes >> 16) not in (0, stat.S_IFREG):
        names.refuse(path, _LINK)
    elif names.is_safe(path) and names.is_safe(folder):
        names.add(path)
        bag.sizes[path], bag.offsets[path] = entry.size, offset


# ---------------------------------------------------------------------------------------------------------------------
# BagIt: manifests and bag-info.txt (§2)
# ---------------------------------------------------------------------------------------------------------------------

_MANIFEST_LINE = re.compile(r"([0-9a-f]{64})  ([A-Za-z0-9._/-]+)")
Listing = Dict[str, str]  # path → hex SHA-256


class Manifests(NamedTuple):
    """What the two manifests list; None for one that is absent or malformed."""

    payload: Listing | None
    tags: Listing | None


def check_files(bag: Bag, report: Report, progress: Callable[[int], None]) -> Manifests:
    """Everything that BagIt asks: the files are those listed, with the bytes listed."""
    report.begin("bag", "missing", "unlisted", "digest")
    _check_presence(bag, report)
    manifests = Manifests(_read_manifest(bag, report, MANIFEST), _read_manifest(bag, report, TAG_MANIFEST))
    for name, listing in ((MANIFEST, manifests.payload), (TAG_MANIFEST, manifests.tags)):
        if listing is not None:
            _check_listed(bag, report, name, listing)
            _check_digests(bag, report, listing, progress)
    return manifests


def _check_presence(bag: Bag, report: Report) -> None:
    for path in BAGIT_FILES:
        if path not in bag.sizes:
            report.find("bag", path, Words("Berkas wajib BagIt tidak ada.", "A file that BagIt requires is absent."))
    for path in REQUIRED:
        if path not in bag.sizes:
            report.find("missing", path, Words("Berkas wajib tidak ada.", "A required file is absent."))
    if "fetch.txt" in bag.sizes:
        report.find("bag", "fetch.txt", Words("Paket tidak boleh meminta unduhan.", "A bundle must not ask to fetch."))
    if BAGIT in bag.sizes and _read_small(bag, BAGIT) != BAGIT_TEXT:
        report.find("bag", BAGIT, Words("Isinya bukan deklarasi BagIt 1.0.", "It is not the declaration of BagIt 1.0."))
    for path in bag.sizes:
        if path.startswith(SIGNATURES) and path not in SIGNATURE_FILES:
            report.find("unlisted", path, Words("Berkas ini tidak dikenal.", "This file is not known."))


def _read_small(bag: Bag, path: str) -> bytes | None:
    """A small document; None when it is larger than it may be."""
    try:
        return bag.read(path, MAX_SMALL)
    except TooLarge:
        return None


def _read_manifest(bag: Bag, report: Report, name: str) -> Listing | None:
    if name not in bag.sizes:
        return None
    try:
        return _parse_manifest(bag.read(name, MAX_DOCUMENT), name == MANIFEST)
    except (TooLarge, ValueError) as error:
        report.find("bag", name, Words("Manifes tidak menurut format.", "The manifest is malformed."), "", str(error))
        return None


def _parse_manifest(data: bytes, payload: bool) -> Listing:
    listing: Listing = {}
    last = ""
    lines = data.decode("ascii").split("\n")
    if lines.pop():
        raise ValueError("the last line does not end")
    for line in lines:
        match = _MANIFEST_LINE.fullmatch(line)
        if not match or match.group(2) <= last:
            raise ValueError(line)
        last = match.group(2)
        if last.startswith(PAYLOAD) is not payload or last.startswith(SIGNATURES) or last == TAG_MANIFEST:
            raise ValueError(last)
        listing[last] = match.group(1)
    return listing


def _check_listed(bag: Bag, report: Report, name: str, listing: Listing) -> None:
    """The files of the manifest are exactly those of the bag that belong into it."""
    for path in listing:
        if path not in bag.sizes and path not in REQUIRED:
            report.find("missing", path, Words("Berkas yang terdaftar tidak ada.", "A listed file is absent."), name)
    for path in bag.sizes:
        belongs = path.startswith(PAYLOAD) if name == MANIFEST else not path.startswith((PAYLOAD, SIGNATURES))
        if belongs and path != TAG_MANIFEST and path not in listing:
            report.find("unlisted", path, Words("Berkas tidak terdaftar di manifes.", "The file is not listed."), name)


def _check_digests(bag: Bag, report: Report, listing: Listing, progress: Callable[[int], None]) -> None:
    for path, expected in listing.items():
        if path not in bag.sizes:
            continue
        digest = hashlib.sha256()
        for chunk in bag.chunks(path):
            digest.update(chunk)
            progress(len(chunk))
        if digest.hexdigest() != expected:
            words = Words("Isi berkas berubah: kode hash-nya berbeda.", "The content changed: its digest differs.")
            report.find("digest", path, words, expected, digest.hexdigest())


def read_bag_info(bag: Bag, report: Report) -> dict[str, list[str]]:
    """Values by label in lower case (RFC 8493, §2.2.2); the Payload-Oxum is compared with the files that are there."""
    if BAG_INFO not in bag.sizes:
        return {}
    try:
        info = _parse_bag_info(bag.read(BAG_INFO, MAX_SMALL).decode("utf-8"))
    except (TooLarge, ValueError) as error:
        report.find("bag", BAG_INFO, Words("Isinya tidak menurut format.", "It is malformed."), "", str(error))
        return {}
    payload = [size for path, size in bag.sizes.items() if path.startswith(PAYLOAD)]
    expected = [f"{sum(payload)}.{len(payload)}"]
    if info.get("payload-oxum") != expected:
        words = Words("Jumlah bita dan berkas tidak cocok.", "The number of bytes and files does not fit.")
        report.find("bag", BAG_INFO, words, expected[0], ", ".join(info.get("payload-oxum", [])))
    return info


def _parse_bag_info(text: str) -> dict[str, list[str]]:
    info: dict[str, list[str]] = {}
    for line in (text[:-1] if text.endswith("\n") else text).split("\n"):
        label, colon, value = line.partition(": ")
        if not colon or not label:
            raise ValueError(line)
        info.setdefault(label.lower(), []).append(value)
    return info


# ---------------------------------------------------------------------------------------------------------------------
# Signatures on the tag manifest (§7)
# ---------------------------------------------------------------------------------------------------------------------


def check_signatures(bag: Bag, report: Report, keys: Keys) -> None:
    """Each kind of signature of which a key was given."""
    if bag.sizes.get(TAG_MANIFEST, MAX_DOCUMENT + 1) > MAX_DOCUMENT:
        return
    message = bag.read(TAG_MANIFEST, MAX_DOCUMENT)
    for path in (SSH_SIGNATURE, ECDSA_SIGNATURE):
        given = keys.ssh if path == SSH_SIGNATURE else keys.ecdsa
        if not given or path not in bag.sizes:
            continue
        report.begin("signature")
        if not _is_signed(keys, path, _read_small(bag, path) or b"", message):
            words = Words(
                "Tanda tangan paket tidak sah untuk kunci yang diberikan.",
                "The signature of the bundle is not valid for the keys given.",
            )
            report.find("signature", path, words)


def _is_signed(keys: Keys, path: str, signature: bytes, message: bytes) -> bool:
    if path == SSH_SIGNATURE:
        return any(sshsig_is_valid(key, signature, message) for key in keys.ssh)
    return any(ecdsa_is_valid(key, signature, message) for key in keys.ecdsa)


# ---------------------------------------------------------------------------------------------------------------------
# Notes: the checkpoint and earlier ones (§4): C2SP signed-note and tlog-checkpoint
# ---------------------------------------------------------------------------------------------------------------------


class NoteSignature(NamedTuple):
    """One line of signature: the key's name, the 4 bytes of its id, and the signature itself."""

    name: str
    key_id: bytes
    signature: bytes


class Note(NamedTuple):
    """A checkpoint. `whole` are all its bytes, `text` those that are signed, `root` is 32 raw bytes."""

    whole: bytes
    text: bytes
    origin: str
    size: int
    root: bytes
    signatures: list[NoteSignature]


_NOTE_TEXT = re.compile(r"([!-*,-~]+)\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/]{43}=)\n")
_NOTE_LINE = re.compile(r"\u2014 ([!-*,-~]+) ([A-Za-z0-9+/]+={0,2})")
_MALFORMED_NOTE = Words("Checkpoint tidak menurut format.", "The checkpoint is malformed.")


def parse_note(data: bytes) -> Note:
    """The note in these bytes; raises ValueError."""
    head, middle, tail = data.decode("utf-8").partition("\n\n")
    match = _NOTE_TEXT.fullmatch(head + "\n")
    lines = tail.split("\n")
    if not match or not middle or len(lines) < 2 or lines.pop() or int(match.group(2)) >= 2**53:
        raise ValueError("not a note of three lines, an empty line, and signatures")
    signatures = [_note_signature(line) for line in lines]
    root = _strict_base64(match.group(3))
    return Note(data, (head + "\n").encode(), match.group(1), int(match.group(2)), root, signatures)


def _note_signature(line: str) -> NoteSignature:
    match = _NOTE_LINE.fullmatch(line)
    data = _strict_base64(match.group(2)) if match else b""
    if not match or len(data) < 5:
        raise ValueError("not a line of signature: " + line[:40])
    return NoteSignature(match.group(1), data[:4], data[4:])


def _strict_base64(text: str) -> bytes:
    """Raises ValueError for a spelling that base64 would not make."""
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise ValueError("not the proper base64 of these bytes")
    return data


def read_checkpoint(bag: Bag, report: Report, keys: Keys, info: Mapping[str, list[str]]) -> Note | None:
    """The bag's checkpoint, its signature and its copies for openssl; None when there is none to read."""
    note = _read_note(bag, report, CHECKPOINT) if CHECKPOINT in bag.sizes else None
    if note is None:
        return None
    report.facts.update(origin=note.origin, size=note.size, root=note.root.hex())
    if keys.checkpoint:
        report.begin("checkpoint_signature")
        _check_origin(report, note, keys)
        _check_note_signature(report, CHECKPOINT, note, keys, required=True)
    for label, value in (("Checkpoint-Size", str(note.size)), ("Checkpoint-Root", note.root.hex())):
        if BAG_INFO in bag.sizes and info and info.get(label.lower()) != [value]:
            words = Words("Lain dari checkpoint paket.", "It differs from the bundle's checkpoint.")
            report.find("checkpoint", BAG_INFO, words, f"{label}: {value}", ", ".join(info.get(label.lower(), [])))
    for path, content in ((NOTE_BODY, note.text), (NOTE_SIGNATURE, note.signatures[0].signature)):
        if path in bag.sizes and _read_small(bag, path) != content:
            words = Words("Salinan untuk openssl lain dari checkpoint.", "The copy for openssl differs.")
            report.find("checkpoint", path, words)
    return note


def _read_note(bag: Bag, report: Report, path: str) -> Note | None:
    try:
        return parse_note(bag.read(path, MAX_SMALL))
    except (TooLarge, ValueError) as error:
        report.find("checkpoint", path, _MALFORMED_NOTE, "", str(error))
        return None


def _check_origin(report: Report, note: Note, keys: Keys) -> None:
    names = sorted({key.name for key in keys.checkpoint})
    if note.origin not in names:
        words = Words("Checkpoint ini dari catatan audit lain.", "The checkpoint is of another log.")
        report.find("checkpoint", CHECKPOINT, words, ", ".join(names), note.origin)


def _check_note_signature(report: Report, path: str, note: Note, keys: Keys, *, required: bool) -> None:
    """Every signature by a given key is valid, and there is one if it is required."""
    by_these = {
        (key.public, line.signature)
        for line in note.signatures
        for key in keys.checkpoint
        if (line.name, line.key_id) == (key.name, key.key_id)
    }
    if report.counts.get("checkpoint_signature", 0) < SHOWN_PER_CODE and not all(
        ed25519_is_valid(*each, note.text) for each in by_these
    ):
        words = Words("Tanda tangan checkpoint tidak sah.", "The checkpoint's signature is not valid.")
        report.find("checkpoint_signature", path, words)
    if required and not by_these:
        report.find(
            "checkpoint_signature",
            path,
            Words(
                "Checkpoint tidak ditandatangani dengan kunci yang diberikan.",
                "The checkpoint is not signed by a key that was given.",
            ),
            ", ".join(f"{key.name}+{key.key_id.hex()}" for key in keys.checkpoint),
            ", ".join(f"{line.name}+{line.key_id.hex()}" for line in note.signatures),
        )


def read_earlier_notes(bag: Bag, report: Report, keys: Keys, checkpoint: Note | None) -> dict[str, Note]:
    """The notes in audit/checkpoints/ by path, judged but for their roots."""
    notes: dict[str, Note] = {}
    for path in sorted(path for path in bag.sizes if path.startswith(NOTES)):
        match = re.fullmatch(r"([0-9]{12})\.(txt|tsr)", path[len(NOTES) :])
        if not match:
            report.find("checkpoint", path, Words("Nama checkpoint tidak dikenal.", "No name for a checkpoint."))
        elif match.group(2) == "txt":
            note = _read_note(bag, report, path)
            if note is not None and _fits(report, path, note, int(match.group(1)), checkpoint):
                _check_note_signature(report, path, note, keys, required=False)
                notes[path] = note
    return notes


def _fits(report: Report, path: str, note: Note, size: int, checkpoint: Note | None) -> bool:
    """Whether an earlier note is of this log and of the size that its name says."""
    origin = checkpoint.origin if checkpoint else note.origin
    if (note.origin, note.size) == (origin, size):
        return True
    words = Words("Checkpoint ini dari catatan audit atau ukuran lain.", "It is of another log or size.")
    report.find("checkpoint", path, words, f"{origin} {size}", f"{note.origin} {note.size}")
    return False


# ---------------------------------------------------------------------------------------------------------------------
# The Merkle tree: RFC 6962 §2.1
# ---------------------------------------------------------------------------------------------------------------------


def leaf_hash(body: bytes) -> bytes:
    return hashlib.sha256(b"\0" + body).digest()


def _node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


class Tree:
    """A tree that grows to the right, as the roots of its full subtrees, the largest first."""

    def __init__(self) -> None:
        self.size = 0
        self._full: list[tuple[int, bytes]] = []

    def append(self, size: int, root: bytes) -> None:
        """A full subtree of `size` leaves, which must begin at a multiple of its size."""
        self.size += size
        while self._full and self._full[-1][0] == size:
            size, root = 2 * size, _node_hash(self._full.pop()[1], root)
        self._full.append((size, root))

    def root(self) -> bytes:
        if not self._full:
            return hashlib.sha256().digest()
        result = self._full[-1][1]
        for _, left in reversed(self._full[:-1]):
            result = _node_hash(left, result)
        return result


def root_of_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes]) -> bytes | None:
    """The root to which the proof leads (RFC 9162 §2.1.3.2); None when it has too few or too many hashes."""
    if not 0 <= index < size:
        return None
    node, last, result = index, size - 1, leaf
    for sibling in proof:
        if not last:
            return None
        if node & 1 or node == last:
            result = _node_hash(sibling, result)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            result = _node_hash(result, sibling)
        node, last = node >> 1, last >> 1
    return None if last else result


# ---------------------------------------------------------------------------------------------------------------------
# The log (§3)
# ---------------------------------------------------------------------------------------------------------------------


class Body(NamedTuple):
    """One leaf that the bag shows, with the values of its `ev`; `raw` are its exact bytes."""

    seq: int
    scope: str
    type: str
    obj: str
    actor: str
    ts: str
    rev: int | None
    data: Mapping[str, object]
    raw: bytes


class Head(NamedTuple):
    """Length of a scope's chain, and the leaf hash (hex) of its end."""

    size: int
    leaf_hash: str


KINDS = ("biasa", "terbatas", "rahasia")


class Approval(NamedTuple):
    """An approval of one revision."""

    rev: int | None
    seq: int
    final: bool


class History:
    """What the bodies tell of each evidence, by its scope and id."""

    def __init__(self) -> None:
        self.started: dict[tuple[str, str], tuple[str, str]] = {}
        self.changed_kinds: dict[tuple[str, str], str] = {}
        self.submitted: dict[tuple[str, str], int | None] = {}
        self.approvals: dict[tuple[str, str], list[Approval]] = {}
        self.reopened: dict[tuple[str, str], set[int | None]] = {}

    def take(self, body: Body) -> None:
        key, rev = (body.scope, body.obj), body.rev
        if body.type == "evidence.started":
            requirement, kind = body.data.get("requirement"), _kind(body.data.get("classification"))
            is_id = isinstance(requirement, str) and _PLAIN.fullmatch(requirement)
            self.started.setdefault(key, (str(requirement) if is_id else "", kind))
        elif body.type == "requirement.classification_changed":
            self.changed_kinds[key] = _kind(body.data.get("after"))
        elif body.type == "evidence.submitted":
            self.submitted[key] = rev
        elif body.type == "evidence.approved":
            approval = Approval(rev, body.seq, body.data.get("final") is True)
            self.approvals.setdefault(key, []).append(approval)
        elif body.type == "evidence.reopened":
            self.reopened.setdefault(key, set()).add(rev)

    def kind_of(self, key: tuple[str, str]) -> str:
        """The classification of an evidence: the last one that its requirement was given, else that of its start."""
        requirement, kind = self.started.get(key, ("", ""))
        return self.changed_kinds.get((key[0], requirement), kind)

    def is_approved(self, key: tuple[str, str]) -> bool:
        """Whether the newest submitted revision is approved and not reopened."""
        rev = self.submitted.get(key)
        if rev is None:
            return False
        final = any(approval.rev == rev and approval.final for approval in self.approvals.get(key, []))
        return final and rev not in self.reopened.get(key, set())


def _kind(value: object) -> str:
    return value if isinstance(value, str) and value in KINDS else ""


class Log:
    """What was read of the log: roots at the cuts, heads of the scopes, the wanted bodies, the seal leaf."""

    def __init__(self) -> None:
        self.tree = Tree()
        self.roots: dict[int, bytes] = {}
        self.heads: dict[str, Head] = {}
        self.bodies: dict[int, Body] = {}
        self.history = History()
        self.seal: Body | None = None
        self.line = 0
        self.shown = 0


class LogFault(Exception):
    """A line that the log cannot have."""

    def __init__(self, words: Words, found: object = "") -> None:
        super().__init__(words.en)
        self.words, self.found = words, found


_PLAIN = re.compile("[!-~]{1,200}")
_HASH_LINE = re.compile(rb'\{"h":"([0-9a-f]{64})"(?:,"n":([1-9][0-9]{0,15}))?\}')
_BAD_LINE = Words("Baris ini bukan entri catatan audit.", "This line is no entry of the log.")


def read_log(bag: Bag, report: Report, wanted: set[int], sizes: set[int]) -> Log | None:
    """The log, with the bodies `wanted` and the roots at `sizes` and at the seal's; None after a fault."""
    if LOG not in bag.sizes:
        return None
    report.begin("log")
    log = Log()
    cuts = sorted(sizes | _cuts_of_seal(bag), reverse=True)
    try:
        for line in bag.lines(LOG, MAX_LINE + 1):
            log.line += 1
            _note_roots(log, cuts)
            _take_log_line(log, line, wanted, report)
        _note_roots(log, cuts)
    except LogFault as fault:
        report.find("log", f"{LOG}:{log.line}", fault.words, "", fault.found)
        return None
    report.begin("chain")
    log.roots[log.tree.size] = log.tree.root()
    return log


def _cuts_of_seal(bag: Bag) -> set[int]:
    """The sizes of the log that the seal leaf, the last body, asks for, read ahead of everything."""
    last = b""
    for line in bag.lines(LOG, MAX_LINE + 1):
        if line.startswith(b'{"ev"'):
            last = line
    try:
        body = Node(parse_canonical(last[:-1]))
        data = body.node("ev").node("data").value if body.node("ev").text("scope") == "sys" else {}
    except ValueError:
        return set()
    return {size for size in (body.value.get("seq"), data.get("log_size")) if type(size) is int and size >= 0}


def _note_roots(log: Log, cuts: list[int]) -> None:
    """Keep the root if the log is at a cut now; `cuts` are those still to come, the next one last."""
    if cuts and cuts[-1] == log.tree.size:
        log.roots[cuts.pop()] = log.tree.root()
    if cuts and cuts[-1] < log.tree.size:
        words = Words("Satu hash mencakup entri sebelum dan sesudah checkpoint.", "A subtree spans a cut.")
        raise LogFault(words, cuts[-1])


def _take_log_line(log: Log, line: bytes, wanted: set[int], report: Report) -> None:
    if not line.endswith(b"\n"):
        raise LogFault(_BAD_LINE, line[:40])
    match = _HASH_LINE.fullmatch(line[:-1])
    if match:
        size = int(match.group(2) or 1)
        if (match.group(2) and (size < 2 or size & size - 1 or log.tree.size % size)) or log.tree.size + size >= 2**53:
            raise LogFault(_BAD_LINE, line)
        log.tree.append(size, bytes.fromhex(match.group(1).decode()))
        return
    try:
        _take_body(log, Node(parse_canonical(line[:-1]), "ev iprev iseq seq v"), line[:-1], wanted, report)
    except ValueError as error:
        raise LogFault(_BAD_LINE, str(error)) from None


def _take_body(log: Log, leaf: Node, raw: bytes, wanted: set[int], report: Report) -> None:
    if leaf.number("seq") != log.tree.size or leaf.number("v") != 1 or len(raw) > MAX_LINE:
        raise ValueError(f"seq {leaf.number('seq')}, v {leaf.number('v')} at position {log.tree.size}")
    body = _body(leaf, raw)
    if not all(_PLAIN.fullmatch(text) for text in (body.scope, body.type, body.obj, body.actor, body.ts)):
        raise ValueError("scope, type, obj, actor and ts are 1 to 200 visible characters of ASCII")
    log.shown += 1
    if log.seal is not None or log.shown > MAX_BODIES:
        raise LogFault(Words("Ada entri setelah entri penyegelan.", "A body follows the seal leaf."), body.scope)
    if body.scope == "sys":
        log.seal = body
    else:
        _check_chain(log, report, leaf, body)
        log.history.take(body)
        if body.seq in wanted:
            log.bodies[body.seq] = body
    log.tree.append(1, leaf_hash(raw))


def _body(leaf: Node, raw: bytes) -> Body:
    ev = leaf.node("ev")
    return Body(
        seq=leaf.number("seq"),
        scope=ev.text("scope"),
        type=ev.text("type"),
        obj=ev.text("obj"),
        actor=ev.text("actor"),
        ts=ev.text("ts"),
        rev=ev.number("rev") if "rev" in ev.value else None,
        data=ev.node("data").value,
        raw=raw,
    )


def _check_chain(log: Log, report: Report, leaf: Node, body: Body) -> None:
    """The body continues its scope's chain."""
    head = log.heads.get(body.scope, Head(0, "0" * 64))
    iseq, iprev = leaf.number("iseq"), leaf.hex("iprev")
    if (iseq, iprev) != head:
        words = Words("Entri tidak menyambung rantai indikatornya.", "The entry does not continue its chain.")
        report.find("chain", f"{LOG} seq {body.seq}", words, f"{head.size} {head.leaf_hash}", f"{iseq} {iprev}")
    log.heads[body.scope] = Head(head.size + 1, leaf_hash(body.raw).hex())


def check_heads(bag: Bag, report: Report, log: Log) -> list[str] | None:
    """The scopes that heads.jsonl lists, compared with the chains; None when it is absent or malformed."""
    if HEADS not in bag.sizes:
        return None
    try:
        heads = _parse_heads(bag.read(HEADS, MAX_DOCUMENT))
    except (TooLarge, ValueError) as error:
        report.find("chain", HEADS, Words("Isinya tidak menurut format.", "It is malformed."), "", str(error))
        return None
    for scope in sorted(set(heads) | set(log.heads)):
        told, is_so = heads.get(scope), log.heads.get(scope)
        if told != is_so:
            words = Words("Ujung rantai lain dari catatan audit.", "The end of the chain differs from the log.")
            report.find("chain", f"{HEADS} {_shown(scope)}", words, told or "", is_so or "")
    return list(heads)


def _parse_heads(data: bytes) -> dict[str, Head]:
    heads: dict[str, Head] = {}
    last = ""
    for line in data.splitlines(keepends=True):
        node = Node(parse_canonical(line[:-1]), "leaf_hash scope size")
        if line[-1:] != b"\n" or node.text("scope") <= last:
            raise ValueError("a line that does not end, a scope twice, or out of order")
        last = node.text("scope")
        heads[last] = Head(node.number("size"), node.hex("leaf_hash"))
    return heads


# ---------------------------------------------------------------------------------------------------------------------
# metadata/bukti.json as it is written (§6)
# ---------------------------------------------------------------------------------------------------------------------

FORMAT = "bukti-zi/bundle/2"


class FileEntry(NamedTuple):
    id: str
    media_type: str
    name: str
    path: str
    sha256: str
    size: int
    uploader: str
    redacts: str | None

    @property
    def content(self) -> dict[str, object]:
        """As the digest of the revision covers it."""
        content: dict[str, object] = {
            "media_type": self.media_type,
            "name": self.name,
            "sha256": self.sha256,
            "size": self.size,
        }
        if self.redacts is not None:
            content["redacts"] = self.redacts
        return content


class LinkEntry(NamedTuple):
    id: str
    note: str
    url: str


class DecisionEntry(NamedTuple):
    at: str
    digest: str
    id: str
    membership: str
    note: str
    reviewer: str
    tier: int
    verdict: str


class Evidence(NamedTuple):
    """An approved revision; `scope` is that of its indicator, `requirement` the text it answers, `kind` the
    classification of that.
    """

    scope: str
    requirement: str
    kind: str
    id: str
    revision: int
    digest: str
    digest_salt: str
    document_date: str | None
    months: list[str]
    note: str
    submitted_at: str
    submitted_by: str
    files: list[FileEntry]
    links: list[LinkEntry]
    decisions: list[DecisionEntry]
    leaves: list[int]

    @property
    def key(self) -> tuple[str, str]:
        return self.scope, self.id


class Indicator(NamedTuple):
    area: str
    code: str
    scope: str


class Document(NamedTuple):
    """bukti.json; `area` and `indicator` are what the bundle is narrowed to."""

    unit: str
    year: int
    area: str | None
    indicator: str | None
    sealed_at: str
    log_size: int
    log_root: str
    left_out: dict[str, int]
    people: list[str]
    indicators: list[Indicator]
    evidence: list[Evidence]

    @property
    def leaves(self) -> set[int]:
        return {seq for item in self.evidence for seq in item.leaves}


def read_document(bag: Bag, report: Report) -> Document | None:
    """bukti.json, if it is there and of its form."""
    if METADATA not in bag.sizes:
        return None
    report.begin("metadata")
    try:
        document = _document(Node(parse_canonical(bag.read(METADATA, MAX_DOCUMENT))))
    except (TooLarge, ValueError) as error:
        report.find("metadata", METADATA, Words("Isinya tidak menurut format.", "It is malformed."), "", str(error))
        return None
    report.facts.update(unit=_shown(document.unit), year=document.year, evidence=len(document.evidence))
    return document


def _document(node: Node) -> Document:
    if node.text("format") != FORMAT:
        raise ValueError("format is {}, not {}".format(node.text("format"), FORMAT))
    people = node.nodes("people")
    if not all(person.text("name") for person in people):
        raise ValueError("a person without a name")
    indicators: list[Indicator] = []
    evidence: list[Evidence] = []
    for area in node.nodes("areas"):
        code = area.text("code")
        for component in area.nodes("components"):
            for indicator in component.nodes("indicators"):
                indicators.append(Indicator(code, indicator.text("code"), indicator.text("scope")))
                evidence.extend(_indicator_evidence(indicator))
    scope, log = node.node("scope"), node.node("log")
    return Document(
        unit=node.node("unit").text("code"),
        year=node.node("plan").number("year"),
        area=scope.text_or_none("area"),
        indicator=scope.text_or_none("indicator"),
        sealed_at=node.text("sealed_at"),
        log_size=log.number("size"),
        log_root=log.hex("root"),
        left_out=_left_out(node.nodes("left_out")),
        people=[person.text("id") for person in people],
        indicators=indicators,
        evidence=evidence,
    )


def _left_out(entries: Sequence[Node]) -> dict[str, int]:
    """How much evidence of each classification is left out."""
    found = {entry.text("classification"): entry.number("evidence") for entry in entries}
    if len(found) != len(entries) or any(number < 1 for number in found.values()):
        raise ValueError("left_out names a classification twice, or less than one")
    return found


def _indicator_evidence(indicator: Node) -> Iterator[Evidence]:
    for requirement in indicator.nodes("requirements"):
        text, kind = requirement.text("text"), requirement.text("classification")
        for node in requirement.nodes("evidence"):
            yield _evidence(indicator.text("scope"), text, kind, node)


def _evidence(scope: str, requirement: str, kind: str, node: Node) -> Evidence:
    return Evidence(
        scope=scope,
        requirement=requirement,
        kind=kind,
        id=node.text("id"),
        revision=node.number("revision"),
        digest=node.hex("digest"),
        digest_salt=node.text("digest_salt"),
        document_date=node.text_or_none("document_date"),
        months=node.texts("months"),
        note=node.text("note"),
        submitted_at=node.text("submitted_at"),
        submitted_by=node.text("submitted_by"),
        files=[_file_entry(item) for item in node.nodes("files")],
        links=[LinkEntry(item.text("id"), item.text("note"), item.text("url")) for item in node.nodes("links")],
        decisions=[_decision_entry(item) for item in node.nodes("decisions")],
        leaves=node.numbers("leaves"),
    )


def _file_entry(node: Node) -> FileEntry:
    return FileEntry(
        id=node.text("id"),
        media_type=node.text("media_type"),
        name=node.text("name"),
        path=node.text("path"),
        sha256=node.hex("sha256"),
        size=node.number("size"),
        uploader=node.text("uploader"),
        redacts=node.hex("redacts") if "redacts" in node.value else None,
    )


def _decision_entry(node: Node) -> DecisionEntry:
    return DecisionEntry(
        at=node.text("at"),
        digest=node.hex("digest"),
        id=node.text("id"),
        membership=node.text("membership"),
        note=node.text("note"),
        reviewer=node.text("reviewer"),
        tier=node.number("tier"),
        verdict=node.text("verdict"),
    )


# ---------------------------------------------------------------------------------------------------------------------
# Openings (§5)
# ---------------------------------------------------------------------------------------------------------------------

Opened = Dict[Tuple[int, str], str]  # (seq, field) → text


class Opening(NamedTuple):
    """One line: the text behind the commitment `<field>_c` of leaf `seq`; the salt is hex."""

    seq: int
    field: str
    salt: str
    value: str


def read_openings(bag: Bag, report: Report, log: Log, named: set[int]) -> Opened | None:
    """The texts behind the commitments of the named leaves; None when the file is absent or malformed."""
    if OPENINGS not in bag.sizes:
        return None
    report.begin("opening")
    if bag.sizes[OPENINGS] > MAX_DOCUMENT:
        report.find("opening", OPENINGS, Words("Berkas terlalu besar.", "The file is too large."), MAX_DOCUMENT)
        return None
    opened: Opened = {}
    last, number = (-1, ""), 0
    try:
        for line in bag.lines(OPENINGS, MAX_OPENING):
            number += 1
            opening = _parse_opening(line, last)
            last = (opening.seq, opening.field)
            if _opens(report, log, named, opening):
                opened[last] = opening.value
    except ValueError as error:
        words = Words("Baris ini tidak menurut format.", "The line is malformed.")
        report.find("opening", f"{OPENINGS}:{number}", words, "", str(error))
        return None
    return opened


def _parse_opening(line: bytes, last: tuple[int, str]) -> Opening:
    if len(line) > MAX_OPENING:
        raise ValueError("a line that is too long")
    node = Node(parse_canonical(line[:-1]), "field salt seq value")
    opening = Opening(node.number("seq"), node.text("field"), node.text("salt"), node.text("value"))
    if line[-1:] != b"\n" or opening[:2] <= last or not re.fullmatch("[0-9a-f]{32}", opening.salt):
        raise ValueError("a line that does not end, twice, or out of order, or a wrong salt")
    return opening


def _opens(report: Report, log: Log, named: set[int], opening: Opening) -> bool:
    seq, field = opening.seq, opening.field
    digest = hashlib.sha256(bytes.fromhex(opening.salt) + opening.value.encode()).hexdigest()
    body = log.bodies.get(seq)
    expected = body.data.get(field + "_c") if body and seq in named else None
    if expected == digest:
        return True
    words = Words(
        "Teks ini bukan teks yang dicatat saat itu, atau bukan milik bukti dalam paket.",
        "This is not the text that was recorded, or it belongs to no evidence of the bundle.",
    )
    report.find("opening", f"{OPENINGS} seq {seq} {_shown(field)}", words, expected or "", digest)
    return False


# ---------------------------------------------------------------------------------------------------------------------
# Checkpoint and seal against the log (§4)
# ---------------------------------------------------------------------------------------------------------------------

_OTHER_ROOT = Words("Isi catatan audit lain dari yang ditandatangani.", "The log is not the one that was signed.")


def check_roots(report: Report, log: Log, checkpoint: Note | None, notes: Mapping[str, Note]) -> None:
    """The log has the size and the roots that the notes say."""
    report.begin(*(["checkpoint"] if checkpoint else []))
    if checkpoint and checkpoint.size != log.tree.size:
        words = Words(
            "Panjang catatan audit lain dari yang ditandatangani.", "The log is shorter or longer than signed."
        )
        report.find("checkpoint", CHECKPOINT, words, checkpoint.size, log.tree.size)
    elif checkpoint and checkpoint.root != log.tree.root():
        report.find("checkpoint", CHECKPOINT, _OTHER_ROOT, checkpoint.root.hex(), log.tree.root().hex())
    for path, note in notes.items():
        root = log.roots.get(note.size)
        if root != note.root:
            report.find("checkpoint", path, _OTHER_ROOT, note.root.hex(), root.hex() if root else "")


class SealCheck:
    """The seal leaf's data, each field against what it must be."""

    def __init__(self, report: Report, seal: Body) -> None:
        self._report, self._seal = report, seal
        self.data = seal.data

    def same(self, field: str, expected: object) -> None:
        found = self.data.get(field)
        if field not in self.data or type(found) is not type(expected) or found != expected:
            self.find(field, expected, found)

    def find(self, field: str, expected: object, found: object) -> None:
        words = Words(
            "Paket lain dari yang dicatat saat disegel.", "The bundle is not what was recorded at its sealing."
        )
        self._report.find("seal", f"{LOG} seq {self._seal.seq} {field}", words, expected, found)

    def number(self, field: str) -> int | None:
        value = self.data.get(field)
        return value if type(value) is int else None


def check_seal(bag: Bag, report: Report, log: Log, payload: Listing | None, document: Document | None) -> bool:
    """Whether there is a seal leaf; what it says is compared with the bag."""
    report.begin("seal")
    if log.seal is None or log.seal.type != "bundle.sealed":
        words = Words("Catatan audit tidak memuat penyegelan paket.", "The log holds no sealing of the bundle.")
        report.find("seal", LOG, words, "bundle.sealed", log.seal.type if log.seal else "")
        return False
    check = SealCheck(report, log.seal)
    for field, path in (("manifest_sha256", MANIFEST), ("heads_sha256", HEADS)):
        if path in bag.sizes:
            check.same(field, _digest_of(bag, path))
    if payload is not None:
        check.same("files", len(payload))
    if document is not None:
        check.same("unit", document.unit)
        check.same("year", document.year)
        check.same("area_code", document.area)
        check.same("indicator_code", document.indicator)
        check.same("left_out", sum(document.left_out.values()))
        if log.seal.ts != document.sealed_at:
            check.find("ts", document.sealed_at, log.seal.ts)
    _check_sealed_log(check, log, log.seal.seq)
    return True


def _check_sealed_log(check: SealCheck, log: Log, seq: int) -> None:
    size = check.number("log_size")
    if size is None or not 0 <= size <= seq:
        check.find("log_size", f"0 … {seq}", check.data.get("log_size"))
    elif size in log.roots:
        check.same("log_root", log.roots[size].hex())


def _digest_of(bag: Bag, path: str) -> str:
    digest = hashlib.sha256()
    for chunk in bag.chunks(path):
        digest.update(chunk)
    return digest.hexdigest()


def check_sealed_scopes(report: Report, log: Log, scopes: Sequence[str]) -> None:
    """All scopes of heads.jsonl lie in the scope that the seal leaf names."""
    if log.seal is None:
        return
    data = log.seal.data
    prefix = f"{data.get('unit')}/{data.get('year')}/"
    area, indicator = data.get("area_code"), data.get("indicator_code")
    for scope in scopes:
        code = scope[len(prefix) :] if scope.startswith(prefix) else ""
        inside = code == indicator if indicator is not None else area is None or code.startswith(f"{area}.")
        if not code or not inside:
            words = Words("Indikator ini di luar cakupan paket.", "The indicator is outside the bundle's scope.")
            report.find("seal", f"{HEADS} {_shown(scope)}", words, prefix)


def check_proof(bag: Bag, report: Report, log: Log, checkpoint: Note) -> None:
    """seal.tlog-proof leads from the seal leaf to the checkpoint's root."""
    if PROOF not in bag.sizes or log.seal is None:
        return
    words = Words(
        "Bukti penyegelan tidak menuju checkpoint paket.", "The proof does not lead from the seal to the checkpoint."
    )
    try:
        index, proof = _parse_proof(bag.read(PROOF, MAX_SMALL), checkpoint.whole)
    except (TooLarge, ValueError) as error:
        report.find("seal", PROOF, words, "", str(error))
        return
    root = root_of_inclusion(index, checkpoint.size, leaf_hash(log.seal.raw), proof)
    if index != log.seal.seq or root != checkpoint.root:
        report.find("seal", PROOF, words, checkpoint.root.hex(), root.hex() if root else "")


def _parse_proof(data: bytes, checkpoint: bytes) -> tuple[int, list[bytes]]:
    head, middle, tail = data.partition(b"\n\n")
    lines = head.decode("ascii").split("\n")
    match = re.fullmatch("index (0|[1-9][0-9]{0,15})", lines[1]) if len(lines) > 1 else None
    if lines[0] != "c2sp.org/tlog-proof@v1" or not match or not middle or tail != checkpoint:
        raise ValueError("not a proof of this checkpoint")
    proof = [_strict_base64(line) for line in lines[2:]]
    if any(len(item) != 32 for item in proof):
        raise ValueError("a hash that is not 32 bytes long")
    return int(match.group(1)), proof


# ---------------------------------------------------------------------------------------------------------------------
# metadata/bukti.json against log, openings and manifest (§6)
# ---------------------------------------------------------------------------------------------------------------------


class Judge:
    """Compares each evidence with the leaves that bukti.json names for it."""

    def __init__(self, bag: Bag, report: Report, log: Log, opened: Opened | None, payload: Listing | None) -> None:
        self._bag, self._report, self._log = bag, report, log
        self._opened, self._payload = opened, payload
        self._place = METADATA

    def _find(self, id: str, en: str, expected: object = "", found: object = "") -> None:
        self._report.find("metadata", self._place, Words(id, en), expected, found)

    def _same(self, what: str, expected: object, found: object) -> None:
        """`expected` stands in the log, `found` in bukti.json; to Python alone, true would be equal to 1."""
        if canonical(expected) != canonical(found):
            self._find(f"{what} lain dari catatan audit.", f"{what} differs from the log.", str(expected), str(found))

    def _same_text(self, body: Body, field: str, found: str) -> None:
        if self._opened is not None:
            self._same(field, self._opened.get((body.seq, field), ""), found)
            if (body.seq, field) not in self._opened:
                self._find(f"Teks {field} tidak dibuka.", f"The text of {field} is not opened.")

    def whole(self, document: Document, checkpoint: Note | None) -> None:
        """Everything that is not about one evidence, then each evidence."""
        if checkpoint and (document.log_size, document.log_root) != (checkpoint.size, checkpoint.root.hex()):
            expected, found = checkpoint.root.hex(), document.log_root
            self._find("Checkpointnya lain.", "It names another checkpoint.", expected, found)
        self._indicators(document)
        self._people(document)
        for item in {item.key: item for item in document.evidence}.values():
            self._place = f"{METADATA} {_shown(item.scope)} {_shown(item.id)}"
            self._evidence(item)
        self._place = METADATA
        self._payload_is_named_once(document)
        self._left_out(document)

    def _indicators(self, document: Document) -> None:
        seen: set[str] = set()
        for area, code, scope in document.indicators:
            expected = f"{document.unit}/{document.year}/{code}"
            inside = document.area in (None, area) and document.indicator in (None, code)
            if scope != expected or not code.startswith(area + ".") or not inside or code in seen:
                self._find("Indikator di tempat yang salah.", "An indicator in the wrong place.", expected, scope)
            seen.add(code)

    def _people(self, document: Document) -> None:
        """Whoever is named in the bundle has one name."""
        named = {item.submitted_by for item in document.evidence}
        named |= {file.uploader for item in document.evidence for file in item.files}
        named |= {decision.reviewer for item in document.evidence for decision in item.decisions}
        if sorted(named) != sorted(document.people):
            self._find(
                "Daftar orang tidak memuat tiap orang yang disebut tepat sekali.",
                "The list of people does not have everybody who is named, once.",
                sorted(named - set(document.people)),
                sorted(set(document.people) - named),
            )

    def _payload_is_named_once(self, document: Document) -> None:
        if self._payload is None:
            return
        paths = [file.path for item in document.evidence for file in item.files]
        for path in sorted(set(self._payload) - set(paths)):
            self._find("Berkas ini bukan milik bukti mana pun.", "No evidence names this file.", "", path)
        seen: set[str] = set()
        for path in paths:
            if path in seen:
                self._find("Berkas ini milik dua bukti.", "Two entries name this file.", "", path)
            seen.add(path)

    def _left_out(self, document: Document) -> None:
        """Approved evidence that is not in the bundle numbers just what bukti.json says."""
        inside, history = {item.key for item in document.evidence}, self._log.history
        if len(inside) != len(document.evidence):
            self._find("Satu bukti muncul dua kali.", "An evidence occurs twice.")
        absent: dict[str, int] = {}
        for key in history.approvals:
            if key not in inside and history.is_approved(key):
                kind = history.kind_of(key)
                absent[kind] = absent.get(kind, 0) + 1
        if absent != document.left_out:
            self._find(
                "Banyaknya bukti yang disetujui tetapi tidak disertakan tidak sesuai.",
                "The number of approved evidence that is left out is not as told.",
                absent,
                document.left_out,
            )

    def _evidence(self, item: Evidence) -> None:
        bodies = self._bodies(item)
        submitted = [b for b in bodies if (b.type, b.rev) == ("evidence.submitted", item.revision)]
        if len(submitted) != 1:
            self._find(
                "Pengajuan versi ini tidak tercatat tepat sekali.", "It was not submitted once.", 1, len(submitted)
            )
        else:
            self._submission(item, submitted[0])
        self._decisions(item, bodies)
        self._same("classification", self._log.history.kind_of(item.key), item.kind)
        self._standing(item)
        sent, added = _sent(bodies), _added(bodies)
        for file in item.files:
            self._file(file, sent.get(file.id))
        self._copies(item)
        for link in item.links:
            self._link(link, added.get(link.id))
        self._same("digest", _revision_digest(item), item.digest)

    def _bodies(self, item: Evidence) -> list[Body]:
        """The leaves named for it that are its own."""
        if len(set(item.leaves)) != len(item.leaves):
            self._find("Satu entri disebut dua kali.", "A leaf is named twice.", "", item.leaves)
        found = [self._log.bodies.get(seq) for seq in item.leaves]
        own = [body for body in found if body and (body.scope, body.obj) == item.key]
        if len(own) != len(item.leaves):
            self._find(
                "Entri yang disebut bukan milik bukti ini.", "A leaf named is not of this evidence.", "", item.leaves
            )
        return own

    def _submission(self, item: Evidence, body: Body) -> None:
        files = [
            {"file": file.id, "media_type": file.media_type, "sha256": file.sha256, "size": file.size}
            for file in item.files
        ]
        self._same("files", _facts(body.data.get("files")), files)
        self._same("links", body.data.get("links"), [link.id for link in item.links])
        self._same("months", body.data.get("months"), item.months)
        self._same("document_date", body.data.get("document_date"), item.document_date)
        self._same("digest", body.data.get("digest"), item.digest)
        self._same("submitted_by", body.actor, "u:" + item.submitted_by)
        self._same("submitted_at", body.ts, item.submitted_at)
        self._same_text(body, "note", item.note)
        contributors, reviewers = body.data.get("contributors"), {decision.reviewer for decision in item.decisions}
        if not isinstance(contributors, list) or any(reviewer in contributors for reviewer in reviewers):
            self._find(
                "Penyetuju ikut menyusun bukti ini.", "An approver had a hand in it.", contributors, sorted(reviewers)
            )

    def _decisions(self, item: Evidence, bodies: Sequence[Body]) -> None:
        approvals = [a for a in self._log.history.approvals.get(item.key, []) if a.rev == item.revision]
        leaves = {body.seq: body for body in bodies}
        own = [leaves[approval.seq] for approval in approvals if approval.seq in leaves]
        if not own or len(own) != len(approvals) or len(own) != len(item.decisions):
            self._find(
                "Persetujuan yang tercatat lain banyaknya.",
                "The approvals recorded are of another number.",
                len(approvals),
                len(item.decisions),
            )
        if [approval.final for approval in approvals] != [False] * (len(approvals) - 1) + [True]:
            self._find("Tidak tepat persetujuan terakhir yang final.", "Not just the last approval is final.")
        for body, decision in zip(own, item.decisions):
            self._decision(item, body, decision)
        self._four_eyes(item)

    def _decision(self, item: Evidence, body: Body, decision: DecisionEntry) -> None:
        for field, found in (("decision", decision.id), ("membership", decision.membership), ("tier", decision.tier)):
            self._same(field, body.data.get(field), found)
        self._same("digest", body.data.get("digest"), item.digest)
        self._same("digest", decision.digest, item.digest)
        self._same("reviewer", body.actor, "u:" + decision.reviewer)
        self._same("at", body.ts, decision.at)
        self._same("verdict", "approve", decision.verdict)
        self._same_text(body, "note", decision.note)

    def _four_eyes(self, item: Evidence) -> None:
        """Nobody approved twice, and nobody what he had sent himself."""
        reviewers = [decision.reviewer for decision in item.decisions]
        senders = {item.submitted_by} | {file.uploader for file in item.files}
        if len(set(reviewers)) != len(reviewers) or senders & set(reviewers):
            self._find(
                "Penyetuju tidak berbeda dari pengirim, atau menyetujui dua kali.",
                "An approver sent it himself, or approved twice.",
                "",
                reviewers,
            )

    def _standing(self, item: Evidence) -> None:
        history = self._log.history
        if item.revision in history.reopened.get(item.key, set()):
            self._find("Persetujuannya sudah dibuka kembali.", "Its approval was taken back.")
        if history.submitted.get(item.key, item.revision) != item.revision:
            self._find("Bukan versi terakhir yang diajukan.", "It is not the newest version submitted.")

    def _file(self, file: FileEntry, body: Body | None) -> None:
        fact = {"file": file.id, "media_type": file.media_type, "sha256": file.sha256, "size": file.size}
        if body is None:
            self._find("Pengiriman berkas ini tidak tercatat.", "No leaf tells that this file was sent.", "", file.name)
        else:
            self._same("file", _facts([body.data.get("fact")]), [fact])
            reused = body.type == "evidence.file_reused"
            self._same("uploader", body.data.get("uploader") if reused else body.actor[2:], file.uploader)
            self._same_text(body, "name", file.name)
        listed = file.sha256 if self._payload is None else self._payload.get(file.path)
        if listed != file.sha256:
            self._find("Berkas lain dari manifes.", "The manifest has another file.", listed or "", file.sha256)
        size = self._bag.sizes.get(file.path, file.size)
        if size != file.size:
            self._find("Ukuran berkas lain.", "The file has another size.", file.size, size)

    def _copies(self, item: Evidence) -> None:
        """What a copy redacts is another file of the evidence, and no copy itself."""
        for copy in [file for file in item.files if file.redacts is not None]:
            originals = [file for file in item.files if file.sha256 == copy.redacts and file.id != copy.id]
            if not originals or any(file.redacts is not None for file in originals):
                self._find(
                    "Salinan ini bukan dari berkas asli bukti ini.",
                    "The copy is not of an original file of this evidence.",
                    copy.redacts,
                    copy.name,
                )

    def _link(self, link: LinkEntry, body: Body | None) -> None:
        if body is None:
            self._find("Penambahan tautan ini tidak tercatat.", "No leaf tells that this link was added.", "", link.url)
            return
        self._same_text(body, "url", link.url)
        self._same_text(body, "note", link.note)


def _sent(bodies: Sequence[Body]) -> dict[object, Body]:
    """The leaf by which each file came, by the file's id."""
    found: dict[object, Body] = {}
    for body in bodies:
        fact = body.data.get("fact")
        if body.type in ("evidence.file_uploaded", "evidence.file_reused") and isinstance(fact, dict):
            file = fact.get("file")
            if isinstance(file, str):
                found.setdefault(file, body)
    return found


def _added(bodies: Sequence[Body]) -> dict[object, Body]:
    """The leaf by which each link was added, by the link's id."""
    added = [body for body in bodies if body.type == "evidence.link_added" and isinstance(body.data.get("link"), str)]
    return {body.data["link"]: body for body in reversed(added)}


def _facts(value: object) -> object:
    """Facts of files as a leaf states them, without what bukti.json does not repeat."""
    keys = ("file", "media_type", "sha256", "size")
    if not isinstance(value, list) or not all(isinstance(fact, dict) for fact in value):
        return value
    return [{key: fact.get(key) for key in keys} for fact in value]


def _revision_digest(item: Evidence) -> str:
    content = {
        "document_date": item.document_date,
        "files": [file.content for file in item.files],
        "format": "bukti-zi/revision/1",
        "links": [{"note": link.note, "url": link.url} for link in item.links],
        "months": item.months,
        "note": item.note,
        "requirement": item.requirement,
        "salt": item.digest_salt,
    }
    return hashlib.sha256(canonical(content)).hexdigest()


# ---------------------------------------------------------------------------------------------------------------------
# The whole check (§8)
# ---------------------------------------------------------------------------------------------------------------------

Printed = Tuple[int, str]


def verify(path: str, keys: Keys, printed: Printed | None, report: Report, progress: Callable[[int], None]) -> None:
    """Fill the report; raises Unreadable or OSError when nothing can be said."""
    _state_what_was_not_given(report, keys, printed)
    report.begin("zip", "name")
    report.facts["name"] = os.path.basename(os.path.abspath(path))
    if os.path.isdir(path):
        _verify_bag(open_folder(path, report), keys, printed, report, progress)
        return
    with open(path, "rb") as file:
        _verify_bag(open_zip(path, file, report), keys, printed, report, progress)


def _verify_bag(bag: Bag, keys: Keys, printed: Printed | None, report: Report, progress: Callable[[int], None]) -> None:
    if report.findings:
        return
    payload = [size for path, size in bag.sizes.items() if path.startswith(PAYLOAD)]
    report.facts.update(name=bag.name, files=len(payload), bytes=sum(payload))
    check_signatures(bag, report, keys)
    manifests = check_files(bag, report, progress)
    checkpoint = read_checkpoint(bag, report, keys, read_bag_info(bag, report))
    notes = read_earlier_notes(bag, report, keys, checkpoint)
    document = read_document(bag, report)
    wanted = document.leaves if document else set()
    log = read_log(bag, report, wanted, {note.size for note in notes.values()})
    if log is not None:
        _verify_log(bag, report, log, manifests.payload, document, checkpoint, notes)
        if printed is not None:
            _check_printed(report, log, *printed)


def _verify_log(
    bag: Bag,
    report: Report,
    log: Log,
    payload: Listing | None,
    document: Document | None,
    checkpoint: Note | None,
    notes: Mapping[str, Note],
) -> None:
    """Everything that needs the log."""
    check_roots(report, log, checkpoint, notes)
    scopes = check_heads(bag, report, log)
    if check_seal(bag, report, log, payload, document):
        check_sealed_scopes(report, log, scopes or [])
        if checkpoint is not None:
            check_proof(bag, report, log, checkpoint)
    if document is not None:
        opened = read_openings(bag, report, log, document.leaves)
        Judge(bag, report, log, opened, payload).whole(document, checkpoint)


def _check_printed(report: Report, log: Log, size: int, root: str) -> None:
    found, known = log.roots.get(size), ", ".join(str(at) for at in sorted(log.roots))
    if found is None:
        report.cannot(
            "printed_size_unknown",
            Words(
                f"Checkpoint cetak (ukuran {size}) tidak dapat dibandingkan dengan paket ini saja: paket ini memuat "
                f"ukuran {known}. Pakai cetakan dengan salah satu ukuran itu.",
                f"The printed checkpoint (size {size}) cannot be compared with this bundle alone: it holds the sizes "
                f"{known}. Use a print of one of these.",
            ),
        )
        return
    report.begin("printed")
    if found.hex() != root:
        words = Words(
            "Catatan audit lain dari yang tercetak: ditulis ulang setelah dicetak.",
            "The log is not the one that was printed: it was rewritten since.",
        )
        report.find("printed", f"--cetak {size}", words, root, found.hex())


def _state_what_was_not_given(report: Report, keys: Keys, printed: Printed | None) -> None:
    if not keys.checkpoint:
        report.cannot(
            "no_checkpoint_key",
            Words(
                "Tanpa kunci checkpoint tidak dapat dipastikan bahwa catatan audit ini berasal dari portal.",
                "Without a checkpoint key nothing tells that the log is the portal's.",
            ),
        )
    if not keys.ssh and not keys.ecdsa:
        report.cannot(
            "no_bag_key",
            Words(
                "Tanpa kunci paket (SSH atau ECDSA) tidak dapat dipastikan bahwa paket ini dibuat oleh portal.",
                "Without an SSH or ECDSA key nothing tells that the portal made this bundle.",
            ),
        )
    if printed is None:
        report.cannot(
            "no_printed_checkpoint",
            Words(
                "Tanpa checkpoint cetak (--cetak), catatan audit yang ditulis ulang lalu ditandatangani lagi dengan "
                "kunci curian tidak akan ketahuan.",
                "Without a printed checkpoint (--cetak), a log that was rewritten and signed again with a stolen key "
                "would not be noticed.",
            ),
        )


# ---------------------------------------------------------------------------------------------------------------------
# Telling people and programs
# ---------------------------------------------------------------------------------------------------------------------

EXIT = {"genuine": 0, "not_genuine": 1, "cannot_tell": 2}
VERDICTS = {
    "genuine": Words(
        "ASLI: tidak ada yang berubah sejak portal menyegel paket ini.",
        "GENUINE: nothing has changed since the portal sealed this bundle.",
    ),
    "not_genuine": Words(
        "TIDAK ASLI: paket ini lain dari yang disegel portal, atau aturan persetujuan dilanggar.",
        "NOT GENUINE: this is not what the portal sealed, or the rules of approval were broken.",
    ),
    "cannot_tell": Words(
        "TIDAK DAPAT DIPASTIKAN: pemeriksaan tidak dapat dilakukan seluruhnya.",
        "CANNOT TELL: not everything that decides could be checked.",
    ),
}
CHECKS: tuple[tuple[str, Words], ...] = (
    ("zip name", Words("Wadah dan nama berkas", "Container and names of files")),
    ("bag missing unlisted digest", Words("Semua berkas lengkap dan utuh", "All files are there and whole")),
    ("signature", Words("Tanda tangan portal pada paket", "The portal's signature on the bundle")),
    ("checkpoint_signature", Words("Tanda tangan pada checkpoint", "The signature on the checkpoint")),
    ("checkpoint log", Words("Catatan audit sama dengan checkpoint", "The log is the one of the checkpoint")),
    ("chain", Words("Catatan tiap indikator lengkap", "The record of each indicator is complete")),
    ("seal", Words("Penyegelan paket tercatat", "The sealing of the bundle is on record")),
    ("metadata opening", Words("Bukti sesuai dengan persetujuan yang tercatat", "Evidence is what was approved")),
    ("printed", Words("Checkpoint cetak", "The printed checkpoint")),
)
BEYOND = (
    Words(
        "apakah isi suatu dokumen benar; itu penilaian Anda", "whether what a document says is true; that is for you"
    ),
    Words(
        "nama orang dan unit, judul dan uraian rencana aksi, index.html, indeks: itu keterangan portal saat menyegel",
        "names of people and the unit, texts of the plan, index.html and indeks: the portal's word at the sealing",
    ),
    Words(
        "kejadian yang disembunyikan portal sendiri saat menyegel; paket berikutnya dari cakupan yang sama membukanya",
        "events that the portal itself hid at the sealing; a later bundle of the same scope brings them to light",
    ),
)
_LABELS = {
    "beyond": Words("Tidak dapat diperiksa dengan cara ini:", "What cannot be checked in this way:"),
    "checked": Words("Yang diperiksa:", "What was checked:"),
    "findings": Words("Temuan:", "Findings:"),
    "absent": Words("Yang tidak dapat dipastikan:", "What could not be established:"),
    "expected": Words("seharusnya", "expected"),
    "found": Words("ditemukan", "found"),
    "more": Words("dan %d temuan lain berkode %s", "and %d more findings of code %s"),
    "good": Words("baik", "good"),
    "bad": Words("TIDAK", "BAD"),
    "unchecked": Words("tidak diperiksa", "not checked"),
    "bundle": Words("Paket", "Bundle"),
    "group": Words(".", ","),
    "content": Words(
        "Unit %s, tahun %s: %s bukti, %s berkas, %s bita", "Unit %s, year %s: %s evidence, %s files, %s bytes"
    ),
    "log": Words("Catatan audit %s: %s entri, akar", "Log %s: %s entries, root"),
}


def as_json(report: Report, language: str) -> str:
    """One object for programs."""
    findings = [{**item._asdict(), "message": getattr(item.message, language)} for item in report.findings]
    missing = [{"code": item.code, "message": getattr(item.message, language)} for item in report.not_established]
    return json.dumps(
        {
            "verdict": report.verdict,
            "findings": findings,
            "not_established": missing,
            "bundle": report.facts,
        }
    )


def as_text(report: Report, language: str) -> str:
    """The whole report for people."""

    def say(key: str) -> str:
        return str(getattr(_LABELS[key], language))

    lines = [*_about(report, say), "", "==> " + str(getattr(VERDICTS[report.verdict], language)), "", say("checked")]
    for codes, words in CHECKS:
        lines.append(f"  [{say(_state(report, codes.split()))}] {getattr(words, language)}")
    lines += ["", say("findings"), *_findings(report, language, say)] if report.findings else []
    if report.not_established:
        lines += ["", say("absent")]
        lines += ["  - " + str(getattr(item.message, language)) for item in report.not_established]
    lines += ["", say("beyond"), *(f"  - {getattr(words, language)}" for words in BEYOND)]
    return "\n".join(lines)


def _about(report: Report, say: Callable[[str], str]) -> Iterator[str]:
    facts = report.facts
    yield "{}: {}".format(say("bundle"), _shown(facts["name"] or "–"))
    if facts["unit"] is not None:
        names = ("unit", "year", "evidence", "files", "bytes")
        yield "  " + say("content") % tuple(_number(facts[name], say) for name in names)
    if facts["root"] is not None:
        yield "  " + say("log") % (_shown(facts["origin"]), facts["size"])
        root = str(facts["root"])
        yield "    " + " ".join(root[at : at + 4] for at in range(0, len(root), 4))


def _number(value: object, say: Callable[[str], str]) -> str:
    """A fact; a large number in groups of three, as the language writes them."""
    if isinstance(value, int) and value >= 10_000:
        return f"{value:,}".replace(",", say("group"))
    return _shown(value)


def _state(report: Report, codes: Sequence[str]) -> str:
    if any(code in report.counts for code in codes):
        return "bad"
    return "good" if set(codes) <= report.begun else "unchecked"


def _findings(report: Report, language: str, say: Callable[[str], str]) -> Iterator[str]:
    for number, finding in enumerate(report.findings, start=1):
        yield f"  {number}. [{finding.code}] {finding.place}"
        yield "     " + str(getattr(finding.message, language))
        for key, value in (("expected", finding.expected), ("found", finding.found)):
            if value:
                yield f"     {say(key)}: {value}"
    for code, count in report.counts.items():
        if count > SHOWN_PER_CODE:
            yield "  … " + say("more") % (count - SHOWN_PER_CODE, code)


class Parser(argparse.ArgumentParser):
    """Raises Unreadable for a wrong argument, so that even that is told in the form asked for."""

    def error(self, message: str) -> NoReturn:
        raise Unreadable(Words("Perintah salah: " + message, "Wrong command: " + message))


def argument_parser() -> Parser:
    parser = Parser(
        allow_abbrev=False,
        prog="verifikasi.py",
        description="Memeriksa paket bukti tanpa portal dan tanpa internet.",
        epilog="Status keluar: 0 asli, 1 tidak asli, 2 tidak dapat dipastikan.",
    )
    parser.add_argument("paket", metavar="PAKET", help="berkas ZIP paket, atau folder hasil ekstraknya")
    parser.add_argument(
        "--kunci", metavar="BERKAS", action="append", default=[], help="berkas kunci publik, boleh beberapa"
    )
    parser.add_argument("--cetak", metavar='"SIZE ROOT"', help="checkpoint yang tercetak")
    parser.add_argument("--json", action="store_true", help="hasil sebagai satu objek JSON")
    parser.add_argument("--bahasa", choices=("id", "en"), default="id", help="bahasa hasil")
    return parser


def _progress(report: Report, out: TextIO | None) -> Callable[[int], None]:
    """Writes how much was read, on a terminal only."""
    done = 0

    def tell(length: int) -> None:
        nonlocal done
        before, done = done, done + length
        if out and out.isatty() and before >> 28 != done >> 28:
            out.write(f"{done >> 20} MiB / {int(str(report.facts['bytes'] or 0)) >> 20} MiB\r")
            out.flush()

    return tell


def run(given: argparse.Namespace) -> Report:
    """The report of one call; nothing that a bundle holds makes it raise."""
    report = Report()
    try:
        keys = read_keys(given.kunci)
        printed = None if given.cetak is None else read_printed(given.cetak)
        verify(given.paket, keys, printed, report, _progress(report, sys.stderr))
    except Unreadable as error:
        return unreadable(error.words)
    except (OSError, MemoryError, KeyboardInterrupt) as error:
        return unreadable(Words(f"Tidak dapat dibaca: {_reason(error)}", f"Cannot be read: {_reason(error)}"))
    except Exception as error:  # noqa: BLE001  # whatever a bundle does to us, the auditor gets an answer
        return unreadable(Words(f"Pemeriksaan terhenti: {_reason(error)}", f"The check broke off: {_reason(error)}"))
    return report


def unreadable(words: Words) -> Report:
    """A report that says nothing about the bundle but this."""
    report = Report()
    report.cannot("unreadable", words)
    return report


def _reason(error: BaseException) -> str:
    return _shown(f"{type(error).__name__} {error}")


def main(arguments: Sequence[str]) -> int:
    """Print the report; returns the exit status."""
    try:
        given = argument_parser().parse_args(arguments)
        report = run(given)
    except Unreadable as error:
        given = argparse.Namespace(json="--json" in arguments, bahasa="id")
        report = unreadable(error.words)
    text = as_json(report, given.bahasa) if given.json else as_text(report, given.bahasa)
    return EXIT[report.verdict] if _told(text) else EXIT["cannot_tell"]


def _told(text: str) -> bool:
    """Write the report; returns whether somebody can have read it."""
    if sys.stdout is None:
        return False
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure:
        reconfigure(errors="backslashreplace")  # a terminal that cannot show a letter shows its number
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains when it ends
        return False
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
