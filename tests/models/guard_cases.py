"""What each guard must refuse, as SQL of somebody who got past the portal and its role.

A guard with several conditions has a case for each. `:names` are the ids of the scene.
"""

from __future__ import annotations

from dataclasses import dataclass

APPEND_ONLY = {
    "log_leaf": "body",
    "log_subtree": "hash",
    "log_opening": "value",
    "classification_change": "reason",
    "decision": "note",
    "reopening": "note",
    "contributor": "user_id",
    "stored_file": "name",
    "bundle": "name",
    "bundle_completion": "size",
    "bundle_revision": "revision_id",
    "bundle_member": "path",
    "log_checkpoint": "note",
    "signing_key": "key",
    "log_anchor": "detail",
    "external_window": "sponsor_id",
    "linked_identity": "subject",
}
"""Tables whose rows are only ever added, with a column that somebody might want to change."""

NEVER_DELETED = (
    *APPEND_ONLY,
    *("log_head", "scope_head", "revision", "evidence", "membership", "user", "unit", "requirement"),
    *("second_factor", "recovery_code"),
    "membership_proposal",
)
PARTS = ("redaction", "revision_file", "revision_link", "revision_slot")
"""Rows of these come and go in a draft, so only emptying them is refused altogether."""

OTHER_PLAN = "(SELECT p.id FROM plan p WHERE p.id <> {}.plan_id)"
"""The other one of the two plans."""


@dataclass(frozen=True)
class Case:
    """`statement` is refused by `guard`, once those of `after` have passed."""

    guard: str
    statement: str
    after: tuple[str, ...] = ()


def decision(
    who: str, revision: str = "waiting", *, membership: str = "", tier: str = "r.tier", digest: str = "r.digest"
) -> str:
    return (
        "INSERT INTO decision"
        " (id, revision_id, tier, reviewer_id, membership_id, verdict, note, revision_digest, decided_at)"
        f" SELECT :new, r.id, {tier}, :{who}, :{membership or who}_membership, 'approve', '',"
        f" COALESCE({digest}, 'x'), r.drafted_at FROM revision r WHERE r.id = :{revision}"
    )


def reopening(who: str, revision: str = "approved", *, membership: str = "") -> str:
    return (
        "INSERT INTO reopening (revision_id, reopened_by, membership_id, note, reopened_at)"
        f" SELECT r.id, :{who}, :{membership or who}_membership, 'x', r.drafted_at"
        f" FROM revision r WHERE r.id = :{revision}"
    )


def revision(like: str, *, number: str = "r.number + 1", state: str = "draft", tier: int = 0, id: str = ":new") -> str:
    return (
        "INSERT INTO revision (id, evidence_id, number, state, tier, note, digest_salt, drafted_by, drafted_at)"
        f" SELECT {id}, r.evidence_id, {number}, '{state}', {tier}, '', 'x', r.drafted_by, r.drafted_at"
        f" FROM revision r WHERE r.id = :{like}"
    )


def leaf(*, seq: str = "(SELECT MAX(seq) + 1 FROM log_leaf)", scope: str = "'x'", iseq: str = "0", hash: str) -> str:
    return (
        "INSERT INTO log_leaf (seq, scope, iseq, body, leaf_hash)"
        f" SELECT {seq}, {scope}, {iseq}, 'x', {hash} FROM log_leaf l WHERE l.seq = 0"
    )


def subtree(level: int, position: str) -> str:
    return f"INSERT INTO log_subtree (level, position, hash) SELECT {level}, {position}, :fresh FROM log_subtree t"


def changed_class(
    which: str = "limited",
    before: str = "terbatas",
    after: str = "rahasia",
    *,
    who: str = "reviewer",
    membership: str = "",
    number: str = "COUNT(o.number) + 1",
) -> str:
    return (
        "INSERT INTO classification_change"
        " (requirement_id, number, before, after, reason, changed_by, membership_id, changed_at)"
        f" SELECT q.id, {number}, '{before}', '{after}', 'x', :{who}, :{membership or who}_membership, :now"
        " FROM requirement q LEFT JOIN classification_change o ON o.requirement_id = q.id"
        f" WHERE q.id = :{which} GROUP BY q.id"
    )


def class_of(which: str, target: str) -> str:
    return f"UPDATE requirement SET classification = '{target}' WHERE id = :{which}"


