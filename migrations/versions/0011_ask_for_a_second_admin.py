"""Keep proposals of roles that a second admin confirms, and the windows of external auditors; and let no person give
such a role alone, whoever sends the SQL.
"""

import sqlalchemy as sa
from alembic import op

from portal.models.guards import Guard, create_guards, drop_guards, refuse_if_trail_holds_leaves

revision = "0011"
down_revision = "0012"


def _never(table: str, *operations: str) -> list[Guard]:
    return [Guard(table, f"no_{operation.lower()}", operation) for operation in operations]


def _changes(*columns: str) -> str:
    return " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)


def _same(*columns: str) -> str:
    return " AND ".join(f"p.{column} IS NOT DISTINCT FROM NEW.{column}" for column in columns)


_NO_ADMIN = """
NOT EXISTS (SELECT 1 FROM membership m WHERE m.user_id = NEW.{person} AND m.role = 'admin' AND m.ended_at IS NULL)
"""

PROPOSALS = [
    *_never("membership_proposal", "DELETE", "TRUNCATE"),
    Guard(
        "membership_proposal",
        "no_replace",
        "INSERT",
        "EXISTS (SELECT 1 FROM membership_proposal o WHERE o.id = NEW.id)",
    ),
    Guard("membership_proposal", "begins_open", "INSERT", "NEW.verdict IS NOT NULL"),
    Guard("membership_proposal", "by_admin", "INSERT", _NO_ADMIN.format(person="proposed_by")),
    Guard(
        "membership_proposal",
        "identity",
        "UPDATE",
        _changes(
            "id",
            "user_id",
            "unit_id",
            "role",
            "area_code",
            "below",
            "restricted",
            "sponsor_id",
            "valid_from",
            "valid_until",
            "proposed_by",
            "proposed_at",
            "expires_at",
        ),
    ),
    Guard(
        "membership_proposal",
        "settled_once",
        "UPDATE",
        f"OLD.verdict IS NOT NULL AND ({_changes('verdict', 'settled_by', 'settled_at')})",
    ),
    Guard(
        "membership_proposal",
        "confirmed_by_admin",
        "UPDATE",
        f"NEW.verdict = 'confirmed' AND {_NO_ADMIN.format(person='settled_by')}",
    ),
]

# `granted_by` spells a person as u:<uuid>; one database keeps a uuid with its dashes and the other without.
_AS_CONFIRMED = f"""
EXISTS (SELECT 1 FROM membership_proposal p
        WHERE p.id = NEW.id AND p.verdict = 'confirmed' AND p.settled_by <> p.proposed_by
        AND 'u:' || REPLACE(CAST(p.settled_by AS TEXT), '-', '') = REPLACE(NEW.granted_by, '-', '')
        AND {_same("user_id", "unit_id", "role", "area_code", "below", "restricted", "valid_from", "valid_until")})
"""

_OVERLAPS = """
o.user_id = {row}.user_id AND o.id <> {row}.id AND o.ended_at IS NULL
AND (o.valid_until IS NULL OR o.valid_until >= {row}.valid_from)
AND ({row}.valid_until IS NULL OR o.valid_from <= {row}.valid_until)
"""
_HAS_WINDOW = "EXISTS (SELECT 1 FROM external_window w WHERE w.membership_id = o.id)"

MEMBERSHIPS = [
    Guard(
        "membership",
        "second_admin",
        "INSERT",
        f"NEW.role IN ('admin', 'auditor') AND NEW.granted_by LIKE 'u:%' AND NOT {_AS_CONFIRMED}",
    ),
    Guard(
        "membership",
        "beside_window",
        "INSERT",
        "NEW.role <> 'auditor'"
        f" AND EXISTS (SELECT 1 FROM membership o WHERE {_OVERLAPS.format(row='NEW')} AND {_HAS_WINDOW})",
    ),
]

