"""What somebody with the database in his hands might want, on both engines, and what `portal verify` says of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, select

from portal.db import Base
from portal.domain.actor import Actor
from portal.domain.classification import Classification
from portal.domain.events import (
    BundleSealed,
    ClassificationChanged,
    EvidenceApproved,
    FileRead,
    Personal,
    UserDeactivated,
)
from portal.domain.log.tree_builder import TreeBuilder
from portal.models import ClassificationChange, Decision, Evidence, LogLeaf, LogOpening, Revision
from portal.services import audit
from portal.services.verify.findings import FindingCode as C
from portal.services.verify.snapshot import any_text_read
from tests.services.verify.laboratory import Attempt, Laboratory

NOW = datetime(2026, 1, 1, tzinfo=UTC)
APPROVED = "(SELECT id FROM revision WHERE number = 3)"
DRAFT = "(SELECT id FROM revision WHERE state = 'draft' AND number = 1)"
REOPENED = "(SELECT id FROM revision WHERE state = 'reopened')"
HENDRA = """(SELECT id FROM "user" WHERE email = 'hendra@contoh.go.id')"""
SITI = """(SELECT id FROM "user" WHERE email = 'siti@contoh.go.id')"""


def copied(table: str, where: str, **changes: str) -> str:
    """SQL that slips a copy of a row in, under a new id and with these columns changed."""
    columns = [column.name for column in Base.metadata.tables[table].columns]
    values = [{"id": ":new", **changes}.get(name, name) for name in columns]
    return f'INSERT INTO "{table}" ({", ".join(columns)}) SELECT {", ".join(values)} FROM "{table}" WHERE {where}'


@dataclass(frozen=True)
class Attack:
    """SQL, and the finding that must tell of it: its kind, and words of its place."""

    name: str
    statements: tuple[str, ...]
    code: C
    place: str


ATTACKS = (
    Attack(
        "a rejection becomes an approval",
        ("UPDATE decision SET verdict = 'approve' WHERE verdict = 'reject'",),
        C.ROW_CHANGED,
        "(tabel decision), verdict",
    ),
    Attack(
        "a decision under another name",
        (f"UPDATE decision SET reviewer_id = {SITI} WHERE verdict = 'approve'",),
        C.ROW_CHANGED,
        "(tabel decision), reviewer",
    ),
    Attack(
        "a decision slipped in",
        (copied("decision", f"revision_id = {APPROVED}", tier="1", reviewer_id=SITI),),
        C.ROW_UNEXPLAINED,
        "(tabel decision)",
    ),
    Attack("a decision removed", ("DELETE FROM decision WHERE verdict = 'return'",), C.ROW_MISSING, "(tabel decision)"),
    Attack(
        "a draft approved by hand",
        (
            "UPDATE revision SET state = 'approved', digest = 'x', submitted_by = drafted_by,"
            f" submitted_at = drafted_at WHERE id = {DRAFT}",
        ),
        C.ROW_CHANGED,
        "(tabel revision), state",
    ),
    Attack(
        "handed in earlier than it was",
        (f"UPDATE revision SET submitted_at = '2025-01-01 00:00:00.000000' WHERE id = {APPROVED}",),
        C.ROW_CHANGED,
        "(tabel revision), submitted_at",
    ),
    Attack(
        "another note",
        (f"UPDATE revision SET note = 'Lain' WHERE id = {APPROVED}",),
        C.DIGEST_WRONG,
        "(tabel revision)",
    ),
    Attack(
        "an evidence without events",
        (copied("evidence", f"id = (SELECT evidence_id FROM revision WHERE id = {APPROVED})"),),
        C.ROW_UNEXPLAINED,
        "(tabel evidence)",
    ),
    Attack(
        "another file behind the same name",
        (
            "UPDATE stored_file SET sha256 = '" + "a" * 64 + "' WHERE id ="
            f" (SELECT file_id FROM revision_file WHERE revision_id = {APPROVED} AND position = 0)",
        ),
        C.ROW_CHANGED,
        "(tabel stored_file), sha256",
    ),
    Attack(
        "another object under the row",
        ("UPDATE stored_file SET object_key = '" + "b" * 32 + "' WHERE name = 'SK.pdf'",),
        C.ROW_CHANGED,
        "(tabel stored_file), object_key",
    ),
    Attack(
        "a file that nobody sent",
        (copied("stored_file", "name = 'SK.pdf'", object_key="'x'"),),
        C.ROW_UNEXPLAINED,
        "(tabel stored_file)",
    ),
    Attack(
        "a file taken out of an approved version",
        (f"DELETE FROM revision_file WHERE position = 0 AND revision_id = {APPROVED}",),
        C.ROW_MISSING,
        "(tabel revision_file)",
    ),
    Attack(
        "a copy that passes for an original",
        (f"DELETE FROM redaction WHERE revision_id = {REOPENED}",),
        C.ROW_MISSING,
        "(tabel redaction)",
    ),
    Attack(
        "an original that passes for a copy, so that everybody reads it",
        (f"UPDATE redaction SET file_id = original_id, original_id = file_id WHERE revision_id = {REOPENED}",),
        C.DIGEST_WRONG,
        "(tabel revision)",
    ),
    Attack(
        "a link that leads elsewhere",
        (f"UPDATE revision_link SET url = 'https://lain.id' WHERE revision_id = {APPROVED} AND position = 0",),
        C.ROW_CHANGED,
        "(tabel revision_link), url",
    ),
    Attack(
        "a month more than was handed in",
        (f"INSERT INTO revision_slot SELECT {APPROVED}, id FROM slot WHERE month = '2025-05-01'",),
        C.ROW_CHANGED,
        "(tabel revision), months",
    ),
    Attack(
        "a slot freed",
        (f"DELETE FROM slot_claim WHERE evidence_id = (SELECT evidence_id FROM revision WHERE id = {APPROVED})",),
        C.ROW_MISSING,
        "(tabel slot_claim)",
    ),
    Attack(
        "a hand forgotten, so that it may judge",
        (f"DELETE FROM contributor WHERE user_id = {SITI} AND revision_id = {APPROVED}",),
        C.ROW_MISSING,
        "(tabel contributor)",
    ),
    Attack(
        "a role widened",
        (f"UPDATE membership SET role = 'admin' WHERE user_id = {SITI}",),
        C.ROW_CHANGED,
        "(tabel membership), role",
    ),
    Attack(
        "a role that ended comes back",
        ("UPDATE membership SET ended_at = NULL, ended_by = NULL WHERE ended_at IS NOT NULL",),
        C.ROW_CHANGED,
        "(tabel membership), ended_at",
    ),
    Attack(
        "leave to read restricted evidence",
        ("UPDATE membership SET restricted = TRUE WHERE role = 'auditor'",),
        C.ROW_CHANGED,
        "(tabel membership), restricted",
    ),
    Attack(
        "a role from nowhere",
        (copied("membership", "role = 'tpi_member'", role="'tpi_lead'"),),
        C.ROW_UNEXPLAINED,
        "(tabel membership)",
    ),
    Attack(
        "an account from nowhere",
        (copied("user", f"id = {SITI}", email="'x@contoh.go.id'"),),
        C.ROW_UNEXPLAINED,
        "(tabel user)",
    ),
    Attack(
        "another password",
        (f"UPDATE \"user\" SET password_hash = 'lain' WHERE id = {HENDRA}",),
        C.ROW_CHANGED,
        "(tabel user), password_sha256",
    ),
    Attack(
        "an account that was closed is open again",
        ('UPDATE "user" SET deactivated_at = NULL WHERE deactivated_at IS NOT NULL',),
        C.ROW_CHANGED,
        "(tabel user), deactivated_at",
    ),
    Attack(
        "an invitation to somebody else's account",
        (copied("invitation", f"user_id = {SITI}", user_id=HENDRA, token_sha256="'x'"),),
        C.ROW_UNEXPLAINED,
        "(tabel invitation)",
    ),
    Attack(
        "a session without a login",
        (copied("login_session", f"user_id = {SITI} LIMIT 1", user_id=HENDRA, token_sha256="'x'"),),
        C.ROW_UNEXPLAINED,
        "(tabel login_session)",
    ),
    Attack(
        "a session handed to somebody else",
        (f"UPDATE login_session SET user_id = {HENDRA} WHERE user_id = {SITI}",),
        C.ROW_CHANGED,
        "(tabel login_session), user",
    ),
    Attack(
        "a password that nobody gave just now",
        ("UPDATE login_session SET confirmed_at = '2025-10-02 02:00:00.000000' WHERE ended_at IS NULL",),
        C.ROW_CHANGED,
        "(tabel login_session), confirmed_at",
    ),
    Attack(
        "a restricted item made open",
        ("UPDATE requirement SET classification = 'biasa' WHERE classification = 'terbatas'",),
        C.ROW_CHANGED,
        "(tabel requirement), classification",
    ),
    Attack(
        "a class set back that was raised",
        (
            "UPDATE requirement SET classification = 'biasa' WHERE id IN (SELECT requirement_id FROM"
            " classification_change)",
        ),
        C.ROW_CHANGED,
        "(tabel requirement), classification",
    ),
    Attack(
        "a class lowered along with a row of its own",
        (
            copied("classification_change", "number = 3", number="4", before="'terbatas'", after="'biasa'"),
            "UPDATE requirement SET classification = 'biasa' WHERE id IN (SELECT requirement_id FROM"
            " classification_change)",
        ),
        C.ROW_UNEXPLAINED,
        "(tabel classification_change)",
    ),
    Attack(
        "another reason for a class",
        ("UPDATE classification_change SET reason = 'Lain' WHERE number = 1",),
        C.ROW_CHANGED,
        "(tabel classification_change), reason",
    ),
    Attack(
        "another class in the imported plan",
        ("UPDATE classification_change SET before = 'rahasia' WHERE number = 1",),
        C.ROW_CHANGED,
        "(tabel requirement), classification",
    ),
    Attack(
        "a later deadline",
        ("UPDATE slot SET due_on = '2025-12-31' WHERE month = '2025-08-01'",),
        C.ROW_CHANGED,
        "I.1.1: bulan target",
    ),
    Attack("a lower quorum", ("UPDATE review_tier SET quorum = 2",), C.ROW_CHANGED, "(tabel review_tier), quorum"),
    Attack(
        "somebody else in charge",
        (f"UPDATE slot SET pic_id = {HENDRA} WHERE pic_id IS NOT NULL",),
        C.ROW_CHANGED,
        "(tabel slot), holder",
    ),
    Attack(
        "an indicator under another code",
        ("UPDATE indicator SET code = 'I.1.9' WHERE code = 'I.1.2'",),
        C.SCOPE_UNKNOWN,
        "rantai KPU-15/2025/I.1.2",
    ),
    Attack(
        "another manifest in a sealed bundle",
        ("UPDATE bundle_member SET sha256 = '" + "c" * 64 + "' WHERE path = 'manifest-sha256.txt'",),
        C.ROW_CHANGED,
        "manifest-sha256.txt (isi)",
    ),
    Attack(
        "another version with the same files among those of a bundle",
        (
            "INSERT INTO bundle_revision SELECT bundle.id, revision.id FROM bundle, revision WHERE number = 1"
            " AND evidence_id = (SELECT evidence_id FROM revision WHERE number = 3)",
        ),
        C.ROW_CHANGED,
        "versi bukti di dalamnya",
    ),
    Attack(
        "a sealed bundle that starts from another log",
        ("UPDATE bundle SET log_root = '" + "d" * 64 + "'",),
        C.ROW_CHANGED,
        "(tabel bundle), log_root",
    ),
    Attack(
        "a reopening undone",
        ("DELETE FROM reopening", "UPDATE revision SET state = 'approved' WHERE state = 'reopened'"),
        C.ROW_MISSING,
        "(tabel reopening)",
    ),
    Attack(
        "a unit that is called something else",
        ("UPDATE unit SET name = 'Lain' WHERE code = 'KPU-15'",),
        C.ROW_CHANGED,
        "(tabel unit), name",
    ),
)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name.replace(" ", "-"))
def test_an_attack_on_the_tables_is_seen(laboratory: Laboratory, attack: Attack) -> None:
    with laboratory.attempt() as attempt:
        for statement in attack.statements:
            attempt.run(statement, **({"new": uuid4()} if ":new" in statement else {}))
        found = attempt.table_findings()
        assert any(code is attack.code and attack.place in place for code, place in found), found


UNREADABLE = {
    "state": f"UPDATE revision SET state = 'blessed' WHERE id = {APPROVED}",
    "id": "UPDATE decision SET reviewer_id = 'zz'",
    "moment": "UPDATE membership SET granted_at = 'kemarin'",
    "bytes-for-text": "UPDATE decision SET note = x'ff00'",
    "no-utf-8": "UPDATE revision SET note = CAST(x'fffe' AS TEXT)",
    "password-of-bytes": "UPDATE \"user\" SET password_hash = x'ff'",
    "plan-text-of-bytes": "UPDATE requirement SET text = x'ff'",
    "leaf-of-bytes": "UPDATE log_leaf SET body = CAST(body AS BLOB) WHERE seq = 5",
    "leaf-of-no-utf-8": "UPDATE log_leaf SET body = CAST(x'fffe' AS TEXT) WHERE seq = 5",
    "leaf-that-is-a-number": "UPDATE log_leaf SET body = 7 WHERE seq = 5",
    "opening-of-bytes": "UPDATE log_opening SET value = x'ff' WHERE seq = 3",
    "file-size-in-words": "UPDATE stored_file SET size = 'besar', crc32 = 'x'",
    "bundle-name-of-bytes": "UPDATE bundle SET name = x'ff'",
}
"""What only SQLite lets into a column."""


@pytest.mark.parametrize("statement", UNREADABLE.values(), ids=UNREADABLE)
def test_a_value_that_its_column_cannot_hold_is_a_finding_and_no_crash(
    sqlite_laboratory: Laboratory, statement: str
) -> None:
    with sqlite_laboratory.attempt() as attempt, any_text_read(attempt.session):
        attempt.run(statement)
        assert attempt.findings()


def test_a_state_that_does_not_exist_is_unreadable_in_its_indicator(sqlite_laboratory: Laboratory) -> None:
    with sqlite_laboratory.attempt() as attempt:
        attempt.run(UNREADABLE["state"])
        assert (C.ROW_UNREADABLE, "KPU-15/2025/I.1.1") in attempt.table_findings()


def forge(attempt: Attempt, *, person: str, membership: str = "tpi_member") -> list[tuple[C, str]]:
    """Approve the open draft's neighbour once more, as the portal writes it but past its rules; what is found then."""
    session = attempt.session
    revision = session.query(Revision).filter(Revision.number == 3).one()
    evidence = session.get_one(Evidence, revision.evidence_id)
    decision = session.query(Decision).filter(Decision.revision_id == revision.id).one()
    user = attempt.value(f"SELECT id FROM \"user\" WHERE email = '{person}@contoh.go.id'")
    held = attempt.value(f"SELECT id FROM membership WHERE role = '{membership}'")
    event = EvidenceApproved(
        obj=evidence.id,
        rev=3,
        decision=uuid4(),
        membership=UUID(str(held)),
        digest=str(revision.digest),
        tier=1,
        note=Personal(decision.note),
        final=True,
    )
    audit.record(session, event, actor=Actor(user_id=UUID(str(user))), now=NOW, scope="KPU-15/2025/I.1.1")
    session.flush()
    audit.append_recorded(session)
    return attempt.findings()


