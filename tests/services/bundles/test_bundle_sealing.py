"""Sealing: just what is approved and may be read, from one moment, by whoever may."""

from __future__ import annotations

import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import partial
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import event, select, update

from portal import create_app
from portal.adapters.store import ObjectStore
from portal.db import db
from portal.domain.actor import Origin
from portal.domain.errors import InvalidInput, NotFound, PasswordNotFresh, Stale
from portal.domain.events import EventName
from portal.domain.log.leaf import parse_leaf
from portal.domain.revision_digest import FileContent, LinkContent, RevisionContent
from portal.domain.roles import Role
from portal.domain.workflow import Action
from portal.models import Bundle, Membership
from portal.services.bundles.seal_record import TRIES
from portal.services.fresh_password import FRESH
from portal.services.unit_of_work import transaction
from tests.builders.bundles import Bag, Office, open_office, trail
from tests.builders.signers import HookedSigner
from tests.builders.world import act, add_draft, add_person, build_world


@pytest.fixture(params=["local", "minio", "rclone"])
def store(request: pytest.FixtureRequest) -> ObjectStore:
    made: ObjectStore = request.getfixturevalue(f"{request.param}_store")
    return made


@pytest.mark.usefixtures("app_context")
def test_a_bag_from_any_store_passes_other_peoples_programs(store: ObjectStore, tmp_path: Path) -> None:
    office = open_office(store)
    office.approved("I.1", office.file(b""), office.file(b"x" * (5 << 20 | 1), "besar.pdf"))
    office.approved("II.1")
    content = office.fetch(office.seal())
    with zipfile.ZipFile(BytesIO(content)) as archive:
        archive.extractall(tmp_path / "bag")
    (bag,) = (tmp_path / "bag").iterdir()
    validate = [sys.executable, "-m", "bagit", "--validate", str(bag)]
    assert subprocess.run(validate, check=False, capture_output=True).returncode == 0
    both = ["sha256sum", "-c", "--quiet", "manifest-sha256.txt", "tagmanifest-sha256.txt"]
    assert subprocess.run(both, cwd=bag, check=False).returncode == 0


def test_req_53_a_whole_plan_needs_a_password_given_just_now(office: Office) -> None:
    office.approved()
    origin = Origin(address="10.0.0.1", session="s1", confirmed_at=office.world.clock - FRESH)
    auditor = replace(office.auditor, origin=origin)
    before = trail()
    with pytest.raises(PasswordNotFresh):
        office.seal(actor=auditor)
    assert trail() == before
    with pytest.raises(NotFound):  # who may not seal it is not asked
        office.seal(actor=replace(auditor, user_id=uuid4(), grants=()))
    office.seal(office.scope("I"), actor=auditor)
    fresh = replace(origin, confirmed_at=office.world.clock)
    office.seal(actor=replace(auditor, origin=fresh))


def test_the_same_bytes_come_again_and_from_another_instance(app: Flask, office: Office) -> None:
    office.approved()
    bundle_id = office.seal()
    first = office.fetch(bundle_id)
    office.approved("I.2")
    assert office.fetch(bundle_id) == first
    another = create_app(app.extensions["portal.settings"])
    with another.app_context():
        assert office.fetch(bundle_id) == first
        db.engine.dispose()


def test_req_40_only_what_is_approved_now_is_in_it(office: Office) -> None:
    world = office.world
    office.approved("I.1", office.file(b"disetujui"))
    office.submitted("I.1", office.file(b"diajukan"), month=2)
    add_draft(world, office.sender, "I.1", months=(3,), files=(office.file(b"draf"),))
    for month, action in ((1, Action.RETURN), (2, Action.REJECT)):
        act(world, office.reviewer, action, office.submitted("I.2", office.file(action.encode()), month=month))
    act(world, office.sender, Action.WITHDRAW, office.submitted("I.2", office.file(b"ditarik"), month=3))
    act(world, office.lead, Action.REOPEN, office.approved("II.2", office.file(b"dibuka kembali")))
    assert office.bag().payload == {b"disetujui"}


def test_a_bundle_of_one_area_or_indicator_holds_no_other(office: Office) -> None:
    for key in ("I.1", "I.2", "II.2"):
        office.approved(key, office.file(key.encode()))
    assert office.bag(office.scope("I")).payload == {b"I.1", b"I.2"}
    assert office.bag(office.scope(None, "II.1.2")).payload == {b"II.2"}
    bag = office.bag(office.scope("I", "I.1.2"))
    assert bag.payload == {b"I.2"}
    assert [head["scope"] for head in bag.heads] == ["KPU-1502/2026/I.1.2"]
    assert bag.metadata["scope"] == {"area": "I", "indicator": "I.1.2"}


