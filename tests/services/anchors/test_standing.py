"""How old the newest copy outside is, and when that is an alarm, on both databases."""

from __future__ import annotations

from datetime import timedelta

from portal.domain.actor import Actor
from portal.domain.anchor import AnchorKind, AnchorOutcome
from portal.domain.roles import Role
from portal.services.anchors.anchoring import add_anchor
from portal.services.anchors.place import Kept
from portal.services.anchors.standing import AnchorStanding, find_standing
from portal.services.checkpoints import CheckpointView
from tests.builders.attacker import attacking
from tests.builders.world import World, add_person, submitted

LIMIT = timedelta(hours=48)


def standing(world: World, *, later: timedelta = timedelta()) -> AnchorStanding:
    found = find_standing(actor=Actor.system("test"), limit=LIMIT, now=world.tick() + later)
    assert found is not None
    return found


def anchored(world: World, checkpoint: CheckpointView, outcome: AnchorOutcome = AnchorOutcome.ANCHORED) -> None:
    add_anchor(
        size=checkpoint.size,
        kind=AnchorKind.MAIL,
        target="surat",
        outcome=outcome,
        kept=Kept(),
        actor=Actor.system("test"),
        now=world.tick(),
    )


def test_before_the_first_anchor_everything_is_exposed_and_overdue_after_the_limit(
    world: World, checkpoint: CheckpointView
) -> None:
    found = standing(world)
    assert (found.anchored_at, found.exposed, found.is_overdue) == (None, checkpoint.size, False)
    assert found.exposed_since is not None
    assert standing(world, later=LIMIT).is_overdue


def test_a_failed_try_is_no_anchor(world: World, checkpoint: CheckpointView) -> None:
    anchored(world, checkpoint, AnchorOutcome.FAILED)
    assert standing(world).anchored_at is None


def test_an_anchored_log_that_does_not_grow_is_never_overdue(world: World, checkpoint: CheckpointView) -> None:
    anchored(world, checkpoint)
    found = standing(world, later=timedelta(days=365))
    assert (found.exposed, found.exposed_since, found.is_overdue) == (0, None, False)


def test_req_20_the_clock_runs_from_the_oldest_event_that_is_not_covered(
    world: World, checkpoint: CheckpointView
) -> None:
    anchored(world, checkpoint)
    world.clock += timedelta(days=30)
    before = world.tick()
    submitted(world, add_person(world, Role.UPLOADER), "I.2")
    found = standing(world)
    assert found.exposed_since is not None
    assert found.exposed_since >= before
    assert not found.is_overdue
    assert standing(world, later=LIMIT).is_overdue


def test_an_event_that_cannot_be_read_is_an_alarm_and_no_failure(
    world: World, checkpoint: CheckpointView, database_url: str
) -> None:
    anchored(world, checkpoint)
    submitted(world, add_person(world, Role.UPLOADER), "I.2")
    with attacking(database_url) as attacker:
        attacker.run("UPDATE log_leaf SET body = '{}' WHERE seq = :seq", seq=checkpoint.size)
    found = standing(world)
    assert (found.exposed_since, found.is_overdue) == (None, True)


def test_who_does_not_watch_over_anchors_gets_none(world: World) -> None:
    now = world.tick()
    seen = {role for role in Role if find_standing(actor=add_person(world, role), limit=LIMIT, now=now)}
    assert seen == {Role.TPI_LEAD, Role.AUDITOR, Role.ADMIN}
