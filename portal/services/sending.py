"""Bytes from the store on their way to a person: what is asked of them before and while they flow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from uuid import UUID

from portal.domain.actor import Actor
from portal.domain.events import FixityFailed
from portal.services import audit
from portal.services.unit_of_work import transaction


def begun(chunks: Iterator[bytes], ahead: int) -> Iterator[bytes]:
    """The same chunks, the first `ahead` read already, so that a store that is away is an error page, not a torso."""
    first = list(islice(chunks, ahead))

    def continued() -> Iterator[bytes]:
        yield from first
        yield from chunks

    return continued()


def record_wrong_bytes(
    *, obj: UUID, expected_sha256: str, found_sha256: str | None, actor: Actor, now: datetime
) -> None:
    """Record that the store holds other bytes than it should, or none (`found_sha256` None), in a transaction of its
    own while the sending breaks off.
    """
    event = FixityFailed(obj=obj, expected_sha256=expected_sha256, found_sha256=found_sha256)
    with transaction() as session:
        audit.record(session, event, actor=actor, now=now)