def state(target: str, which: str) -> str:
    return f"UPDATE revision SET state = '{target}' WHERE id = :{which}"


def submission(by: str = "sender") -> str:
    return (
        f"UPDATE revision SET state = 'submitted', digest = 'x', submitted_by = :{by}, submitted_at = drafted_at"
        " WHERE id = :draft"
    )


def proposal(*, verdict: str = "NULL", who: str = "admin") -> str:
    return (
        "INSERT INTO membership_proposal (id, user_id, unit_id, role, below, restricted, valid_from, proposed_by,"
        " proposed_at, expires_at, verdict)"
        f" SELECT :new, p.user_id, p.unit_id, p.role, p.below, p.restricted, p.valid_from, :{who}, p.proposed_at,"
        f" p.expires_at, {verdict} FROM membership_proposal p WHERE p.id = :proposed"
    )


def settlement(verdict: str, who: str, *, of: str = "proposed") -> str:
    return (
        f"UPDATE membership_proposal SET verdict = '{verdict}', settled_by = :{who}, settled_at = proposed_at"
        f" WHERE id = :{of}"
    )


def granted(who: str, proposal: str = "confirmed", **changes: str) -> str:
    """The membership of a proposal, given by `who`, with these columns changed."""
    columns = ("id", "user_id", "unit_id", "role", "area_code", "below", "restricted", "valid_from", "valid_until")
    values = ", ".join(changes.get(column, f"p.{column}") for column in columns)
    return (
        f"INSERT INTO membership ({', '.join(columns)}, granted_by, granted_at)"
        f" SELECT {values}, :{who}_code, p.proposed_at FROM membership_proposal p WHERE p.id = :{proposal}"
    )


def window(*, membership: str = "confirmed", sponsor: str = "lead", last_day: str = "m.valid_until") -> str:
    return (
        "INSERT INTO external_window (membership_id, sponsor_id, first_day, last_day)"
        f" SELECT m.id, :{sponsor}, m.valid_from, {last_day} FROM membership m WHERE m.id = :{membership}"
    )


def beside(role: str, *, day: str) -> str:
    """Another role of the visitor's on this day."""
    return (
        "INSERT INTO membership (id, user_id, unit_id, role, below, restricted, valid_from, valid_until, granted_by,"
        f" granted_at) SELECT :new, m.user_id, m.unit_id, '{role}', FALSE, FALSE, '{day}', '{day}', 'system:x',"
        " m.granted_at FROM membership m WHERE m.id = :visitor_membership"
    )


def mark(copy: int, original: int) -> str:
    """Of the draft's files by position, one as the redacted copy of another."""
    return (
        "INSERT INTO redaction (revision_id, file_id, original_id) SELECT c.revision_id, c.file_id, o.file_id"
        " FROM revision_file c JOIN revision_file o ON o.revision_id = c.revision_id"
        f" WHERE c.revision_id = :draft AND c.position = {copy} AND o.position = {original}"
    )


def never(operation: str, statement: str, *tables: str) -> list[Case]:
    return [Case(f"guard_{table}_no_{operation}", statement.format(table=table)) for table in tables]


def second_rows(*tables: str) -> list[Case]:
    """A row of the same key; REPLACE would silently delete the first."""
    return [Case(f"guard_{table}_no_replace", f'INSERT INTO "{table}" SELECT * FROM "{table}"') for table in tables]


