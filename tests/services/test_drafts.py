"""What a draft says about itself, and which of it is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from portal.domain.errors import InvalidInput
from portal.domain.roles import Role
from portal.models import Revision
from portal.services.action import NOTE_MAX
from portal.services.drafts import change_draft
from portal.services.unit_of_work import transaction
from tests.builders.world import NOW, World, add_draft, add_person, build_world

pytestmark = pytest.mark.usefixtures("app_context")


def changed(
    world: World, *, note: str = "", document_date: date | None = None, now: datetime = NOW
) -> tuple[str, date | None]:
    """Note and date of a new draft after its sender has changed it."""
    sender = add_person(world, Role.UPLOADER)
    revision_id = add_draft(world, sender)
    slots = world.slots[world.requirements["I.1"]][:1]
    change_draft(actor=sender, revision_id=revision_id, note=note, document_date=document_date, slot_ids=slots, now=now)
    with transaction(write=False) as session:
        revision = session.get_one(Revision, revision_id)
        return revision.note, revision.document_date


def test_the_note_is_kept_without_what_nobody_sees() -> None:
    note, _ = changed(build_world(), note=" Lihat\x00 halaman\u202e 2.\r\nLengkap. ")
    assert note == "Lihat halaman 2.\nLengkap."


def test_a_note_beyond_the_limit_is_refused() -> None:
    with pytest.raises(InvalidInput, match="batasnya"):
        changed(build_world(), note="x" * (NOTE_MAX + 1))


def test_a_date_is_taken_on_a_leap_day_too() -> None:
    leap_day = datetime(2028, 2, 29, 3, 0, tzinfo=UTC)
    assert changed(build_world(), document_date=leap_day.date(), now=leap_day)[1] == leap_day.date()


@pytest.mark.parametrize("day", [date(1989, 12, 31), date(2027, 3, 12), date(9999, 12, 31)])
def test_a_date_of_another_age_is_refused(day: date) -> None:
    with pytest.raises(InvalidInput, match="Periksa tahunnya"):
        changed(build_world(), document_date=day)
