"""Who read what, over HTTP: what counts as a read, and where it is told."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from portal.domain.events import READS
from portal.domain.workflow import Action
from portal.models import LogLeaf, Requirement, Revision, RevisionFile
from portal.services.log_reader import read_entry
from portal.services.unit_of_work import transaction
from tests.web.stories.office import PDF, open_office, sent_evidence
from tests.web.stories.people import Person, sign_in
from tests.web.test_query_counts import MOST_OF_A_REVIEW, counted

RESTRICTED = "II.2.1"
RECORDING = 8
"""Statements that put one event into the trail, the look for an earlier one among them."""


@pytest.fixture
def database_url(sqlite_database_url: str) -> str:
    """HTTP is the same on every database; the services behind it are tested on both."""
    return sqlite_database_url


@pytest.fixture
def revision_id(app: Flask) -> UUID:
    """A submitted evidence of a restricted item."""
    open_office(app)
    return sent_evidence(app, RESTRICTED, Action.SUBMIT)


@pytest.fixture
def hendra(app: Flask, revision_id: UUID) -> Person:  # noqa: ARG001  # his account comes with the office
    """A reviewer, signed in."""
    return sign_in(app, "hendra@contoh.go.id")


def reads(app: Flask) -> list[dict[str, object]]:
    with app.app_context(), transaction(write=False) as session:
        entries = [read_entry(leaf) for leaf in session.execute(select(LogLeaf).order_by(LogLeaf.seq)).scalars()]
    return [dict(entry.data) for entry in entries if entry.name in READS]


def address_of(app: Flask, revision_id: UUID) -> str:
    with app.app_context(), transaction(write=False) as session:
        query = select(RevisionFile.file_id).where(RevisionFile.revision_id == revision_id)
        return f"/berkas/{revision_id}/{session.execute(query).scalar_one()}"


def test_req_21_only_an_answer_with_bytes_in_it_is_a_read(app: Flask, revision_id: UUID, hendra: Person) -> None:
    address, client = address_of(app, revision_id), hendra.client
    head = client.head(address)
    assert (head.status_code, head.content_length, head.get_data()) == (200, len(PDF), b"")
    assert client.get(address, headers={"If-None-Match": head.headers["ETag"]}).status_code == 304
    assert client.get(address, headers={"Range": f"bytes={len(PDF)}-"}).status_code == 416
    assert reads(app) == []
    assert client.get(address, headers={"Range": "bytes=10-19"}).get_data() == PDF[10:20]
    assert client.get(address, headers={"Range": "bytes=-5"}).get_data() == PDF[-5:]
    assert client.get(address).get_data() == PDF
    size = len(PDF)
    assert [(read["start"], read["stop"]) for read in reads(app)] == [(10, 20), (size - 5, size), (0, size)]


def test_req_21_the_timeline_counts_reads_and_shows_them_on_demand(
    app: Flask, revision_id: UUID, hendra: Person
) -> None:
    hendra.client.get(address_of(app, revision_id))
    hendra.open(f"/periksa/{revision_id}")
    hendra.open(hendra.link("/riwayat/"))
    assert "2 pembacaan tidak ditampilkan." in hendra.text
    assert "Mengunduh" not in hendra.text
    story = re.findall(r'class="timeline-title">([^<]+)', hendra.text)
    hendra.open(hendra.link("pembacaan=ya"))
    assert "Dibaca 3 kali oleh 1 orang" in hendra.text, "the timeline itself is one"
    assert re.search(r"Mengunduh Laporan\.pdf seluruhnya", hendra.text)
    assert re.search(r"Membuka halaman pemeriksaan, versi ke-1", hendra.text)
    assert re.findall(r'class="timeline-title">([^<]+)', hendra.text) == story
    hendra.open(hendra.page.request.path)
    assert "3 pembacaan tidak ditampilkan." in hendra.text


def test_what_is_recorded_costs_few_statements_and_only_once(app: Flask, revision_id: UUID, hendra: Person) -> None:
    with app.app_context(), transaction(write=False) as session:
        evidence_id = session.get_one(Revision, revision_id).evidence_id
    for path, most in ((f"/bukti/{evidence_id}", 12), (f"/periksa/{revision_id}", MOST_OF_A_REVIEW)):
        with counted() as first:
            assert hendra.client.get(path).status_code == 200
        with counted() as again:
            assert hendra.client.get(path).status_code == 200
        assert len(first) <= most + RECORDING, "\n".join(first)
        assert len(again) <= most + 2, "\n".join(again)
    assert len(reads(app)) == 2


def test_the_item_is_restricted(app: Flask, revision_id: UUID) -> None:
    with app.app_context(), transaction(write=False) as session:
        evidence = session.get_one(Revision, revision_id).evidence
        assert session.get_one(Requirement, evidence.requirement_id).classification.is_restricted