def test_restricted_evidence_is_in_it_only_for_who_may_read_it(office: Office) -> None:
    office.approved("I.1", office.file(b"biasa", "biasa.pdf"))
    secret = office.approved("II.1", office.file(b"terbatas", "rahasia sekali.pdf"))
    granted = add_person(office.world, Role.AUDITOR, restricted=True)
    for_granted, for_lead = office.bag(actor=granted), office.bag(actor=office.lead)
    assert for_granted.payload == for_lead.payload == {b"biasa", b"terbatas"}
    assert for_granted.metadata["left_out"] == []
    bag = office.bag()
    assert bag.payload == {b"biasa"}
    assert [(each["classification"], each["evidence"]) for each in bag.metadata["left_out"]] == [("terbatas", 1)]
    told = b"".join(content for path, content in bag.files.items() if not path.startswith("data/"))
    assert b"rahasia sekali" not in told
    assert str(secret).encode() not in told


def test_nothing_to_take_along_is_said_and_nothing_is_sealed(office: Office) -> None:
    office.submitted("I.1")
    office.approved("II.1")
    before = len(trail())
    with pytest.raises(InvalidInput) as refusal:
        office.seal()
    assert refusal.value.field == "scope"
    assert len(trail()) == before
    assert not list(_bundles())


def test_a_foreign_scope_does_not_exist(office: Office) -> None:
    office.approved()
    elsewhere = build_world(code="KPU-1503")
    strangers = [
        add_person(elsewhere, Role.AUDITOR),
        add_person(office.world, Role.AUDITOR, area="II"),
        *(add_person(office.world, role) for role in Role if role not in {Role.AUDITOR, Role.TPI_LEAD}),
    ]
    for stranger in strangers:
        with pytest.raises(NotFound):
            office.seal(office.scope("I"), actor=stranger)
    for scope in (office.scope("III"), office.scope("I", "II.1.1"), replace(office.scope(), plan_id=UUID(int=1))):
        with pytest.raises(NotFound):
            office.seal(scope)
    assert not list(_bundles())


def test_the_seal_is_in_the_trail_with_what_it_commits_to(office: Office) -> None:
    office.approved()
    bundle_id = office.seal(office.scope("I"))
    (sealed,) = (entry for entry in trail() if entry.name is EventName.BUNDLE_SEALED)
    assert (sealed.obj, sealed.scope) == (bundle_id, "sys")
    bag = Bag.of(office.fetch(bundle_id))
    assert sealed.data["manifest_sha256"] == sha256(bag.files["manifest-sha256.txt"]).hexdigest()
    assert sealed.data["heads_sha256"] == sha256(bag.files["audit/heads.jsonl"]).hexdigest()
    assert (sealed.data["log_size"], sealed.data["log_root"]) == (sealed.seq, bag.root(sealed.seq).hex())
    assert sealed.seq < int(bag.info["Checkpoint-Size"])
    assert (sealed.data["area_code"], sealed.data["files"]) == ("I", 1)


def test_every_digest_in_it_can_be_computed_from_it(office: Office) -> None:
    """A reviewer decided on a digest; the bag holds all that it covers."""
    office.approved("I.1", office.file(b"satu", "satu.pdf"), office.file(b"dua", "dua.pdf"))
    bag = office.bag()
    (evidence,) = bag.evidence
    requirement = bag.metadata["areas"][0]["components"][0]["indicators"][0]["requirements"][0]
    content = RevisionContent(
        requirement=requirement["text"],
        note=evidence["note"],
        document_date=date.fromisoformat(evidence["document_date"]) if evidence["document_date"] else None,
        files=tuple(
            FileContent(name=f["name"], sha256=f["sha256"], size=f["size"], media_type=f["media_type"])
            for f in evidence["files"]
        ),
        links=tuple(LinkContent(url=link["url"], note=link["note"]) for link in evidence["links"]),
        months=tuple(date.fromisoformat(month) for month in evidence["months"]),
        salt=evidence["digest_salt"],
    )
    assert content.digest == evidence["digest"]
    assert {decision["digest"] for decision in evidence["decisions"]} == {content.digest}


# What happens while a bundle is made


LAST_READ = "FROM log_opening"
"""Part of one of the last statements that read the scope, before the log is locked."""


def test_a_decision_meanwhile_is_in_the_bundle_that_is_sealed(app: Flask, office: Office) -> None:
    waiting = office.submitted("I.2", office.file(b"diputuskan"))
    office.approved("I.1", office.file(b"lama"))
    with _after(app, LAST_READ, [lambda: _approve(office, waiting)]):
        bag = office.bag()
    assert bag.payload == {b"lama", b"diputuskan"}
    assert_of_one_moment(bag)
    assert len(list(_bundles())) == 1


