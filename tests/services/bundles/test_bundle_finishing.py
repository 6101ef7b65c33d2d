"""A sealing that broke off: nothing can be sent, and it is finished as it was sealed, or not at all."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from portal.adapters.local_store import LocalStore
from portal.adapters.store import ExpectedDigest, Readable, StoredObject, StoreUnavailable
from portal.domain.errors import ConstraintViolated, InvalidInput, NotFound, SignerUnavailable, Stale
from portal.domain.events import EventName
from portal.domain.roles import Role
from portal.models import Bundle, BundleMember
from portal.services.bundles.page import BundleView, get_sealed
from portal.services.bundles.scope import BundleScope
from portal.services.bundles.sealing import BundleUnfinished, finish_bundle
from portal.services.unit_of_work import transaction
from tests.builders.bundles import Bag, Office, trail
from tests.builders.signers import HookedSigner, be_away
from tests.builders.world import add_person


def broken_off(office: Office, *, at: str = "sign_bag", scope: BundleScope | None = None) -> UUID:
    """A bundle of one approved evidence whose signer went away; it is back now."""
    office.approved("I.1", office.file(b"disetujui"))
    real, office.signer = office.signer, HookedSigner(office.signer, {at: be_away})
    with pytest.raises(BundleUnfinished) as broken:
        office.seal(scope)
    office.signer = real
    return broken.value.bundle_id


def finish(office: Office, bundle_id: UUID) -> None:
    finish_bundle(
        actor=office.auditor, bundle_id=bundle_id, store=office.store, signer=office.signer, now=office.world.tick()
    )


def view(office: Office, bundle_id: UUID) -> BundleView:
    return get_sealed(actor=office.auditor, bundle_id=bundle_id, now=office.world.clock)


def count(kind: type[Bundle | BundleMember]) -> int:
    with transaction(write=False) as session:
        return session.execute(select(func.count()).select_from(kind)).scalar_one()


def test_without_a_signer_nothing_is_sealed(office: Office) -> None:
    office.approved()
    before = len(trail())
    office.signer = HookedSigner(office.signer, {"keys": be_away})
    with pytest.raises(SignerUnavailable):
        office.seal()
    assert (len(trail()), count(Bundle)) == (before, 0)


@pytest.mark.parametrize("at", ["last_signed", "sign_checkpoint", "sign_bag"])
def test_a_signer_that_goes_away_leaves_a_bundle_that_can_be_finished_and_not_fetched(office: Office, at: str) -> None:
    bundle_id = broken_off(office, at=at)
    assert (view(office, bundle_id).is_open, view(office, bundle_id).ready) == (True, None)
    assert count(BundleMember) == 0
    with pytest.raises(NotFound):
        office.fetch(bundle_id)
    finish(office, bundle_id)
    bag = Bag.of(office.fetch(bundle_id))
    assert bag.payload == {b"disetujui"}
    assert [entry.obj for entry in trail() if entry.name is EventName.BUNDLE_SEALED] == [bundle_id]
    assert bag.seal["ev"]["obj"] == str(bundle_id)
    ready = view(office, bundle_id).ready
    assert ready
    assert ready.checkpoint_root == bag.info["Checkpoint-Root"]


class FullStore(LocalStore):
    """A store whose disk is full."""

    def put(
        self, key: str, stream: Readable, *, expected: ExpectedDigest | None = None, limit: int | None = None
    ) -> StoredObject:
        """Never puts anything."""
        raise StoreUnavailable(f"{key} {stream} {expected} {limit}")


def test_a_store_that_fails_leaves_such_a_bundle_too(office: Office, tmp_path: Path) -> None:
    office.approved()
    real, office.store = office.store, FullStore(tmp_path / "objects")
    with pytest.raises(BundleUnfinished) as broken:
        office.seal()
    office.store = real
    finish(office, broken.value.bundle_id)
    assert view(office, broken.value.bundle_id).ready


def test_what_has_moved_on_is_not_finished(office: Office) -> None:
    bundle_id = broken_off(office)
    office.approved("I.2")
    with pytest.raises(InvalidInput, match="buat paket baru"):
        finish(office, bundle_id)
    assert count(BundleMember) == 0


def test_that_it_is_read_hinders_nobody(office: Office) -> None:
    read = office.approved("I.2", office.file(b"dibaca"))
    bundle_id = broken_off(office)
    office.read(read)
    finish(office, bundle_id)
    bag = Bag.of(office.fetch(bundle_id))
    assert bag.payload == {b"disetujui", b"dibaca"}
    assert b"evidence.file_read" not in b"".join(bag.log), "the log of the bag ends with its seal"


def test_what_happens_elsewhere_does_not_hinder_it(office: Office) -> None:
    bundle_id = broken_off(office, scope=office.scope("I"))
    office.approved("II.2")
    finish(office, bundle_id)
    assert Bag.of(office.fetch(bundle_id)).payload == {b"disetujui"}


def test_only_who_sealed_it_finishes_it(office: Office) -> None:
    bundle_id = broken_off(office)
    office.auditor = add_person(office.world, Role.AUDITOR)
    with pytest.raises(NotFound):
        finish(office, bundle_id)


def test_finishing_twice_changes_nothing(office: Office) -> None:
    bundle_id = broken_off(office)
    finish(office, bundle_id)
    first = office.fetch(bundle_id)
    finish(office, bundle_id)
    assert office.fetch(bundle_id) == first


def test_of_two_who_finish_at_once_the_first_decides(office: Office) -> None:
    bundle_id = broken_off(office)
    office.signer = HookedSigner(office.signer, {"sign_bag": lambda: finish(office, bundle_id)})
    finish(office, bundle_id)
    assert Bag.of(office.fetch(bundle_id)).payload == {b"disetujui"}
    assert count(Bundle) == 1


def test_req_15_the_button_pressed_twice_makes_one_bundle(office: Office) -> None:
    office.approved()
    bundle_id = uuid4()
    assert [office.seal(bundle_id=bundle_id) for _ in range(2)] == [bundle_id, bundle_id]
    assert count(Bundle) == 1
    with pytest.raises(Stale):  # the same button for another scope is another page's
        office.seal(office.scope("I"), bundle_id=bundle_id)
    indicator = office.scope(indicator="I.1.1")
    assert len({office.seal(indicator, bundle_id=given) for given in [uuid4()] * 2}) == 1
    office.auditor = add_person(office.world, Role.AUDITOR)
    with pytest.raises(ConstraintViolated):  # nobody gets somebody else's by naming it
        office.seal(bundle_id=bundle_id)
    assert count(Bundle) == 2
