"""The Merkle tree as RFC 6962 §2.1 defines it, by recursion over a list of leaf hashes: slow, and the judge of ours.

It shares no code with the portal.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256


def split_point(size: int) -> int:
    """The largest power of two smaller than the size."""
    return 1 << ((size - 1).bit_length() - 1)


def naive_root(leaves: Sequence[bytes]) -> bytes:
    """MTH of RFC 6962 §2.1, word by word."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256(b"").digest()
    split = split_point(len(leaves))
    return sha256(b"\x01" + naive_root(leaves[:split]) + naive_root(leaves[split:])).digest()


def naive_path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """PATH of RFC 6962 §2.1.1, word by word."""
    if len(leaves) == 1:
        return []
    split = split_point(len(leaves))
    if index < split:
        return [*naive_path(leaves[:split], index), naive_root(leaves[split:])]
    return [*naive_path(leaves[split:], index - split), naive_root(leaves[:split])]


def consistency_proof(leaves: Sequence[bytes], old_size: int) -> tuple[bytes, ...]:
    """PROOF of RFC 6962 §2.1.2."""
    return tuple(naive_subproof(leaves, old_size, True))


def naive_subproof(leaves: Sequence[bytes], old_size: int, is_old_root: bool) -> list[bytes]:
    """SUBPROOF of RFC 6962 §2.1.2, word by word."""
    if old_size == len(leaves):
        return [] if is_old_root else [naive_root(leaves)]
    split = split_point(len(leaves))
    if old_size <= split:
        return [*naive_subproof(leaves[:split], old_size, is_old_root), naive_root(leaves[split:])]
    return [*naive_subproof(leaves[split:], old_size - split, False), naive_root(leaves[:split])]