LOG = [
    Case("guard_log_leaf_no_replace", leaf(hash="l.leaf_hash")),
    Case("guard_log_leaf_next", leaf(seq="9999", hash=":fresh")),
    Case("guard_log_leaf_next", leaf(seq="-1", hash=":fresh")),
    Case("guard_log_leaf_next", leaf(iseq="1", hash=":fresh")),
    Case("guard_log_leaf_next", leaf(scope="l.scope", iseq="9999", hash=":fresh")),
    Case(
        "guard_log_opening_of_leaf", "INSERT INTO log_opening (seq, field, value, salt) VALUES (9999, 'x', '', :fresh)"
    ),
    Case("guard_log_subtree_next", subtree(1, "t.position")),
    Case("guard_log_subtree_next", subtree(1, "-1")),
    Case("guard_log_subtree_full", subtree(1, "t.position + 1")),
    Case("guard_log_subtree_full", subtree(2, "0")),
    Case(
        "guard_log_head_keeps_subtrees",
        "UPDATE log_head SET size = size + 2",
        after=(leaf(hash=":fresh"), leaf(scope="'y'", hash="(SELECT t.hash FROM log_subtree t)")),
    ),
    Case("guard_log_head_no_insert", "INSERT INTO log_head SELECT 2, size, frontier, root FROM log_head"),
    Case("guard_log_head_grows", "UPDATE log_head SET size = size - 1"),
    Case("guard_log_head_grows", "UPDATE log_head SET size = size + 1"),
    Case("guard_log_head_grows", "UPDATE log_head SET root = :fresh"),
    Case("guard_log_head_grows", "UPDATE log_head SET id = 2"),
    Case("guard_scope_head_of_leaf", "INSERT INTO scope_head (scope, size, leaf_hash) VALUES ('x', 1, :fresh)"),
    Case("guard_scope_head_grows", "UPDATE scope_head SET leaf_hash = :fresh"),
    Case("guard_scope_head_grows", "UPDATE scope_head SET size = size + 1"),
    Case("guard_scope_head_grows", "UPDATE scope_head SET scope = 'x'"),
    Case(
        "guard_log_checkpoint_of_log",
        "INSERT INTO log_checkpoint (size, origin, root, note, signed_at)"
        " SELECT 9999, origin, root, note, signed_at FROM log_checkpoint",
    ),
    Case(
        "guard_log_anchor_of_checkpoint",
        "INSERT INTO log_anchor (id, size, kind, target, outcome, detail, actor, tried_at)"
        " SELECT :new, 9999, kind, target, outcome, detail, actor, tried_at FROM log_anchor",
    ),
    Case(
        "guard_signing_key_of_log",
        "INSERT INTO signing_key (id, kind, key, from_size)"
        " SELECT :new, kind, key, 9999 FROM signing_key WHERE kind = 'ssh'",
    ),
    Case(
        "guard_signing_key_no_replace",
        "INSERT INTO signing_key (id, kind, key, from_size) SELECT :new, kind, 'x', from_size FROM signing_key",
    ),
]

DECISIONS = [
    Case("guard_decision_four_eyes", decision("sender")),
    Case("guard_decision_own_membership", decision("lead", membership="reviewer")),
    Case(
        "guard_decision_own_membership",
        decision("lead"),
        after=("UPDATE membership SET ended_at = granted_at, ended_by = 'x' WHERE id = :lead_membership",),
    ),
    Case("guard_decision_seat", decision("neighbour")),
    Case("guard_decision_seat", decision("coordinator", "half")),
    Case("guard_decision_on_submitted", decision("reviewer", digest="'0'")),
    Case("guard_decision_on_submitted", decision("lead", "draft")),
    Case("guard_decision_on_submitted", decision("lead", "approved")),
    Case("guard_decision_on_submitted", decision("lead", "withdrawn")),
    Case("guard_decision_on_submitted", decision("lead", "half", tier="1")),
    Case("guard_decision_no_replace", decision("second", "half")),
    Case("guard_reopening_four_eyes", reopening("sender")),
    Case("guard_reopening_own_membership", reopening("lead", membership="sender")),
    Case("guard_reopening_by_lead", reopening("reviewer")),
    Case("guard_reopening_on_approved", reopening("lead", "waiting")),
    Case("guard_reopening_on_approved", reopening("lead", "returned")),
    Case("guard_reopening_no_replace", reopening("lead"), after=(reopening("lead"),)),
]

REVISIONS = [
    Case("guard_revision_no_replace", revision("reopened", number="r.number")),
    Case("guard_revision_no_replace", revision("reopened", id="r.id")),
    Case("guard_revision_open_once", revision("waiting")),
    Case("guard_revision_open_once", revision("draft")),
    Case("guard_revision_begins_as_draft", revision("reopened", state="discarded")),
    Case("guard_revision_begins_as_draft", revision("reopened", tier=1)),
    Case("guard_revision_identity", "UPDATE revision SET drafted_by = :lead WHERE id = :draft"),
    Case("guard_revision_content", "UPDATE revision SET note = 'x' WHERE id = :waiting"),
    Case("guard_revision_settled_once", "UPDATE revision SET settled_at = drafted_at WHERE id = :approved"),
    Case("guard_revision_transition", state("approved", "half")),
    Case("guard_revision_transition", state("withdrawn", "half")),
    Case("guard_revision_tier", "UPDATE revision SET tier = 1 WHERE id = :waiting"),
    Case("guard_revision_tier", "UPDATE revision SET tier = 1 WHERE id = :half"),
    Case("guard_revision_tier", "UPDATE revision SET tier = 1 WHERE id = :approved"),
    Case("guard_revision_tier", "UPDATE revision SET tier = 1 WHERE id = :draft"),
    Case("guard_revision_complete", submission("lead")),
    Case("guard_revision_complete", submission(), after=("DELETE FROM revision_slot WHERE revision_id = :draft",)),
    Case(
        "guard_revision_complete",
        submission(),
        after=(
            "INSERT INTO revision_file (revision_id, file_id, position) SELECT :draft, f.file_id, 9"
            " FROM revision_file f WHERE f.revision_id = :half",
        ),
    ),
    Case(
        "guard_revision_complete",
        submission(),
        after=(
            "DELETE FROM revision_file WHERE revision_id = :draft",
            "DELETE FROM revision_link WHERE revision_id = :draft",
        ),
    ),
]

