"""The only writer of the trail: `record` queues events, the unit of work appends them last, under the log's one lock.

Order in a transaction: business rows are flushed, then the head row is locked, leaves are numbered and chained, heads
are moved, all is committed together. Nothing here reads the trail for people: that is `log_reader.py`.
"""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Container, Iterable, Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from portal.domain.actor import Actor, Grant
from portal.domain.canonical_json import JsonValue
from portal.domain.events import (
    SYSTEM_SCOPE,
    Event,
    RevisionEvent,
    open_values,
    personal_values,
)
from portal.domain.log.leaf import (
    SALT_BYTES,
    ZERO_HASH,
    Leaf,
    build_leaf,
    commitment,
)
from portal.domain.log.merkle import Frontier
from portal.domain.log.subtrees import Subtree, completed_subtrees
from portal.domain.moment import spell_moment
from portal.models import LogHead, LogLeaf, LogOpening, LogSubtree, ScopeHead

_RECORDED = "portal.recorded"
_SUFFIX = "_c"
"""What marks the name of a commitment in a leaf."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """One text that the leaf only commits to; `field` is its name there without the suffix."""

    field: str
    value: str
    salt: bytes

    @property
    def entry(self) -> tuple[str, str]:
        return f"{self.field}{_SUFFIX}", commitment(self.salt, self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One event waiting for its place: the leaf's `ev` object, and what its commitments open to."""

    scope: str
    ev: Mapping[str, JsonValue]
    commitments: tuple[Commitment, ...]


def record(
    session: Session,
    event: Event,
    *,
    actor: Actor,
    now: datetime,
    grant: Grant | None = None,
    scope: str = SYSTEM_SCOPE,
    area: str | None = None,
) -> None:
    """Queue `event` for the trail of `scope`; it is appended when the transaction commits, or forgotten with it.

    `grant` is the membership by which the actor acted; its role stands in the leaf.
    """
    personal = _commit_to(personal_values(event))
    origin = _commit_to({"ip": actor.origin.address, "sid": actor.origin.session} if actor.origin else {})
    data = {
        **{name: _json(value) for name, value in open_values(event).items()},
        **dict(c.entry for c in personal),
    }
    ev: dict[str, JsonValue] = {
        "actor": actor.code,
        "area": area,
        "data": data,
        "obj": str(event.obj),
        "role": grant.role.value if grant else None,
        "scope": scope,
        "ts": spell_moment(now),
        "type": event.type.value,
        **dict(c.entry for c in origin),
    }
    if isinstance(event, RevisionEvent):
        ev["rev"] = event.rev
    session.info.setdefault(_RECORDED, []).append(Recorded(scope=scope, ev=ev, commitments=personal + origin))


def drop_recorded(session: Session) -> None:
    """Forget what was recorded and not appended."""
    session.info.pop(_RECORDED, None)


def hold_log(session: Session) -> None:
    """Take the log's lock before the appends do, for who must know that nothing is appended meanwhile; it is held
    until the commit, so everything else has to be written before.
    """
    session.execute(select(LogHead.id).where(LogHead.id == 1).with_for_update())


def append_recorded(session: Session) -> None:
    """Append all recorded events under the lock of the head row, which is held until the commit that must follow at
    once.
    """
    recorded: list[Recorded] = session.info.pop(_RECORDED, [])
    if not recorded:
        return
    head = session.execute(select(LogHead.size, LogHead.frontier).where(LogHead.id == 1).with_for_update()).one()
    frontier = Frontier.from_bytes(head.size, head.frontier)
    heads = _scope_heads(session, {item.scope for item in recorded})
    leaves = _chain(recorded, size=head.size, heads=heads)
    subtrees: list[Subtree] = []
    for leaf in leaves:
        subtrees += completed_subtrees(frontier, leaf.hash)
        frontier = frontier.append(leaf.hash)
    session.execute(insert(LogLeaf), [leaf_row(leaf) for leaf in leaves])
    _keep(session, subtrees)
    _open(session, zip(recorded, leaves, strict=True))
    _move_scope_heads(session, leaves, known=heads)
    session.execute(
        update(LogHead)
        .where(LogHead.id == 1)
        .values(size=frontier.size, frontier=frontier.to_bytes(), root=frontier.root)
    )


def _commit_to(values: Mapping[str, str]) -> tuple[Commitment, ...]:
    """In NFC, as the commitment is computed, so that whoever opens it need not normalise first."""
    return tuple(
        Commitment(field=name, value=unicodedata.normalize("NFC", value), salt=secrets.token_bytes(SALT_BYTES))
        for name, value in values.items()
    )


def _json(value: object) -> JsonValue:
    """A field's value as a leaf spells it: ids and dates as text, enums as their code, facts as objects."""
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, UUID | date):
        return str(value)
    if isinstance(value, tuple):
        return [_json(item) for item in value]
    if is_dataclass(value):
        return {f.name: _json(getattr(value, f.name)) for f in fields(value)}
    if value is None or isinstance(value, bool | int | str):
        return value
    raise TypeError(f"an event cannot carry {type(value).__name__}")


def _scope_heads(session: Session, scopes: set[str]) -> dict[str, tuple[int, bytes]]:
    rows = session.execute(
        select(ScopeHead.scope, ScopeHead.size, ScopeHead.leaf_hash).where(ScopeHead.scope.in_(scopes))
    )
    return {row.scope: (row.size, row.leaf_hash) for row in rows}


def _chain(recorded: Iterable[Recorded], *, size: int, heads: Mapping[str, tuple[int, bytes]]) -> list[Leaf]:
    """The leaves in order: numbered from `size` in the tree, and chained within each scope from its head."""
    ends = dict(heads)
    leaves = []
    for seq, item in enumerate(recorded, start=size):
        iseq, iprev = ends.get(item.scope, (0, ZERO_HASH))
        leaf = build_leaf(seq=seq, scope=item.scope, iseq=iseq, iprev=iprev, event=item.ev)
        ends[item.scope] = (iseq + 1, leaf.hash)
        leaves.append(leaf)
    return leaves


def leaf_row(leaf: Leaf) -> dict[str, object]:
    """The leaf as the columns of `LogLeaf` hold it."""
    return {
        "seq": leaf.seq,
        "scope": leaf.scope,
        "iseq": leaf.iseq,
        "body": leaf.body.decode(),
        "leaf_hash": leaf.hash,
    }


def _keep(session: Session, subtrees: Iterable[Subtree]) -> None:
    if rows := [asdict(each) for each in subtrees]:
        session.execute(insert(LogSubtree), rows)


def _open(session: Session, placed: Iterable[tuple[Recorded, Leaf]]) -> None:
    rows = [
        {"seq": leaf.seq, "field": c.field, "value": c.value, "salt": c.salt}
        for item, leaf in placed
        for c in item.commitments
    ]
    if rows:
        session.execute(insert(LogOpening), rows)


def _move_scope_heads(session: Session, leaves: Iterable[Leaf], *, known: Container[str]) -> None:
    """Set each touched scope's head to its last leaf; scopes that are not `known` get their first."""
    for leaf in {leaf.scope: leaf for leaf in leaves}.values():
        values = {"size": leaf.iseq + 1, "leaf_hash": leaf.hash}
        if leaf.scope in known:
            session.execute(update(ScopeHead).where(ScopeHead.scope == leaf.scope).values(**values))
        else:
            session.execute(insert(ScopeHead).values(scope=leaf.scope, **values))
