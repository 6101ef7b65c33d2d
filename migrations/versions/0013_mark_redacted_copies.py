"""Let a file of a draft be marked as the redacted copy of another one: for good once the draft is submitted."""

import sqlalchemy as sa
from alembic import op

from portal.models.guards import Guard, create_guards, drop_guards, refuse_if_trail_holds_leaves

revision = "0013"
down_revision = "0014"

_NOT_DRAFT = "EXISTS (SELECT 1 FROM revision r WHERE r.id = {row}.revision_id AND r.state <> 'draft')"

GUARDS = [
    Guard("redaction", "insert_in_draft", "INSERT", _NOT_DRAFT.format(row="NEW")),
    Guard("redaction", "no_update", "UPDATE"),
    Guard("redaction", "delete_in_draft", "DELETE", _NOT_DRAFT.format(row="OLD")),
    Guard("redaction", "no_truncate", "TRUNCATE"),
    # REPLACE would take the other mark away silently.
    Guard(
        "redaction",
        "no_replace",
        "INSERT",
        "EXISTS (SELECT 1 FROM redaction o WHERE o.revision_id = NEW.revision_id AND o.file_id = NEW.file_id)",
    ),
    Guard(
        "redaction",
        "no_chain",
        "INSERT",
        "EXISTS (SELECT 1 FROM redaction o WHERE o.revision_id = NEW.revision_id"
        " AND (o.file_id = NEW.original_id OR o.original_id = NEW.file_id))",
    ),
]


def upgrade() -> None:
    op.create_table(
        "redaction",
        sa.Column("revision_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("original_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("file_id <> original_id", name=op.f("ck_redaction_not_of_itself")),
        sa.ForeignKeyConstraint(
            ["file_id", "revision_id"],
            ["revision_file.file_id", "revision_file.revision_id"],
            name="fk_redaction_copy",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["original_id", "revision_id"],
            ["revision_file.file_id", "revision_file.revision_id"],
            name="fk_redaction_original",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("revision_id", "file_id", name=op.f("pk_redaction")),
    )
    op.create_index(op.f("ix_redaction_original"), "redaction", ["revision_id", "original_id"], unique=False)
    create_guards(op.get_bind(), GUARDS)


def downgrade() -> None:
    refuse_if_trail_holds_leaves(op.get_bind())
    drop_guards(op.get_bind(), GUARDS)
    op.drop_table("redaction")