def test_what_happens_elsewhere_meanwhile_disturbs_nothing(app: Flask, office: Office) -> None:
    waiting = office.submitted("II.2", office.file(b"lain"))
    office.approved("I.1", office.file(b"lama"))
    before = len(list(office.store.list_objects()))
    with _after(app, LAST_READ, [lambda: _approve(office, waiting)]):
        bag = office.bag(office.scope("I"))
    assert bag.payload == {b"lama"}
    assert_of_one_moment(bag)
    assert len(list(office.store.list_objects())) == before + len(bag.files) - len(bag.payload)


def test_a_scope_that_never_rests_is_refused(app: Flask, office: Office) -> None:
    office.approved("I.1")
    waiting = [office.submitted("I.2", month=month) for month in range(1, TRIES + 1)]
    with _after(app, LAST_READ, [partial(_approve, office, each) for each in waiting]), pytest.raises(Stale):
        office.seal()
    assert not list(_bundles())
    assert EventName.BUNDLE_SEALED not in {entry.name for entry in trail()}


def test_a_window_that_closes_meanwhile_seals_nothing(app: Flask, office: Office) -> None:
    office.approved()
    membership_id = office.auditor.grants[0].membership_id

    def close_window() -> None:
        with transaction() as session:
            ending = {"ended_by": "system:test", "ended_at": office.world.clock}
            session.execute(update(Membership).where(Membership.id == membership_id).values(**ending))

    with _after(app, LAST_READ, [close_window]), pytest.raises(NotFound):
        office.seal()
    assert not list(_bundles())


def test_what_comes_after_the_seal_is_only_a_hash_in_it(office: Office) -> None:
    """Even in its own scope: the seal commits to the chains as they were."""
    waiting = office.submitted("I.2")
    office.approved("I.1", office.file(b"lama"))
    office.signer = HookedSigner(office.signer, {"last_signed": lambda: _approve(office, waiting)})
    bag = office.bag()
    assert bag.payload == {b"lama"}
    assert_of_one_moment(bag)
    decided = [entry.seq for entry in trail() if entry.name is EventName.EVIDENCE_APPROVED][-1]
    assert bag.seal["seq"] < decided < int(bag.info["Checkpoint-Size"])


@pytest.mark.parametrize("statement", ["FROM scope_head", "FROM log_head", "FROM revision", "FROM log_leaf"])
def test_a_decision_between_two_statements_is_never_half_in_it(app: Flask, office: Office, statement: str) -> None:
    """On PostgreSQL each statement of the snapshot sees a moment of its own."""
    office.approved("I.1", office.file(b"lama"))
    waiting = office.submitted("I.2", office.file(b"diputuskan"))
    with _after(app, statement, [lambda: _approve(office, waiting)]):
        bag = office.bag()
    assert_of_one_moment(bag)


def assert_of_one_moment(bag: Bag) -> None:
    """What the log in the bag says is what the bag holds: heads, root, seal, and the approved revisions."""
    *leaves, seal = [parse_leaf(line) for line in bag.log if not line.startswith(b'{"h"')]
    last = {leaf.scope: leaf for leaf in leaves}
    assert bag.heads == [
        {"leaf_hash": last[scope].hash.hex(), "scope": scope, "size": last[scope].iseq + 1} for scope in sorted(last)
    ]
    assert seal.scope == "sys"
    assert bag.seal["ev"]["data"]["heads_sha256"] == sha256(bag.files["audit/heads.jsonl"]).hexdigest()
    assert bag.root(int(bag.info["Checkpoint-Size"])).hex() == bag.info["Checkpoint-Root"]
    assert bag.root(bag.seal["ev"]["data"]["log_size"]).hex() == bag.seal["ev"]["data"]["log_root"]
    approved = sum(b'"type":"evidence.approved"' in line for line in bag.log)
    assert len(bag.evidence) == len(bag.payload) == approved


def _approve(office: Office, revision_id: UUID) -> None:
    act(office.world, office.reviewer, Action.APPROVE, revision_id)


@contextmanager
def _after(app: Flask, part: str, actions: Sequence[Callable[[], None]]) -> Iterator[None]:
    """Do each of the actions, on another connection, right after a statement that contains `part`."""
    waiting, own_thread = list(actions), threading.get_ident()

    def do_it(action: Callable[[], None]) -> None:
        with app.app_context():
            action()

    def notice(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if part in statement and threading.get_ident() == own_thread and waiting:
            other = threading.Thread(target=do_it, args=[waiting.pop(0)])
            other.start()
            other.join(timeout=30)

    event.listen(db.engine, "after_cursor_execute", notice)
    try:
        yield
    finally:
        event.remove(db.engine, "after_cursor_execute", notice)
    assert not waiting, f"{len(waiting)} times no statement {part!r} while a bundle was sealed"


def _bundles() -> list[UUID]:
    with transaction(write=False) as session:
        return list(session.execute(select(Bundle.id)).scalars())
