"""Every guard of the database refuses what it is there for, on both databases, whoever sends it.

Each case is SQL as somebody with the portal's own connection could send it. The list of guards in the
migrations must be covered.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from portal.db import WRITE_OPTION, db
from portal.domain.roles import Role
from portal.domain.workflow import Action, Tier
from portal.services.constraint_names import find_constraint
from tests.builders.world import World, act, add_draft, add_person, build_world, submitted
from tests.test_migrations import expected_guards

APPEND_ONLY = (
    "log_leaf",
    "log_opening",
    "decision",
    "reopening",
    "contributor",
    "stored_file",
    "bundle",
    "bundle_revision",
    "bundle_member",
)
NEVER_DELETED = (*APPEND_ONLY, "log_head", "scope_head", "revision", "evidence", "membership", "user", "unit")


@dataclass
class Scene:
    """A database with something in every guarded table, and the ids that the cases need."""

    connection: Connection
    ids: dict[str, Any]

    def refused_by(self, statement: str, **values: Any) -> str:
        """The name of what refused the statement; fails when nothing did."""
        with self.connection.begin_nested() as nested:
            try:
                self.connection.execute(text(statement), {**self.ids, **values})
            except IntegrityError as error:
                return find_constraint(error)
            finally:
                nested.rollback()
        pytest.fail(f"not refused: {statement}")


@pytest.fixture
def scene(app_context: Flask) -> Iterator[Scene]:  # noqa: ARG001  # a fixture cannot ask for another by mark
    """An approved, a reopened, a submitted and a draft revision, a sealed bundle, and people."""
    world = build_world()
    sender, reviewer = add_person(world, Role.UPLOADER), add_person(world, Role.TPI_MEMBER)
    lead = add_person(world, Role.TPI_LEAD)
    approved, reopened = submitted(world, sender, "I.1"), submitted(world, sender, "I.2")
    for revision_id in (approved, reopened):
        act(world, reviewer, Action.APPROVE, revision_id)
    act(world, lead, Action.REOPEN, reopened)
    waiting, draft = submitted(world, sender, "II.1"), add_draft(world, sender, "II.2")
    pairs = build_world(code="KPU-1503", tiers=(Tier(Role.TPI_MEMBER, 2),))
    half, second = submitted(pairs, add_person(pairs, Role.UPLOADER)), add_person(pairs, Role.TPI_MEMBER)
    act(pairs, second, Action.APPROVE, half)
    with db.engine.connect().execution_options(**{WRITE_OPTION: True}) as connection:
        ids = _ids(connection, world) | {
            "approved": _key(approved), "reopened": _key(reopened), "waiting": _key(waiting), "draft": _key(draft),
            "sender": _key(sender.person), "reviewer": _key(reviewer.person), "lead": _key(lead.person),
            "reviewer_membership": _key(reviewer.grants[0].membership_id),
            "lead_membership": _key(lead.grants[0].membership_id),
            "sender_membership": _key(sender.grants[0].membership_id),
            "half": _key(half), "second": _key(second.person),
            "second_membership": _key(second.grants[0].membership_id),
            "own_slot": _key(world.slots[world.requirements["I.1"]][1]),
            "other_slot": _key(world.slots[world.requirements["I.2"]][2]),
            "new": _key(uuid4()), "now": datetime.now(UTC).isoformat(sep=" "),
        }  # fmt: skip
        yield Scene(connection, ids)
        connection.rollback()


def _key(value: UUID) -> str:
    """A UUID as this database's columns hold it."""
    return value.hex if db.engine.dialect.name == "sqlite" else str(value)


