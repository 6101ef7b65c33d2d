"""The key directory: private keys as files that nobody but the signer may read. Owns their names, form and modes.

Files are read anew for each signature, so that a rotation takes effect at once and a key that has become readable by
others is refused from then on.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import TYPE_CHECKING, TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from portal.adapters.signer import SSH_IDENTITY, SSH_NAMESPACE, PublicKeys
from portal.adapters.sync_folder import sync_folder
from portal.domain.errors import InvalidInput, SignerUnavailable
from portal.domain.log.note import VerifierKey

if TYPE_CHECKING:
    from collections.abc import Mapping

PrivateKey: TypeAlias = "ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey"

ORIGIN = "origin"
CHECKPOINT = "checkpoint.key"
PREVIOUS = "checkpoint.previous.key"
"""The checkpoint key before the last rotation. It goes on signing beside its successor until the next one, so that who
holds only the old public key can verify for as long.
"""
SSH = "ssh.key"
ECDSA = "ecdsa.key"

MAX_FILE_BYTES = 4096
_ORIGIN = re.compile(r"(?=.{1,100}$)[a-z0-9][a-z0-9.-]*(?:/[a-z0-9][a-z0-9.-]*)+")
_MODE = 0o600 if os.name == "nt" else 0o400  # there a file that is read-only cannot be replaced
_OTHERS = 0o077
_OTHERS_WRITE = 0o022


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRing:
    """The keys of one moment; `checkpoint` holds the current key and, after a rotation, the one before it."""

    origin: str
    checkpoint: tuple[ed25519.Ed25519PrivateKey, ...]
    ssh: ed25519.Ed25519PrivateKey
    ecdsa: ec.EllipticCurvePrivateKey

    @property
    def verifiers(self) -> tuple[VerifierKey, ...]:
        return tuple(VerifierKey(self.origin, key.public_key().public_bytes_raw()) for key in self.checkpoint)

    @property
    def public(self) -> PublicKeys:
        ssh = self.ssh.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
        return PublicKeys(
            checkpoint=str(self.verifiers[0]),
            ssh=f'{SSH_IDENTITY} namespaces="{SSH_NAMESPACE}" {ssh}',
            ecdsa=self.ecdsa.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
        )


def create_keys(directory: Path, *, origin: str) -> None:
    """Make the directory with new keys for the log `origin`; raises InvalidInput when it exists or cannot be made."""
    if not _ORIGIN.fullmatch(origin):
        raise InvalidInput("origin", "Nama log berbentuk bukti-zi.<unit>/<log>: huruf kecil, angka, titik, strip.")
    try:
        directory.mkdir(mode=0o700)
        _write(directory / ORIGIN, f"{origin}\n".encode())
        for name, key in _new_keys().items():
            _write(directory / name, _pem(key))
        sync_folder(directory)
    except FileExistsError as error:
        raise InvalidInput(
            "dir", f"{directory} sudah ada; kunci di dalamnya tidak disentuh. Pilih direktori lain."
        ) from error
    except OSError as error:
        raise InvalidInput("dir", f"{directory} tidak dapat dibuat: {error.strerror}.") from error


def _new_keys() -> Mapping[str, PrivateKey]:
    return {
        CHECKPOINT: ed25519.Ed25519PrivateKey.generate(),
        SSH: ed25519.Ed25519PrivateKey.generate(),
        ECDSA: ec.generate_private_key(ec.SECP256R1()),
    }


def replace_keys(directory: Path) -> None:
    """Put new keys in the place of all; the checkpoint key stays beside its successor. At no moment is one missing.

    Raises SignerUnavailable when the directory cannot be written.
    """
    try:
        _replace_keys(directory)
        sync_folder(directory)
    except OSError as error:
        raise _unfit(directory, error.strerror or str(error)) from error


def _replace_keys(directory: Path) -> None:
    beside = directory / "new.key"
    beside.unlink(missing_ok=True)  # of a rotation that was cut off
    os.link(directory / CHECKPOINT, beside)
    beside.replace(directory / PREVIOUS)
    for name, key in _new_keys().items():
        beside.unlink(missing_ok=True)  # replacing a file by another name of itself leaves both
        _write(beside, _pem(key))
        beside.replace(directory / name)


def read_keys(directory: Path) -> KeyRing:
    """Raises SignerUnavailable for a file that is missing, no such key, or open to others."""
    _require_closed(directory, _OTHERS_WRITE)
    current = _ed25519(directory / CHECKPOINT)
    previous = (_ed25519(directory / PREVIOUS),) if (directory / PREVIOUS).exists() else ()
    ecdsa = _private_key(directory / ECDSA)
    if not isinstance(ecdsa, ec.EllipticCurvePrivateKey) or ecdsa.curve.name != "secp256r1":
        raise _unfit(directory / ECDSA, "bukan kunci P-256")
    return KeyRing(
        origin=_origin(directory / ORIGIN), checkpoint=(current, *previous), ssh=_ed25519(directory / SSH), ecdsa=ecdsa
    )


def _origin(path: Path) -> str:
    origin = _read(path).decode(errors="replace").removesuffix("\n")
    if not _ORIGIN.fullmatch(origin):
        raise _unfit(path, "bukan nama log")
    return origin


def _ed25519(path: Path) -> ed25519.Ed25519PrivateKey:
    key = _private_key(path)
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise _unfit(path, "bukan kunci Ed25519")
    return key


def _private_key(path: Path) -> object:
    _require_closed(path, _OTHERS)
    try:
        return load_pem_private_key(_read(path), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _unfit(path, "bukan kunci dalam PEM tanpa sandi") from error


def _read(path: Path) -> bytes:
    """A small regular file: whatever else lies there, a pipe say, must not make the signer wait."""
    try:
        if not S_ISREG(path.stat().st_mode):
            raise _unfit(path, "bukan berkas biasa")
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES)
    except OSError as error:
        raise _unfit(path, error.strerror or str(error)) from error


def _require_closed(path: Path, forbidden: int) -> None:
    """Refuse what others may read or write; on Windows the folder's access list decides, which modes do not show."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise _unfit(path, error.strerror or str(error)) from error
    if os.name != "nt" and mode & forbidden:
        remedy = "chmod 700" if S_ISDIR(mode) else "chmod 400"
        raise _unfit(
            path, f"terbuka untuk pengguna lain; jalankan `{remedy}`, dan ganti kunci bila mungkin sudah dibaca"
        )


def _unfit(path: Path, reason: str) -> SignerUnavailable:
    return SignerUnavailable(f"Kunci tidak dapat dipakai: {path}: {reason}. Tidak ada yang ditandatangani.")


def _write(path: Path, data: bytes) -> None:
    """A new file that only its owner may read, its bytes on the disk when this returns."""
    binary = getattr(os, "O_BINARY", 0)  # on Windows, where bytes are changed without it
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | binary, _MODE), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _pem(key: PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
