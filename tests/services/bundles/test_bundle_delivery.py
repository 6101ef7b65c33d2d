"""Sending: recorded before the first byte, without a connection held, and never a wrong byte as a complete bundle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from portal.adapters.local_store import LocalStore
from portal.adapters.store import ObjectReader, StoreUnavailable
from portal.db import db
from portal.domain.actor import Actor
from portal.domain.classification import Classification
from portal.domain.errors import IntegrityMismatch, NotFound
from portal.domain.events import EventName
from portal.domain.roles import Role
from portal.domain.workflow import Action
from portal.models import BundleMember, Membership
from portal.services.bundles.delivery import RangeUnsatisfiable, get_bundle_facts, open_bundle
from portal.services.bundles.page import get_sealed
from portal.services.classifying import change_classification
from portal.services.sending import ByteRange
from portal.services.unit_of_work import transaction
from tests.builders.bundles import Bag, Office, trail
from tests.builders.world import NOW, act, add_person

CONTENT = b"%PDF-1.7 isi bukti" * 5000


def sealed(office: Office) -> UUID:
    """A bundle whose evidence is one file of CONTENT."""
    office.approved("I.1", office.file(CONTENT))
    return office.seal()


def object_of(bundle_id: UUID, start: str, folder: Path) -> Path:
    """The file on disk of the member whose path starts so."""
    with transaction(write=False) as session:
        query = select(BundleMember.object_key).where(
            BundleMember.bundle_id == bundle_id, BundleMember.path.startswith(start)
        )
        key = session.execute(query).scalar_one()
    (found,) = folder.rglob(key)
    found.chmod(0o600)
    return found


def received(office: Office, bundle_id: UUID, wanted: ByteRange | None = None) -> tuple[int, type[Exception] | None]:
    """How many bytes came, and what broke the stream."""
    count = 0
    try:
        delivery = open_bundle(
            actor=office.auditor,
            bundle_id=bundle_id,
            wanted=wanted or ByteRange(),
            store=office.store,
            clock=office.world.tick,
            now=office.world.tick(),
        )
        for chunk in delivery.chunks:
            count += len(chunk)
    except (IntegrityMismatch, StoreUnavailable) as error:
        return count, type(error)
    return count, None


def test_a_download_has_the_length_that_was_sealed_and_is_recorded_before_its_first_byte(office: Office) -> None:
    bundle_id = sealed(office)
    delivery = open_bundle(
        actor=office.auditor,
        bundle_id=bundle_id,
        wanted=ByteRange(),
        store=office.store,
        clock=office.world.tick,
        now=office.world.tick(),
    )
    last = trail()[-1]
    assert (last.name, last.obj, last.person) == (EventName.BUNDLE_DOWNLOADED, bundle_id, office.auditor.user_id)
    assert (last.data["start"], last.data["stop"]) == (0, delivery.facts.size)
    assert sum(len(chunk) for chunk in delivery.chunks) == delivery.facts.size == delivery.stop


def test_no_connection_is_held_while_bytes_flow(office: Office) -> None:
    delivery = open_bundle(
        actor=office.auditor,
        bundle_id=sealed(office),
        wanted=ByteRange(),
        store=office.store,
        clock=office.world.tick,
        now=office.world.tick(),
    )
    for _ in delivery.chunks:
        assert db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]  # both engines have a QueuePool
        assert not db.session().in_transaction()


def test_any_range_is_the_same_part_of_the_whole(office: Office) -> None:
    bundle_id = sealed(office)
    whole = office.fetch(bundle_id)
    inside = whole.index(CONTENT)
    ends = sorted({0, 1, inside - 1, inside, inside + 7, inside + len(CONTENT), len(whole) - 22, len(whole)})
    for start in ends[:-1]:
        for stop in (end for end in ends if end > start):
            wanted = ByteRange(start=start, stop=stop)
            assert office.fetch(bundle_id, wanted=wanted) == whole[start:stop], (start, stop)
    assert office.fetch(bundle_id, wanted=ByteRange(start=5, stop=len(whole) + 99)) == whole[5:]
    for wrong in (ByteRange(start=len(whole)), ByteRange(start=-1), ByteRange(start=3, stop=3)):
        with pytest.raises(RangeUnsatisfiable):
            office.fetch(bundle_id, wanted=wrong)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "another of the same size": lambda path: path.write_bytes(b"x" * path.stat().st_size),
    "last byte": lambda path: path.write_bytes(path.read_bytes()[:-1] + b"\0"),
    "shorter": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "empty": lambda path: path.write_bytes(b""),
    "longer": lambda path: path.write_bytes(path.read_bytes() + b"\0"),
    "gone": lambda path: path.unlink(),
}


@pytest.mark.parametrize("member", ["data/", "bagit.txt", "audit/log.jsonl"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_req_37_a_damaged_object_breaks_the_stream_and_is_recorded(
    office: Office, tmp_path: Path, member: str, damage: str
) -> None:
    bundle_id = sealed(office)
    size = len(office.fetch(bundle_id))
    damaged = object_of(bundle_id, member, tmp_path / "objects")
    DAMAGES[damage](damaged)
    count, broken_by = received(office, bundle_id)
    assert broken_by is IntegrityMismatch
    assert count < size
    last = trail()[-1]
    assert last.name is EventName.FIXITY_FAILED
    found = sha256(damaged.read_bytes()).hexdigest() if damaged.exists() else None
    assert last.data["found_sha256"] == found != last.data["expected_sha256"]
    assert (last.obj == bundle_id) == (member != "data/")


def test_a_range_that_ends_with_a_damaged_member_is_not_complete_either(office: Office, tmp_path: Path) -> None:
    bundle_id = sealed(office)
    stop = office.fetch(bundle_id).index(CONTENT) + len(CONTENT)
    DAMAGES["last byte"](object_of(bundle_id, "data/", tmp_path / "objects"))
    count, broken_by = received(office, bundle_id, ByteRange(stop=stop))
    assert (count < stop, broken_by) == (True, IntegrityMismatch)


def test_a_part_of_a_member_that_has_become_shorter_is_not_complete_either(office: Office, tmp_path: Path) -> None:
    bundle_id = sealed(office)
    start = office.fetch(bundle_id).index(CONTENT) + 1
    DAMAGES["shorter"](object_of(bundle_id, "data/", tmp_path / "objects"))
    assert received(office, bundle_id, ByteRange(start=start))[1] is IntegrityMismatch


class AwayStore(LocalStore):
    """A store that cannot be reached when something is opened."""

    def open(
        self, key: str, *, version_id: str | None = None, offset: int = 0, length: int | None = None
    ) -> ObjectReader:
        """Never opens anything."""
        raise StoreUnavailable(f"{key} {version_id} {offset} {length}")


def test_a_store_that_is_away_is_told_before_the_first_byte(office: Office, tmp_path: Path) -> None:
    bundle_id = sealed(office)
    office.store = AwayStore(tmp_path / "objects")
    assert received(office, bundle_id) == (0, StoreUnavailable)


# Who may


def may_take(office: Office, bundle_id: UUID, *, actor: Actor | None = None) -> bool:
    """Whether the auditor (or `actor`) may; facts, bytes and the page agree on it."""
    who, now = actor or office.auditor, office.world.tick()
    answers = {
        _is_open(lambda: get_bundle_facts(actor=who, bundle_id=bundle_id, now=now).size > 0),
        _is_open(lambda: bool(office.fetch(bundle_id, actor=who))),
        _is_open(lambda: get_sealed(actor=who, bundle_id=bundle_id, now=now).is_open),
    }
    assert len(answers) == 1
    return answers.pop()


def _is_open(ask: Callable[[], bool]) -> bool:
    try:
        return ask()
    except NotFound:
        return False


def test_only_who_sealed_it_takes_it(office: Office) -> None:
    bundle_id = sealed(office)
    assert may_take(office, bundle_id)
    others = [office.lead, add_person(office.world, Role.AUDITOR, restricted=True), office.sender]
    for other in others:
        assert not may_take(office, bundle_id, actor=other)
    assert not may_take(office, UUID(int=1))


def test_it_closes_with_the_window(office: Office) -> None:
    bundle_id = sealed(office)
    assert not may_take(office, bundle_id, actor=replace(office.auditor, grants=()))
    elsewhere = tuple(replace(grant, area="II") for grant in office.auditor.grants)
    assert not may_take(office, bundle_id, actor=replace(office.auditor, grants=elsewhere))
    assert may_take(office, bundle_id)


def test_it_closes_when_the_leave_to_read_restricted_evidence_ends(office: Office) -> None:
    office.auditor = add_person(office.world, Role.AUDITOR, restricted=True)
    office.approved("II.1")
    bundle_id = office.seal()
    assert may_take(office, bundle_id)
    without = tuple(replace(grant, restricted=False) for grant in office.auditor.grants)
    assert not may_take(office, bundle_id, actor=replace(office.auditor, grants=without))


def test_it_closes_when_what_is_in_it_becomes_restricted(office: Office) -> None:
    bundle_id = sealed(office)
    change_classification(
        actor=office.reviewer,
        requirement_id=office.world.requirements["I.1"],
        seen=Classification.BIASA,
        wanted=Classification.TERBATAS,
        reason="Memuat nama pelapor.",
        now=office.world.tick(),
    )
    assert not may_take(office, bundle_id)
    office.auditor = add_person(office.world, Role.AUDITOR, restricted=True)
    assert may_take(office, office.seal())


def test_a_leave_for_one_area_and_a_plain_one_for_all_are_enough_together(office: Office) -> None:
    office.approved("I.1", office.file(b"biasa"))
    office.approved("II.1", office.file(b"terbatas"))
    with transaction() as session:
        membership = Membership(
            user_id=office.auditor.person,
            unit_id=office.world.unit_id,
            role=Role.AUDITOR,
            area_code="II",
            restricted=True,
            valid_from=date(2026, 1, 1),
            granted_by="system:test",
            granted_at=NOW,
        )
        session.add(membership)
        leave = replace(office.auditor.grants[0], membership_id=membership.id, area="II", restricted=True)
    office.auditor = replace(office.auditor, grants=(*office.auditor.grants, leave))
    bundle_id = office.seal()
    assert may_take(office, bundle_id)
    assert Bag.of(office.fetch(bundle_id)).payload == {b"biasa", b"terbatas"}


def test_a_reopened_evidence_takes_nothing_out_of_a_sealed_bundle(office: Office) -> None:
    revision_id = office.approved("I.1", office.file(CONTENT))
    bundle_id = office.seal()
    before = office.fetch(bundle_id)
    act(office.world, office.lead, Action.REOPEN, revision_id)
    assert office.fetch(bundle_id) == before
