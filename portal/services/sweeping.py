"""The sweeper: objects that no row knows, left behind by uploads that broke off between the store and the database.

It is the only caller of the store's delete, and it never touches an object that is younger than a day or that any row
names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import select

from portal.adapters.store import ObjectInfo, ObjectRetained, ObjectStore
from portal.domain.actor import Actor
from portal.domain.permissions import Permission
from portal.domain.policy import Subject, require
from portal.models import BundleMember, LogAnchor, StoredFile
from portal.services.throttle import forget_windows
from portal.services.unit_of_work import transaction

GRACE = timedelta(hours=24)
BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepReport:
    """What was seen: `known` objects have a row, `young` ones may get one yet, `swept` ones are gone (or would be);
    `windows` of the login throttle were over.
    """

    known: int
    young: int
    swept: tuple[str, ...]
    kept_by_store: tuple[str, ...]
    windows: int


def sweep(*, actor: Actor, store: ObjectStore, dry_run: bool, now: datetime) -> SweepReport:
    """Delete objects older than a day that no row names, and what the login throttle no longer needs; a dry run only
    says which.
    """
    require(actor, Permission.MANAGE_PLAN, Subject(unit_path="/"))
    windows = forget_windows(dry_run=dry_run, now=now)
    known = young = 0
    swept: list[str] = []
    kept: list[str] = []
    for batch in _batches(store.list_objects()):
        named = _named(batch)
        for found in batch:
            if found.key in named:
                known += 1
            elif now - found.modified_at < GRACE:
                young += 1
            elif dry_run or _deleted(store, found):
                swept.append(found.key)
            else:
                kept.append(found.key)
    return SweepReport(known=known, young=young, swept=tuple(swept), kept_by_store=tuple(kept), windows=windows)


def _named(batch: Iterable[ObjectInfo]) -> set[str]:
    """Those keys of the batch that some row names."""
    keys = [found.key for found in batch]
    with transaction(write=False) as session:
        files = session.execute(select(StoredFile.object_key).where(StoredFile.object_key.in_(keys))).scalars()
        members = session.execute(select(BundleMember.object_key).where(BundleMember.object_key.in_(keys))).scalars()
        anchors = session.execute(select(LogAnchor.object_key).where(LogAnchor.object_key.in_(keys))).scalars()
        return {*files, *members, *(key for key in anchors if key)}


def _deleted(store: ObjectStore, found: ObjectInfo) -> bool:
    try:
        store.delete(found.key, version_id=found.version_id)
    except ObjectRetained:
        return False
    return True


def _batches(objects: Iterator[ObjectInfo]) -> Iterator[list[ObjectInfo]]:
    while batch := list(islice(objects, BATCH)):
        yield batch