@pytest.mark.parametrize(
    ("person", "membership"), [("siti", "uploader"), ("agus", "tpi_member"), ("hendra", "tpi_member")]
)
def test_a_step_that_the_portal_would_not_make_is_impossible_even_in_a_sound_log(
    laboratory: Laboratory, person: str, membership: str
) -> None:
    """Whoever makes the portal itself write what its rules forbid leaves a log that verifies, and cannot be true."""
    with laboratory.attempt() as attempt:
        found = forge(attempt, person=person, membership=membership)
        assert any(code is C.EVENT_IMPOSSIBLE and "evidence.approved" in place for code, place in found), found


@pytest.mark.parametrize(
    "wrong", [{"file": uuid4()}, {"stop": 10**6}, {"start": 3, "stop": 3}, {"size": 7}, {"rev": 9}]
)
def test_a_read_of_what_is_not_there_is_impossible(laboratory: Laboratory, wrong: dict[str, Any]) -> None:
    with laboratory.attempt() as attempt:
        session = attempt.session
        revision = session.query(Revision).filter(Revision.number == 3).one()
        file = revision.files[0].file
        true: dict[str, Any] = {"rev": 3, "file": file.id, "start": 0, "stop": file.size, "size": file.size}
        for values in (true, true | wrong):
            event = FileRead(obj=revision.evidence_id, **values)
            audit.record(session, event, actor=Actor(user_id=uuid4()), now=NOW, scope="KPU-15/2025/I.1.1")
        session.flush()
        audit.append_recorded(session)
        found = attempt.findings()
    assert [code for code, place in found if "evidence.file_read" in place] == [C.EVENT_IMPOSSIBLE], found