def _ids(connection: Connection, world: World) -> dict[str, Any]:
    def one(statement: str) -> Any:
        return connection.execute(text(statement)).scalars().first()

    connection.execute(
        text(
            "INSERT INTO bundle (id, plan_id, name, sealed_by, membership_id, sealed_at, log_size, log_root,"
            " manifest_sha256, heads_sha256, files, left_out, size)"
            " SELECT :id, :plan, 'b', m.user_id, m.id, m.granted_at, 1, 'x', 'x', 'x', 1, 0, 9"
            " FROM membership m LIMIT 1"
        ),
        {"id": _key(uuid4()), "plan": _key(world.plan_id)},
    )
    bundle = one("SELECT id FROM bundle")
    connection.execute(
        text(
            "INSERT INTO bundle_member (bundle_id, position, path, size, crc32, sha256, object_key)"
            " VALUES (:id, 0, 'p', 1, 1, 'x', 'k')"
        ),
        {"id": bundle},
    )
    connection.execute(
        text("INSERT INTO bundle_revision (bundle_id, revision_id) SELECT :id, r.id FROM revision r LIMIT 1"),
        {"id": bundle},
    )
    return {
        "bundle": bundle,
        "decision": one("SELECT id FROM decision"),
        "file": one("SELECT id FROM stored_file"),
        "object_key": one("SELECT object_key FROM stored_file"),
    }


INSERT_DECISION = (
    "INSERT INTO decision"
    " (id, revision_id, tier, reviewer_id, membership_id, verdict, note, revision_digest, decided_at)"
    " SELECT :new, r.id, {tier}, :{who}, :{who}_membership, 'approve', '', {digest}, r.drafted_at"
    " FROM revision r WHERE r.id = :{revision}"
)
INSERT_REOPENING = (
    "INSERT INTO reopening (revision_id, reopened_by, membership_id, note, reopened_at)"
    " SELECT r.id, :{who}, :{who}_membership, 'x', r.drafted_at FROM revision r WHERE r.id = :{revision}"
)
INSERT_REVISION = (
    "INSERT INTO revision (id, evidence_id, number, state, tier, note, digest_salt, drafted_by, drafted_at{more})"
    " SELECT :new, r.evidence_id, {number}, '{state}', 0, '', 'x', r.drafted_by, r.drafted_at{values}"
    " FROM revision r WHERE r.id = :{revision}"
)
INSERT_LEAF = (
    "INSERT INTO log_leaf (seq, scope, iseq, body, leaf_hash)"
    " SELECT {seq}, '{scope}', {iseq}, 'x', {hash} FROM log_leaf l WHERE l.seq = 0"
)
ONE_MORE = "(SELECT MAX(seq) + 1 FROM log_leaf)"


def insert_decision(*, who: str, revision: str = "waiting", tier: str = "r.tier", digest: str = "r.digest") -> str:
    return INSERT_DECISION.format(who=who, revision=revision, tier=tier, digest=digest)


def insert_revision(revision: str, *, number: str = "r.number + 1", state: str = "draft") -> str:
    return INSERT_REVISION.format(revision=revision, number=number, state=state, more="", values="")


