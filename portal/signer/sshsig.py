"""SSH signatures (OpenSSH's PROTOCOL.sshsig) with Ed25519, as `ssh-keygen -Y sign` makes them."""

from __future__ import annotations

import base64
import textwrap
from hashlib import sha512

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_MAGIC = b"SSHSIG"
_VERSION = (1).to_bytes(4, "big")
_KEY_TYPE = b"ssh-ed25519"
_HASH = b"sha512"
_ARMOR_COLUMNS = 70


def sshsig(message: bytes, *, namespace: str, key: Ed25519PrivateKey) -> bytes:
    """The armored signature over `message`; the same bytes each time."""
    named = _string(namespace.encode()) + _string(b"") + _string(_HASH)  # namespace, reserved, hash algorithm
    signature = key.sign(_MAGIC + named + _string(sha512(message).digest()))
    public = _string(_KEY_TYPE) + _string(key.public_key().public_bytes_raw())
    blob = _MAGIC + _VERSION + _string(public) + named + _string(_string(_KEY_TYPE) + _string(signature))
    lines = textwrap.wrap(base64.b64encode(blob).decode(), _ARMOR_COLUMNS)
    return "\n".join(["-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----", ""]).encode()


def _string(data: bytes) -> bytes:
    """A `string` of RFC 4251 §5."""
    return len(data).to_bytes(4, "big") + data
