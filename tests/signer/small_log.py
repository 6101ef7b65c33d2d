"""A log of twenty leaves, another past of it, and how a portal asks for their checkpoints."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from portal.domain.log.checkpoint import Checkpoint
from portal.domain.log.leaf import leaf_hash
from portal.domain.log.merkle import root_of
from portal.signer.desk import SigningDesk
from tests.domain.log.naive_tree import consistency_proof
from tests.fixtures.signer import ORIGIN

LEAVES = [leaf_hash(b"%d" % number) for number in range(20)]
FORK = [leaf_hash(b"other"), *LEAVES[1:]]
MANIFEST = f"{sha256(b'x').hexdigest()}  bag-info.txt\n".encode()


def checkpoint_of(size: int, leaves: Sequence[bytes] = LEAVES, origin: str = ORIGIN) -> Checkpoint:
    return Checkpoint(origin, size, root_of(leaves[:size]))


def sign(desk: SigningDesk, size: int, leaves: Sequence[bytes] = LEAVES, origin: str = ORIGIN) -> str:
    """Ask as the portal does, from what the desk says it signed last."""
    last = desk.last_signed()
    old_size = last.size if last else 0
    proof = consistency_proof(leaves[:size], old_size) if 0 < old_size <= size else ()
    return desk.sign_checkpoint(checkpoint=checkpoint_of(size, leaves, origin), old_size=old_size, proof=proof)


def proof(size: int, leaves: Sequence[bytes] = LEAVES) -> tuple[bytes, ...]:
    """From the first seven leaves to the first `size`."""
    return consistency_proof(leaves[:size], 7)
