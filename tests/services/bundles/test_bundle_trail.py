"""The trail in the bag: whole, foreign leaves bare, and opened for just what is in the bag."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from uuid import UUID

from sqlalchemy import select

from portal.domain.actor import Origin
from portal.domain.events import EventName
from portal.domain.log.merkle import root_of
from portal.domain.workflow import Action
from portal.models import LogLeaf, Revision, RevisionFile
from portal.services.drafts import Draft, answer_revision, start_evidence
from portal.services.links import add_link, remove_link
from portal.services.unit_of_work import transaction
from portal.services.uploads import OfferedFile, add_files, remove_file
from tests.builders.bundles import Bag, Office, trail
from tests.builders.documents import pdf
from tests.builders.world import act


def drafted(office: Office, *names: str) -> Draft:
    """A draft for `I.1` whose files came through the service, as people send them."""
    requirement_id = office.world.requirements["I.1"]
    slots = office.world.slots[requirement_id][:1]
    draft = start_evidence(actor=office.sender, requirement_id=requirement_id, slot_ids=slots, now=office.world.tick())
    send(office, draft, *names)
    return draft


def send(office: Office, draft: Draft, *names: str) -> None:
    report = add_files(
        actor=office.sender,
        revision_id=draft.revision_id,
        files=[OfferedFile(name, BytesIO(pdf(name))) for name in names],
        store=office.store,
        limit=1 << 20,
        now=office.world.tick(),
    )
    assert not report.refused


def approve(office: Office, draft: Draft, note: str = "") -> None:
    act(office.world, office.sender, Action.SUBMIT, draft.revision_id)
    act(office.world, office.reviewer, Action.APPROVE, draft.revision_id, note=note)


def texts(bag: Bag) -> set[str]:
    return {opening["value"] for opening in bag.openings}


def test_req_21_who_read_it_before_the_seal_is_in_the_log_and_no_part_of_the_evidence(office: Office) -> None:
    office.read(office.approved("I.1"))
    bag = office.bag()
    (read,) = [json.loads(line) for line in bag.log if b"evidence.file_read" in line]
    assert read["ev"]["actor"] == office.reviewer.code
    assert read["seq"] not in bag.evidence[0]["leaves"]


def test_leaves_in_scope_are_exact_and_all_others_bare_hashes(office: Office) -> None:
    office.approved("I.1")
    office.approved("I.2")
    office.approved("II.2")
    bag = office.bag(office.scope("I"))
    with transaction(write=False) as session:
        leaves = session.execute(select(LogLeaf.scope, LogLeaf.body, LogLeaf.leaf_hash).order_by(LogLeaf.seq)).all()
    shown = {seq: leaf.body.encode() for seq, leaf in enumerate(leaves) if leaf.scope.startswith("KPU-1502/2026/I.")}
    assert shown
    assert bag.bodies == {**shown, bag.seal["seq"]: leaves[bag.seal["seq"]].body.encode()}
    assert bag.root(int(bag.info["Checkpoint-Size"])).hex() == bag.info["Checkpoint-Root"]
    assert bag.root(len(leaves) - 1) == root_of([leaf.leaf_hash for leaf in leaves[:-1]])


def test_openings_are_the_texts_behind_the_commitments(office: Office) -> None:
    approve(office, drafted(office, "SK Tim.pdf"), note="Lengkap dan sah.")
    bag = office.bag()
    assert texts(bag) >= {"SK Tim.pdf", "Lengkap dan sah."}
    for opening in bag.openings:
        data = json.loads(bag.bodies[opening["seq"]])["ev"]["data"]
        text = bytes.fromhex(opening["salt"]) + opening["value"].encode()
        assert data[f"{opening['field']}_c"] == sha256(text).hexdigest()


def test_only_what_is_in_the_bag_is_opened(office: Office) -> None:
    world = office.world
    first = drafted(office, "Dibuang.pdf", "Tetap.pdf")
    remove_file(
        actor=office.sender, revision_id=first.revision_id, file_id=file_named(first, "Dibuang.pdf"), now=world.tick()
    )
    kept, gone = (
        add_link(
            actor=office.sender,
            revision_id=first.revision_id,
            url=f"https://contoh.go.id/{word}",
            note=f"tautan {word}",
            now=world.tick(),
        )
        for word in ("tetap", "dibuang")
    )
    remove_link(actor=office.sender, revision_id=first.revision_id, link_id=gone, now=world.tick())
    approve(office, first)
    act(world, office.reviewer, Action.RETURN, office.submitted("I.2"), note="Catatan pengembalian yang lain")
    bag = office.bag()
    assert {"Tetap.pdf", "https://contoh.go.id/tetap", "tautan tetap"} <= texts(bag)
    assert [link["id"] for link in bag.evidence[0]["links"]] == [str(kept)]
    closed = ("Dibuang.pdf", "dibuang", "tautan dibuang", "Catatan pengembalian yang lain")
    told = b"".join(content for path, content in bag.files.items() if not path.startswith("data/"))
    assert not [text for text in closed if text.encode() in told]


def test_a_file_that_came_with_an_earlier_version_is_opened_too(office: Office) -> None:
    world = office.world
    first = drafted(office, "Dari versi satu.pdf")
    act(world, office.sender, Action.SUBMIT, first.revision_id)
    act(world, office.reviewer, Action.RETURN, first.revision_id, note="Belum distempel")
    answer = answer_revision(actor=office.sender, evidence_id=first.evidence_id, now=world.tick())
    send(office, answer, "Dari versi dua.pdf")
    approve(office, answer)
    bag = office.bag()
    assert {"Dari versi satu.pdf", "Dari versi dua.pdf"} <= texts(bag)
    assert "Belum distempel" not in texts(bag)
    (evidence,) = bag.evidence
    names = [json.loads(bag.bodies[seq])["ev"]["type"] for seq in evidence["leaves"]]
    assert names == [
        EventName.FILE_UPLOADED,
        EventName.REVISION_DRAFTED,
        EventName.FILE_UPLOADED,
        EventName.EVIDENCE_SUBMITTED,
        EventName.EVIDENCE_APPROVED,
    ]


def test_where_a_request_came_from_is_never_opened(office: Office) -> None:
    origin = Origin(address="203.0.113.7", session="sesi-rahasia")
    office.sender = replace(office.sender, origin=origin)
    office.reviewer = replace(office.reviewer, origin=origin)
    approve(office, drafted(office, "SK.pdf"))
    assert any(b'"ip_c"' in line for line in office.bag().log)
    assert {opening["field"] for opening in office.bag().openings} == {"name", "note"}
    assert not {"203.0.113.7", "sesi-rahasia"} & texts(office.bag())


def test_a_second_bundle_tells_of_the_first_only_by_a_hash(office: Office) -> None:
    office.approved()
    office.fetch(office.seal())
    bag = office.bag()
    sealed = next(entry for entry in trail() if entry.name is EventName.BUNDLE_SEALED)
    assert sealed.seq not in bag.bodies
    assert bag.seal["seq"] > sealed.seq


def file_named(draft: Draft, name: str) -> UUID:
    with transaction(write=False) as session:
        parts = session.execute(select(RevisionFile).join(Revision).where(Revision.id == draft.revision_id)).scalars()
        return next(part.file_id for part in parts if part.file.name == name)
