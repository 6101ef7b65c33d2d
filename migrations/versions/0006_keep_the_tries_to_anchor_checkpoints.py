"""Keep the tries to anchor checkpoints."""

import sqlalchemy as sa
from alembic import op

from portal.models.guards import Guard, create_guards, drop_guards, refuse_if_trail_holds_leaves

revision = "0006"
down_revision = "0004"

GUARDS = [
    *(Guard("log_anchor", f"no_{operation.lower()}", operation) for operation in ("UPDATE", "DELETE", "TRUNCATE")),
    Guard("log_anchor", "no_replace", "INSERT", "EXISTS (SELECT 1 FROM log_anchor o WHERE o.id = NEW.id)"),
    Guard(
        "log_anchor", "of_checkpoint", "INSERT", "NOT EXISTS (SELECT 1 FROM log_checkpoint c WHERE c.size = NEW.size)"
    ),
]


def _codes(name: str, *codes: str) -> sa.Enum:
    return sa.Enum(*codes, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.create_table(
        "log_anchor",
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("kind", _codes("kind", "paper", "mail", "store", "timestamp"), nullable=False),
        sa.Column("target", sa.String(length=200), nullable=False),
        sa.Column("outcome", _codes("outcome", "anchored", "failed"), nullable=False),
        sa.Column("detail", sa.String(length=300), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("object_key", sa.String(length=200), nullable=True),
        sa.Column("version_id", sa.String(length=200), nullable=True),
        sa.Column("token", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_anchor")),
    )
    op.create_index(op.f("ix_log_anchor_size"), "log_anchor", ["size"])
    create_guards(op.get_bind(), GUARDS)


def downgrade() -> None:
    refuse_if_trail_holds_leaves(op.get_bind())
    drop_guards(op.get_bind(), GUARDS)
    op.drop_table("log_anchor")
