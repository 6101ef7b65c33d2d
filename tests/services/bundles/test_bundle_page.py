"""The page of bundles: what can be chosen, what stays out, what was sealed before."""

from __future__ import annotations

import pytest

from portal.domain.actor import Actor
from portal.domain.errors import NotFound
from portal.domain.roles import Role
from portal.domain.slot_state import SlotState
from portal.domain.workflow import Action
from portal.services.bundles.page import PAGE_SIZE, BundlePage, get_bundle_page
from tests.builders.bundles import Office
from tests.builders.world import act, add_draft, add_person, build_world


def page_of(
    office: Office, actor: Actor | None = None, *, area: str | None = None, indicator: str | None = None, page: int = 1
) -> BundlePage:
    return get_bundle_page(
        actor=actor or office.auditor,
        plan_id=office.world.plan_id,
        area_code=area,
        indicator_code=indicator,
        page=page,
        now=office.world.clock,
    )


def filled(office: Office) -> None:
    """Something in every state, restricted and not."""
    world = office.world
    office.approved("I.1", office.file(b"satu"), office.file(b"dua"))
    office.approved("I.1", office.file(b"tiga"), month=2)
    office.approved("I.2", office.file(b"empat"))
    office.approved("II.1", office.file(b"lima terbatas"))
    office.approved("II.2", office.file(b"enam"))
    office.submitted("I.1", month=3)
    act(world, office.reviewer, Action.RETURN, office.submitted("I.2", month=2))
    add_draft(world, office.sender, "I.2", months=(3,))
    act(world, office.lead, Action.REOPEN, office.approved("II.2", month=2))


def test_what_stays_out_is_counted_by_state_and_drafts_are_nobodys_business(office: Office) -> None:
    filled(office)
    preview = page_of(office).preview
    assert preview
    assert {state: count for state, count in preview.states.items() if count} == {
        SlotState.APPROVED: 5,
        SlotState.SUBMITTED: 1,
        SlotState.RETURNED: 1,
        SlotState.REOPENED: 1,
        SlotState.MISSING: 4,
    }


def test_foreign_plans_and_areas_do_not_exist(office: Office) -> None:
    elsewhere = build_world(code="KPU-1503")
    with pytest.raises(NotFound):
        page_of(office, add_person(elsewhere, Role.AUDITOR))
    with pytest.raises(NotFound):
        page_of(office, add_person(office.world, Role.AUDITOR, area="I"), area="II")
    assert page_of(office, add_person(office.world, Role.AUDITOR, area="II")).scope == office.scope("II")


def test_own_bundles_are_listed_newest_first_a_page_at_a_time(office: Office) -> None:
    office.approved()
    other = add_person(office.world, Role.AUDITOR)
    office.seal(actor=other)
    sealed = [office.seal() for _ in range(PAGE_SIZE + 1)]
    first, second = page_of(office).sealed, page_of(office, page=2).sealed
    assert (first.total, first.pages) == (PAGE_SIZE + 1, 2)
    assert [item.bundle_id for item in (*first.items, *second.items)] == sealed[::-1]
    assert all(item.is_open for item in first.items)
