"""What the trail states of a draft's making: each event with the facts of the rows that it tells of."""

from __future__ import annotations

from hashlib import sha256
from zlib import crc32

import pytest

from portal.adapters.local_store import LocalStore
from portal.domain.canonical_json import JsonValue
from portal.domain.events import EventName
from portal.domain.roles import Role
from portal.domain.workflow import Action
from portal.models import Revision
from portal.services.drafts import answer_revision
from portal.services.links import add_link, remove_link
from portal.services.log_reader import LogEntry, list_entries, read_openings
from portal.services.reuse import reuse_files
from portal.services.unit_of_work import transaction
from portal.services.uploads import remove_file
from tests.builders import documents
from tests.builders.drafts import file_ids, started
from tests.builders.world import act, add_person, build_world

pytestmark = pytest.mark.usefixtures("app_context")


def entries(indicator: str = "I.1.1") -> list[LogEntry]:
    with transaction(write=False) as session:
        return list_entries(session, f"KPU-1502/2026/{indicator}")


def entry_of(name: EventName, indicator: str = "I.1.1") -> LogEntry:
    """The one event of this name, or the first."""
    return next(entry for entry in entries(indicator) if entry.name is name)


def openings_of(entry: LogEntry) -> dict[str, str]:
    with transaction(write=False) as session:
        return read_openings(session, [entry.seq]).get(entry.seq, {})


def open_facts(entry: LogEntry) -> dict[str, JsonValue]:
    """The event's fields that stand in the leaf as they are, without the commitments to personal ones."""
    commitments = {f"{name}_c" for name in openings_of(entry)}
    assert commitments <= set(entry.data)
    return {name: value for name, value in entry.data.items() if name not in commitments}


def fact(file_id: object, content: bytes, media_type: str = "application/pdf") -> dict[str, JsonValue]:
    return {
        "file": str(file_id),
        "sha256": sha256(content).hexdigest(),
        "crc32": f"{crc32(content):08x}",
        "size": len(content),
        "media_type": media_type,
    }


def test_an_evidence_begins_with_its_requirement_and_class(local_store: LocalStore) -> None:
    world = build_world(restricted="I.1")
    sender = add_person(world, Role.UPLOADER)
    draft = started(world, sender, local_store)
    entry = entry_of(EventName.EVIDENCE_STARTED)
    assert (entry.obj, entry.rev, entry.person, entry.role) == (draft.evidence_id, 1, sender.person, Role.UPLOADER)
    assert open_facts(entry) == {"requirement": str(world.requirements["I.1"]), "classification": "terbatas"}


def test_an_upload_states_the_bytes_and_hides_the_name(local_store: LocalStore) -> None:
    world = build_world()
    sender = add_person(world, Role.UPLOADER)
    draft = started(world, sender, local_store)
    entry, (file_id,) = entry_of(EventName.FILE_UPLOADED), file_ids(draft.revision_id)
    (stored,) = local_store.list_objects()
    assert (entry.obj, entry.rev, entry.person) == (draft.evidence_id, 1, sender.person)
    assert open_facts(entry) == {
        "fact": fact(file_id, documents.pdf("SK")),
        "object_key": stored.key,
        "version_id": None,
    }
    assert openings_of(entry) == {"name": "SK.pdf"}
    assert "SK.pdf" not in str(entry.data)


def test_what_is_taken_out_is_named_by_its_id(local_store: LocalStore) -> None:
    world = build_world()
    sender = add_person(world, Role.UPLOADER)
    draft = started(world, sender, local_store)
    (file_id,) = file_ids(draft.revision_id)
    link_id = add_link(
        actor=sender, revision_id=draft.revision_id, url="https://kpu.go.id/sk", note="Unggahan", now=world.tick()
    )
    remove_file(actor=sender, revision_id=draft.revision_id, file_id=file_id, now=world.tick())
    remove_link(actor=sender, revision_id=draft.revision_id, link_id=link_id, now=world.tick())
    added = entry_of(EventName.LINK_ADDED)
    assert open_facts(added) == {"link": str(link_id)}
    assert openings_of(added) == {"url": "https://kpu.go.id/sk", "note": "Unggahan"}
    assert open_facts(entry_of(EventName.FILE_REMOVED)) == {"file": str(file_id)}
    assert open_facts(entry_of(EventName.LINK_REMOVED)) == {"link": str(link_id)}


def test_an_answer_states_what_it_began_with(local_store: LocalStore) -> None:
    world = build_world()
    sender, reviewer = add_person(world, Role.UPLOADER), add_person(world, Role.TPI_MEMBER)
    draft = started(world, sender, local_store)
    add_link(actor=sender, revision_id=draft.revision_id, url="https://kpu.go.id/sk", note="", now=world.tick())
    act(world, sender, Action.SUBMIT, draft.revision_id)
    act(world, reviewer, Action.RETURN, draft.revision_id)
    answer = answer_revision(actor=sender, evidence_id=draft.evidence_id, now=world.tick())
    with transaction(write=False) as session:
        (link_id,) = [str(link.id) for link in session.get_one(Revision, answer.revision_id).links]
    entry, (file_id,) = entry_of(EventName.REVISION_DRAFTED), file_ids(answer.revision_id)
    assert (entry.obj, entry.rev) == (draft.evidence_id, 2)
    assert open_facts(entry) == {"answers": 1, "files": [fact(file_id, documents.pdf("SK"))], "links": [link_id]}


def test_a_reused_file_is_told_in_the_trail_of_its_new_indicator_with_who_sent_it_first(
    local_store: LocalStore,
) -> None:
    world = build_world()
    first, second = add_person(world, Role.UPLOADER), add_person(world, Role.UPLOADER)
    draft = started(world, first, local_store)
    (file_id,) = file_ids(draft.revision_id)
    before = len(entries())
    sibling = reuse_files(
        actor=second,
        revision_id=draft.revision_id,
        file_ids=[file_id],
        requirement_id=world.requirements["II.1"],
        now=world.tick(),
    )
    entry = entry_of(EventName.FILE_REUSED, "II.1.1")
    assert (entry.obj, entry.rev, entry.person) == (sibling.evidence_id, 1, second.person)
    assert open_facts(entry) == {"fact": fact(file_id, documents.pdf("SK")), "uploader": str(first.person)}
    assert openings_of(entry) == {"name": "SK.pdf"}
    assert len(entries()) == before, "the first indicator's chain tells only of its own evidence"
