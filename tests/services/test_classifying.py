"""A class is raised by those who guard the evidence and lowered by the TPI lead, each time with a reason."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from portal.domain.actor import Actor, Origin
from portal.domain.classification import Classification
from portal.domain.errors import InvalidInput, NotFound, NotPermitted, PasswordNotFresh, Stale
from portal.domain.events import EventName
from portal.domain.roles import Role
from portal.domain.workflow import Action
from portal.models import ClassificationChange, Requirement, Revision
from portal.services.action import NOTE_MAX
from portal.services.classifying import change_classification, get_classification
from portal.services.evidence_page import get_evidence
from portal.services.indicator_page import get_indicator
from portal.services.reuse import reuse_files
from portal.services.timeline import get_timeline
from portal.services.timeline_view import TimelineEntry
from portal.services.unit_of_work import transaction
from tests.builders.bundles import trail
from tests.builders.world import NOW, World, act, add_person, build_world, submitted

pytestmark = pytest.mark.usefixtures("app_context")

BIASA, TERBATAS, RAHASIA = Classification
REASON = "Lampiran memuat nama pelapor."


@pytest.fixture
def world() -> World:
    """Requirement `II.1` is Terbatas, all others are Biasa."""
    return build_world(restricted="II.1")


def change(
    world: World,
    actor: Actor,
    wanted: Classification,
    key: str = "I.1",
    *,
    seen: Classification = BIASA,
    why: str = REASON,
) -> None:
    change_classification(
        actor=actor, requirement_id=world.requirements[key], seen=seen, wanted=wanted, reason=why, now=world.tick()
    )


def class_of(world: World, key: str = "I.1") -> Classification:
    with transaction(write=False) as session:
        return session.get_one(Requirement, world.requirements[key]).classification


def test_a_change_is_a_row_an_event_and_the_class(world: World) -> None:
    coordinator = add_person(world, Role.AREA_COORDINATOR, area="I")
    change(world, coordinator, TERBATAS, why=f"  {REASON}\u202e ")
    with transaction(write=False) as session:
        row = session.execute(select(ClassificationChange)).scalar_one()
        assert (row.requirement_id, row.number, row.reason) == (world.requirements["I.1"], 1, REASON)
        assert (row.before, row.after, row.changed_by) == (BIASA, TERBATAS, coordinator.person)
        assert (row.membership_id, row.changed_at) == (coordinator.grants[0].membership_id, world.clock)
    (entry,) = trail()
    assert (entry.name, entry.obj) == (EventName.CLASSIFICATION_CHANGED, world.requirements["I.1"])
    assert (entry.scope, entry.role) == (f"KPU-1502/{NOW.year}/I.1.1", Role.AREA_COORDINATOR)
    assert REASON not in str(entry.data)
    assert class_of(world) is TERBATAS


@pytest.mark.parametrize(
    ("role", "raises", "lowers"),
    [
        (Role.UPLOADER, False, False),
        (Role.AREA_COORDINATOR, True, False),
        (Role.TPI_MEMBER, True, False),
        (Role.TPI_LEAD, True, True),
        (Role.AUDITOR, False, False),
        (Role.LEADER, False, False),
        (Role.ADMIN, True, False),
    ],
)
def test_who_raises_and_who_lowers(world: World, role: Role, raises: bool, lowers: bool) -> None:
    actor = add_person(world, role)
    for wanted, may in ((RAHASIA, raises), (BIASA, lowers)):
        seen = class_of(world, "II.1")
        if may:
            assert wanted in choices(world, actor)
            change(world, actor, wanted, "II.1", seen=seen)
        else:
            with pytest.raises(NotPermitted):
                change(world, actor, wanted, "II.1", seen=seen)
        assert class_of(world, "II.1") is (wanted if may else seen)


def choices(world: World, actor: Actor) -> tuple[Classification, ...]:
    return get_classification(actor=actor, requirement_id=world.requirements["II.1"], now=NOW).choices


def test_only_what_one_may_choose_is_offered(world: World) -> None:
    assert choices(world, add_person(world, Role.TPI_MEMBER)) == (RAHASIA,)
    assert choices(world, add_person(world, Role.TPI_LEAD)) == (BIASA, RAHASIA)
    change(world, add_person(world, Role.TPI_LEAD), RAHASIA, "II.1", seen=TERBATAS)
    assert choices(world, add_person(world, Role.ADMIN)) == ()


def test_another_area_is_refused_and_another_unit_is_missing(world: World) -> None:
    for role in (Role.AREA_COORDINATOR, Role.TPI_MEMBER, Role.TPI_LEAD):
        neighbour = add_person(world, role, area="II")
        with pytest.raises(NotPermitted):
            change(world, neighbour, TERBATAS)
    foreign = add_person(build_world(code="KPU-1503"), Role.ADMIN)
    with pytest.raises(NotFound):
        change(world, foreign, TERBATAS)
    with pytest.raises(NotFound):
        get_classification(actor=foreign, requirement_id=uuid4(), now=NOW)
    assert class_of(world) is BIASA


@pytest.mark.parametrize("why", ["", " \n\u200b ", "x" * (NOTE_MAX + 1)])
def test_a_reason_is_needed_and_bounded(world: World, why: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        change(world, add_person(world, Role.ADMIN), TERBATAS, why=why)
    assert refusal.value.field == "reason"
    assert class_of(world) is BIASA


def test_lowering_needs_a_password_given_just_now_and_raising_does_not(world: World) -> None:
    lead = add_person(world, Role.TPI_LEAD)
    stale = replace(lead, origin=Origin(address="::1", session="x", confirmed_at=NOW - timedelta(hours=1)))
    change(world, stale, RAHASIA)
    with pytest.raises(PasswordNotFresh):
        change(world, stale, BIASA, seen=RAHASIA)
    assert class_of(world) is RAHASIA
    change(world, replace(lead, origin=Origin(address="::1", session="x", confirmed_at=NOW)), BIASA, seen=RAHASIA)
    assert class_of(world) is BIASA


def test_the_same_class_is_no_change(world: World) -> None:
    with pytest.raises(InvalidInput) as refusal:
        change(world, add_person(world, Role.ADMIN), BIASA)
    assert refusal.value.field == "classification"


def test_a_class_that_was_changed_meanwhile_is_not_changed_again(world: World) -> None:
    lead, admin = add_person(world, Role.TPI_LEAD), add_person(world, Role.ADMIN)
    change(world, admin, RAHASIA)
    with pytest.raises(Stale):
        change(world, lead, TERBATAS)
    assert class_of(world) is RAHASIA


def test_of_two_changes_at_the_same_time_one_counts(app: Flask, world: World) -> None:
    people, start = [add_person(world, Role.ADMIN) for _ in range(2)], Barrier(2, timeout=30)

    def run(actor: Actor) -> str:
        with app.app_context():
            start.wait()
            try:
                change(world, actor, TERBATAS)
            except Stale:
                return "stale"
            return "changed"

    with ThreadPoolExecutor(max_workers=2) as pool:
        assert sorted(pool.map(run, people)) == ["changed", "stale"]
    assert len(trail()) == 1


def test_a_raised_class_closes_what_was_open_at_once_and_a_lowered_one_opens_it(world: World) -> None:
    sender, lead = add_person(world, Role.UPLOADER, area="I"), add_person(world, Role.TPI_LEAD)
    neighbour = add_person(world, Role.UPLOADER, area="II")
    evidence_id = act(world, lead, Action.APPROVE, submitted(world, sender)).evidence_id
    assert get_evidence(actor=neighbour, evidence_id=evidence_id, now=NOW).current.files
    change(world, lead, TERBATAS)
    with pytest.raises(NotFound):
        get_evidence(actor=neighbour, evidence_id=evidence_id, now=NOW)
    assert get_evidence(actor=sender, evidence_id=evidence_id, now=NOW).current.files
    change(world, lead, BIASA, seen=TERBATAS)
    assert get_evidence(actor=neighbour, evidence_id=evidence_id, now=NOW).current.files


def test_the_timeline_tells_the_change_to_all_and_the_reason_to_who_guards_or_reads_it(world: World) -> None:
    change(world, add_person(world, Role.ADMIN, name="Rina"), TERBATAS)
    knowing = [
        *(add_person(world, role, area="I") for role in (Role.UPLOADER, Role.AREA_COORDINATOR, Role.TPI_MEMBER)),
        *(add_person(world, Role.TPI_LEAD), add_person(world, Role.ADMIN)),
        add_person(world, Role.AUDITOR, restricted=True),
    ]
    for actor in (*knowing, add_person(world, Role.AUDITOR), add_person(world, Role.LEADER)):
        entry = told(world, actor)
        assert entry.classes is not None
        assert (entry.classes.before, entry.classes.after) == (BIASA, TERBATAS)
        assert (entry.who, entry.requirement) == ("Rina", "Laporan I.1")
        assert entry.texts == ({"reason": REASON} if actor in knowing else None)


def told(world: World, actor: Actor) -> TimelineEntry:
    (entry,) = get_timeline(actor=actor, indicator_id=world.indicators["I.1"], now=NOW).entries
    return entry


def test_the_indicator_page_leads_there_only_for_who_may(world: World) -> None:
    for role, may in ((Role.ADMIN, True), (Role.UPLOADER, False), (Role.LEADER, False)):
        page = get_indicator(actor=add_person(world, role), indicator_id=world.indicators["I.1"], now=NOW)
        assert page.may_classify is may


def test_the_page_names_where_else_the_same_files_are_read(world: World) -> None:
    sender, admin = add_person(world, Role.UPLOADER), add_person(world, Role.ADMIN)
    revision_id = submitted(world, sender)
    with transaction(write=False) as session:
        file_id = session.get_one(Revision, revision_id).files[0].file_id
    target = world.requirements["II.1"]
    reuse_files(actor=sender, revision_id=revision_id, file_ids=[file_id], requirement_id=target, now=world.tick())
    page = get_classification(actor=admin, requirement_id=target, now=NOW)
    assert [(item.indicator_code, item.text, item.classification) for item in page.shared] == [
        ("I.1.1", "Laporan I.1", BIASA)
    ]
    other = get_classification(actor=admin, requirement_id=world.requirements["I.2"], now=NOW)
    assert other.shared == ()
