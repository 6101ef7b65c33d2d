"""Link accounts to people whom an identity provider knows."""

import sqlalchemy as sa
from alembic import op

from portal.models.guards import Guard, create_guards, drop_guards, refuse_if_trail_holds_leaves

revision = "0014"
down_revision = "0011"

GUARDS = [
    *(Guard("linked_identity", f"no_{operation.lower()}", operation) for operation in ("UPDATE", "DELETE", "TRUNCATE")),
    Guard(
        "linked_identity",
        "no_replace",
        "INSERT",
        "EXISTS (SELECT 1 FROM linked_identity o WHERE o.id = NEW.id"
        " OR (o.issuer = NEW.issuer AND (o.subject = NEW.subject OR o.user_id = NEW.user_id)))",
    ),
]


def upgrade() -> None:
    op.create_table(
        "linked_identity",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_linked_identity_user_id_user"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_linked_identity")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_linked_identity_issuer_subject")),
        sa.UniqueConstraint("user_id", "issuer", name=op.f("uq_linked_identity_user_id_issuer")),
    )
    create_guards(op.get_bind(), GUARDS)


def downgrade() -> None:
    refuse_if_trail_holds_leaves(op.get_bind())
    drop_guards(op.get_bind(), GUARDS)
    op.drop_table("linked_identity")
