"""Let the class of a requirement be changed, and only along with a row that says who did it and why."""

import sqlalchemy as sa
from alembic import op

from portal.models.guards import Guard, create_guards, drop_guards, refuse_if_trail_holds_leaves

revision = "0012"
down_revision = "0010"


def _newest(row: str) -> str:
    """That no later change than `row` is there."""
    return (
        "NOT EXISTS (SELECT 1 FROM classification_change l"
        f" WHERE l.requirement_id = {row}.requirement_id AND l.number > {row}.number)"
    )


_LOWERS = "(NEW.before = 'rahasia' OR (NEW.before = 'terbatas' AND NEW.after = 'biasa'))"


def _without_role(*roles: str) -> str:
    """That whoever changes the class holds none of these roles by the membership that the row names."""
    return (
        "NOT EXISTS (SELECT 1 FROM membership m WHERE m.id = NEW.membership_id AND m.user_id = NEW.changed_by"
        f" AND m.ended_at IS NULL AND m.role IN ({', '.join(map(repr, roles))}))"
    )


GUARDS = [
    Guard("classification_change", "no_update", "UPDATE"),
    Guard("classification_change", "no_delete", "DELETE"),
    Guard("classification_change", "no_truncate", "TRUNCATE"),
    # Numbered without a gap, from the class that there is now, and none before the last one took effect.
    Guard(
        "classification_change",
        "next",
        "INSERT",
        "NEW.number <> (SELECT COALESCE(MAX(o.number), 0) + 1 FROM classification_change o"
        " WHERE o.requirement_id = NEW.requirement_id)"
        " OR EXISTS (SELECT 1 FROM requirement q WHERE q.id = NEW.requirement_id AND q.classification <> NEW.before)"
        " OR EXISTS (SELECT 1 FROM classification_change o WHERE o.requirement_id = NEW.requirement_id"
        f" AND o.after <> NEW.before AND {_newest('o')})",
    ),
    Guard(
        "classification_change",
        "permitted",
        "INSERT",
        _without_role("area_coordinator", "tpi_member", "tpi_lead", "admin"),
    ),
    Guard(
        "classification_change",
        "lowered_by_lead",
        "INSERT",
        f"{_LOWERS} AND {_without_role('tpi_lead')}",
    ),
    Guard(
        "requirement",
        "class_explained",
        "UPDATE",
        "OLD.classification <> NEW.classification AND NOT EXISTS (SELECT 1 FROM classification_change o"
        " WHERE o.requirement_id = NEW.id AND o.before = OLD.classification AND o.after = NEW.classification"
        f" AND {_newest('o')})",
    ),
    # The portal may change the row now, so what else it says is held by these.
    Guard(
        "requirement",
        "content",
        "UPDATE",
        "OLD.position IS DISTINCT FROM NEW.position OR OLD.text IS DISTINCT FROM NEW.text",
    ),
    Guard("requirement", "no_delete", "DELETE"),
    Guard("requirement", "no_truncate", "TRUNCATE"),
    Guard(
        "requirement",
        "no_replace",
        "INSERT",
        "EXISTS (SELECT 1 FROM requirement o WHERE o.id = NEW.id"
        " OR (o.indicator_id = NEW.indicator_id AND o.position = NEW.position))",
    ),
]


def _class(name: str) -> sa.Enum:
    return sa.Enum("biasa", "terbatas", "rahasia", name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.create_table(
        "classification_change",
        sa.Column("requirement_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("before", _class("before"), nullable=False),
        sa.Column("after", _class("after"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_classification_change_number_positive")),
        sa.CheckConstraint("before <> after", name=op.f("ck_classification_change_changes")),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_classification_change_explained")),
        sa.ForeignKeyConstraint(
            ["requirement_id"],
            ["requirement.id"],
            name=op.f("fk_classification_change_requirement_id_requirement"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["user.id"], name=op.f("fk_classification_change_changed_by_user"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["membership_id"],
            ["membership.id"],
            name=op.f("fk_classification_change_membership_id_membership"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("requirement_id", "number", name=op.f("pk_classification_change")),
    )
    create_guards(op.get_bind(), GUARDS)


def downgrade() -> None:
    refuse_if_trail_holds_leaves(op.get_bind())
    drop_guards(op.get_bind(), GUARDS)
    op.drop_table("classification_change")