CASES: dict[str, str] = {
    "guard_log_leaf_no_replace": INSERT_LEAF.format(seq=ONE_MORE, scope="x", iseq=0, hash="l.leaf_hash"),
    "guard_log_leaf_next": INSERT_LEAF.format(seq="9999", scope="x", iseq=0, hash=":fresh"),
    "guard_log_opening_no_replace": "INSERT INTO log_opening SELECT seq, field, 'x', salt FROM log_opening",
    "guard_log_opening_of_leaf": "INSERT INTO log_opening (seq, field, value, salt) VALUES (9999, 'x', 'x', :fresh)",
    "guard_log_head_no_insert": "INSERT INTO log_head SELECT 2, size, frontier, root FROM log_head",
    "guard_log_head_grows": "UPDATE log_head SET size = size - 1",
    "guard_scope_head_no_replace": "INSERT INTO scope_head SELECT scope, size, leaf_hash FROM scope_head",
    "guard_scope_head_of_leaf": "INSERT INTO scope_head (scope, size, leaf_hash) VALUES ('x', 1, :fresh)",
    "guard_scope_head_grows": "UPDATE scope_head SET leaf_hash = :fresh",
    "guard_decision_four_eyes": insert_decision(who="sender"),
    "guard_decision_own_membership": insert_decision(who="lead").replace(":lead_membership", ":reviewer_membership"),
    "guard_decision_on_submitted": insert_decision(who="reviewer", digest="'0'"),
    "guard_decision_no_replace": insert_decision(who="second", revision="half"),
    "guard_reopening_four_eyes": INSERT_REOPENING.format(who="sender", revision="approved"),
    "guard_reopening_own_membership": INSERT_REOPENING.format(who="lead", revision="approved").replace(
        ":lead_membership", ":reviewer_membership"
    ),
    "guard_reopening_on_approved": INSERT_REOPENING.format(who="lead", revision="waiting"),
    "guard_reopening_no_replace": INSERT_REOPENING.format(who="lead", revision="reopened"),
    "guard_revision_no_replace": insert_revision("reopened", number="r.number"),
    "guard_revision_open_once": insert_revision("waiting"),
    "guard_revision_begins_as_draft": insert_revision("reopened", state="discarded"),
    "guard_revision_identity": "UPDATE revision SET drafted_by = :lead WHERE id = :draft",
    "guard_revision_content": "UPDATE revision SET note = 'x' WHERE id = :waiting",
    "guard_revision_transition": "UPDATE revision SET state = 'approved' WHERE id = :waiting",
    "guard_revision_tier": "UPDATE revision SET tier = 1 WHERE id = :waiting",
    "guard_revision_complete": (
        "UPDATE revision SET state = 'submitted', digest = 'x', submitted_by = :lead, submitted_at = drafted_at"
        " WHERE id = :draft"
    ),
    "guard_revision_file_insert_in_draft": "INSERT INTO revision_file VALUES (:waiting, :file, 9)",
    "guard_revision_file_update_in_draft": "UPDATE revision_file SET revision_id = :waiting WHERE revision_id = :draft",
    "guard_revision_file_delete_in_draft": "DELETE FROM revision_file WHERE revision_id = :approved",
    "guard_revision_link_insert_in_draft": (
        "INSERT INTO revision_link (id, revision_id, position, url, note) VALUES (:new, :waiting, 0, 'x', '')"
    ),
    "guard_revision_slot_insert_in_draft": "INSERT INTO revision_slot VALUES (:approved, :own_slot)",
    "guard_revision_slot_update_in_draft": "UPDATE revision_slot SET revision_id = :waiting WHERE revision_id = :draft",
    "guard_revision_slot_delete_in_draft": "DELETE FROM revision_slot WHERE revision_id = :approved",
    "guard_revision_slot_own_requirement": "INSERT INTO revision_slot VALUES (:draft, :other_slot)",
    "guard_contributor_insert_in_draft": "INSERT INTO contributor VALUES (:waiting, :lead)",
    "guard_contributor_no_replace": "INSERT INTO contributor VALUES (:draft, :sender)",
    "guard_stored_file_no_replace": (
        "INSERT INTO stored_file SELECT uploader_id, name, media_type, size, sha256, crc32, object_key, version_id,"
        " uploaded_at, id FROM stored_file"
    ),
    "guard_bundle_no_replace": "INSERT INTO bundle SELECT * FROM bundle",
    "guard_bundle_revision_no_replace": "INSERT INTO bundle_revision SELECT * FROM bundle_revision",
    "guard_bundle_member_no_replace": "INSERT INTO bundle_member SELECT * FROM bundle_member",
    "guard_evidence_identity": "UPDATE evidence SET started_by = :lead",
    "guard_membership_identity": "UPDATE membership SET role = 'admin' WHERE user_id = :sender",
    "guard_membership_ended_once": "UPDATE membership SET ended_by = 'x' WHERE id = :reviewer_membership",
    "guard_unit_identity": "UPDATE unit SET code = 'X'",
}
IN_TWO_STEPS = {
    "guard_membership_ended_once": (
        "UPDATE membership SET ended_at = granted_at, ended_by = 'a' WHERE id = :reviewer_membership"
    ),
    "guard_revision_link_update_in_draft": (
        "INSERT INTO revision_link (id, revision_id, position, url, note) VALUES (:new, :draft, 0, 'x', '')"
    ),
}
CASES["guard_revision_link_update_in_draft"] = "UPDATE revision_link SET revision_id = :waiting WHERE id = :new"
TRUNCATE_ONLY = ("revision_file", "revision_link", "revision_slot")
"""Their rows come and go in a draft, so only emptying them is refused altogether."""


