"""Signed notes (C2SP signed-note): a text, below it signatures, and the public keys that verify them.

Owns form and verification. It signs nothing, and what the text says is `checkpoint.py`'s business.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

KEY_ID_BYTES = 4
KEY_BYTES = 32
SIGNATURE_BYTES = 64
MAX_SIGNATURES = 100
"""As in the reference implementation: more are an attack on the verifier's patience."""

_ED25519 = b"\x01"
"""The signature type that enters a key id and a verifier key."""
_DASH = "— "
_UNFIT_TEXT = re.compile(r"[\x00-\x09\x0b-\x1f\ud800-\udfff]")
_UNFIT_NAME = re.compile(r"[\s+\x00-\x1f\ud800-\udfff]")


class InvalidNote(ValueError):
    """Bytes or words that are no signed note, no signature line or no verifier key."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public Ed25519 key under a name: `<name>+<key id, 8 hex digits>+<base64 of 0x01 || 32 bytes>` as text.

    Raises InvalidNote for a name with a space or a plus sign, and for a key of another length.
    """

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        require_name(self.name)
        if len(self.public_key) != KEY_BYTES:
            raise InvalidNote(f"an Ed25519 key is {KEY_BYTES} bytes long, not {len(self.public_key)}")

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell keys of one name apart; they prove nothing."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.public_key).digest()[:KEY_ID_BYTES]

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """The key in a line as `str()` writes it; raises InvalidNote."""
        name, _, rest = text.partition("+")
        _, _, key = rest.partition("+")
        data = from_base64(key)
        if data[:1] != _ED25519:
            raise InvalidNote("not a verifier key for Ed25519")
        parsed = cls(name, data[1:])
        if str(parsed) != text:
            raise InvalidNote("the key id does not belong to this name and key")
        return parsed

    def verify(self, text: str, signature: bytes) -> bool:
        """Whether the 64 bytes are this key's signature over the text."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{to_base64(_ED25519 + self.public_key)}"


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line; `signature` are the bytes after the key id, 64 of them for Ed25519."""

    name: str
    key_id: bytes
    signature: bytes

    @classmethod
    def parse(cls, line: str) -> NoteSignature:
        name, _, encoded = line.removeprefix(_DASH).partition(" ")
        data = from_base64(encoded)
        if not line.startswith(_DASH) or len(data) <= KEY_ID_BYTES:
            raise InvalidNote(f"not a signature line: {line[:80]!r}")
        require_name(name)
        return cls(name, data[:KEY_ID_BYTES], data[KEY_ID_BYTES:])

    def is_named_like(self, key: VerifierKey) -> bool:
        return (self.name, self.key_id) == (key.name, key.key_id)

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {to_base64(self.key_id + self.signature)}"


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A text that ends with a newline, and the signatures over its bytes, that newline included."""

    text: str
    signatures: tuple[NoteSignature, ...]

    @classmethod
    def parse(cls, note: str) -> SignedNote:
        """The note in a text; raises InvalidNote for everything that `str()` would not write just so."""
        text, blank, lines = note.rpartition("\n\n")
        text += "\n"
        if not blank or not lines.endswith("\n") or _UNFIT_TEXT.search(note):
            raise InvalidNote("a signed note is a text, an empty line and signature lines")
        rows = lines.removesuffix("\n").split("\n")
        if len(rows) > MAX_SIGNATURES:
            raise InvalidNote(f"a note has at most {MAX_SIGNATURES} signatures")
        return cls(text, tuple(NoteSignature.parse(row) for row in rows))

    def is_signed_by(self, key: VerifierKey) -> bool:
        """Whether the key signed it: a line names the key, and no line that names it is wrong."""
        named = [each.signature for each in self.signatures if each.is_named_like(key)]
        return bool(named) and all(key.verify(self.text, signature) for signature in named)

    def __str__(self) -> str:
        return "\n".join([self.text, *map(str, self.signatures), ""])


def require_name(name: str) -> None:
    """Raise InvalidNote unless a key may be called so: not empty, no white space, no plus sign."""
    if not name or _UNFIT_NAME.search(name):
        raise InvalidNote(f"a key cannot be called {name[:80]!r}")


def to_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def from_base64(text: str) -> bytes:
    """The bytes of canonical base64; raises InvalidNote for a second spelling of the same bytes."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidNote(f"not base64: {text[:80]!r}") from error
    if to_base64(data) != text:
        raise InvalidNote(f"not the canonical base64: {text[:80]!r}")
    return data
