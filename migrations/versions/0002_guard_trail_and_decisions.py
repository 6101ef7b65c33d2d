"""Guard the trail, decisions, submitted revisions and stored files against rewriting."""

from alembic import op

from portal.models.guards import Guard, create_guards, drop_guards, refuse_if_trail_holds_leaves

revision = "0002"
down_revision = "0001"


def _never(table: str, *operations: str) -> list[Guard]:
    return [Guard(table, f"no_{operation.lower()}", operation) for operation in operations]


_LEAF = "l.scope = NEW.scope AND l.iseq = NEW.size - 1 AND l.leaf_hash = NEW.leaf_hash"
_NO_SUCH_LEAF = f"NOT EXISTS (SELECT 1 FROM log_leaf l WHERE {_LEAF})"


def _append_only(table: str, same_key: str) -> list[Guard]:
    """Rows are only ever added."""
    return [*_never(table, "UPDATE"), *_never_deleted(table, same_key)]


def _never_deleted(table: str, same_key: str) -> list[Guard]:
    """No DELETE or TRUNCATE; and no second row of the same key, because REPLACE would delete the first silently."""
    replaced = f'EXISTS (SELECT 1 FROM "{table}" o WHERE {same_key})'
    return [*_never(table, "DELETE", "TRUNCATE"), Guard(table, "no_replace", "INSERT", replaced)]


def _changes(*columns: str) -> str:
    return " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)


LOG = [
    *_append_only(
        "log_leaf", "o.seq = NEW.seq OR o.leaf_hash = NEW.leaf_hash OR (o.scope = NEW.scope AND o.iseq = NEW.iseq)"
    ),
    Guard(
        "log_leaf",
        "next",
        "INSERT",
        "NEW.seq <> (SELECT COALESCE(MAX(o.seq), -1) + 1 FROM log_leaf o) "
        "OR NEW.iseq <> (SELECT COALESCE(MAX(o.iseq), -1) + 1 FROM log_leaf o WHERE o.scope = NEW.scope)",
    ),
    *_append_only("log_opening", "o.seq = NEW.seq AND o.field = NEW.field"),
    Guard("log_opening", "of_leaf", "INSERT", "NOT EXISTS (SELECT 1 FROM log_leaf l WHERE l.seq = NEW.seq)"),
    *_never("log_head", "DELETE", "TRUNCATE", "INSERT"),
    Guard(
        "log_head",
        "grows",
        "UPDATE",
        "NEW.id <> OLD.id OR NEW.size <= OLD.size OR NEW.size <> (SELECT COALESCE(MAX(l.seq), -1) + 1 FROM log_leaf l)",
    ),
    *_never_deleted("scope_head", "o.scope = NEW.scope"),
    Guard(
        "scope_head",
        "of_leaf",
        "INSERT",
        _NO_SUCH_LEAF,
    ),
    Guard(
        "scope_head",
        "grows",
        "UPDATE",
        f"NEW.scope <> OLD.scope OR NEW.size <= OLD.size OR {_NO_SUCH_LEAF}",
    ),
]

_SENT_BY_NEW_REVIEWER = """
EXISTS (SELECT 1 FROM contributor c WHERE c.revision_id = NEW.revision_id AND c.user_id = NEW.{person})
OR EXISTS (SELECT 1 FROM revision r WHERE r.id = NEW.revision_id
           AND (r.drafted_by = NEW.{person} OR r.submitted_by = NEW.{person}))
OR EXISTS (SELECT 1 FROM revision_file f JOIN stored_file s ON s.id = f.file_id
           WHERE f.revision_id = NEW.revision_id AND s.uploader_id = NEW.{person})
"""

_FOREIGN_MEMBERSHIP = """
NOT EXISTS (SELECT 1 FROM membership m
            WHERE m.id = NEW.membership_id AND m.user_id = NEW.{person} AND m.ended_at IS NULL)
"""

_TIERS = """
review_tier t JOIN indicator i ON i.plan_id = t.plan_id
              JOIN requirement q ON q.indicator_id = i.id
              JOIN evidence e ON e.requirement_id = q.id
"""

_NO_SEAT = f"""
NOT EXISTS (SELECT 1 FROM {_TIERS} JOIN revision r ON r.evidence_id = e.id
            JOIN membership m ON m.role = t.role OR (m.role = 'tpi_lead' AND t.role = 'tpi_member')
            WHERE r.id = NEW.revision_id AND t.position = NEW.tier AND m.id = NEW.membership_id)
"""

_NOT_LEAD = "NOT EXISTS (SELECT 1 FROM membership m WHERE m.id = NEW.membership_id AND m.role = 'tpi_lead')"

