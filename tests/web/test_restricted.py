"""Restricted evidence shows nowhere to whom it is closed: people of every kind open every page that a link leads them
to and every address that there is, and none of its marks is in any answer; whoever may read it meets them all.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from portal import create_app
from portal.db import db
from portal.models import Bundle, Membership, RevisionFile, User
from portal.services.unit_of_work import transaction
from tests.fixtures.databases import settings_for, sqlite_url
from tests.web.stories.people import Person, sign_in
from tests.web.walk.forms import Page
from tests.web.walk.secrets import ONLOOKERS, OPEN, REASON, SecretOffice, email_of, open_secret_office

NO_PAGES = frozenset({"asset", "verification.download", "auth.invitation", "contact.security_txt"})
"""Addresses of files of the portal itself, and of one-time links."""

STARTS = ("/tugas", "/indikator", "/antrean", "/paket", "/checkpoint", "/pengguna", "/verifikasi", "/verifikasi/berkas")
OF_LEAVES = frozenset({"SHA-256", "document date"})
"""What leaves say openly, so that nobody can keep evidence back unnoticed; docs/policy.md says so."""


@dataclass(frozen=True, eq=False)
class Walked:
    """The office, and every address of a page in it."""

    app: Flask
    office: SecretOffice
    addresses: tuple[str, ...]
    bundles: dict[str, bytes]


@pytest.fixture(scope="module")
def walked(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walked]:
    folder = tmp_path_factory.mktemp("secrets")
    shutil.copyfile(sqlite_template, folder / "portal.sqlite3")
    app = create_app(settings_for(sqlite_url(folder / "portal.sqlite3"), folder))
    app.testing = True
    office = open_secret_office(app)
    bundles = {name: sealed_by(app, name) for name in ("ketua", "auditor", "auditor-berizin")}
    yield Walked(app, office, tuple(addresses_of(app, office)), bundles)
    with app.app_context():
        db.engine.dispose()


def sealed_by(app: Flask, name: str) -> bytes:
    """A bundle of the whole plan as this person gets it."""
    person = sign_in(app, email_of(name))
    person.open("/paket")
    person.send("/paket")
    answer = person.client.get(person.link("/unduh"))
    assert answer.status_code == 200
    return answer.get_data()


def addresses_of(app: Flask, office: SecretOffice) -> Iterator[str]:
    """Every page of every secret, and of whatever else an address can name."""
    with app.app_context(), transaction(write=False) as session:
        tables = (Bundle, User, Membership)
        bundles, users, memberships = (list(session.execute(select(table.id)).scalars()) for table in tables)
        files = [tuple(row) for row in session.execute(select(RevisionFile.revision_id, RevisionFile.file_id))]
    world = office.world
    requirements = [world.requirements[key] for key in ("II.1", "II.2", "II.3")]
    values: dict[str, list[Any]] = {
        "evidence_id": [secret.draft.evidence_id for secret in office.secrets.values()],
        "revision_id": [secret.draft.revision_id for secret in office.secrets.values()],
        "indicator_id": [world.indicators[key] for key in ("II.1", "II.2", "II.3")],
        "requirement_id": requirements,
        "slot_id": [world.slots[requirement][0] for requirement in requirements],
        "step_name": ["kembalikan", "tolak", "buka-kembali"],
        "bundle_id": bundles,
        "user_id": users[:2],
        "membership_id": memberships[:2],
    }
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.endpoint not in NO_PAGES:
            yield from built(rule, values, files)
    yield from (f"/bukti/baru?kebutuhan={requirement}" for requirement in requirements)


def built(rule: Rule, values: dict[str, list[Any]], files: Iterable[tuple[Any, ...]]) -> Iterator[str]:
    """The rule's addresses; a rule with an argument of a kind that is not in `values` ends the test."""
    found = [rule.rule]
    for name in re.findall(r"<(?:\w+:)?(\w+)>", rule.rule):
        if (name, rule.endpoint) == ("file_id", "evidence.download"):
            continue
        if (name, rule.endpoint) == ("revision_id", "evidence.download"):
            found = [f"/berkas/{revision}/{file}" for revision, file in files]
            continue
        pattern = re.compile(rf"<(?:\w+:)?{name}>")
        found = [pattern.sub(str(value), address) for address in found for value in values[name]]
    return iter(found)


@dataclass(frozen=True)
class Answer:
    """`text` has the headers, too; `links` are those of a page that stay in the portal."""

    status: int
    text: str
    links: tuple[str, ...]


@dataclass(frozen=True)
class Met:
    """What somebody met: every answer by its address, and the links that led nowhere."""

    answers: dict[str, Answer]
    dead_links: tuple[str, ...]


@cache
def met_by(walked: Walked, name: str | None) -> Met:
    """Follow every link from every first page, then open all other addresses; None is somebody without an account."""
    client = walked.app.test_client()
    person = sign_in(walked.app, email_of(name)) if name else Person(client, client.get("/masuk"))
    answers: dict[str, Answer] = {}
    dead: list[str] = []
    waiting = [(address, "") for address in STARTS]
    while waiting:
        address, source = waiting.pop(0)
        if address in answers:
            continue
        answers[address] = opened(person, address)
        waiting += [(link, address) for link in answers[address].links]
        if source and answers[address].status >= 400:
            dead.append(f"{address} on {source}")
    for address in walked.addresses:
        if address not in answers:
            answers[address] = opened(person, address)
    return Met(answers, tuple(dead))


