"""The ranges that proofs and covers are made of; that their hashes prove what they should is for `test_merkle.py`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.log.merkle import InvalidTree
from portal.domain.log.ranges import LeafRange, consistency_ranges, cover, inclusion_ranges

SIZES = st.integers(1, 1 << 45)


@given(st.integers(0, 300), st.integers(0, 300))
def test_a_cover_is_all_of_the_range_in_the_fewest_full_subtrees(start: int, length: int) -> None:
    pieces = list(cover(start, start + length))
    assert [leaf for piece in pieces for leaf in range(piece.start, piece.stop)] == [*range(start, start + length)]
    assert all(piece.size.bit_count() == 1 and piece.start % piece.size == 0 for piece in pieces)
    for left, right in pairwise(pieces):
        assert left.size != right.size or left.start % (2 * left.size), f"{left} and {right} are one subtree"


@given(SIZES, st.data())
def test_a_proof_and_its_leaf_are_the_whole_tree_at_any_size(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    ranges = inclusion_ranges(index, size)
    assert len(ranges) <= (size - 1).bit_length()
    assert whole([LeafRange(index, index + 1), *ranges]) == LeafRange(0, size)


@given(SIZES, st.data())
def test_a_proof_of_consistency_splits_at_the_old_size_and_is_the_whole_tree(size: int, data: st.DataObject) -> None:
    old_size = data.draw(st.integers(1, size))
    ranges = consistency_ranges(old_size, size)
    old = [each for each in ranges if each.stop <= old_size]
    assert all(each.stop <= old_size or each.start >= old_size for each in ranges)
    assert whole(ranges if old else [LeafRange(0, old_size), *ranges]) == LeafRange(0, size)


def whole(ranges: Sequence[LeafRange]) -> LeafRange:
    """The range that these make up, if each ends where another begins."""
    ordered = sorted(ranges, key=lambda each: each.start)
    assert all(left.stop == right.start for left, right in pairwise(ordered))
    return LeafRange(ordered[0].start, ordered[-1].stop)


@pytest.mark.parametrize("index", [-1, 8])
def test_no_inclusion_proof_for_a_leaf_that_is_not_there(index: int) -> None:
    with pytest.raises(InvalidTree, match="has no leaf"):
        inclusion_ranges(index, 8)


@pytest.mark.parametrize("old_size", [-1, 0, 9])
def test_no_consistency_proof_from_a_tree_that_is_no_beginning(old_size: int) -> None:
    with pytest.raises(InvalidTree, match="no proof leads"):
        consistency_ranges(old_size, 8)


@pytest.mark.parametrize(("start", "stop"), [(-1, 3), (3, 2)])
def test_no_cover_of_leaves_that_are_none(start: int, stop: int) -> None:
    with pytest.raises(InvalidTree, match="no leaves"):
        list(cover(start, stop))