DECISIONS = [
    *_append_only("decision", "o.id = NEW.id OR (o.revision_id = NEW.revision_id AND o.reviewer_id = NEW.reviewer_id)"),
    Guard("decision", "four_eyes", "INSERT", _SENT_BY_NEW_REVIEWER.format(person="reviewer_id")),
    Guard("decision", "own_membership", "INSERT", _FOREIGN_MEMBERSHIP.format(person="reviewer_id")),
    Guard("decision", "seat", "INSERT", _NO_SEAT),
    Guard(
        "decision",
        "on_submitted",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM revision r WHERE r.id = NEW.revision_id AND r.state = 'submitted' "
        "AND r.tier = NEW.tier AND r.digest = NEW.revision_digest)",
    ),
    *_append_only("reopening", "o.revision_id = NEW.revision_id"),
    Guard("reopening", "four_eyes", "INSERT", _SENT_BY_NEW_REVIEWER.format(person="reopened_by")),
    Guard("reopening", "own_membership", "INSERT", _FOREIGN_MEMBERSHIP.format(person="reopened_by")),
    Guard("reopening", "by_lead", "INSERT", _NOT_LEAD),
    Guard(
        "reopening",
        "on_approved",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM revision r WHERE r.id = NEW.revision_id AND r.state = 'approved')",
    ),
]

_DECIDED = "EXISTS (SELECT 1 FROM decision d WHERE d.revision_id = NEW.id AND d.verdict = '{verdict}')"
_QUORUM_MISSING = f"""
EXISTS (SELECT 1 FROM {_TIERS}
        WHERE e.id = NEW.evidence_id AND {{which}}
        AND (SELECT COUNT(*) FROM decision d
             WHERE d.revision_id = NEW.id AND d.tier = t.position AND d.verdict = 'approve') < t.quorum)
"""
_ALLOWED_STEPS = f"""
(OLD.state = 'draft' AND NEW.state IN ('submitted', 'discarded'))
OR (OLD.state = 'submitted' AND NEW.state = 'withdrawn'
    AND NOT EXISTS (SELECT 1 FROM decision d WHERE d.revision_id = NEW.id))
OR (OLD.state = 'submitted' AND NEW.state = 'approved' AND {_DECIDED.format(verdict="approve")}
    AND NOT {_QUORUM_MISSING.format(which="1 = 1")})
OR (OLD.state = 'submitted' AND NEW.state = 'returned' AND {_DECIDED.format(verdict="return")})
OR (OLD.state = 'submitted' AND NEW.state = 'rejected' AND {_DECIDED.format(verdict="reject")})
OR (OLD.state = 'approved' AND NEW.state = 'reopened'
    AND EXISTS (SELECT 1 FROM reopening o WHERE o.revision_id = NEW.id))
"""
_INCOMPLETE = """
NOT EXISTS (SELECT 1 FROM revision_slot s WHERE s.revision_id = NEW.id)
OR NOT (EXISTS (SELECT 1 FROM revision_file f WHERE f.revision_id = NEW.id)
        OR EXISTS (SELECT 1 FROM revision_link l WHERE l.revision_id = NEW.id))
OR NOT EXISTS (SELECT 1 FROM contributor c WHERE c.revision_id = NEW.id AND c.user_id = NEW.submitted_by)
OR EXISTS (SELECT 1 FROM revision_file f JOIN stored_file s ON s.id = f.file_id WHERE f.revision_id = NEW.id
           AND s.uploader_id NOT IN (SELECT c.user_id FROM contributor c WHERE c.revision_id = NEW.id))
"""

REVISIONS = [
    *_never_deleted("revision", "o.id = NEW.id OR (o.evidence_id = NEW.evidence_id AND o.number = NEW.number)"),
    Guard(
        "revision",
        "open_once",
        "INSERT",
        "EXISTS (SELECT 1 FROM revision o WHERE o.evidence_id = NEW.evidence_id AND o.state IN ('draft', 'submitted'))",
    ),
    Guard("revision", "begins_as_draft", "INSERT", "NEW.state <> 'draft' OR NEW.tier <> 0"),
    Guard(
        "revision",
        "identity",
        "UPDATE",
        _changes("id", "evidence_id", "number", "answers", "digest_salt", "drafted_by", "drafted_at"),
    ),
    Guard(
        "revision",
        "content",
        "UPDATE",
        f"OLD.state <> 'draft' AND ({_changes('note', 'document_date', 'digest', 'submitted_by', 'submitted_at')})",
    ),
    Guard("revision", "settled_once", "UPDATE", f"OLD.state = NEW.state AND ({_changes('settled_at')})"),
    Guard("revision", "transition", "UPDATE", f"OLD.state <> NEW.state AND NOT ({_ALLOWED_STEPS})"),
    Guard(
        "revision",
        "tier",
        "UPDATE",
        "OLD.tier <> NEW.tier AND (OLD.state <> 'submitted' OR NEW.state <> 'submitted' OR NEW.tier <> OLD.tier + 1 "
        f"OR {_QUORUM_MISSING.format(which='t.position = OLD.tier')})",
    ),
    Guard("revision", "complete", "UPDATE", f"OLD.state = 'draft' AND NEW.state = 'submitted' AND ({_INCOMPLETE})"),
]

