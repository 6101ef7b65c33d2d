"""Let a session remember when its password was last given, and an ended one never change again. Sessions of before
gave theirs when they began.
"""

import sqlalchemy as sa
from alembic import op

from portal.models.guards import Guard, create_guards, drop_guards

revision = "0009"
down_revision = "0008"

GUARDS = [Guard("login_session", "stays_ended", "UPDATE", "OLD.ended_at IS NOT NULL")]


def upgrade() -> None:
    with op.batch_alter_table("login_session") as table:
        table.add_column(sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE login_session SET confirmed_at = started_at")
    with op.batch_alter_table("login_session") as table:
        table.alter_column("confirmed_at", existing_type=sa.DateTime(timezone=True), nullable=False)
    create_guards(op.get_bind(), GUARDS)


def downgrade() -> None:
    drop_guards(op.get_bind(), GUARDS)
    with op.batch_alter_table("login_session") as table:
        table.drop_column("confirmed_at")