@pytest.mark.parametrize(
    ("role", "steps"),
    [
        (
            "tpi_member",
            {"evidence.approved", "evidence.returned", "evidence.rejected", "requirement.classification_changed"},
        ),
        ("tpi_lead", {"evidence.reopened", "requirement.classification_changed"}),
    ],
)
def test_a_decision_by_a_role_that_does_not_decide_is_impossible(
    sqlite_laboratory: Laboratory, role: str, steps: set[str]
) -> None:
    """Row and event agree that he was a leader: then he could not have decided."""
    with sqlite_laboratory.attempt() as attempt:
        attempt.run(f"UPDATE membership SET role = 'leader' WHERE role = '{role}'")
        attempt.run(
            f"""UPDATE log_leaf SET body = replace(body, '"member_role":"{role}"', '"member_role":"leader"')"""
            " WHERE scope = 'sys'"
        )
        found = attempt.table_findings()
    assert {(code, place.rpartition(" ")[2]) for code, place in found} == {(C.EVENT_IMPOSSIBLE, step) for step in steps}


@pytest.mark.parametrize(
    ("number", "before", "after", "person"),
    [(4, "biasa", "rahasia", "hendra"), (5, "terbatas", "rahasia", "hendra"), (4, "terbatas", "biasa", "hendra")],
    ids=["from-another-class", "one-left-out", "lowered-by-a-member"],
)
def test_a_change_of_class_that_the_portal_would_not_make_is_impossible(
    sqlite_laboratory: Laboratory, number: int, before: str, after: str, person: str
) -> None:
    with sqlite_laboratory.attempt() as attempt:
        session = attempt.session
        requirement = session.execute(select(ClassificationChange.requirement_id).limit(1)).scalar_one()
        user = attempt.value(f"SELECT id FROM \"user\" WHERE email = '{person}@contoh.go.id'")
        held = attempt.value(f"SELECT id FROM membership WHERE user_id = '{user}'")
        event = ClassificationChanged(
            obj=requirement,
            number=number,
            before=Classification(before),
            after=Classification(after),
            membership=UUID(str(held)),
            reason=Personal("x"),
        )
        audit.record(session, event, actor=Actor(user_id=UUID(str(user))), now=NOW, scope="KPU-15/2025/I.1.1")
        audit.append_recorded(session)
        found = attempt.table_findings()
        name = "requirement.classification_changed"
        assert any(code is C.EVENT_IMPOSSIBLE and name in place for code, place in found), found