REVISION_PARTS = [
    Case("guard_revision_file_insert_in_draft", "INSERT INTO revision_file VALUES (:waiting, :file, 9)"),
    Case("guard_revision_file_update_in_draft", "UPDATE revision_file SET position = 9 WHERE revision_id = :waiting"),
    Case(
        "guard_revision_file_update_in_draft",
        "UPDATE revision_file SET revision_id = :waiting WHERE revision_id = :draft",
    ),
    Case(
        "guard_revision_file_update_in_draft",
        "UPDATE revision_file SET revision_id = :draft WHERE revision_id = :waiting",
    ),
    Case("guard_revision_file_delete_in_draft", "DELETE FROM revision_file WHERE revision_id = :approved"),
    Case(
        "guard_redaction_insert_in_draft",
        "INSERT INTO redaction (revision_id, file_id, original_id) SELECT r.revision_id, f.file_id, r.original_id"
        " FROM redaction r JOIN revision_file f ON f.revision_id = r.revision_id WHERE f.position = 2",
    ),
    Case("guard_redaction_no_update", "UPDATE redaction SET original_id = original_id"),
    Case("guard_redaction_delete_in_draft", "DELETE FROM redaction"),
    Case("guard_redaction_no_replace", mark(1, 2), after=(mark(1, 0),)),
    Case("guard_redaction_no_chain", mark(2, 1), after=(mark(1, 0),)),
    Case("guard_redaction_no_chain", mark(0, 2), after=(mark(1, 0),)),
    Case(
        "guard_revision_link_insert_in_draft",
        "INSERT INTO revision_link (id, revision_id, position, url, note) VALUES (:new, :waiting, 9, 'x', '')",
    ),
    Case("guard_revision_link_update_in_draft", "UPDATE revision_link SET url = 'x' WHERE revision_id = :waiting"),
    Case("guard_revision_link_delete_in_draft", "DELETE FROM revision_link WHERE revision_id = :waiting"),
    Case(
        "guard_revision_link_no_replace",
        "INSERT INTO revision_link (id, revision_id, position, url, note)"
        " SELECT l.id, :draft, 9, 'x', '' FROM revision_link l WHERE l.revision_id = :waiting",
    ),
    Case("guard_revision_link_identity", "UPDATE revision_link SET id = :new WHERE revision_id = :draft"),
    Case("guard_revision_slot_insert_in_draft", "INSERT INTO revision_slot VALUES (:approved, :own_slot)"),
    Case(
        "guard_revision_slot_update_in_draft",
        "UPDATE revision_slot SET slot_id = :own_slot WHERE revision_id = :approved",
    ),
    Case("guard_revision_slot_delete_in_draft", "DELETE FROM revision_slot WHERE revision_id = :approved"),
    Case("guard_revision_slot_own_requirement", "INSERT INTO revision_slot VALUES (:draft, :other_slot)"),
    Case(
        "guard_revision_slot_still_own_requirement",
        "UPDATE revision_slot SET slot_id = :other_slot WHERE revision_id = :draft",
    ),
    Case("guard_contributor_no_replace", "INSERT INTO contributor VALUES (:draft, :sender)"),
    Case("guard_contributor_insert_in_draft", "INSERT INTO contributor VALUES (:waiting, :lead)"),
]