def opened(person: Person, address: str) -> Answer:
    """A bundle's bytes are looked into by the test of bundles."""
    answer = person.client.get(address)
    body = "" if answer.mimetype == "application/zip" else answer.get_data().decode("utf-8", "replace")
    links = Page(body).links if answer.mimetype == "text/html" else []
    inside = (link.split("#")[0] for link in links if link.startswith("/") and not link.startswith("/static"))
    return Answer(answer.status_code, f"{answer.headers}\n{body}", tuple(inside))


def hidden_from(walked: Walked, name: str | None) -> Iterator[tuple[str, str, str]]:
    """Fate, kind and text of every mark that this person must not meet."""
    who = ONLOOKERS[name] if name else None
    for fate, secret in walked.office.secrets.items():
        if fate != OPEN and (who is None or fate not in who.sees):
            yield from ((fate, kind, text) for kind, text in secret.marks.items())
    if who is None or not who.knows_why:
        yield "kelas", "reason", REASON


@pytest.mark.parametrize("name", [None, *ONLOOKERS], ids=lambda name: name or "nobody")
def test_req_04_restricted_evidence_shows_on_no_page_to_whom_it_is_closed(walked: Walked, name: str | None) -> None:
    shown = [
        f"{address} ({answer.status}) shows {kind} of {fate}"
        for address, answer in met_by(walked, name).answers.items()
        for fate, kind, mark in hidden_from(walked, name)
        if mark in answer.text
    ]
    assert not shown, "\n".join(shown[:20])


@pytest.mark.parametrize("name", [name for name, who in ONLOOKERS.items() if who.sees])
def test_whoever_may_read_it_meets_all_of_it(walked: Walked, name: str) -> None:
    everything = "\n".join(answer.text for answer in met_by(walked, name).answers.values())
    missed = [
        f"{kind} of {fate}"
        for fate in ONLOOKERS[name].sees - {"dibuang"}  # has no page of its own any more
        for kind, mark in walked.office.secrets[fate].marks.items()
        if mark not in everything
    ]
    assert not missed, f"{name} never meets {missed}"
    assert REASON in everything


@pytest.mark.parametrize("name", ONLOOKERS)
def test_no_link_leads_to_what_is_closed(walked: Walked, name: str) -> None:
    dead = met_by(walked, name).dead_links
    assert not dead, "\n".join(dead[:20])


def test_everybody_in_the_unit_sees_that_it_is_there_and_where_it_stands(walked: Walked) -> None:
    address = f"/indikator/{walked.office.world.indicators['II.2']}"
    for name, who in ONLOOKERS.items():
        answer = met_by(walked, name).answers[address]
        if who.unit == "KPU-1502":
            assert all(word in answer.text for word in ("Terbatas", "Dikembalikan", "Laporan II.2")), name
        else:
            assert answer.status == 404, name


def test_a_receipt_says_the_class_for_it_is_carried_around_on_paper(walked: Walked) -> None:
    secrets = walked.office.secrets
    for fate, word in (("disetujui", "Terbatas"), ("dikembalikan", "Terbatas"), ("dibuka", "Rahasia")):
        address = f"/bukti/tanda-terima/{secrets[fate].draft.revision_id}"
        assert f"{word}</span>" in met_by(walked, "pengunggah-ii").answers[address].text, fate
    opened_by_all = f"/bukti/tanda-terima/{secrets[OPEN].draft.revision_id}"
    assert "Klasifikasi" not in met_by(walked, "pengunggah-ii").answers[opened_by_all].text


def test_what_is_open_is_met_by_all_who_may_read_it(walked: Walked) -> None:
    """Else a walk that opens nothing would pass."""
    name_of_file = walked.office.secrets[OPEN].marks["file name"]
    for name in ("pengunggah-ii", "koordinator-i", "anggota-i", "auditor", "auditor-berizin-i", "pimpinan"):
        assert any(name_of_file in answer.text for answer in met_by(walked, name).answers.values()), name


@pytest.mark.parametrize("name", [None, "pengunggah-i", "auditor", "pimpinan", "admin", "pengunggah-luar"])
def test_a_file_is_unknown_to_whom_its_evidence_is_closed(walked: Walked, name: str | None) -> None:
    """What one asks for is repeated on the page, so this is no matter of marks."""
    client = walked.app.test_client()
    person = sign_in(walked.app, email_of(name)) if name else Person(client, client.get("/masuk"))
    unknown, closed = "0" * 64, walked.office.secrets["disetujui"].marks["SHA-256"]
    answers = [person.open(f"/verifikasi/berkas?sha256={sha}").replace(sha, "") for sha in (unknown, closed)]
    assert masked(answers[0]) == masked(answers[1])


def masked(text: str) -> str:
    return re.sub(r'value="[^"]*"|<span>[0-9a-f]{4}</span>', "", text)


def test_a_bundle_holds_nothing_of_what_its_maker_may_not_read(walked: Walked) -> None:
    for name, bundle in walked.bundles.items():
        with ZipFile(BytesIO(bundle)) as archive:
            members = {member: archive.read(member).decode("utf-8", "replace") for member in archive.namelist()}
        shown = [
            f"{name}: {kind} of {fate} in {member}"
            for member, text in members.items()
            for fate, kind, mark in hidden_from(walked, name)
            if mark in member + text and not (kind in OF_LEAVES and member.endswith("/audit/log.jsonl"))
        ]
        assert not shown, "\n".join(shown[:20])
        told = any(walked.office.secrets["disetujui"].marks["note"] in text for text in members.values())
        assert told is ("disetujui" in ONLOOKERS[name].sees)
