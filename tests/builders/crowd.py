"""A world with many rows of everything that a list may show, for tests of how a page behaves when it is full."""

from __future__ import annotations

import secrets
from datetime import date
from uuid import UUID

from portal.domain.actor import Actor
from portal.domain.classification import Classification
from portal.domain.roles import Role
from portal.domain.workflow import Action
from portal.models import Bundle, BundleCompletion, BundleRevision, Requirement, Revision, RevisionFile, Slot
from portal.services.drafts import Draft, answer_revision
from portal.services.unit_of_work import transaction
from tests.builders.world import NOW, World, act, add_person, build_world, stored_file, submitted

FULL_INDICATOR = "I.1"
"""Key of the indicator that has as many requirements as the world has indicators."""

LONG_STORY = "I.2"
"""Key of the requirement whose evidence for February was returned again and again."""


def build_crowd(rows: int) -> World:
    """A world with `rows` indicators that each have an approved evidence, and one indicator with `rows` requirements
    of which each has an evidence in the queue.
    """
    world = build_world(indicators=rows // 2)
    sender, reviewer = add_person(world, Role.UPLOADER), add_person(world, Role.TPI_MEMBER)
    for key in list(world.requirements):
        act(world, reviewer, Action.APPROVE, submitted(world, sender, key))
    for position in range(2, rows + 2):
        submitted(world, sender, _add_requirement(world, position))
    return world


def _add_requirement(world: World, position: int) -> str:
    """One more requirement of the full indicator, due in one month; returns its key."""
    with transaction() as session:
        requirement = Requirement(
            indicator_id=world.indicators[FULL_INDICATOR],
            position=position,
            text=f"Laporan ke-{position}",
            classification=Classification.BIASA,
        )
        session.add(requirement)
        session.flush()
        slot = Slot(requirement_id=requirement.id, month=date(2026, 1, 1), due_on=date(2026, 1, 31))
        session.add(slot)
        session.flush()
        key = f"{FULL_INDICATOR}/{position}"
        world.requirements[key] = requirement.id
        world.slots[requirement.id] = [slot.id]
    return key


def add_long_story(world: World, versions: int) -> Draft:
    """An evidence of `versions` versions, each with one file more than the last, all returned; gives the last one."""
    sender, reviewer = add_person(world, Role.UPLOADER), add_person(world, Role.TPI_MEMBER)
    revision_id = submitted(world, sender, LONG_STORY, months=(2,))
    with transaction(write=False) as session:
        last = Draft(evidence_id=session.get_one(Revision, revision_id).evidence_id, revision_id=revision_id)
    act(world, reviewer, Action.RETURN, last.revision_id)
    for position in range(1, versions):
        last = answer_revision(actor=sender, evidence_id=last.evidence_id, now=world.tick())
        _add_file(last, sender, position)
        act(world, sender, Action.SUBMIT, last.revision_id)
        act(world, reviewer, Action.RETURN, last.revision_id)
    return last


def _add_file(draft: Draft, sender: Actor, position: int) -> None:
    file = stored_file(sender.person, f"laporan-{position}.pdf")
    with transaction() as session:
        session.add(file)
        session.flush()
        session.add(RevisionFile(revision_id=draft.revision_id, file_id=file.id, position=position))


def add_people(world: World, count: int) -> None:
    """Accounts of the world's unit."""
    for _ in range(count):
        add_person(world, Role.UPLOADER)


def add_bundles(world: World, sealed_by: Actor, revision_id: UUID, count: int) -> None:
    """Rows of bundles that hold one revision and whose bytes nobody asks for."""
    with transaction() as session:
        for number in range(count):
            bundle = Bundle(
                plan_id=world.plan_id,
                name=f"bukti-zi_{number}",
                sealed_by=sealed_by.person,
                membership_id=sealed_by.grants[0].membership_id,
                sealed_at=NOW,
                log_size=1,
                log_root=secrets.token_hex(32),
                manifest_sha256=secrets.token_hex(32),
                heads_sha256=secrets.token_hex(32),
                files=1,
                left_out=0,
                evidence_size=1,
            )
            session.add(bundle)
            session.flush()
            session.add(
                BundleCompletion(
                    bundle_id=bundle.id,
                    size=1,
                    checkpoint_size=1,
                    checkpoint_root=secrets.token_hex(32),
                    completed_at=NOW,
                )
            )
            session.add(BundleRevision(bundle_id=bundle.id, revision_id=revision_id))