WINDOWS = [
    *_never("external_window", "UPDATE", "DELETE", "TRUNCATE"),
    Guard(
        "external_window",
        "no_replace",
        "INSERT",
        "EXISTS (SELECT 1 FROM external_window o WHERE o.membership_id = NEW.membership_id)",
    ),
    Guard(
        "external_window",
        "of_membership",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM membership m WHERE m.id = NEW.membership_id AND m.role = 'auditor'"
        " AND m.valid_from = NEW.first_day AND m.valid_until = NEW.last_day)",
    ),
    Guard(
        "external_window",
        "as_proposed",
        "INSERT",
        "EXISTS (SELECT 1 FROM membership_proposal p"
        " WHERE p.id = NEW.membership_id AND p.sponsor_id IS DISTINCT FROM NEW.sponsor_id)",
    ),
    Guard(
        "external_window",
        "sponsored",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM membership m JOIN membership o ON o.unit_id = m.unit_id"
        " WHERE m.id = NEW.membership_id AND o.user_id = NEW.sponsor_id AND o.user_id <> m.user_id"
        f" AND o.ended_at IS NULL AND NOT {_HAS_WINDOW})",
    ),
    Guard(
        "external_window",
        "alone",
        "INSERT",
        "EXISTS (SELECT 1 FROM membership m JOIN membership o ON"
        f" {_OVERLAPS.format(row='m')} WHERE m.id = NEW.membership_id AND NOT {_HAS_WINDOW})",
    ),
]

GUARDS = [*PROPOSALS, *MEMBERSHIPS, *WINDOWS]

_DAYS = {
    "postgresql": "last_day - first_day BETWEEN 0 AND 90",
    "sqlite": "julianday(last_day) - julianday(first_day) BETWEEN 0 AND 90",
}


def _person(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["user.id"], name=op.f(f"fk_{table}_{column}_user"), ondelete="RESTRICT")


def upgrade() -> None:
    op.create_table(
        "membership_proposal",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("area_code", sa.String(length=8), nullable=True),
        sa.Column("below", sa.Boolean(), nullable=False),
        sa.Column("restricted", sa.Boolean(), nullable=False),
        sa.Column("sponsor_id", sa.Uuid(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verdict", sa.String(length=40), nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "role IN ('uploader', 'area_coordinator', 'tpi_member', 'tpi_lead', 'auditor', 'leader', 'admin')",
            name=op.f("ck_membership_proposal_role"),
        ),
        sa.CheckConstraint(
            "verdict IN ('confirmed', 'refused', 'withdrawn')", name=op.f("ck_membership_proposal_verdict")
        ),
        sa.CheckConstraint("role IN ('admin', 'auditor')", name=op.f("ck_membership_proposal_role_confirmed")),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_until >= valid_from", name=op.f("ck_membership_proposal_window_order")
        ),
        sa.CheckConstraint(
            "(verdict IS NULL) = (settled_by IS NULL) AND (verdict IS NULL) = (settled_at IS NULL)",
            name=op.f("ck_membership_proposal_settled_complete"),
        ),
        sa.CheckConstraint(
            "proposed_by <> user_id AND (verdict IS NULL"
            " OR (settled_by <> user_id AND (verdict = 'withdrawn') = (settled_by = proposed_by)))",
            name=op.f("ck_membership_proposal_four_eyes"),
        ),
        sa.CheckConstraint(
            "verdict IS NULL OR verdict <> 'confirmed' OR settled_at < expires_at",
            name=op.f("ck_membership_proposal_in_time"),
        ),
        *(_person("membership_proposal", column) for column in ("user_id", "sponsor_id", "proposed_by", "settled_by")),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name=op.f("fk_membership_proposal_unit_id_unit"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership_proposal")),
    )
    for column in ("user_id", "unit_id"):
        op.create_index(op.f(f"ix_membership_proposal_{column}"), "membership_proposal", [column])
    op.create_table(
        "external_window",
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("sponsor_id", sa.Uuid(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.CheckConstraint(_DAYS[op.get_bind().dialect.name], name=op.f("ck_external_window_days")),
        sa.ForeignKeyConstraint(
            ["membership_id"],
            ["membership.id"],
            name=op.f("fk_external_window_membership_id_membership"),
            ondelete="RESTRICT",
        ),
        _person("external_window", "sponsor_id"),
        sa.PrimaryKeyConstraint("membership_id", name=op.f("pk_external_window")),
    )
    op.create_index(op.f("ix_external_window_sponsor_id"), "external_window", ["sponsor_id"])
    create_guards(op.get_bind(), GUARDS)


def downgrade() -> None:
    refuse_if_trail_holds_leaves(op.get_bind())
    drop_guards(op.get_bind(), GUARDS)
    op.drop_table("external_window")
    op.drop_table("membership_proposal")