_NOT_DRAFT = "EXISTS (SELECT 1 FROM revision r WHERE r.id = {row}.revision_id AND r.state <> 'draft')"


def _only_in_draft(table: str) -> list[Guard]:
    """Parts of a revision may come and go while it is a draft, and are fixed from its submission on."""
    return [
        Guard(table, "insert_in_draft", "INSERT", _NOT_DRAFT.format(row="NEW")),
        Guard(table, "update_in_draft", "UPDATE", f"{_NOT_DRAFT.format(row='OLD')} OR {_NOT_DRAFT.format(row='NEW')}"),
        Guard(table, "delete_in_draft", "DELETE", _NOT_DRAFT.format(row="OLD")),
        *_never(table, "TRUNCATE"),
    ]


_OTHER_REQUIREMENT = """
NOT EXISTS (SELECT 1 FROM revision r JOIN evidence e ON e.id = r.evidence_id
            JOIN slot s ON s.requirement_id = e.requirement_id
            WHERE r.id = NEW.revision_id AND s.id = NEW.slot_id)
"""

PARTS = [
    *_only_in_draft("revision_file"),
    *_only_in_draft("revision_link"),
    *_only_in_draft("revision_slot"),
    Guard("revision_link", "no_replace", "INSERT", "EXISTS (SELECT 1 FROM revision_link o WHERE o.id = NEW.id)"),
    Guard("revision_link", "identity", "UPDATE", _changes("id")),
    Guard("revision_slot", "own_requirement", "INSERT", _OTHER_REQUIREMENT),
    Guard("revision_slot", "still_own_requirement", "UPDATE", _OTHER_REQUIREMENT),
    Guard("contributor", "insert_in_draft", "INSERT", _NOT_DRAFT.format(row="NEW")),
    *_append_only("contributor", "o.revision_id = NEW.revision_id AND o.user_id = NEW.user_id"),
]

_OTHERS_EMAIL = """EXISTS (SELECT 1 FROM "user" o WHERE o.email = NEW.email AND o.id <> NEW.id)"""

RECORDS = [
    *_append_only("stored_file", "o.id = NEW.id OR o.object_key = NEW.object_key"),
    *_append_only("bundle", "o.id = NEW.id"),
    *_append_only("bundle_revision", "o.bundle_id = NEW.bundle_id AND o.revision_id = NEW.revision_id"),
    *_append_only("bundle_member", "o.bundle_id = NEW.bundle_id AND (o.position = NEW.position OR o.path = NEW.path)"),
    *_never_deleted("evidence", "o.id = NEW.id"),
    Guard("evidence", "identity", "UPDATE", _changes("id", "requirement_id", "started_by", "started_at")),
    *_never_deleted("membership", "o.id = NEW.id"),
    Guard(
        "membership",
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
            "valid_from",
            "valid_until",
            "granted_by",
            "granted_at",
        ),
    ),
    Guard("membership", "ended_once", "UPDATE", f"OLD.ended_at IS NOT NULL AND ({_changes('ended_at', 'ended_by')})"),
    *_never_deleted("user", "o.id = NEW.id OR o.email = NEW.email"),
    Guard("user", "identity", "UPDATE", f"{_changes('id')} OR {_OTHERS_EMAIL}"),
    *_never_deleted("unit", "o.id = NEW.id OR o.code = NEW.code OR o.path = NEW.path"),
    Guard("unit", "identity", "UPDATE", _changes("id", "code", "path", "parent_id")),
]

GUARDS = [*LOG, *DECISIONS, *REVISIONS, *PARTS, *RECORDS]


def upgrade() -> None:
    create_guards(op.get_bind(), GUARDS)


def downgrade() -> None:
    refuse_if_trail_holds_leaves(op.get_bind())
    drop_guards(op.get_bind(), GUARDS)
