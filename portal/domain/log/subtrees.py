"""The full subtrees of the log whose roots are kept, so that a proof need not read every leaf below them.

Kept are those of 256, 256^2, 256^3 … leaves: at most 1/255 of the leaves' number, and a hash of any other full subtree
follows from at most 128 kept ones or leaves. Owns their places alone and stores nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from portal.domain.log.merkle import Frontier

BITS = 8
WIDTH = 1 << BITS


@dataclass(frozen=True, slots=True)
class Subtree:
    """The root (32 bytes) of the `position`-th full subtree of 256^level leaves, level ≥ 1."""

    level: int
    position: int
    hash: bytes


def leaves_below(level: int) -> int:
    """How many leaves a kept subtree of this level has; a leaf itself is of level 0."""
    return 1 << (BITS * level)


def completed_subtrees(frontier: Frontier, leaf_hash: bytes) -> Iterator[Subtree]:
    """The kept subtrees that get full when this leaf is appended to the tree of `frontier`."""
    if (frontier.size + 1) % WIDTH:
        return
    roots = frontier.completed_by(leaf_hash)
    for level in range(1, (len(roots) - 1) // BITS + 1):
        yield Subtree(level, frontier.size // leaves_below(level), roots[BITS * level])
