"""The part of a bag that a signed checkpoint vouches for: the log up to it, the seal's place in it, earlier checkpoints
and the history of the keys. Reads only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import BinaryIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.anchor import AnchorKind
from portal.domain.canonical_json import canonical_json
from portal.domain.log.tlog_proof import tlog_proof_text
from portal.models import BundleCompletion, LogAnchor
from portal.services.anchors.kept import read_kept_sizes
from portal.services.bundles.trail import log_lines
from portal.services.checkpoints import CheckpointView, list_checkpoints
from portal.services.log_tree import LogTree
from portal.services.signing_keys import KeyView, list_keys
from portal.services.unit_of_work import transaction

MAX_EARLIER = 100
"""Newest earlier checkpoints that a bag carries beside those on paper: each costs it about two kilobytes of hashes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """Where a seal stands: leaf `seq`, made of what was read when the log had `log_size` leaves."""

    seq: int
    log_size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LogProof:
    """`lines` is `audit/log.jsonl`, on disk because a log of millions does not fit into memory; `documents` are the
    others of `audit/` by path.
    """

    checkpoint: CheckpointView
    lines: BinaryIO
    documents: dict[str, bytes]


@contextmanager
def open_log_proof(*, seal: Seal, checkpoint: CheckpointView, scopes: Collection[str]) -> Iterator[LogProof]:
    """What the log of `checkpoint` proves of a seal that it covers, with the bodies of `scopes` before the seal."""
    with TemporaryFile() as spool:
        with transaction(write=False) as session:
            tokens = read_kept_sizes(session)
            earlier = _earlier(session, checkpoint, tokens)
            cuts = {seal.log_size, *(each.size for each in earlier)}
            spool.writelines(log_lines(session, size=checkpoint.size, seal_seq=seal.seq, scopes=scopes, cuts=cuts))
            documents = {
                "audit/checkpoint": checkpoint.note.encode(),
                "audit/keys.jsonl": keys_document(list_keys(session)),
                "audit/seal.tlog-proof": _seal_proof(session, seal, checkpoint).encode(),
                **_earlier_documents(earlier, tokens),
            }
        spool.seek(0)
        yield LogProof(checkpoint=checkpoint, lines=spool, documents=documents)


def keys_document(keys: Iterable[KeyView]) -> bytes:
    """`audit/keys.jsonl`: since when and until when each public key signed; it proves nothing by itself."""
    return b"".join(
        canonical_json(
            {"from_size": key.from_size, "key": key.key, "kind": key.kind.value, "until_size": key.until_size}
        )
        + b"\n"
        for key in keys
    )


def _earlier(session: Session, checkpoint: CheckpointView, anchored: Iterable[int]) -> list[CheckpointView]:
    """Those of the same log that somebody may hold, smallest first: all that were printed, and the newest of those that
    were anchored elsewhere or shown with an earlier bundle, whose page asks to write it down.
    """
    printed = session.execute(select(LogAnchor.size).where(LogAnchor.kind == AnchorKind.PAPER)).scalars()
    of_bundles = session.execute(select(BundleCompletion.checkpoint_size)).scalars()
    newest = sorted(size for size in {*anchored, *of_bundles} if size < checkpoint.size)[-MAX_EARLIER:]
    held = {*printed, *newest}
    found = (each for each in list_checkpoints(session) if each.origin == checkpoint.origin)
    return [each for each in found if each.size in held and each.size < checkpoint.size]


def _earlier_documents(earlier: Iterable[CheckpointView], tokens: Mapping[int, bytes | None]) -> dict[str, bytes]:
    """The notes, and the timestamps of those that have one."""
    found = {}
    for each in earlier:
        name = f"audit/checkpoints/{each.size:012d}"
        found[f"{name}.txt"] = each.note.encode()
        if token := tokens.get(each.size):
            found[f"{name}.tsr"] = token
    return found


def _seal_proof(session: Session, seal: Seal, checkpoint: CheckpointView) -> str:
    proof = LogTree(session, checkpoint.size).inclusion_proof(seal.seq)
    return tlog_proof_text(index=seal.seq, proof=proof, note=checkpoint.note)
