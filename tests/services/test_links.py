"""Links of a draft: addresses that a reviewer can open, and nothing that a browser would run."""

from __future__ import annotations

import pytest

from portal.domain.errors import InvalidInput, InvalidTransition, NotFound
from portal.domain.events import EventName
from portal.domain.roles import Role
from portal.domain.workflow import Action
from portal.models import LogOpening, Revision
from portal.services import links
from portal.services.drafts import Draft
from portal.services.links import LONGEST_URL, add_link, remove_link
from portal.services.unit_of_work import transaction
from tests.builders.drafts import events_of, leaves, start
from tests.builders.world import World, act, add_person, build_world

pytestmark = pytest.mark.usefixtures("app_context")

ADDRESS = "https://kab-merangin.kpu.go.id/berita?id=7#foto"


@pytest.fixture
def world() -> World:
    return build_world()


def links_of(draft: Draft) -> list[tuple[str, str]]:
    with transaction(write=False) as session:
        return [(link.url, link.note) for link in session.get_one(Revision, draft.revision_id).links]


def test_a_link_is_kept_in_order_and_its_address_enters_the_trail_as_a_commitment(world: World) -> None:
    sender = add_person(world, Role.UPLOADER)
    draft = start(world, sender)
    add_link(actor=sender, revision_id=draft.revision_id, url=f"  {ADDRESS} ", note=" Foto 3 Maret ", now=world.tick())
    add_link(actor=sender, revision_id=draft.revision_id, url="http://kpu.go.id", note="", now=world.tick())
    assert links_of(draft) == [(ADDRESS, "Foto 3 Maret"), ("http://kpu.go.id", "")]
    assert events_of()[1:] == [EventName.LINK_ADDED] * 2
    with transaction(write=False) as session:
        assert ADDRESS in session.query(LogOpening.value).where(LogOpening.field == "url").all()[0]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "kpu.go.id",
        "//kpu.go.id",
        "https://",
        "https:///berita",
        "javascript:alert(1)",
        "JAVASCRIPT://kpu.go.id/%0aalert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "ftp://kpu.go.id",
        "https://bank.id@evil.example/",
        "https://kpu.go.id/a b",
        "https://kpu.go.id/\u202egnp",
        "https://[kpu.go.id",
        "https://kpu.go.id/" + "a" * LONGEST_URL,
    ],
)
def test_what_is_no_address_of_a_page_is_refused(world: World, url: str) -> None:
    sender = add_person(world, Role.UPLOADER)
    draft = start(world, sender)
    with pytest.raises(InvalidInput) as refusal:
        add_link(actor=sender, revision_id=draft.revision_id, url=url, note="", now=world.tick())
    assert refusal.value.field == "url"
    assert links_of(draft) == []


def test_the_same_link_twice_and_one_too_many_are_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "MOST_LINKS", 2)
    sender = add_person(world, Role.UPLOADER)
    draft = start(world, sender)
    for url, accepted in ((ADDRESS, True), (ADDRESS, False), ("https://a.id", True), ("https://b.id", False)):
        if accepted:
            add_link(actor=sender, revision_id=draft.revision_id, url=url, note="", now=world.tick())
        else:
            with pytest.raises(InvalidInput):
                add_link(actor=sender, revision_id=draft.revision_id, url=url, note="", now=world.tick())
    assert [url for url, _ in links_of(draft)] == [ADDRESS, "https://a.id"]


def test_a_link_is_taken_out_of_its_own_draft_alone(world: World) -> None:
    sender = add_person(world, Role.UPLOADER)
    draft, other = start(world, sender), start(world, sender, "I.2")
    link_id = add_link(actor=sender, revision_id=draft.revision_id, url=ADDRESS, note="", now=world.tick())
    with pytest.raises(NotFound):
        remove_link(actor=sender, revision_id=other.revision_id, link_id=link_id, now=world.tick())
    remove_link(actor=sender, revision_id=draft.revision_id, link_id=link_id, now=world.tick())
    assert links_of(draft) == []
    assert events_of()[-1] == EventName.LINK_REMOVED


def test_strangers_and_submitted_versions_get_no_links(world: World) -> None:
    sender, stranger = add_person(world, Role.UPLOADER, area="I"), add_person(world, Role.UPLOADER, area="II")
    draft = start(world, sender)
    with pytest.raises(NotFound):
        add_link(actor=stranger, revision_id=draft.revision_id, url=ADDRESS, note="", now=world.tick())
    link_id = add_link(actor=sender, revision_id=draft.revision_id, url=ADDRESS, note="", now=world.tick())
    act(world, sender, Action.SUBMIT, draft.revision_id)
    before = leaves()
    with pytest.raises(InvalidTransition):
        add_link(actor=sender, revision_id=draft.revision_id, url="https://a.id", note="", now=world.tick())
    with pytest.raises(InvalidTransition):
        remove_link(actor=sender, revision_id=draft.revision_id, link_id=link_id, now=world.tick())
    assert leaves() == before
