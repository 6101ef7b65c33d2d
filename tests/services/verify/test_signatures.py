"""A bundle whose own documents were replaced, consistently in every row and object, is betrayed by its signature."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from portal.domain.actor import Actor
from portal.domain.bundle.layout import TAG_MANIFEST, BagFile, manifest_text
from portal.models import BundleMember
from portal.services.unit_of_work import transaction
from portal.services.verify.findings import FindingCode as C
from portal.services.verify.findings import Findings
from portal.services.verify.signatures import SIGNATURE, check_signatures
from portal.services.verify.verifying import verify_portal
from tests.builders.attacker import Attacker, attacking
from tests.builders.bundles import Office, open_office
from tests.builders.world import NOW


def signature_findings(office: Office) -> list[C]:
    findings = Findings()
    check_signatures(office.store, findings)
    return [finding.code for finding in findings.kept]


@pytest.fixture
def database_url(sqlite_database_url: str) -> str:
    """One engine will do: nothing here depends on it."""
    return sqlite_database_url


@pytest.fixture
def office(app_context: Flask) -> Office:
    """An office with one sealed bundle."""
    office = open_office(app_context.extensions["portal.store"])
    office.approved()
    office.seal()
    return office


def document_replaced(attacker: Attacker) -> None:
    """Another index.html, and a tag manifest that lists it."""
    with transaction(write=False) as session:
        rows = session.execute(select(BundleMember).where(~BundleMember.path.startswith("data/"))).scalars().all()
        files = {row.path: BagFile(row.path, row.size, row.sha256, row.crc32) for row in rows}
    files["index.html"] = BagFile("index.html", 3, "e" * 64, 7)
    listed = [file for path, file in files.items() if path != TAG_MANIFEST and not path.startswith("sig/")]
    manifest = BagFile.of(TAG_MANIFEST, manifest_text(listed).encode())
    for file in (files["index.html"], manifest):
        attacker.run(
            "UPDATE bundle_member SET size = :size, sha256 = :sha256, crc32 = :crc32 WHERE path = :path",
            size=file.size, sha256=file.sha256, crc32=file.crc32, path=file.path,
        )  # fmt: skip


def signature_removed(attacker: Attacker) -> None:
    attacker.run("DELETE FROM bundle_member WHERE path = :path", path=SIGNATURE)


def key_removed(attacker: Attacker) -> None:
    attacker.run("DELETE FROM signing_key WHERE kind = 'ecdsa'")


def key_spoilt(attacker: Attacker) -> None:
    attacker.run("UPDATE signing_key SET key = 'bukan kunci' WHERE kind = 'ecdsa'")


def key_of_later(attacker: Attacker) -> None:
    """The key that signed it, as if it had come into use afterwards."""
    attacker.run("UPDATE signing_key SET from_size = 900000 WHERE kind = 'ecdsa'")


def signature_of_another_object(attacker: Attacker) -> None:
    attacker.run("UPDATE bundle_member SET object_key = :key WHERE path = :path", key="0" * 32, path=SIGNATURE)


@pytest.mark.parametrize(
    "attack",
    [document_replaced, signature_removed, key_removed, key_spoilt, key_of_later, signature_of_another_object],
)
def test_a_bundle_without_a_good_signature_is_told(
    office: Office, database_url: str, attack: Callable[[Attacker], None]
) -> None:
    assert signature_findings(office) == []
    with attacking(database_url) as attacker:
        attack(attacker)
    assert signature_findings(office) == [C.BUNDLE_UNSIGNED]


UNREADABLE = (
    ("bundle", "sealed_at = 'kapan'"),
    ("bundle", "log_size = 'x'"),
    ("bundle_member", "size = -5"),
    ("bundle_member", "path = CAST(x'ff' AS TEXT)"),
    ("log_checkpoint", "size = 'x'"),
    ("log_checkpoint", "note = x'00'"),
    ("log_checkpoint", "signed_at = 'kapan'"),
    ("stored_file", "uploaded_at = 'kapan'"),
)
"""SQLite keeps what its columns cannot hold."""


def test_a_row_that_cannot_be_read_is_told_and_the_rest_is_verified(office: Office, database_url: str) -> None:
    """One after the other, each on top of those before it."""
    for table, change in UNREADABLE:
        with attacking(database_url) as attacker:
            key = attacker.value(f"SELECT MAX(rowid) FROM {table}")
            attacker.run(f"UPDATE {table} SET {change} WHERE rowid = :key", key=key)
        told = verify_portal(actor=Actor.system("verify"), store=office.store, signer=office.signer, now=NOW).findings
        assert told.counts[C.ROW_UNREADABLE], f"{table}: {change}: {told.counts}"
