"""The Merkle tree against the published vectors and against the recursive definitions of RFC 6962 §2.1."""

from collections.abc import Sequence
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.log import merkle
from portal.domain.log.leaf import leaf_hash
from portal.domain.log.merkle import EMPTY_ROOT, Frontier, InvalidTree
from portal.domain.log.ranges import LeafRange, consistency_ranges, inclusion_ranges
from tests.domain.log.naive_tree import naive_path, naive_root, naive_subproof

# Reference inputs and roots of the Certificate Transparency test suite; the letters are those of RFC 6962 §2.1.3.
LEAVES = [
    leaf_hash(bytes.fromhex(text))
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
NAMES = {
    "a": "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "b": "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "c": "0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7",
    "d": "07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7",
    "e": "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "f": "4271a26be0d8a84f0bd54c8c302e7cb3a3b5d1fa6780a40bcce2873477dab658",
    "g": "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "h": "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "i": "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "j": "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
    "k": "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "l": "837dbb152e9b079010717e84e865da4ebc0fa198a806d59d31bf15accef22d0e",
}

hashes = st.binary(min_size=32, max_size=32)


@st.composite
def trees(draw: st.DrawFn) -> list[bytes]:
    """1 to 70 distinct leaf hashes: distinct, so that a proof of the wrong place cannot be right by chance."""
    return [leaf_hash(b"%d" % number) for number in range(draw(st.integers(1, 70)))]


def named(letters: str) -> tuple[bytes, ...]:
    return tuple(bytes.fromhex(NAMES[letter]) for letter in letters)


def inclusion_proof(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    return hashes_of(leaves, inclusion_ranges(index, len(leaves)))


def consistency_proof(leaves: Sequence[bytes], old_size: int) -> tuple[bytes, ...]:
    return hashes_of(leaves, consistency_ranges(old_size, len(leaves)))


def hashes_of(leaves: Sequence[bytes], ranges: Sequence[LeafRange]) -> tuple[bytes, ...]:
    return tuple(merkle.root_of(leaves[each.start : each.stop]) for each in ranges)


def frontier_of(leaves: Sequence[bytes]) -> Frontier:
    return reduce(Frontier.append, leaves, Frontier())


def damaged(proof: Sequence[bytes], root: bytes) -> list[tuple[bytes, ...]]:
    """Every small damage to a proof: one bit of each hash, a hash missing, doubled, swapped, cut, or added."""
    whole = tuple(proof)
    flipped = [(*whole[:at], bytes([whole[at][0] ^ 4]) + whole[at][1:], *whole[at + 1 :]) for at in range(len(whole))]
    shortened = [(*whole[:at], *whole[at + 1 :]) for at in range(len(whole))]
    cut = [(*whole[:at], whole[at][:-1], *whole[at + 1 :]) for at in range(len(whole))]
    added = [(*whole, root), (root, *whole), (*whole, b""), (*whole, bytes(32)), (bytes(32), *whole)]
    turned = [whole[::-1]] if whole != whole[::-1] else []
    return flipped + shortened + cut + added + turned


def test_published_hashes() -> None:
    assert EMPTY_ROOT.hex() == ROOTS[0]
    assert leaf_hash(b"").hex() == NAMES["a"]
    assert leaf_hash(b"L123456").hex() == "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
    node = merkle.node_hash(b"N123", b"N456")
    assert node.hex() == "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb"


@pytest.mark.parametrize("size", range(9))
def test_published_roots(size: int) -> None:
    assert merkle.root_of(LEAVES[:size]).hex() == ROOTS[size]
    assert frontier_of(LEAVES[:size]).root.hex() == ROOTS[size]


def test_inner_nodes_of_the_rfc_example() -> None:
    nodes = {name: merkle.root_of(LEAVES[start:stop]).hex() for name, start, stop in rfc_ranges()}
    assert nodes == NAMES


def rfc_ranges() -> list[tuple[str, int, int]]:
    """Which of the seven leaves each node of the drawing in RFC 6962 §2.1.3 covers."""
    single = [(name, at, at + 1) for at, name in enumerate("abcdefj")]
    return [*single, ("g", 0, 2), ("h", 2, 4), ("i", 4, 6), ("k", 0, 4), ("l", 4, 7)]


@pytest.mark.parametrize(("index", "letters"), [(0, "bhl"), (3, "cgl"), (4, "fjk"), (6, "ik")])
def test_audit_paths_of_the_rfc_example(index: int, letters: str) -> None:
    proof = inclusion_proof(LEAVES[:7], index)
    assert proof == named(letters)
    root = bytes.fromhex(ROOTS[7])
    assert merkle.verify_inclusion(LEAVES[index], index=index, size=7, proof=proof, root=root)


@pytest.mark.parametrize(("old_size", "letters"), [(3, "cdgl"), (4, "l"), (6, "ijk")])
def test_consistency_proofs_of_the_rfc_example(old_size: int, letters: str) -> None:
    proof = consistency_proof(LEAVES[:7], old_size)
    assert proof == named(letters)
    old_root, new_root = bytes.fromhex(ROOTS[old_size]), bytes.fromhex(ROOTS[7])
    assert merkle.verify_consistency(old_size=old_size, old_root=old_root, new_size=7, new_root=new_root, proof=proof)


@given(st.lists(hashes, max_size=70))
def test_root_and_frontier_agree_with_the_definition(leaves: list[bytes]) -> None:
    frontier = frontier_of(leaves)
    assert merkle.root_of(leaves) == frontier.root == naive_root(leaves)
    assert frontier.size == len(leaves)
    assert Frontier.from_bytes(frontier.size, frontier.to_bytes()) == frontier


@given(trees(), st.data())
def test_inclusion_proof_is_the_defined_one_and_verifies_nothing_else(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    size, root = len(leaves), naive_root(leaves)
    proof = inclusion_proof(leaves, index)
    assert list(proof) == naive_path(leaves, index)
    leaf = leaves[index]
    assert merkle.verify_inclusion(leaf, index=index, size=size, proof=proof, root=root)
    for other in range(size + 2):
        assert merkle.verify_inclusion(leaf, index=other, size=size, proof=proof, root=root) == (other == index)
    for broken in damaged(proof, root):
        assert not merkle.verify_inclusion(leaf, index=index, size=size, proof=broken, root=root)


@given(trees(), st.data())
def test_consistency_proof_is_the_defined_one_and_verifies_nothing_else(
    leaves: list[bytes], data: st.DataObject
) -> None:
    old_size, new_size = data.draw(st.integers(1, len(leaves))), len(leaves)
    old_root, new_root = naive_root(leaves[:old_size]), naive_root(leaves)
    proof = consistency_proof(leaves, old_size)
    assert list(proof) == naive_subproof(leaves, old_size, True)

    def verify(**changes: object) -> bool:
        sizes_and_roots = {
            "old_size": old_size,
            "old_root": old_root,
            "new_size": new_size,
            "new_root": new_root,
            "proof": proof,
        }
        return merkle.verify_consistency(**{**sizes_and_roots, **changes})  # type: ignore[arg-type]  # mixed on purpose

    assert verify()
    assert not verify(old_size=0)
    assert not verify(old_size=-1)
    assert not verify(old_root=leaf_hash(b"another"))
    assert not verify(new_root=leaf_hash(b"another"))
    assert not verify(old_root=new_root + b"\0")
    assert old_size == new_size or not verify(old_root=new_root, new_root=old_root)
    assert not verify(new_size=2 * new_size)  # the proof ends a level below that tree's root
    for broken in damaged(proof, new_root):
        assert not verify(proof=broken)


def test_an_empty_tree_or_hash_proves_nothing() -> None:
    root, leaf = naive_root(LEAVES), LEAVES[0]
    assert not merkle.verify_consistency(old_size=0, old_root=EMPTY_ROOT, new_size=8, new_root=root, proof=())
    assert not merkle.verify_consistency(old_size=0, old_root=EMPTY_ROOT, new_size=0, new_root=EMPTY_ROOT, proof=())
    assert not merkle.verify_consistency(old_size=1, old_root=b"", new_size=1, new_root=b"", proof=())
    assert not merkle.verify_consistency(old_size=3, old_root=root, new_size=2, new_root=root, proof=())
    assert not merkle.verify_inclusion(b"", index=0, size=1, proof=(), root=b"")
    assert not merkle.verify_inclusion(leaf, index=0, size=0, proof=(), root=leaf)
    assert not merkle.verify_inclusion(leaf, index=-1, size=1, proof=(), root=leaf)


@pytest.mark.parametrize(("size", "data"), [(1, b""), (0, bytes(32)), (3, bytes(63)), (3, bytes(96)), (-1, b"")])
def test_a_frontier_that_does_not_fit_its_size_is_refused(size: int, data: bytes) -> None:
    with pytest.raises(InvalidTree):
        Frontier.from_bytes(size, data)


def test_only_hashes_of_32_bytes_enter_the_tree() -> None:
    with pytest.raises(InvalidTree):
        Frontier().append(b"short")
    with pytest.raises(InvalidTree):
        merkle.root_of([*LEAVES, bytes(31)])
