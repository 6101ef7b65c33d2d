"""Keep signed checkpoints of the trail and the public keys of the signer."""

import sqlalchemy as sa
from alembic import op

from portal.models.guards import Guard, create_guards, drop_guards, refuse_if_trail_holds_leaves

revision = "0004"
down_revision = "0003"


def _append_only(table: str, same_key: str) -> list[Guard]:
    return [
        *(Guard(table, f"no_{operation.lower()}", operation) for operation in ("UPDATE", "DELETE", "TRUNCATE")),
        Guard(table, "no_replace", "INSERT", f"EXISTS (SELECT 1 FROM {table} o WHERE {same_key})"),
    ]


GUARDS = [
    *_append_only("log_checkpoint", "o.size = NEW.size"),
    Guard("log_checkpoint", "of_log", "INSERT", "NEW.size > (SELECT h.size FROM log_head h)"),
    *_append_only("signing_key", "o.id = NEW.id OR (o.kind = NEW.kind AND o.from_size = NEW.from_size)"),
    Guard("signing_key", "of_log", "INSERT", "NEW.from_size > (SELECT h.size FROM log_head h)"),
]


def upgrade() -> None:
    op.create_table(
        "log_checkpoint",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("origin", sa.String(length=120), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_log_checkpoint")),
    )
    op.create_table(
        "signing_key",
        sa.Column(
            "kind",
            sa.Enum("checkpoint", "ssh", "ecdsa", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("from_size", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_key")),
        sa.UniqueConstraint("kind", "from_size", name=op.f("uq_signing_key_kind_from_size")),
    )
    create_guards(op.get_bind(), GUARDS)


def downgrade() -> None:
    refuse_if_trail_holds_leaves(op.get_bind())
    drop_guards(op.get_bind(), GUARDS)
    op.drop_table("signing_key")
    op.drop_table("log_checkpoint")
