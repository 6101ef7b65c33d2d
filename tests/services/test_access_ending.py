"""What ends somebody's access acts in the middle of his download, of a file as of a bundle, and is recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from portal.adapters.local_store import LocalStore
from portal.domain.actor import Origin
from portal.domain.classification import Classification
from portal.domain.errors import AccessEnded
from portal.domain.events import EventName
from portal.domain.roles import Role
from portal.models import LoginSession, Membership, RevisionFile, User
from portal.services.bundles.delivery import open_bundle
from portal.services.classifying import change_classification
from portal.services.downloads import open_file
from portal.services.sending import ASK_EVERY, ASK_EVERY_BYTES, ByteRange
from portal.services.sessions import end_sessions, start_session
from portal.services.unit_of_work import transaction
from tests.builders.bundles import Office, open_office, trail
from tests.builders.world import NOW, add_person

pytestmark = pytest.mark.usefixtures("app_context")

SHORT = b"%PDF-1.7 " + b"x" * (3 << 20)
"""Fewer bytes than are sent between two questions, in several chunks."""

LONG = b"%PDF-1.7 " + b"x" * (ASK_EVERY_BYTES + (2 << 20))


@dataclass
class Taking:
    """The auditor on the way through a download; `clock` stands still until a test moves it."""

    office: Office
    clock: datetime
    chunks: Iterator[bytes]
    size: int
    received: int = 0

    def take(self, up_to: int) -> None:
        while self.received < up_to:
            self.received += len(next(self.chunks))

    def take_the_rest(self) -> None:
        for chunk in self.chunks:
            self.received += len(chunk)


@pytest.fixture(params=["file", "bundle"])
def begin(request: pytest.FixtureRequest, local_store: LocalStore) -> Callable[[bytes], Taking]:
    """Begins a download of evidence with this content by an auditor who is signed in."""

    def begun(content: bytes) -> Taking:
        office = open_office(local_store)
        office.auditor = add_person(office.world, Role.AUDITOR, until=NOW.date())
        revision_id = office.approved("I.1", office.file(content))
        now = office.world.tick()
        with transaction() as session:
            login = start_session(
                session, user_id=office.auditor.person, address="127.0.0.1", device="", now=now
            ).session_id
        office.auditor = replace(
            office.auditor, origin=Origin(address="127.0.0.1", session=str(login), confirmed_at=now)
        )
        taking = Taking(office, now, iter(()), 0)
        if request.param == "bundle":
            bundle = open_bundle(
                actor=office.auditor,
                bundle_id=office.seal(),
                wanted=ByteRange(),
                store=local_store,
                clock=lambda: taking.clock,
                now=now,
            )
            taking.chunks, taking.size = bundle.chunks, bundle.stop
        else:
            with transaction(write=False) as session:
                query = select(RevisionFile.file_id).where(RevisionFile.revision_id == revision_id)
                file_id = session.execute(query).scalar_one()
            opened = open_file(
                actor=office.auditor,
                revision_id=revision_id,
                file_id=file_id,
                wanted=ByteRange(),
                store=local_store,
                clock=lambda: taking.clock,
                now=now,
            )
            taking.chunks, taking.size = opened.chunks, opened.facts.size
        return taking

    return begun


def end_membership_of(taking: Taking) -> None:
    with transaction() as session:
        membership = update(Membership).where(Membership.user_id == taking.office.auditor.person)
        session.execute(membership.values(ended_at=taking.clock, ended_by="system:test"))


def let_the_window_end(taking: Taking) -> None:
    taking.clock += timedelta(days=1)
    with transaction() as session:  # of the session's own ten hours nothing has passed
        session.execute(update(LoginSession).values(started_at=taking.clock, last_seen_at=taking.clock))


def deactivate(taking: Taking) -> None:
    with transaction() as session:
        user = update(User).where(User.id == taking.office.auditor.person)
        session.execute(user.values(deactivated_at=taking.clock))


def end_all_sessions(taking: Taking) -> None:
    with transaction() as session:
        end_sessions(session, taking.office.auditor.person, now=taking.clock)


def let_the_session_run_out(taking: Taking) -> None:
    taking.clock += timedelta(hours=10)


def raise_the_class(taking: Taking) -> None:
    change_classification(
        actor=taking.office.reviewer,
        requirement_id=taking.office.world.requirements["I.1"],
        seen=Classification.BIASA,
        wanted=Classification.RAHASIA,
        reason="Memuat nama pelapor.",
        now=taking.clock,
    )


ENDS: dict[str, Callable[[Taking], None]] = {
    "membership ended": end_membership_of,
    "window over": let_the_window_end,
    "account deactivated": deactivate,
    "sessions ended": end_all_sessions,
    "session run out": let_the_session_run_out,
    "class raised": raise_the_class,
}


@pytest.mark.parametrize("how", ENDS)
def test_req_09_the_end_of_access_is_seen_before_the_last_byte(how: str, begin: Callable[[bytes], Taking]) -> None:
    taking = begin(SHORT)
    taking.take(1 << 20)
    ENDS[how](taking)
    with pytest.raises(AccessEnded):
        taking.take_the_rest()
    assert taking.received < taking.size
    last = trail()[-1]
    assert (last.name, last.person, last.data["sent"]) == (
        EventName.DOWNLOAD_CUT_OFF,
        taking.office.auditor.person,
        taking.received,
    )


def test_req_09_a_long_download_ends_in_its_middle(begin: Callable[[bytes], Taking]) -> None:
    taking = begin(LONG)
    taking.take(1 << 20)
    let_the_window_end(taking)
    with pytest.raises(AccessEnded):
        taking.take_the_rest()
    assert taking.received <= ASK_EVERY_BYTES + (1 << 20)


def test_req_09_a_slow_download_is_asked_about_by_the_clock(begin: Callable[[bytes], Taking]) -> None:
    taking = begin(LONG)
    taking.take(1)
    deactivate(taking)
    taking.clock += ASK_EVERY
    with pytest.raises(AccessEnded):
        next(taking.chunks)


def test_who_keeps_his_access_gets_the_whole(begin: Callable[[bytes], Taking]) -> None:
    taking = begin(LONG)
    taking.take(1 << 20)
    taking.clock += timedelta(hours=2)  # longer than anybody may sit idle before a page
    taking.take_the_rest()
    assert taking.received == taking.size
    assert EventName.DOWNLOAD_CUT_OFF not in {entry.name for entry in trail()}
