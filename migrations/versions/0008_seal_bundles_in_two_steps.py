"""Let a bundle be sealed in the trail before its bytes are known: `bundle` says what was sealed, `bundle_completion`
how long the finished ZIP is and under which checkpoint. Bundles of before were finished when they were sealed.
"""

import sqlalchemy as sa
from alembic import op

from portal.models.guards import Guard, create_guards, drop_guards, refuse_if_trail_holds_leaves

revision = "0008"
down_revision = "0007"

NO_UPDATE = [Guard("bundle", "no_update", "UPDATE")]
"""In force since 0002; lifted only while the column changes its meaning."""

GUARDS = [
    Guard("bundle_completion", "no_update", "UPDATE"),
    Guard("bundle_completion", "no_delete", "DELETE"),
    Guard("bundle_completion", "no_truncate", "TRUNCATE"),
    Guard(
        "bundle_completion",
        "no_replace",
        "INSERT",
        "EXISTS (SELECT 1 FROM bundle_completion o WHERE o.bundle_id = NEW.bundle_id)",
    ),
]

_FINISHED = """
INSERT INTO bundle_completion (bundle_id, size, checkpoint_size, checkpoint_root, completed_at)
SELECT id, size, log_size, log_root, sealed_at FROM bundle
"""

_EVIDENCE_SIZE = """
UPDATE bundle SET evidence_size =
    (SELECT COALESCE(SUM(m.size), 0) FROM bundle_member m WHERE m.bundle_id = bundle.id AND m.file_id IS NOT NULL)
"""


def upgrade() -> None:
    op.create_table(
        "bundle_completion",
        sa.Column("bundle_id", sa.Uuid(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("checkpoint_size", sa.BigInteger(), nullable=False),
        sa.Column("checkpoint_root", sa.String(length=64), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_bundle_completion_size_positive")),
        sa.ForeignKeyConstraint(
            ["bundle_id"], ["bundle.id"], name=op.f("fk_bundle_completion_bundle_id_bundle"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("bundle_id", name=op.f("pk_bundle_completion")),
    )
    op.execute(_FINISHED)
    create_guards(op.get_bind(), GUARDS)
    drop_guards(op.get_bind(), NO_UPDATE)
    # Both databases rename a column in place, its constraint included; dropping one would rebuild the table on SQLite.
    op.execute("ALTER TABLE bundle RENAME COLUMN size TO evidence_size")
    op.execute(_EVIDENCE_SIZE)
    create_guards(op.get_bind(), NO_UPDATE)


def downgrade() -> None:
    refuse_if_trail_holds_leaves(op.get_bind())
    op.execute("ALTER TABLE bundle RENAME COLUMN evidence_size TO size")
    drop_guards(op.get_bind(), GUARDS)
    op.drop_table("bundle_completion")
