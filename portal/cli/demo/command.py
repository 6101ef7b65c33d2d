"""The command itself: set up, let everybody work, check the bundle, say what there is, serve."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

import click
from flask import current_app
from flask_migrate import upgrade
from sqlalchemy import func, select

from portal.cli.application import CannotRun, portal_application
from portal.cli.demo.auditor import VERIFIER, FetchedBundle, fetch_bundle
from portal.cli.demo.people import SYSTEM, UNIT, Account, ensure_people, require_own_database
from portal.cli.demo.place import DemoPlace, open_place, renew_signer, settings_of, write_public_keys
from portal.cli.demo.story import Story
from portal.cli.serve import require_free_address, serve
from portal.config import PREFIX, ConfigInvalid
from portal.domain.errors import DomainError
from portal.domain.plan import PlanDocument
from portal.domain.roles import Role
from portal.domain.workflow import State
from portal.models import Area, Component, Evidence, Indicator, Requirement, Slot, Unit
from portal.services.log_reader import get_head
from portal.services.plan_file import read_plan
from portal.services.plans import import_plan
from portal.services.unit_of_work import transaction
from portal.services.units import add_unit
from portal.services.verify.verifying import Verification, verify_portal

VERDICTS = {True: ", lolos bagit.py dan verifikasi.py", None: ", lolos verifikasi.py; bagit.py tidak terpasang"}


@click.command("demo")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65535), help="Port portal sesudahnya.")
@click.option("--no-serve", is_flag=True, help="Berhenti sebelum menjalankan portal.")
def demo_command(port: int, *, no_serve: bool) -> None:
    """Jalankan pekerjaan utama pada rencana aksi KPU Kabupaten Merangin, di basis data demo sendiri."""
    if not no_serve:
        require_free_address("127.0.0.1", port)  # now, and not after all the work
    try:
        place = open_place(port=port)
        settings = settings_of(place)
    except ConfigInvalid as error:
        raise CannotRun("\n".join(error.problems)) from error
    _point_environment_at(place)
    with portal_application(settings):
        accounts = _work(place)
    keys = write_public_keys(place)
    bundle = _audit(place, accounts, keys)
    _report(place, bundle, keys, no_serve=no_serve)
    if not no_serve:
        serve(host="127.0.0.1", port=port, any_role=True)


def _point_environment_at(place: DemoPlace) -> None:
    """From here on this process and its children are the demo's, whatever else the environment named."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        del os.environ[name]
    os.environ[f"{PREFIX}CONFIG"] = str(place.config)


def _work(place: DemoPlace) -> list[Account]:
    require_own_database(place)
    _say("Menyiapkan basis data …")
    upgrade()
    with transaction(write=False) as session:
        is_new = not get_head(session).size
    if is_new:
        renew_signer(place)
    document = read_plan(resources.files("portal").joinpath("data/plans/kpu-merangin-2025.yaml").read_bytes())
    _say("Mengimpor rencana aksi KPU Kabupaten Merangin 2025 …")
    _ensure_plan(document)
    _say("Menyiapkan pengguna setiap peran …")
    accounts = ensure_people(place, now=datetime.now(UTC))
    _say("Staf mengunggah bukti, pemeriksa memutuskan …")
    Story(current_app.extensions["portal.store"], _say).run()
    return accounts


def _ensure_plan(document: PlanDocument) -> None:
    now = datetime.now(UTC)
    with transaction(write=False) as session:
        known = set(session.execute(select(Unit.code)).scalars())
    for unit in document.units:
        if unit.code not in known:
            add_unit(actor=SYSTEM, code=unit.code, name=unit.name, under=unit.under, timezone=unit.timezone, now=now)
    import_plan(actor=SYSTEM, unit_code=UNIT, year=document.year, document=document, now=now)


def _audit(place: DemoPlace, accounts: list[Account], keys: Sequence[Path]) -> FetchedBundle:
    _say("Auditor mengambil paket bukti lewat HTTP dan memeriksanya dengan bagit.py dan verifikasi.py …")
    auditor = next(account for account in accounts if account.role == Role.AUDITOR.value)
    try:
        bundle = fetch_bundle(place, auditor, keys)
    except (OSError, DomainError) as error:
        raise CannotRun(f"Paket bukti tidak dapat diambil: {error}") from error
    if bundle.valid is False:
        raise CannotRun(f"Paket bukti {bundle.path} tidak lolos bagit.py.")
    if not bundle.verified:
        raise CannotRun(f"Paket bukti {bundle.path} tidak lolos verifikasi.py.")
    return bundle


def _report(place: DemoPlace, bundle: FetchedBundle, keys: Sequence[Path], *, no_serve: bool) -> None:
    with portal_application():
        facts, verification = _facts(), _verification()
    if verification.findings.total:
        raise CannotRun("Jejak audit dan data demo tidak cocok. Jalankan `portal verify` dengan pengaturannya.")
    _say(
        f"{facts['evidence']} bukti: {facts['approved']} disetujui, {facts['returned']} dikembalikan, "
        f"{facts['rejected']} ditolak; {facts['events']} kejadian tercatat."
    )
    _say(f"portal verify: {verification.leaves} catatan jejak audit cocok dengan data dan berkas.")
    _say(f"Paket bukti: {bundle.path} ({bundle.files} berkas{VERDICTS[bundle.valid]})")
    _say(f"Checkpoint untuk dicetak: {bundle.printed}; kunci publik: {place.public_keys}")
    _say(f"Akun dan kata sandi setiap peran: {place.accounts}")
    if no_serve:
        click.echo(
            json.dumps(
                {
                    **facts,
                    "bundle": str(bundle.path),
                    "bundle_files": bundle.files,
                    "bundle_valid": bundle.valid,
                    "bundle_verified": bundle.verified,
                    "keys": [str(key) for key in keys],
                    "printed": bundle.printed,
                    "verifier": str(VERIFIER),
                    "verify": {"leaves": verification.leaves, "findings": verification.findings.total},
                    "config": str(place.config),
                    "accounts": str(place.accounts),
                }
            )
        )


def _verification() -> Verification:
    """Log, database and store of the demo against one another."""
    return verify_portal(
        actor=SYSTEM,
        store=current_app.extensions["portal.store"],
        signer=current_app.extensions["portal.signer"],
        now=datetime.now(UTC),
    )


def _facts() -> dict[str, int]:
    """What the database holds, counted."""
    with transaction(write=False) as session:
        tables = {
            "units": Unit, "areas": Area, "components": Component,
            "indicators": Indicator, "requirements": Requirement, "slots": Slot,
        }  # fmt: skip
        facts = {name: session.execute(select(func.count()).select_from(m)).scalar_one() for name, m in tables.items()}
        states = list(session.execute(select(Evidence.state).select_from(Evidence)).scalars())
        facts["evidence"] = len(states)
        facts |= {s.value: states.count(s) for s in (State.APPROVED, State.RETURNED, State.REJECTED)}
        facts["events"] = get_head(session).size
        return facts


def _say(line: str) -> None:
    click.echo(line, err=True)
