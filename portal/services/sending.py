"""Bytes from the store on their way to a person: what is asked of them before and while they flow.

No transaction is open between two chunks: each question has a short one of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeAlias
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.actor import Actor
from portal.domain.errors import AccessEnded, NotFound, NotPermitted
from portal.domain.events import DownloadCutOff, FixityFailed
from portal.services import audit
from portal.services.sessions import with_present_grants
from portal.services.unit_of_work import transaction

Clock: TypeAlias = Callable[[], datetime]
"""Tells the moment, aware UTC; for what lasts longer than the moment in which it began."""

ASK_EVERY_BYTES = 16 << 20
"""Each question takes about 2 ms: at every 4 MiB they were a quarter of the time in which a bundle is sent."""

ASK_EVERY = timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class ByteRange:
    """Bytes from `start` up to, not including, `stop`; None means the end."""

    start: int = 0
    stop: int | None = None


def begun(chunks: Iterator[bytes], ahead: int) -> Iterator[bytes]:
    """The same chunks, the first `ahead` read already, so that a store that is away is an error page, not a torso."""
    first = list(islice(chunks, ahead))

    def continued() -> Iterator[bytes]:
        yield from first
        yield from chunks

    return continued()


def cut(chunks: Iterator[bytes], wanted: ByteRange) -> Iterator[bytes]:
    """The wanted bytes of a whole stream; one that is wanted to its end is read to its end."""
    at = 0
    for chunk in chunks:
        if part := chunk[max(wanted.start - at, 0) : None if wanted.stop is None else max(wanted.stop - at, 0)]:
            yield part
        at += len(chunk)
        if wanted.stop is not None and at > wanted.stop:
            return


def while_permitted(
    chunks: Iterator[bytes], *, actor: Actor, obj: UUID, ask: Callable[[Session, Actor], object], clock: Clock
) -> Iterator[bytes]:
    """The same chunks for as long as the actor may have them: `ask` is called with the actor as he stands by then, and
    raises NotFound or NotPermitted. That happens every few megabytes or seconds and before the last chunk; the caller
    has asked before the first.

    Raises AccessEnded instead of going on, and records that `obj` was not sent to its end.
    """
    asked_at, sent, asked_after = clock(), 0, 0
    for chunk, is_last in _marking_last(chunks):
        now = clock()
        is_due = sent - asked_after >= ASK_EVERY_BYTES or abs(now - asked_at) >= ASK_EVERY
        if sent and (is_last or is_due):
            _ask_again(actor, obj, ask, sent, now)
            asked_at, asked_after = now, sent
        yield chunk
        sent += len(chunk)


def _ask_again(actor: Actor, obj: UUID, ask: Callable[[Session, Actor], object], sent: int, now: datetime) -> None:
    try:
        with transaction(write=False) as session:
            ask(session, with_present_grants(session, actor, now=now))
    except (NotFound, NotPermitted) as refusal:
        with transaction() as session:
            audit.record(session, DownloadCutOff(obj=obj, sent=sent), actor=actor, now=now)
        raise AccessEnded from refusal


def _marking_last(chunks: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each chunk, and whether none follows it."""
    held = next(chunks, None)
    while held is not None:
        following = next(chunks, None)
        yield held, following is None
        held = following


def record_wrong_bytes(
    *, obj: UUID, expected_sha256: str, found_sha256: str | None, actor: Actor, now: datetime
) -> None:
    """Record that the store holds other bytes than it should, or none (`found_sha256` None), in a transaction of its
    own while the sending breaks off.
    """
    event = FixityFailed(obj=obj, expected_sha256=expected_sha256, found_sha256=found_sha256)
    with transaction() as session:
        audit.record(session, event, actor=actor, now=now)
