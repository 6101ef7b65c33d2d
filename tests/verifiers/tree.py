"""A second implementation of the Merkle tree, straight from the text of RFC 6962 §2.1, to make bags with.

Slow on purpose: it shares no idea with the portal's, so that both cannot be wrong in the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256


def leaf_hash(body: bytes) -> bytes:
    return sha256(b"\x00" + body).digest()


def root(hashes: Sequence[bytes]) -> bytes:
    """MTH of leaves given by their leaf hashes."""
    if not hashes:
        return sha256().digest()
    if len(hashes) == 1:
        return hashes[0]
    split = _split(len(hashes))
    return sha256(b"\x01" + root(hashes[:split]) + root(hashes[split:])).digest()


def inclusion_proof(index: int, hashes: Sequence[bytes]) -> list[bytes]:
    """PATH(m, D[n]) of RFC 6962 §2.1.1."""
    if len(hashes) == 1:
        return []
    split = _split(len(hashes))
    if index < split:
        return [*inclusion_proof(index, hashes[:split]), root(hashes[split:])]
    return [*inclusion_proof(index - split, hashes[split:]), root(hashes[:split])]


def _split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    split = 1
    while split * 2 < size:
        split *= 2
    return split
