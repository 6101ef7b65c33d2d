"""Verifikasi berkas: who learns what about which file, on both databases."""

from __future__ import annotations

from hashlib import sha256

import pytest
from flask import Flask
from sqlalchemy import update

from portal.adapters.local_store import LocalStore
from portal.domain.actor import Actor
from portal.domain.errors import InvalidInput, NotPermitted
from portal.domain.workflow import Action, State
from portal.models import Revision
from portal.models.guards import Guard, drop_guards
from portal.services.checkpoints import sign_checkpoint
from portal.services.file_check import FileCheck, check_file, read_sha256
from portal.signer.desk import SigningDesk
from tests.builders.bundles import Office, open_office
from tests.builders.world import YEAR, act
from tests.fixtures.databases import as_owner

CONTENT = b"%PDF-1.7 notulen"
HASH = sha256(CONTENT).hexdigest()


@pytest.fixture
def office(app_context: Flask, local_store: LocalStore) -> Office:  # noqa: ARG001  # rows need the application
    """Requirement `II.1` is Terbatas."""
    return open_office(local_store, restricted="II.1")


def check(office: Office, actor: Actor | None, *, is_public: bool = False) -> FileCheck:
    return check_file(actor=actor, sha256=HASH, is_public=is_public, now=office.world.tick())


def test_an_approved_file_is_told_with_its_approval(office: Office) -> None:
    office.approved("I.1", office.file(CONTENT))
    (place,) = check(office, office.auditor).places
    assert (place.year, place.indicator_code) == (YEAR, "I.1.1")
    assert place.evidence_id
    assert place.approved_at <= office.world.tick()
    assert place.checkpoint_size is None


def test_the_first_checkpoint_that_covers_the_approval_is_told(office: Office, signer: SigningDesk) -> None:
    office.submitted("I.2")
    early = sign_checkpoint(signer=signer, now=office.world.tick())
    office.approved("I.1", office.file(CONTENT))
    covering = sign_checkpoint(signer=signer, now=office.world.tick())
    office.submitted("II.2")
    sign_checkpoint(signer=signer, now=office.world.tick())
    (place,) = check(office, office.auditor).places
    assert (place.checkpoint_size, place.signed_at) == (covering.size, covering.signed_at)
    assert early.size <= place.seq < covering.size


def test_what_is_not_approved_or_not_any_more_is_not_told(office: Office) -> None:
    office.submitted("I.1", office.file(CONTENT))
    revision_id = office.approved("I.2", office.file(CONTENT))
    assert [place.indicator_code for place in check(office, office.auditor).places] == ["I.1.2"]
    act(office.world, office.lead, Action.REOPEN, revision_id, note="Salah berkas")
    assert check(office, office.auditor).places == ()


def test_a_stranger_learns_nothing_unless_the_admin_allows_it(office: Office) -> None:
    office.approved("I.1", office.file(CONTENT))
    with pytest.raises(NotPermitted):
        check(office, None)
    (place,) = check(office, None, is_public=True).places
    assert place.evidence_id is None


def test_restricted_evidence_is_told_only_to_who_may_read_it(office: Office) -> None:
    office.approved("II.1", office.file(CONTENT))
    assert check(office, None, is_public=True).places == ()
    assert check(office, office.auditor, is_public=True).places == ()
    assert [place.indicator_code for place in check(office, office.reviewer).places] == ["II.1.1"]


def test_a_row_that_the_trail_does_not_explain_is_no_approved_evidence(office: Office) -> None:
    """Somebody who can drop the guards sets the state by hand."""
    revision_id = office.submitted("I.1", office.file(CONTENT))
    guard = Guard("revision", "transition", "UPDATE")
    with as_owner() as connection:
        drop_guards(connection, [guard])
        connection.execute(update(Revision).where(Revision.id == revision_id).values(state=State.APPROVED))
    assert check(office, office.auditor).places == ()


def test_of_a_form_letter_in_many_evidences_the_first_are_told(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.services.file_check.MOST_SHOWN", 2)
    for month in (1, 2, 3):
        office.approved("I.1", office.file(CONTENT), month=month)
    found = check(office, office.auditor)
    assert found.has_more
    assert [place.seq for place in found.places] == sorted(place.seq for place in found.places)
    assert len(found.places) == 2


@pytest.mark.parametrize("text", [HASH, HASH.upper(), " ".join(HASH[i : i + 4] for i in range(0, 64, 4)) + "\n"])
def test_a_hash_is_read_as_people_write_it(text: str) -> None:
    assert read_sha256(text) == HASH


@pytest.mark.parametrize("text", ["", HASH[:-1], HASH + "0", "g" * 64, "٠" * 64, "%" * 64])
def test_what_is_no_hash_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_sha256(text)
    assert refusal.value.field == "sha256"
