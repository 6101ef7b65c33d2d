"""The Merkle tree of the audit log: RFC 6962 §2.1, SHA-256, as pure functions over leaf hashes.

Owns roots, the frontier (all that an append needs to remember) and the verification of proofs; of what a proof is made
say `ranges.py`. It never sees the content of a leaf; `leaf.leaf_hash` makes the hashes that enter here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
"""Root of the tree without leaves (RFC 6962 §2.1)."""


class InvalidTree(ValueError):
    """Sizes, positions or hashes that no tree can have; nothing was computed."""


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node, SHA-256(0x01 || left || right): RFC 6962 §2.1. Both children are 32 bytes."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """The roots of the full subtrees of a tree of `size` leaves, largest subtree first.

    One root of 32 bytes for each 1 bit of `size`: enough to append a leaf and to name the root in O(log size).
    Raises InvalidTree when the roots do not fit the size.
    """

    size: int = 0
    roots: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.roots) != self.size.bit_count():
            raise InvalidTree(f"a tree of {self.size} leaves does not have {len(self.roots)} full subtrees")
        _require_hashes(self.roots)

    @property
    def root(self) -> bytes:
        """Root hash of the whole tree, 32 bytes; EMPTY_ROOT when there is no leaf."""
        if not self.roots:
            return EMPTY_ROOT
        return reduce(lambda right, left: node_hash(left, right), reversed(self.roots))

    def append(self, leaf_hash: bytes) -> "Frontier":
        """The frontier after one more leaf; this one stays as it is."""
        completed = self.completed_by(leaf_hash)
        kept = self.roots[: len(self.roots) - len(completed) + 1]
        return Frontier(self.size + 1, (*kept, completed[-1]))

    def completed_by(self, leaf_hash: bytes) -> list[bytes]:
        """Roots of the full subtrees of 1, 2, 4 … leaves that one more leaf completes; the first is the leaf itself."""
        _require_hashes([leaf_hash])
        completed, carry, left = [leaf_hash], self.size, reversed(self.roots)
        while carry & 1:  # like adding one in binary: each trailing 1 is a full subtree that the new one completes
            completed.append(node_hash(next(left), completed[-1]))
            carry >>= 1
        return completed

    def to_bytes(self) -> bytes:
        """The roots after one another, 32 bytes each, largest subtree first. The size is stored beside it."""
        return b"".join(self.roots)

    @classmethod
    def from_bytes(cls, size: int, data: bytes) -> "Frontier":
        """Inverse of `to_bytes`; raises InvalidTree when the data does not fit the size."""
        return cls(size, tuple(data[start : start + HASH_BYTES] for start in range(0, len(data), HASH_BYTES)))


def root_of(hashes: Iterable[bytes]) -> bytes:
    """Root of the tree over these leaf hashes, in order: MTH of RFC 6962 §2.1."""
    level = list(hashes)
    _require_hashes(level)
    while len(level) > 1:
        level = _parents(level)
    return level[0] if level else EMPTY_ROOT


def verify_inclusion(leaf_hash: bytes, *, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `leaf_hash` is leaf `index` of the tree of `size` leaves with this root: RFC 9162 §2.1.3.2.

    False for anything malformed, hashes that are not 32 bytes long included.
    """
    if not 0 <= index < size or not _all_hashes([leaf_hash, root, *proof]):
        return False
    position, last, computed = index, size - 1, leaf_hash
    for sibling in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            computed = node_hash(sibling, computed)
            position, last = _skip_missing_siblings(position, last)
        else:
            computed = node_hash(computed, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and computed == root


def verify_consistency(
    *, old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether the new tree only adds leaves to the old one: RFC 9162 §2.1.4.2.

    False for anything malformed, and for an empty old tree, with which every tree would be consistent.
    """
    if not 0 < old_size <= new_size or not _all_hashes([old_root, new_root, *proof]):
        return False
    if old_size == new_size:
        return not proof and old_root == new_root
    if old_size & (old_size - 1) == 0:  # the old tree is one full subtree: the proof starts from its root
        proof = [old_root, *proof]
    return bool(proof) and _climb_both(old_size, new_size, proof) == (old_root, new_root)


def _climb_both(old_size: int, new_size: int, proof: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """The two roots that the proof leads to (steps 3 to 6 of RFC 9162 §2.1.4.2), None when its length is wrong."""
    position, last = old_size - 1, new_size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old = new = proof[0]
    for sibling in proof[1:]:
        if last == 0:
            return None
        if position & 1 or position == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            position, last = _skip_missing_siblings(position, last)
        else:
            new = node_hash(new, sibling)
        position, last = position >> 1, last >> 1
    return (old, new) if last == 0 else None


def _skip_missing_siblings(position: int, last: int) -> tuple[int, int]:
    """Climb over the levels on which the last node of the tree has no sibling and is carried up unchanged."""
    while position and not position & 1:
        position, last = position >> 1, last >> 1
    return position, last


def _parents(level: Sequence[bytes]) -> list[bytes]:
    """The next level up; a last node without a sibling is carried up as it is."""
    pairs = zip(level[::2], level[1::2], strict=False)
    carried = level[-1:] if len(level) % 2 else ()
    return [*(node_hash(left, right) for left, right in pairs), *carried]


def _all_hashes(values: Iterable[bytes]) -> bool:
    return all(len(value) == HASH_BYTES for value in values)


def _require_hashes(values: Iterable[bytes]) -> None:
    if not _all_hashes(values):
        raise InvalidTree(f"a hash of the tree is exactly {HASH_BYTES} bytes long")
