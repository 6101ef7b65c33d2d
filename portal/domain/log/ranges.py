"""Which ranges of leaves the Merkle tree's proofs are made of (RFC 6962 §2.1), for any pair of sizes.

Owns the shapes alone: it sees no hash, so that whoever stores the tree reads just what a proof needs. A range's hash
is MTH of its leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from portal.domain.log.merkle import InvalidTree


@dataclass(frozen=True, slots=True)
class LeafRange:
    """The leaves `start` to `stop`, without `stop`."""

    start: int
    stop: int

    @property
    def size(self) -> int:
        return self.stop - self.start

    @property
    def halves(self) -> tuple[LeafRange, LeafRange]:
        """Its two children in the tree: RFC 6962 splits at the largest power of two smaller than the size."""
        split = self.start + (1 << ((self.size - 1).bit_length() - 1))
        return LeafRange(self.start, split), LeafRange(split, self.stop)


def cover(start: int, stop: int) -> Iterator[LeafRange]:
    """The fewest full subtrees that make up the leaves `start` to `stop`, in order: each of 2^k leaves, beginning at a
    multiple of its size.
    """
    if not 0 <= start <= stop:
        raise InvalidTree(f"there are no leaves from {start} to {stop}")
    while start < stop:
        fitting = 1 << ((stop - start).bit_length() - 1)
        size = min(start & -start, fitting) if start else fitting
        yield LeafRange(start, start + size)
        start += size


def inclusion_ranges(index: int, size: int) -> tuple[LeafRange, ...]:
    """What the audit path of leaf `index` in the tree of `size` leaves hashes, from the leaf upwards: PATH of RFC 6962
    §2.1.1.
    """
    if not 0 <= index < size:
        raise InvalidTree(f"a tree of {size} leaves has no leaf {index}")
    _, siblings = _path(index, size, lambda node: node.size == 1)
    return siblings


def consistency_ranges(old_size: int, size: int) -> tuple[LeafRange, ...]:
    """What the proof hashes that the first `old_size` leaves are the beginning of `size`: PROOF of RFC 6962 §2.1.2.

    None when both trees are the same. Raises InvalidTree for an empty old tree: it proves nothing.
    """
    if not 0 < old_size <= size:
        raise InvalidTree(f"no proof leads from {old_size} to {size} leaves")
    last, siblings = _path(old_size - 1, size, lambda node: node.stop == old_size)
    return (last, *siblings) if last.start else siblings  # from 0 on it is the old tree, whose root the verifier has


def _path(leaf: int, size: int, is_end: Callable[[LeafRange], bool]) -> tuple[LeafRange, tuple[LeafRange, ...]]:
    """The first node on the way from the root down to `leaf` that is the end, and the siblings from it up again."""
    node, siblings = LeafRange(0, size), []
    while not is_end(node):
        left, right = node.halves
        node, sibling = (left, right) if leaf < left.stop else (right, left)
        siblings.append(sibling)
    return node, tuple(reversed(siblings))