RECORDS = [
    Case("guard_evidence_identity", "UPDATE evidence SET started_by = :lead"),
    Case("guard_membership_identity", "UPDATE membership SET role = 'admin' WHERE user_id = :sender"),
    Case(
        "guard_membership_ended_once",
        "UPDATE membership SET ended_by = 'x' WHERE id = :reviewer_membership",
        after=("UPDATE membership SET ended_at = granted_at, ended_by = 'a' WHERE id = :reviewer_membership",),
    ),
    Case(
        "guard_membership_ended_once",
        "UPDATE membership SET ended_at = NULL, ended_by = NULL WHERE id = :reviewer_membership",
        after=("UPDATE membership SET ended_at = granted_at, ended_by = 'a' WHERE id = :reviewer_membership",),
    ),
    Case("guard_user_identity", 'UPDATE "user" SET id = :new WHERE id = :neighbour'),
    Case(
        "guard_user_identity",
        'UPDATE "user" SET email = (SELECT o.email FROM "user" o WHERE o.id = :lead) WHERE id = :neighbour',
    ),
    Case(
        "guard_login_session_stays_ended",
        "UPDATE login_session SET ended_at = NULL",
        after=(
            "INSERT INTO login_session"
            " (id, user_id, token_sha256, started_at, confirmed_at, last_seen_at, ended_at, address, device)"
            " SELECT :new, u.id, 'x', u.created_at, u.created_at, u.created_at, u.created_at, '-', '-'"
            ' FROM "user" u WHERE u.id = :sender',
        ),
    ),
    Case("guard_unit_identity", "UPDATE unit SET code = 'X'"),
]

SECOND_ADMIN = [
    Case("guard_membership_proposal_begins_open", proposal(verdict="'refused'")),
    Case("guard_membership_proposal_by_admin", proposal(who="lead")),
    Case("guard_membership_proposal_identity", "UPDATE membership_proposal SET role = 'admin' WHERE id = :proposed"),
    Case("guard_membership_proposal_settled_once", settlement("refused", "other_admin", of="confirmed")),
    Case("guard_membership_proposal_confirmed_by_admin", settlement("confirmed", "lead")),
    Case("guard_membership_second_admin", granted("other_admin", id=":new")),
    Case("guard_membership_second_admin", granted("other_admin", "proposed")),
    Case("guard_membership_second_admin", granted("admin")),
    Case("guard_membership_second_admin", granted("other_admin", role="'admin'")),
    Case("guard_membership_second_admin", granted("other_admin", user_id=":neighbour")),
    Case("guard_membership_second_admin", granted("other_admin", restricted="TRUE")),
    Case("guard_membership_second_admin", granted("other_admin", valid_until="NULL")),
    Case("guard_membership_beside_window", beside("uploader", day="2026-03-10")),
    Case(
        "guard_external_window_of_membership",
        window(membership="lead_membership", sponsor="reviewer", last_day="m.valid_from"),
    ),
    Case("guard_external_window_of_membership", window(last_day="m.valid_from"), after=(granted("other_admin"),)),
    Case("guard_external_window_as_proposed", window(sponsor="reviewer"), after=(granted("other_admin"),)),
    Case(
        "guard_external_window_sponsored",
        window(membership="new", sponsor="second"),
        after=(beside("auditor", day="2026-06-01"),),
    ),
    Case(
        "guard_external_window_sponsored",
        window(membership="new", sponsor="visitor"),
        after=(beside("auditor", day="2026-06-01"),),
    ),
    Case(
        "guard_external_window_alone",
        window(),
        after=(beside("uploader", day="2026-05-05"), granted("other_admin")),
    ),
]

TIERS = [
    Case("guard_review_tier_kept", "DELETE FROM review_tier WHERE position = 1"),
    Case("guard_review_tier_not_lowered", "UPDATE review_tier SET quorum = quorum - 1 WHERE quorum > 1"),
    Case("guard_review_tier_not_lowered", "UPDATE review_tier SET position = 9 WHERE position = 1"),
    Case("guard_review_tier_not_lowered", "UPDATE review_tier SET role = 'tpi_member' WHERE role = 'tpi_lead'"),
    Case("guard_review_tier_identity", "UPDATE review_tier SET id = :new WHERE position = 1"),
    Case("guard_review_tier_identity", f"UPDATE review_tier SET plan_id = {OTHER_PLAN.format('review_tier')}"),
    *second_rows("review_tier"),
    Case("guard_indicator_identity", f"UPDATE indicator SET plan_id = {OTHER_PLAN.format('indicator')}"),
    Case(
        "guard_requirement_identity",
        "UPDATE requirement SET indicator_id = (SELECT i.id FROM indicator i WHERE i.id <> requirement.indicator_id"
        " ORDER BY i.id LIMIT 1)",
    ),
]

