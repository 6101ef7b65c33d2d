"""Keep second factors, their recovery codes, and logins whose code is still to come."""

import sqlalchemy as sa
from alembic import op

from portal.models.guards import Guard, create_guards, drop_guards, refuse_if_trail_holds_leaves

revision = "0010"
down_revision = "0009"


def _changes(*columns: str) -> str:
    return " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)


def _never_deleted(table: str, same_key: str) -> list[Guard]:
    """No DELETE or TRUNCATE; and no second row of the same key, because REPLACE would delete the first silently."""
    return [
        *(Guard(table, f"no_{operation.lower()}", operation) for operation in ("DELETE", "TRUNCATE")),
        Guard(table, "no_replace", "INSERT", f"EXISTS (SELECT 1 FROM {table} o WHERE {same_key})"),
    ]


GUARDS = [
    *_never_deleted("second_factor", "o.id = NEW.id OR (o.user_id = NEW.user_id AND o.ended_at IS NULL)"),
    Guard("second_factor", "identity", "UPDATE", _changes("id", "user_id", "secret", "enrolled_at")),
    Guard("second_factor", "steps_forward", "UPDATE", "NEW.last_step < OLD.last_step"),
    Guard(
        "second_factor", "ended_once", "UPDATE", f"OLD.ended_at IS NOT NULL AND ({_changes('ended_at', 'last_step')})"
    ),
    *_never_deleted("recovery_code", "o.id = NEW.id OR o.code_sha256 = NEW.code_sha256"),
    Guard("recovery_code", "identity", "UPDATE", _changes("id", "factor_id", "code_sha256", "issued_at")),
    Guard(
        "recovery_code",
        "settled_once",
        "UPDATE",
        f"(OLD.used_at IS NOT NULL OR OLD.voided_at IS NOT NULL) AND ({_changes('used_at', 'voided_at')})",
    ),
    Guard(
        "pending_login",
        "identity",
        "UPDATE",
        f"{_changes('id', 'user_id', 'token_sha256', 'started_at')} OR NEW.tries < OLD.tries",
    ),
]


def upgrade() -> None:
    op.create_table(
        "second_factor",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.String(length=32), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_second_factor_user_id_user"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_factor")),
    )
    is_open = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_second_factor_open_per_user",
        "second_factor",
        ["user_id"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_table(
        "recovery_code",
        sa.Column("factor_id", sa.Uuid(), nullable=False),
        sa.Column("code_sha256", sa.String(length=64), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["factor_id"],
            ["second_factor.id"],
            name=op.f("fk_recovery_code_factor_id_second_factor"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("code_sha256", name=op.f("uq_recovery_code_code_sha256")),
    )
    op.create_index(op.f("ix_recovery_code_factor_id"), "recovery_code", ["factor_id"])
    op.create_table(
        "pending_login",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_pending_login_user_id_user"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pending_login")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_pending_login_token_sha256")),
    )
    op.create_index(op.f("ix_pending_login_user_id"), "pending_login", ["user_id"])
    create_guards(op.get_bind(), GUARDS)


def downgrade() -> None:
    refuse_if_trail_holds_leaves(op.get_bind())
    drop_guards(op.get_bind(), GUARDS)
    for table in ("pending_login", "recovery_code", "second_factor"):
        op.drop_table(table)
