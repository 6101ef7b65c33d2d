"""The public keys as people compare them: short where the usual tools have a short form, and in full. Reads only."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from hashlib import sha256

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from sqlalchemy.orm import Session

from portal.domain.key_kind import KeyKind
from portal.services.signing_keys import KeyView, list_keys

ORDER = (KeyKind.CHECKPOINT, KeyKind.SSH, KeyKind.ECDSA)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPrint:
    """One key. `fingerprint` is what `ssh-keygen -lf` prints, for ECDSA the SHA-256 of the key in DER, and for the
    checkpoint key the verifier key itself, which is short; `key` is what a verifier takes.
    """

    kind: KeyKind
    key: str
    fingerprint: str
    from_size: int
    until_size: int | None


def list_key_prints(session: Session) -> tuple[KeyPrint, ...]:
    """All keys there ever were, those in use first."""
    keys = sorted(list_keys(session), key=lambda key: (key.until_size is not None, ORDER.index(key.kind)))
    return tuple(_print_of(key) for key in keys)


def list_current_key_prints(session: Session) -> tuple[KeyPrint, ...]:
    return tuple(key for key in list_key_prints(session) if key.until_size is None)


def _print_of(key: KeyView) -> KeyPrint:
    return KeyPrint(
        kind=key.kind,
        key=key.key,
        fingerprint=_fingerprint(key.kind, key.key),
        from_size=key.from_size,
        until_size=key.until_size,
    )


def _fingerprint(kind: KeyKind, key: str) -> str:
    if kind is KeyKind.SSH:
        blob = base64.b64decode(key.split("ssh-ed25519 ", 1)[1].split()[0])
        return "SHA256:" + base64.b64encode(sha256(blob).digest()).decode().rstrip("=")
    if kind is KeyKind.ECDSA:
        der = load_pem_public_key(key.encode()).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return sha256(der).hexdigest()
    return key.strip()
