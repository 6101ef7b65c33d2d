"""Objects that are gone, cut, swapped or changed in one bit are told by the file that they are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from portal.adapters.store import ObjectStore
from portal.models import BundleMember
from portal.services.unit_of_work import transaction
from portal.services.verify.findings import FindingCode as C
from portal.services.verify.findings import Findings
from portal.services.verify.objects import ObjectsSeen, check_objects
from tests.builders.bundles import open_office


class Shelf:
    """A sealed bundle of two files in a local store, and the object of the first of them as a file on disk."""

    def __init__(self, store: ObjectStore, folder: Path) -> None:
        self.store, self.folder = store, folder
        office = open_office(store)
        self.first, self.second = office.file(b"%PDF-1.7 satu"), office.file(b"%PDF-1.7 dua!")
        self.first_id, self.first_key, self.second_key = self.first.id, self.first.object_key, self.second.object_key
        office.approved("I.1", self.first)
        office.approved("I.2", self.second)
        office.seal()

    def path(self, key: str) -> Path:
        (found,) = self.folder.rglob(key)
        found.chmod(0o600)
        return found

    def look(self, *, deep: bool) -> tuple[ObjectsSeen, list[tuple[C, str]]]:
        findings = Findings()
        seen = check_objects(self.store, findings, deep=deep)
        return seen, [(finding.code, finding.place) for finding in findings.kept]


@pytest.fixture
def shelf(app_context: Flask, tmp_path: Path) -> Shelf:
    return Shelf(app_context.extensions["portal.store"], tmp_path / "objects")


def gone(shelf: Shelf) -> None:
    shelf.path(shelf.first_key).unlink()


def cut(shelf: Shelf) -> None:
    path = shelf.path(shelf.first_key)
    path.write_bytes(path.read_bytes()[:-1])


def swapped(shelf: Shelf) -> None:
    shelf.path(shelf.first_key).write_bytes(shelf.path(shelf.second_key).read_bytes())


def one_bit(shelf: Shelf) -> None:
    path = shelf.path(shelf.first_key)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("attack", "code", "is_seen_without_reading"),
    [
        (gone, C.OBJECT_MISSING, True),
        (cut, C.OBJECT_SIZE_WRONG, True),
        (swapped, C.OBJECT_CHANGED, False),
        (one_bit, C.OBJECT_CHANGED, False),
    ],
)
def test_an_attack_on_an_object_is_seen(
    shelf: Shelf, attack: Callable[[Shelf], None], code: C, is_seen_without_reading: bool
) -> None:
    attack(shelf)
    place = f"berkas {shelf.first_id} (tabel stored_file)"
    assert (code, place) in shelf.look(deep=True)[1]
    assert ((code, place) in shelf.look(deep=False)[1]) is is_seen_without_reading


def test_a_document_of_a_bundle_counts_like_evidence(shelf: Shelf) -> None:
    with transaction(write=False) as session:
        row = session.execute(select(BundleMember).where(BundleMember.path == "metadata/bukti.json")).scalar_one()
        key, place = row.object_key, f"isi paket bukti {row.bundle_id} / {row.path} (tabel bundle_member)"
    shelf.path(key).write_bytes(b"{}")
    assert (C.OBJECT_SIZE_WRONG, place) in shelf.look(deep=False)[1]


def test_all_objects_are_looked_at_and_in_a_deep_check_read(shelf: Shelf) -> None:
    with transaction(write=False) as session:
        sizes = list(session.execute(select(BundleMember.size).where(BundleMember.file_id.is_(None))).scalars())
    assert shelf.look(deep=False) == (ObjectsSeen(objects=2 + len(sizes), bytes_read=0), [])
    assert shelf.look(deep=True) == (ObjectsSeen(objects=2 + len(sizes), bytes_read=26 + sum(sizes)), [])


def test_in_the_wrong_store_everything_is_missing(shelf: Shelf, minio_store: ObjectStore) -> None:
    shelf.store = minio_store
    seen, found = shelf.look(deep=True)
    assert {code for code, _ in found} == {C.OBJECT_MISSING}
    assert len(found) == seen.objects
