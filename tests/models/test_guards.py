"""Every guard of the database refuses what it is there for, on both databases, whoever sends it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import text

from portal.db import db
from portal.domain.workflow import State
from portal.models import Evidence, Membership, Revision, Unit
from tests.models.guard_cases import (
    CASES,
    NEVER_DELETED,
    TRUNCATIONS,
    Case,
    changed_class,
    class_of,
    decision,
    state,
    submission,
)
from tests.models.scene import NOT_REFUSED, REVISION_OF_STATE, Scene
from tests.test_migrations import expected_guards

OTHERS = {
    "guard_reopening_no_replace": {"guard_reopening_on_approved"},
    "guard_bundle_no_truncate": {"guard_bundle_revision_no_truncate", "guard_bundle_member_no_truncate"},
}
"""Guards that may speak in another's place."""


def cases() -> list[Case]:
    return CASES if db.engine.dialect.name == "sqlite" else [*CASES, *TRUNCATIONS]


def test_every_guard_refuses_what_it_is_there_for(scene: Scene) -> None:
    wrong = []
    for case in cases():
        refusal = scene.refusal_of(case.statement, after=case.after)
        if refusal not in {case.guard, *OTHERS.get(case.guard, ())}:
            wrong.append(f"{case.guard}: {refusal}: {case.statement}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_every_guard_has_a_case(dialect: str) -> None:
    tried = {case.guard for case in (*CASES, *(TRUNCATIONS if dialect == "postgresql" else ()))}
    assert not expected_guards(dialect) - tried, f"without a case: {sorted(expected_guards(dialect) - tried)}"
    assert not tried - expected_guards(dialect), f"no such guard: {sorted(tried - expected_guards(dialect))}"


ALLOWED = {(State.DRAFT, State.DISCARDED), (State.SUBMITTED, State.WITHDRAWN)}
"""Steps that need neither a decision nor content."""


def test_req_14_no_step_is_taken_that_nothing_explains(scene: Scene) -> None:
    for source, which in REVISION_OF_STATE.items():
        for target in set(State) - {source}:
            if (source, target) != (State.DRAFT, State.SUBMITTED):
                refusal = scene.refusal_of(state(target.value, which))
                expected = NOT_REFUSED if (source, target) in ALLOWED else "guard_revision_transition"
                assert refusal == expected, f"{source} to {target}"


def test_a_complete_draft_is_submitted_and_an_unbiased_reviewer_decides(scene: Scene) -> None:
    """Guards that refuse everything would pass the other tests."""
    assert scene.refusal_of(submission()) == NOT_REFUSED
    assert scene.refusal_of(decision("reviewer")) == NOT_REFUSED
    assert scene.refusal_of(decision("lead")) == NOT_REFUSED
    assert scene.refusal_of(state("approved", "waiting"), after=[decision("reviewer")]) == NOT_REFUSED


def test_a_review_may_get_stricter_after_a_submission(scene: Scene) -> None:
    assert scene.refusal_of("UPDATE review_tier SET quorum = quorum + 1") == NOT_REFUSED


def test_a_class_changes_along_with_its_row(scene: Scene) -> None:
    raised = changed_class()
    assert scene.refusal_of(class_of("limited", "rahasia"), after=[raised]) == NOT_REFUSED
    lowered = changed_class(after="biasa", who="lead")
    assert scene.refusal_of(class_of("limited", "biasa"), after=[lowered]) == NOT_REFUSED
    again = changed_class(before="rahasia", after="terbatas", who="lead")
    steps = [raised, class_of("limited", "rahasia"), again]
    assert scene.refusal_of(class_of("limited", "terbatas"), after=steps) == NOT_REFUSED


HANDS = {
    "contributor": ("INSERT INTO contributor VALUES (:draft, :lead)", submission()),
    "submitter": (submission("lead"),),
    "uploader": (
        "INSERT INTO stored_file (id, uploader_id, name, media_type, size, sha256, crc32, object_key, uploaded_at)"
        " SELECT :new, :lead, name, media_type, size, sha256, crc32, 'another', uploaded_at"
        " FROM stored_file WHERE id = :file",
        "INSERT INTO revision_file VALUES (:draft, :new, 9)",
        submission(),
    ),
    "drafter": (
        "DELETE FROM contributor WHERE revision_id = :draft AND user_id = :lead",
        "UPDATE revision SET drafted_by = :lead WHERE id = :draft",
        submission(),
    ),
}


@pytest.mark.parametrize("hand", HANDS)
def test_req_07_one_hand_in_a_revision_is_enough_to_be_kept_from_judging_it(scene: Scene, hand: str) -> None:
    """Each kind of hand alone, as only somebody could make it who switched off the guards that tie them together."""
    switched_off = [
        switch_off("revision", "guard_revision_complete"),
        switch_off("revision", "guard_revision_identity"),
        switch_off("contributor", "guard_contributor_no_delete"),
    ]
    assert scene.refusal_of(decision("lead", "draft"), after=[*switched_off, submission()]) == NOT_REFUSED
    refusal = scene.refusal_of(decision("lead", "draft"), after=[*switched_off, *HANDS[hand]])
    assert refusal == "guard_decision_four_eyes"


def switch_off(table: str, guard: str) -> str:
    return f"DROP TRIGGER {guard}" + (f" ON {table}" if db.engine.dialect.name == "postgresql" else "")


def fixed_columns(table: str) -> Iterator[str]:
    may_change = {"unit": {"name", "timezone"}, "membership": {"ended_at", "ended_by"}}
    yield from (
        column.name for column in db.metadata.tables[table].columns if column.name not in may_change.get(table, ())
    )


@pytest.mark.parametrize("model", [Revision, Evidence, Membership, Unit], ids=lambda model: model.__name__)
def test_req_17_no_column_of_a_record_is_rewritten(scene: Scene, model: type[Revision]) -> None:
    """Of a submitted revision, and of records that others refer to: a new column has to be guarded too, or listed."""
    table = model.__tablename__
    which = "id = :waiting" if table == "revision" else "1 = 1"
    for column in fixed_columns(table):
        changed = OTHER_VALUE[type(db.metadata.tables[table].columns[column].type).__name__]
        refusal = scene.refusal_of(f"UPDATE {table} SET {column} = {changed.format(column)} WHERE {which}")
        assert refusal.startswith(f"guard_{table}_"), f"{table}.{column}: {refusal}"


OTHER_VALUE = {
    "Uuid": ":new",
    "Integer": "COALESCE({0}, 0) + 1",
    "String": "'x'",
    "Text": "'x'",
    "Boolean": "NOT {0}",
    "Date": "'2001-01-01'",
    "UtcDateTime": "'2001-01-01 00:00:00'",
    "Enum": "'admin'",
}


def test_req_07_the_uploader_cannot_decide_alter_or_delete_by_his_own_sql(scene: Scene) -> None:
    attempts = (
        decision("sender"),
        decision("neighbour"),
        decision("sender", membership="reviewer"),
        state("approved", "waiting"),
        "UPDATE revision SET note = 'lebih baik' WHERE id = :waiting",
        "UPDATE stored_file SET sha256 = 'x'",
        "DELETE FROM contributor",
        "DELETE FROM decision",
        "UPDATE decision SET verdict = 'approve'",
        "UPDATE membership SET role = 'tpi_lead' WHERE user_id = :sender",
        "UPDATE membership SET user_id = :sender WHERE id = :reviewer_membership",
        "DELETE FROM log_leaf",
    )
    for attempt in attempts:
        assert scene.refusal_of(attempt).startswith("guard_"), attempt


UPSERTS = {
    "log_leaf": "(seq) DO UPDATE SET body = 'x'",
    "log_subtree": "(level, position) DO UPDATE SET position = 9",
    "log_opening": "(seq, field) DO UPDATE SET value = 'x'",
    "log_head": "(id) DO UPDATE SET size = 0",
    "scope_head": "(scope) DO UPDATE SET size = 0",
    "decision": "(id) DO UPDATE SET verdict = 'approve'",
    "contributor": "(revision_id, user_id) DO UPDATE SET user_id = 'x'",
    "membership": "(id) DO UPDATE SET role = 'admin'",
}


@pytest.mark.parametrize("table", sorted(UPSERTS))
def test_an_upsert_changes_nothing(scene: Scene, table: str) -> None:
    clause = UPSERTS[table].replace("'x'", ":new") if table == "contributor" else UPSERTS[table]
    # A SELECT before ON CONFLICT needs a WHERE, or SQLite reads ON as a join's.
    refusal = scene.refusal_of(f"INSERT INTO {table} SELECT * FROM {table} WHERE 1 = 1 ON CONFLICT {clause}")
    assert refusal.startswith(f"guard_{table}_")


REPLACEMENTS = (
    *(f'INSERT OR REPLACE INTO "{table}" SELECT * FROM "{table}"' for table in NEVER_DELETED),
    "UPDATE OR REPLACE log_leaf SET seq = 0",
    "INSERT OR REPLACE INTO revision_link SELECT * FROM revision_link",
    "INSERT OR REPLACE INTO revision_link (id, revision_id, position, url, note)"
    " SELECT l.id, d.id, 9, 'x', '' FROM revision_link l JOIN revision r ON r.id = l.revision_id,"
    " (SELECT id FROM revision WHERE state = 'draft') d WHERE r.state = 'submitted'",
    "UPDATE OR REPLACE revision_link SET id = (SELECT l.id FROM revision_link l JOIN revision r ON r.id = l.revision_id"
    " WHERE r.state = 'submitted') WHERE revision_id IN (SELECT id FROM revision WHERE state = 'draft')",
    'UPDATE OR REPLACE "user" SET email = (SELECT MAX(email) FROM "user")',
    "DELETE FROM log_leaf",
    "UPDATE log_leaf SET body = 'x'",
    "REPLACE INTO log_head VALUES (1, 0, x'', x'')",
)


on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@on_sqlite
def test_a_stranger_to_our_settings_replaces_nothing(scene: Scene) -> None:
    """SQLite's REPLACE deletes silently where recursive triggers are off, as they are in any other program."""
    scene.connection.rollback()
    with closing(sqlite3.connect(str(db.engine.url.database))) as stranger:
        for attempt in REPLACEMENTS:
            assert "guard_" in refusal_by(stranger, attempt), attempt


def refusal_by(stranger: sqlite3.Connection, attempt: str) -> str:
    try:
        stranger.execute(attempt)
    except sqlite3.IntegrityError as error:
        return str(error)
    finally:
        stranger.rollback()
    return NOT_REFUSED


@on_postgresql
def test_a_superuser_in_a_replica_role_does_not_switch_the_guards_off(scene: Scene) -> None:
    scene.connection.execute(text("RESET ROLE"))  # only a superuser may ask for it
    scene.connection.execute(text("SET LOCAL session_replication_role = replica"))
    assert scene.refusal_of("UPDATE log_leaf SET body = 'x'") == "guard_log_leaf_no_update"
