"""The files of a bag as the store holds them, and the ZIP that they make. Knows neither how they came about nor who may
take them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from portal.adapters.store import ObjectStore, new_key
from portal.domain.bundle.layout import BagFile
from portal.domain.bundle.zip_plan import ZipPlan, plan_zip
from portal.domain.bundle.zip_records import ZipEntry
from portal.models import BundleMember


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One file of the bag, where its bytes lie, and the evidence file it is, if it is one."""

    bag: BagFile
    object_key: str
    version_id: str | None
    file_id: UUID | None = None


def bundle_plan(name: str, files: Iterable[BagFile], sealed_at: datetime) -> ZipPlan:
    """The ZIP of a bundle: its files in this order below one top folder, dated with the moment of sealing."""
    return plan_zip([ZipEntry(f"{name}/{file.path}", file.size, file.crc32) for file in files], sealed_at)


def store_member(path: str, content: BinaryIO, store: ObjectStore) -> Member:
    """Put a file that the portal wrote into the store."""
    stored = store.put(new_key(), content)
    bag = BagFile(path, stored.size, stored.sha256, stored.crc32)
    return Member(bag=bag, object_key=stored.key, version_id=stored.version_id)


def add_members(session: Session, bundle_id: UUID, members: Iterable[Member]) -> None:
    """Fix the members of a bundle in the order of its ZIP."""
    session.execute(insert(BundleMember), [_row(bundle_id, at, member) for at, member in enumerate(members)])


def read_members(session: Session, bundle_id: UUID) -> tuple[Member, ...]:
    """All members in the order of the ZIP."""
    query = (
        select(
            BundleMember.path,
            BundleMember.size,
            BundleMember.sha256,
            BundleMember.crc32,
            BundleMember.object_key,
            BundleMember.version_id,
            BundleMember.file_id,
        )
        .where(BundleMember.bundle_id == bundle_id)
        .order_by(BundleMember.position)
    )
    return tuple(
        Member(
            bag=BagFile(row.path, row.size, row.sha256, row.crc32),
            object_key=row.object_key,
            version_id=row.version_id,
            file_id=row.file_id,
        )
        for row in session.execute(query)
    )


def _row(bundle_id: UUID, position: int, member: Member) -> dict[str, object]:
    return {
        "bundle_id": bundle_id,
        "position": position,
        "path": member.bag.path,
        "size": member.bag.size,
        "crc32": member.bag.crc32,
        "sha256": member.bag.sha256,
        "object_key": member.object_key,
        "version_id": member.version_id,
        "file_id": member.file_id,
    }
