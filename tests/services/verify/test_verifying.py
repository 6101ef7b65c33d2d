"""Who may verify, and that a portal at work does not look like an attack on it."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.adapters.local_store import LocalStore
from portal.adapters.store import ObjectInfo, StoreUnavailable
from portal.domain.actor import Actor
from portal.domain.errors import NotPermitted
from portal.domain.roles import Role
from portal.models import Unit
from portal.services.unit_of_work import transaction
from portal.services.verify.findings import FindingCode as C
from portal.services.verify.snapshot import snapshot
from portal.services.verify.verifying import Unestablished, verify_portal
from portal.signer.desk import SigningDesk
from tests.builders.attacker import attacking
from tests.builders.bundles import open_office
from tests.builders.world import NOW, add_person, build_world


def test_people_cannot_verify_unless_they_run_the_portal(app_context: Flask, signer: SigningDesk) -> None:
    world, store = build_world(), app_context.extensions["portal.store"]
    for role in Role:
        with pytest.raises(NotPermitted):
            verify_portal(actor=add_person(world, role), store=store, signer=signer, now=NOW)


@pytest.mark.usefixtures("app_context")
def test_what_is_written_meanwhile_is_not_seen_in_half(database_url: str) -> None:
    def units() -> int:
        return session.execute(select(func.count()).select_from(Unit)).scalar_one()

    with attacking(database_url) as attacker, snapshot() as session:
        before = units()
        attacker.run(
            "INSERT INTO unit (id, code, name, path, timezone) VALUES (:id, 'A', 'A', '/A/', 'Asia/Jakarta')",
            id=uuid4(),
        )
        assert units() == before
    with transaction(write=False) as session:
        assert units() == before + 1


def test_guards_that_were_dropped_are_told_though_nothing_else_was_done(
    app_context: Flask, signer: SigningDesk, database_url: str
) -> None:
    store, actor = app_context.extensions["portal.store"], Actor.system("verify")
    assert not verify_portal(actor=actor, store=store, signer=signer, now=NOW).findings.total
    with attacking(database_url):
        verification = verify_portal(actor=actor, store=store, signer=signer, now=NOW)
    (finding,) = verification.findings.kept
    assert finding.code is C.GUARD_MISSING
    assert " tidak terpasang: guard_" in finding.found


class AwayStore(LocalStore):
    """A store that is out of reach."""

    def stat(self, key: str, *, version_id: str | None = None) -> ObjectInfo:
        raise StoreUnavailable(f"{key} {version_id}")


@pytest.mark.usefixtures("app_context")
def test_a_store_that_is_away_is_no_finding_and_the_log_is_verified_anyway(
    local_store: LocalStore, signer: SigningDesk, tmp_path: Path
) -> None:
    office = open_office(local_store)
    office.approved()
    away = AwayStore(tmp_path / "objects")
    verification = verify_portal(actor=Actor.system("verify"), store=away, signer=signer, now=NOW)
    assert Unestablished.NO_STORE in verification.unestablished
    assert verification.leaves > 0
    assert not any(code.value.startswith("object") for code in verification.findings.counts)
