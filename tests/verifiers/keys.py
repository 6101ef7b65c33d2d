"""The keys of a made-up signer: the same in every run, so that every made bag is the same, too.

Writes notes, SSH signatures and ECDSA signatures by `cryptography` and the text of their specifications; nothing
here comes from the portal.
"""

from __future__ import annotations

import struct
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256, sha512
from textwrap import wrap

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ORIGIN = "bukti-zi.kpu-1502/log"
NAMESPACE = "bukti-zi"
_ED25519 = 1  # signature type of signed-note


@dataclass(frozen=True, slots=True)
class Keys:
    """One set of the three keys, made from `seed`; two sets of different seeds have nothing in common."""

    seed: str
    origin: str = ORIGIN

    def _secret(self, purpose: str) -> bytes:
        return sha256(f"{self.seed} {purpose}".encode()).digest()

    @property
    def _checkpoint(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self._secret("checkpoint"))

    @property
    def _ssh(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self._secret("ssh"))

    @property
    def _ecdsa(self) -> ec.EllipticCurvePrivateKey:
        return ec.derive_private_key(int.from_bytes(self._secret("ecdsa"), "big") >> 1, ec.SECP256R1())

    @property
    def key_id(self) -> bytes:
        """The first four bytes of H(name, newline, type, key)."""
        return sha256(self.origin.encode() + b"\n" + bytes([_ED25519]) + _raw(self._checkpoint.public_key())).digest()[
            :4
        ]

    @property
    def verifier_key(self) -> str:
        """The checkpoint key as C2SP signed-note spells it."""
        key = bytes([_ED25519]) + _raw(self._checkpoint.public_key())
        return f"{self.origin}+{self.key_id.hex()}+{b64encode(key).decode()}\n"

    @property
    def allowed_signers(self) -> str:
        return f'portal namespaces="{NAMESPACE}" ssh-ed25519 {b64encode(_ssh_public(self._ssh)).decode()}\n'

    @property
    def ecdsa_pem(self) -> str:
        return _pem(self._ecdsa.public_key())

    @property
    def checkpoint_pem(self) -> str:
        """The checkpoint key for openssl."""
        return _pem(self._checkpoint.public_key())

    @property
    def public(self) -> tuple[str, ...]:
        """What an auditor gives to a verifier: one text a key."""
        return self.verifier_key, self.allowed_signers, self.ecdsa_pem

    @property
    def ssh_public(self) -> str:
        """The SSH key as the history of keys names it."""
        return f"ssh-ed25519 {b64encode(_ssh_public(self._ssh)).decode()}"

    def raw_signature(self, text: bytes) -> bytes:
        """64 bytes of Ed25519 by the checkpoint key."""
        return self._checkpoint.sign(text)

    def note_line(self, text: bytes) -> bytes:
        """The signature line of a note over `text`."""
        line = b64encode(self.key_id + self.raw_signature(text)).decode()
        return f"— {self.origin} {line}\n".encode()

    def ssh_signature(self, message: bytes, namespace: str = NAMESPACE) -> bytes:
        """SSHSIG, armored (PROTOCOL.sshsig of OpenSSH)."""
        head = _string(namespace.encode()) + _string(b"") + _string(b"sha512")
        signature = self._ssh.sign(b"SSHSIG" + head + _string(sha512(message).digest()))
        public = _string(_ssh_public(self._ssh))
        blob = b"SSHSIG" + struct.pack(">L", 1) + public + head + _string(_string(b"ssh-ed25519") + _string(signature))
        lines = "\n".join(wrap(b64encode(blob).decode(), 70))
        return f"-----BEGIN SSH SIGNATURE-----\n{lines}\n-----END SSH SIGNATURE-----\n".encode()

    def ecdsa_signature(self, message: bytes) -> bytes:
        """DER, the same in every run."""
        return self._ecdsa.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))


def _raw(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def _pem(key: Ed25519PublicKey | ec.EllipticCurvePublicKey) -> str:
    pem = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return pem.decode()


def _ssh_public(key: Ed25519PrivateKey) -> bytes:
    return _string(b"ssh-ed25519") + _string(_raw(key.public_key()))


def _string(value: bytes) -> bytes:
    return struct.pack(">L", len(value)) + value


SIGNER = Keys("the signer")
STRANGER = Keys("somebody else")
"""Claims the same origin with other keys."""
