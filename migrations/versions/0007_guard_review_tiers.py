"""Guard the tiers of a review and what ties an evidence to them: after a submission they do not get easier."""

from alembic import op

from portal.models.guards import Guard, create_guards, drop_guards, refuse_if_trail_holds_leaves

revision = "0007"
down_revision = "0006"

_SUBMITTED = """
EXISTS (SELECT 1 FROM indicator i JOIN requirement q ON q.indicator_id = i.id
                                  JOIN evidence e ON e.requirement_id = q.id
                                  JOIN revision r ON r.evidence_id = e.id
        WHERE i.plan_id = OLD.plan_id AND r.state NOT IN ('draft', 'discarded'))
"""


def _changes(*columns: str) -> str:
    return " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)


GUARDS = [
    Guard("review_tier", "kept", "DELETE", _SUBMITTED),
    Guard("review_tier", "no_truncate", "TRUNCATE"),
    # REPLACE would delete the tier silently.
    Guard(
        "review_tier",
        "no_replace",
        "INSERT",
        "EXISTS (SELECT 1 FROM review_tier o"
        " WHERE o.id = NEW.id OR (o.plan_id = NEW.plan_id AND o.position = NEW.position))",
    ),
    Guard("review_tier", "identity", "UPDATE", _changes("id", "plan_id")),
    Guard(
        "review_tier",
        "not_lowered",
        "UPDATE",
        f"(NEW.quorum < OLD.quorum OR {_changes('position', 'role')}) AND {_SUBMITTED}",
    ),
    Guard("indicator", "identity", "UPDATE", _changes("id", "plan_id")),
    Guard("requirement", "identity", "UPDATE", _changes("id", "indicator_id")),
]


def upgrade() -> None:
    create_guards(op.get_bind(), GUARDS)


def downgrade() -> None:
    refuse_if_trail_holds_leaves(op.get_bind())
    drop_guards(op.get_bind(), GUARDS)