def test_a_tail_cut_off_cleanly_leaves_rows_that_nothing_explains(laboratory: Laboratory) -> None:
    """Heads and chains are those of the shorter log, and no checkpoint knew of the leaf that is gone."""
    with laboratory.attempt() as attempt:
        last = attempt.log.size - 1
        hashes = attempt.session.execute(select(LogLeaf.leaf_hash).order_by(LogLeaf.seq).limit(last)).scalars()
        builder = TreeBuilder()
        builder.extend(hashes)
        frontier = builder.frontier()
        attempt.run(f"DELETE FROM log_leaf WHERE seq = {last}")
        attempt.run(
            "UPDATE log_head SET size = :size, root = :root, frontier = :frontier",
            size=last, root=frontier.root, frontier=frontier.to_bytes(),
        )  # fmt: skip
        attempt.run(
            "UPDATE scope_head SET size = size - 1, leaf_hash ="
            " (SELECT leaf_hash FROM log_leaf WHERE scope = 'sys' ORDER BY iseq DESC LIMIT 1) WHERE scope = 'sys'"
        )
        attempt.session.execute(delete(LogOpening).where(LogOpening.seq == last))
        assert {code for code, _ in attempt.findings()} == {C.ROW_UNEXPLAINED}


def test_events_of_an_indicator_that_is_nowhere_are_told(laboratory: Laboratory) -> None:
    with laboratory.attempt() as attempt:
        audit.record(
            attempt.session, UserDeactivated(obj=uuid4()), actor=Actor(process="x"), now=NOW, scope="KPU-15/2025/I.9.9"
        )
        audit.append_recorded(attempt.session)
        assert (C.SCOPE_UNKNOWN, "rantai KPU-15/2025/I.9.9") in attempt.findings()


def test_a_seal_over_another_log_is_told(laboratory: Laboratory) -> None:
    """The event is in the log, and what it says of the log before it is not true."""
    with laboratory.attempt() as attempt:
        event = BundleSealed(
            obj=uuid4(),
            unit="KPU-15",
            year=2025,
            area_code=None,
            indicator_code=None,
            manifest_sha256="0" * 64,
            heads_sha256="0" * 64,
            log_size=1,
            log_root="d" * 64,
            files=1,
            left_out=0,
        )
        audit.record(attempt.session, event, actor=Actor(user_id=uuid4()), now=NOW)
        audit.append_recorded(attempt.session)
        assert any(code is C.SEAL_ROOT_WRONG and "akar log 1" in place for code, place in attempt.findings())