CLASSES = [
    Case("guard_classification_change_next", changed_class(number="3")),
    Case("guard_classification_change_next", changed_class(number="1")),
    Case("guard_classification_change_next", changed_class(before="biasa")),
    Case("guard_classification_change_next", changed_class("open", "biasa"), after=(changed_class("open", "biasa"),)),
    Case("guard_classification_change_permitted", changed_class(who="neighbour")),
    Case("guard_classification_change_permitted", changed_class(membership="lead")),
    Case(
        "guard_classification_change_permitted",
        changed_class(),
        after=("UPDATE membership SET ended_at = granted_at, ended_by = 'x' WHERE id = :reviewer_membership",),
    ),
    Case("guard_classification_change_lowered_by_lead", changed_class(after="biasa")),
    Case("guard_requirement_class_explained", class_of("open", "terbatas")),
    Case("guard_requirement_class_explained", class_of("limited", "biasa")),
    Case("guard_requirement_class_explained", class_of("limited", "rahasia")),
    Case("guard_requirement_class_explained", class_of("open", "rahasia"), after=(changed_class(),)),
    Case("guard_requirement_content", "UPDATE requirement SET text = 'x'"),
    Case("guard_requirement_content", "UPDATE requirement SET position = 9"),
    *second_rows("requirement"),
]

FACTORS = [
    Case("guard_second_factor_identity", "UPDATE second_factor SET secret = 'B'"),
    Case("guard_second_factor_identity", "UPDATE second_factor SET user_id = :neighbour"),
    Case("guard_second_factor_steps_forward", "UPDATE second_factor SET last_step = last_step - 1"),
    Case(
        "guard_second_factor_ended_once",
        "UPDATE second_factor SET ended_at = NULL",
        after=("UPDATE second_factor SET ended_at = enrolled_at",),
    ),
    Case(
        "guard_second_factor_ended_once",
        "UPDATE second_factor SET last_step = last_step + 1",
        after=("UPDATE second_factor SET ended_at = enrolled_at",),
    ),
    Case(
        "guard_second_factor_no_replace",
        "INSERT INTO second_factor (id, user_id, secret, last_step, enrolled_at)"
        " SELECT :new, user_id, 'B', last_step, enrolled_at FROM second_factor",
    ),
    Case("guard_recovery_code_identity", "UPDATE recovery_code SET code_sha256 = 'x'"),
    Case(
        "guard_recovery_code_settled_once",
        "UPDATE recovery_code SET used_at = NULL",
        after=("UPDATE recovery_code SET used_at = issued_at",),
    ),
    Case(
        "guard_recovery_code_settled_once",
        "UPDATE recovery_code SET voided_at = NULL",
        after=("UPDATE recovery_code SET voided_at = issued_at",),
    ),
    Case("guard_pending_login_identity", "UPDATE pending_login SET user_id = :neighbour"),
    Case("guard_pending_login_identity", "UPDATE pending_login SET tries = tries - 1"),
]

SWEPT = [
    *(
        Case(f"guard_{table}_no_update", f"UPDATE {table} SET {column} = {column}")
        for table, column in APPEND_ONLY.items()
    ),
    *never("delete", 'DELETE FROM "{table}"', *NEVER_DELETED),
    *second_rows("log_opening", "scope_head", "stored_file", "bundle", "bundle_completion"),
    *second_rows("bundle_revision", "bundle_member", "evidence", "membership", "user", "unit"),
    *second_rows("log_checkpoint", "signing_key", "log_anchor", "second_factor", "recovery_code"),
    *second_rows("membership_proposal", "external_window"),
    *second_rows("linked_identity"),
]

CASES = [*LOG, *DECISIONS, *REVISIONS, *REVISION_PARTS, *RECORDS, *SECOND_ADMIN, *TIERS, *CLASSES, *FACTORS, *SWEPT]
TRUNCATIONS = never("truncate", 'TRUNCATE "{table}" CASCADE', *NEVER_DELETED, *PARTS, "review_tier")
"""On PostgreSQL alone; SQLite's counterpart is a DELETE without a condition."""
