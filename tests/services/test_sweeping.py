"""The sweeper removes what broken uploads left, and never what a row names or what may get a row yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.adapters.local_store import LocalStore
from portal.adapters.store import INCOMPLETE, ObjectStore, new_key
from portal.domain.actor import Actor
from portal.domain.errors import NotPermitted
from portal.domain.roles import Role
from portal.models import Bundle, BundleMember, LoginThrottle
from portal.services.sweeping import SweepReport, sweep
from portal.services.throttle import WINDOW, count_try, limits_for
from portal.services.unit_of_work import transaction
from tests.builders.crowd import add_bundles
from tests.builders.world import add_draft, add_person, build_world, stored_file

pytestmark = pytest.mark.usefixtures("app_context")

SYSTEM = Actor.system("sweep")
TOMORROW = timedelta(hours=25)


@pytest.fixture(params=["local_store", "minio_store"])
def store(request: pytest.FixtureRequest) -> ObjectStore:
    """An empty store; the test runs on each kind."""
    found: ObjectStore = request.getfixturevalue(request.param)
    return found


def put(store: ObjectStore) -> str:
    return store.put(new_key(), BytesIO(b"isi")).key


def swept(store: ObjectStore, *, dry_run: bool = False, after: timedelta = TOMORROW) -> SweepReport:
    return sweep(actor=SYSTEM, store=store, dry_run=dry_run, now=datetime.now(UTC) + after)


def keys_in(store: ObjectStore) -> set[str]:
    return {found.key for found in store.list_objects()}


def named_by_rows(store: ObjectStore) -> set[str]:
    """Two objects: one that an evidence file names and one that a bundle's member names."""
    world = build_world()
    sender, auditor = add_person(world, Role.UPLOADER), add_person(world, Role.AUDITOR)
    evidence, member = put(store), put(store)
    file = stored_file(sender.person)
    file.object_key = evidence
    revision_id = add_draft(world, sender, files=(file,))
    add_bundles(world, auditor, revision_id, 1)
    with transaction() as session:
        bundle_id = session.execute(select(Bundle.id)).scalar_one()
        session.add(
            BundleMember(
                bundle_id=bundle_id, position=0, path="bag/bagit.txt", size=3, crc32=1, sha256="0" * 64,
                object_key=member,
            )
        )  # fmt: skip
    return {evidence, member}


def test_only_what_no_row_names_goes(store: ObjectStore) -> None:
    named, left = named_by_rows(store), {put(store), put(store)}
    report = swept(store)
    assert set(report.swept) == left
    assert (report.known, report.young, report.kept_by_store) == (len(named), 0, ())
    assert keys_in(store) == named
    assert swept(store) == replace(report, swept=())


def test_what_is_younger_than_a_day_may_get_its_row_yet(store: ObjectStore) -> None:
    left = put(store)
    report = swept(store, after=timedelta(hours=23))
    assert (report.young, report.swept) == (1, ())
    assert keys_in(store) == {left}


def test_a_dry_run_names_what_would_go_and_leaves_it(store: ObjectStore) -> None:
    left = put(store)
    assert swept(store, dry_run=True).swept == (left,)
    assert keys_in(store) == {left}


def test_what_the_store_holds_back_is_told(minio_store: ObjectStore) -> None:
    stored = minio_store.put(new_key(), BytesIO(b"isi"))
    minio_store.retain(stored.key, version_id=stored.version_id, until=datetime.now(UTC) + timedelta(days=1))
    report = swept(minio_store)
    assert (report.swept, report.kept_by_store) == ((), (stored.key,))
    assert keys_in(minio_store) == {stored.key}


def test_a_cut_upload_goes_too(local_store: LocalStore, tmp_path: Path) -> None:
    put(local_store)
    cut = new_key()
    (tmp_path / "objects/incoming" / cut).write_bytes(b"half of i")
    assert INCOMPLETE in {found.version_id for found in local_store.list_objects()}
    assert cut in swept(local_store).swept
    assert keys_in(local_store) == set()


def test_people_cannot_sweep_unless_they_run_the_portal(store: ObjectStore) -> None:
    world = build_world()
    left = put(store)
    for role in Role:
        with pytest.raises(NotPermitted):
            sweep(actor=add_person(world, role), store=store, dry_run=False, now=datetime.now(UTC) + TOMORROW)
    assert keys_in(store) == {left}


def test_windows_of_the_throttle_go_when_they_are_over(local_store: LocalStore) -> None:
    now = datetime.now(UTC)
    for account, began in (("siti", now - WINDOW), ("budi", now - WINDOW + timedelta(seconds=1))):
        count_try(limits=limits_for(account=account, address=account), now=began)
    for dry_run in (True, False):
        report = sweep(actor=SYSTEM, store=local_store, dry_run=dry_run, now=now)
        assert report.windows == 2, "account and address of the older one"
    with transaction(write=False) as session:
        left = session.execute(select(LoginThrottle.window_started_at)).scalars().all()
    assert left == [now - WINDOW + timedelta(seconds=1)] * 2