def swept(dialect: str) -> dict[str, str]:
    """The cases that are alike for many tables."""
    cases = {f"guard_{table}_no_update": UPDATE.format(table, COLUMN[table]) for table in APPEND_ONLY}
    cases |= {f"guard_{table}_no_delete": DELETE.format(table) for table in NEVER_DELETED}
    if dialect == "postgresql":
        tables = (*NEVER_DELETED, *TRUNCATE_ONLY)
        cases |= {f"guard_{table}_no_truncate": f'TRUNCATE "{table}" CASCADE' for table in tables}
    return cases


UPDATE = 'UPDATE "{0}" SET {1} = {1}'
DELETE = 'DELETE FROM "{0}"'
COLUMN = {
    "log_leaf": "body", "log_opening": "value", "decision": "note", "reopening": "note", "contributor": "user_id",
    "stored_file": "name", "bundle": "name", "bundle_revision": "revision_id", "bundle_member": "path",
}  # fmt: skip


def test_every_guard_refuses_what_it_is_there_for(scene: Scene) -> None:
    dialect = db.engine.dialect.name
    cases = {**CASES, **swept(dialect)}
    wrong = []
    for guard, statement in sorted(cases.items()):
        with scene.connection.begin_nested() as before:
            if guard in IN_TWO_STEPS:
                scene.connection.execute(text(IN_TWO_STEPS[guard]), scene.ids)
            refused_by = scene.refused_by(statement, fresh=b"\x01" * 32)
            before.rollback()
        if refused_by not in OTHERS.get(guard, {guard}):
            wrong.append(f"{guard}: refused by {refused_by}")
    assert not wrong
    untested = expected_guards(dialect) - set(cases) - COVERED_BY_ANOTHER
    assert not untested, f"guards without a case: {sorted(untested)}"


OTHERS = {
    "guard_reopening_no_replace": {"guard_reopening_no_replace", "guard_reopening_on_approved"},
    "guard_bundle_no_truncate": {
        "guard_bundle_no_truncate",
        "guard_bundle_revision_no_truncate",
        "guard_bundle_member_no_truncate",
    },
}
"""TRUNCATE CASCADE empties the tables that refer to this one first, and theirs may be the guard that speaks."""

COVERED_BY_ANOTHER = frozenset({"guard_revision_link_delete_in_draft"})
"""A submitted revision of the scene has no link; the same rule is shown on its files."""


def test_nothing_in_the_trail_is_replaced_by_a_stranger_to_our_settings(scene: Scene) -> None:
    """SQLite's REPLACE deletes silently where recursive triggers are off, as they are in any other program."""
    if db.engine.dialect.name != "sqlite":
        upserts = "INSERT INTO log_leaf SELECT * FROM log_leaf ON CONFLICT (seq) DO UPDATE SET body = 'x'"
        assert scene.refused_by(upserts) in {"guard_log_leaf_no_replace", "guard_log_leaf_next"}
        return
    scene.connection.rollback()
    stranger = sqlite3.connect(str(db.engine.url.database))
    try:
        for table in APPEND_ONLY[:6]:
            with pytest.raises(sqlite3.IntegrityError, match=f"guard_{table}"):
                stranger.execute(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")  # noqa: S608  # fixed names
            stranger.rollback()
    finally:
        stranger.close()


def test_the_uploader_cannot_decide_alter_or_delete_by_his_own_sql(scene: Scene) -> None:
    attempts = (
        insert_decision(who="sender"),
        "UPDATE revision SET state = 'approved' WHERE id = :waiting",
        "UPDATE revision SET note = 'lebih baik' WHERE id = :waiting",
        "UPDATE stored_file SET sha256 = 'x'",
        "DELETE FROM contributor",
        "DELETE FROM decision",
        "UPDATE decision SET verdict = 'approve'",
        "UPDATE membership SET role = 'tpi_lead' WHERE user_id = :sender",
        "DELETE FROM log_leaf",
    )
    for attempt in attempts:
        assert scene.refused_by(attempt).startswith("guard_"), attempt
