"""The port of the signer: what may be asked of whoever holds the private keys, and what comes back.

Keys never pass this border, only texts, proofs and signatures. Clients are in `signer_clients.py`; the real work is
`portal.signer`, which no part of the web application imports.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from portal.domain.key_kind import KeyKind
from portal.domain.log.checkpoint import Checkpoint
from portal.domain.log.note import VerifierKey

SSH_IDENTITY = "portal"
"""The principal in the allowed_signers line, to be given to `ssh-keygen -Y verify -I`."""
SSH_NAMESPACE = "bukti-zi"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKeys:
    """The current public keys as their users read them: `checkpoint` is a C2SP verifier key, `ssh` an allowed_signers
    line without its end, `ecdsa` a PEM block on P-256. Raises InvalidNote when the first is none.
    """

    checkpoint: str
    ssh: str
    ecdsa: str

    def __post_init__(self) -> None:
        VerifierKey.parse(self.checkpoint)

    @property
    def verifier(self) -> VerifierKey:
        """The checkpoint key, whose name is the origin of the log."""
        return VerifierKey.parse(self.checkpoint)

    def by_kind(self) -> dict[KeyKind, str]:
        return {KeyKind.CHECKPOINT: self.checkpoint, KeyKind.SSH: self.ssh, KeyKind.ECDSA: self.ecdsa}

    def files(self) -> dict[str, str]:
        """Name → content of the files that auditors get: the three keys, and the checkpoint key as openssl reads it."""
        ed25519 = Ed25519PublicKey.from_public_bytes(self.verifier.public_key)
        return {
            "checkpoint.vkey": f"{self.checkpoint}\n",
            "checkpoint.pem": ed25519.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
            "allowed_signers": f"{self.ssh}\n",
            "ecdsa.pem": self.ecdsa,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class BagSignatures:
    """Signatures over one tag manifest: `ssh` is an armored SSHSIG (PROTOCOL.sshsig), `ecdsa` DER over SHA-256."""

    ssh: bytes
    ecdsa: bytes


class Signer(Protocol):
    """Every method may raise SignerUnavailable and SignerRefused."""

    def keys(self) -> PublicKeys: ...

    def last_signed(self) -> Checkpoint | None:
        """The newest checkpoint that was signed, from which the next one must be proven; None before the first.

        Its origin is another one just after the start of a new log that continues a lost one.
        """

    def sign_checkpoint(self, *, checkpoint: Checkpoint, old_size: int, proof: tuple[bytes, ...]) -> str:
        """The signed note for `checkpoint`; `proof` (RFC 6962 §2.1.2) leads from the `old_size` leaves of `last_signed`
        to it, and is empty with 0 before the first. For the last signed checkpoint itself, its note once more.
        """

    def sign_bag(self, *, tag_manifest: bytes) -> BagSignatures:
        """Signatures over the bytes of a bag's `tagmanifest-sha256.txt`; anything else is refused."""
