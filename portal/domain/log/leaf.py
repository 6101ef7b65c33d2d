"""The leaf of the audit log: one event as canonical bytes, and the hash under which the Merkle tree holds it.

Owns the exact bytes, which are canonical JSON. It knows no event by name, numbers nothing and
stores nothing; the caller gives the position in log and scope.
"""

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from portal.domain.canonical_json import JsonValue, NotCanonical, canonical_json, utf8

FORMAT_VERSION = 1
FIELDS = 5
MAX_BODY_BYTES = 65_535
"""Entry bundles of the C2SP tlog-tiles format count the bytes of a leaf in 16 bits."""
SALT_BYTES = 16
ZERO_HASH = bytes(32)
"""`iprev` of the first leaf of a scope."""


class InvalidLeaf(NotCanonical):
    """A value that cannot stand in a leaf, or bytes that are not the canonical spelling of one."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One entry of the log. `seq` counts in the whole log, `iseq` in its scope, both from 0 and without gaps.

    `iprev` is the hash of the scope's previous leaf (ZERO_HASH for the first), `body` the canonical bytes, at most
    65,535 of them, and `hash` their leaf hash; hashes are 32 raw bytes.
    """

    seq: int
    scope: str
    iseq: int
    iprev: bytes
    body: bytes
    hash: bytes


def encode(fields: Mapping[str, JsonValue]) -> bytes:
    """Canonical bytes of an object (RFC 8785): sorted keys, no spaces, UTF-8.

    Keys are ASCII `[a-z0-9_]+`; values are str, int below 2^53 in magnitude, bool, None, list or dict.
    Raises InvalidLeaf for anything else, and for more than 65,535 bytes.
    """
    try:
        body = canonical_json(dict(fields))
    except NotCanonical as error:
        raise InvalidLeaf(str(error)) from error
    if len(body) > MAX_BODY_BYTES:
        raise InvalidLeaf(f"a leaf has at most {MAX_BODY_BYTES} bytes, this one {len(body)}")
    return body


def decode(body: bytes) -> dict[str, JsonValue]:
    """The object in canonical bytes; raises InvalidLeaf when encoding it again would give other bytes.

    So there are no duplicate keys, no spaces, no second spelling of a character or a number.
    """
    try:
        value = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise InvalidLeaf(f"not a JSON text in UTF-8: {error}") from error
    if not isinstance(value, dict):
        raise InvalidLeaf("a leaf is a JSON object")
    if encode(value) != body:
        raise InvalidLeaf("the bytes are not the canonical form (RFC 8785) of what they say")
    return value


def leaf_hash(body: bytes) -> bytes:
    """SHA-256(0x00 || body), 32 bytes: RFC 6962 §2.1."""
    return sha256(b"\x00" + body).digest()


def commitment(salt: bytes, text: str) -> str:
    """What a leaf holds in place of personal or free text: hex SHA-256(salt || UTF-8 of the text in NFC).

    The salt is 16 random bytes of this one text, kept with it outside the log, so that both can be deleted and the
    log still verifies. Raises InvalidLeaf for another length and for text that UTF-8 cannot hold.
    """
    if len(salt) != SALT_BYTES:
        raise InvalidLeaf(f"a salt is {SALT_BYTES} bytes, not {len(salt)}")
    try:
        return sha256(salt + utf8(unicodedata.normalize("NFC", text))).hexdigest()
    except NotCanonical as error:
        raise InvalidLeaf(str(error)) from error


def build_leaf(*, seq: int, scope: str, iseq: int, iprev: bytes, event: Mapping[str, JsonValue]) -> Leaf:
    """The leaf of an event at this place; the scope is written into the event. Raises InvalidLeaf."""
    if event.get("scope", scope) != scope:
        raise InvalidLeaf(f"an event of scope {event['scope']!r} cannot stand in scope {scope!r}")
    _require_place(seq, iseq, iprev)
    event = {**event, "scope": scope}
    body = encode({"ev": event, "iprev": iprev.hex(), "iseq": iseq, "seq": seq, "v": FORMAT_VERSION})
    return Leaf(seq, scope, iseq, iprev, body, leaf_hash(body))


def parse_leaf(body: bytes) -> Leaf:
    """The leaf that `build_leaf` made these bytes for; raises InvalidLeaf for any other bytes."""
    fields = decode(body)
    match fields:
        case {"ev": {"scope": str(scope)}, "iprev": str(iprev), "iseq": int(iseq), "seq": int(seq), "v": version}:
            numbers = (seq, iseq, version)
            if len(fields) == FIELDS and version == FORMAT_VERSION and not any(isinstance(n, bool) for n in numbers):
                previous = _hash_from_hex(iprev)
                _require_place(seq, iseq, previous)
                return Leaf(seq, scope, iseq, previous, body, leaf_hash(body))
    raise InvalidLeaf("a leaf of this version has exactly the fields ev, iprev, iseq, seq and v")


def _require_place(seq: int, iseq: int, iprev: bytes) -> None:
    if not 0 <= iseq <= seq:
        raise InvalidLeaf(f"leaf {seq} of the log cannot be leaf {iseq} of its scope")
    if len(iprev) != len(ZERO_HASH) or (iprev == ZERO_HASH) != (iseq == 0):
        raise InvalidLeaf("iprev is the previous leaf's hash of 32 bytes, zeros for the first leaf of a scope only")


def _hash_from_hex(text: str) -> bytes:
    try:
        found = bytes.fromhex(text)
    except ValueError as error:
        raise InvalidLeaf(f"iprev is not hexadecimal: {text!r}") from error
    if found.hex() != text:
        raise InvalidLeaf(f"iprev is not in small letters: {text!r}")
    return found
