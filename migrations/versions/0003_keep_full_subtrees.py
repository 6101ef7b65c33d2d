"""Keep the roots of the log's full subtrees of 256^level leaves, those that are there already included."""

import sqlalchemy as sa
from alembic import op

from portal.domain.log.merkle import root_of
from portal.models.guards import Guard, create_guards, drop_guards, refuse_if_trail_holds_leaves

revision = "0003"
down_revision = "0002"

WIDTH = 256

_LEAVES = "(SELECT COALESCE(MAX(l.seq), -1) + 1 FROM log_leaf l)"

GUARDS = [
    Guard("log_subtree", "no_update", "UPDATE"),
    Guard("log_subtree", "no_delete", "DELETE"),
    Guard("log_subtree", "no_truncate", "TRUNCATE"),
    Guard(
        "log_subtree",
        "next",
        "INSERT",
        "NEW.position <> (SELECT COALESCE(MAX(o.position), -1) + 1 FROM log_subtree o WHERE o.level = NEW.level)",
    ),
    Guard("log_subtree", "full", "INSERT", f"((NEW.position + 1) << (8 * NEW.level)) > {_LEAVES}"),
    # A process of an older version would append without keeping; its append is refused, rather than leave a gap
    # that every later one meets.
    Guard(
        "log_head",
        "keeps_subtrees",
        "UPDATE",
        "(NEW.size >> 8) <> (SELECT COALESCE(MAX(s.position), -1) + 1 FROM log_subtree s WHERE s.level = 1)",
    ),
]

_HEAD = sa.table("log_head", sa.column("id", sa.Integer))
_LEAF = sa.table("log_leaf", sa.column("seq", sa.BigInteger), sa.column("leaf_hash", sa.LargeBinary))
_SUBTREE = sa.table(
    "log_subtree",
    sa.column("level", sa.Integer),
    sa.column("position", sa.BigInteger),
    sa.column("hash", sa.LargeBinary),
)


def upgrade() -> None:
    op.create_table(
        "log_subtree",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("level >= 1", name=op.f("ck_log_subtree_level_positive")),
        sa.PrimaryKeyConstraint("level", "position", name=op.f("pk_log_subtree")),
    )
    op.get_bind().execute(sa.select(_HEAD.c.id).with_for_update())  # nothing is appended before the guards are there
    level = 1
    while _keep_level(level):
        level += 1
    create_guards(op.get_bind(), GUARDS)


def downgrade() -> None:
    refuse_if_trail_holds_leaves(op.get_bind())
    drop_guards(op.get_bind(), GUARDS)
    op.drop_table("log_subtree")


def _keep_level(level: int) -> int:
    """Keep the full subtrees of this level, from those of the one below; returns how many there are."""
    position = 0
    while len(below := _children(level, position)) == WIDTH:
        op.execute(_SUBTREE.insert().values(level=level, position=position, hash=root_of(below)))
        position += 1
    return position


def _children(level: int, position: int) -> list[bytes]:
    """Hashes of the leaves, or of the kept subtrees of the level below, that are in this subtree so far."""
    place, hash_ = (_LEAF.c.seq, _LEAF.c.leaf_hash) if level == 1 else (_SUBTREE.c.position, _SUBTREE.c.hash)
    query = sa.select(hash_).where(place >= position * WIDTH, place < (position + 1) * WIDTH).order_by(place)
    if level > 1:
        query = query.where(_SUBTREE.c.level == level - 1)
    return list(op.get_bind().execute(query).scalars())
