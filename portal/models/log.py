"""The audit trail: leaves, kept subtrees, the tree's head, each scope's head, and the openings of committed texts.
Written by `services/audit.py` alone.

No foreign key ties it to business rows: nothing that happens to those may touch it.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base


class LogLeaf(Base):
    """`body` is the exact canonical text; `leaf_hash` its RFC 6962 leaf hash (32 bytes); `seq` the index in the tree,
    from 0.
    """

    __tablename__ = "log_leaf"
    __table_args__ = (UniqueConstraint("scope", "iseq"),)

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    scope: Mapped[str] = mapped_column(String(80))
    iseq: Mapped[int] = mapped_column(BigInteger)
    body: Mapped[str] = mapped_column(Text)
    leaf_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)


class LogSubtree(Base):
    """`hash` is the root (32 bytes) of the `position`-th full subtree of 256^level leaves: what proofs are made of
    without reading the leaves.
    """

    __tablename__ = "log_subtree"
    __table_args__ = (CheckConstraint("level >= 1", name="level_positive"),)

    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class LogHead(Base):
    """The one row that serialises appends: tree size, the frontier (roots of the full subtrees, largest first) and the
    root.
    """

    __tablename__ = "log_head"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(BigInteger)
    frontier: Mapped[bytes] = mapped_column(LargeBinary)
    root: Mapped[bytes] = mapped_column(LargeBinary(32))


class ScopeHead(Base):
    """How many leaves a scope has, and the hash of its last one."""

    __tablename__ = "scope_head"

    scope: Mapped[str] = mapped_column(String(80), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    leaf_hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class LogOpening(Base):
    """Value and salt (16 bytes) behind one commitment of a leaf, `field` being its name there without `_c`."""

    __tablename__ = "log_opening"

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    field: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
    salt: Mapped[bytes] = mapped_column(LargeBinary(16))
