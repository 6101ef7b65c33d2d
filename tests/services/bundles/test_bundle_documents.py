"""What people open first: complete, and harmless whatever somebody has typed or named his file."""

from __future__ import annotations

import json
from dataclasses import replace
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from jsonschema import Draft202012Validator
from playwright.sync_api import Browser
from sqlalchemy import update

from portal.domain.workflow import Action
from portal.models import Revision, User
from portal.services.bundles.snapshot import take_snapshot
from portal.services.bundles.tables import COLUMNS, LONGEST_CELL, index_xlsx
from portal.services.unit_of_work import transaction
from tests.builders.bundles import Bag, Office
from tests.builders.world import NOW, act, add_draft

HOSTILE = (
    "=HYPERLINK(1).pdf",
    "  +SUM(1).pdf",
    "-1+1.pdf",
    "@SUM(1).pdf",
    "\t=1.pdf",
    '"><script>alert(1)</script>.pdf',
    "laporan \u202efdp.exe.pdf",
    "{{ 7 * 7 }}.pdf",
    "koma, dan \u201ckutip\u201d; baris\r\nbaru.pdf",
)


@pytest.fixture
def hostile_bag(office: Office) -> Bag:
    """A bag in which every text that a person types is hostile; names get here even past the upload's own rules."""
    files = [office.file(str(at).encode(), name) for at, name in enumerate(HOSTILE)]
    revision_id = add_draft(office.world, office.sender, "I.1", files=tuple(files))
    with transaction() as session:
        session.execute(update(Revision).where(Revision.id == revision_id).values(note="</p><img src=//x onerror=1>"))
        session.execute(update(User).where(User.id == office.sender.person).values(name="<b>Siti</b>"))
    act(office.world, office.sender, Action.SUBMIT, revision_id)
    act(office.world, office.reviewer, Action.APPROVE, revision_id, note="<svg onload=alert(1)>")
    return office.bag()


class _Page(HTMLParser):
    """Tags with their attributes, targets of links, and all text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.targets: list[str] = []
        self.ids: set[str] = set()
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        values = dict(attrs)
        self.targets += [value for name in ("href", "src") if (value := values.get(name))]
        self.ids |= {value for value in [values.get("id")] if value}

    def handle_data(self, data: str) -> None:
        self.text += data


def test_req_41_no_cell_of_the_table_is_a_formula_and_none_is_lost(hostile_bag: Bag) -> None:
    head, *rows = hostile_bag.table
    assert tuple(head) == COLUMNS
    assert len(rows) == len(HOSTILE)
    for row in rows:
        assert len(row) == len(COLUMNS)
        for cell in row:
            assert not cell.lstrip().startswith(("=", "+", "-", "@")), cell
            assert "\u202e" not in cell
    names = [row[COLUMNS.index("Nama berkas")] for row in rows]
    assert names[0] == "'=HYPERLINK(1).pdf"
    assert names[5] == HOSTILE[5]
    assert hostile_bag.files["indeks.csv"].startswith("\ufeff".encode())
    assert b"\r\n" in hostile_bag.files["indeks.csv"]


def test_req_41_the_sheet_says_what_the_table_says_and_holds_no_formula(hostile_bag: Bag) -> None:
    sheet = openpyxl.load_workbook(BytesIO(hostile_bag.files["indeks.xlsx"])).active
    rows = [list(row) for row in sheet.iter_rows()]
    assert {cell.data_type for row in rows for cell in row if cell.value is not None} <= {"s", "n"}
    assert not [cell for row in rows for cell in row if cell.hyperlink]
    shown = [["" if cell.value is None else str(cell.value) for cell in row] for row in rows]
    assert shown == [[cell.removeprefix("'") for cell in row] for row in hostile_bag.table]
    assert sheet.auto_filter.ref == f"A1:L{len(HOSTILE) + 1}"


def test_the_sheet_is_the_same_each_time_and_takes_any_length(office: Office) -> None:
    office.approved()
    contents = take_snapshot(actor=office.auditor, scope=office.scope(), now=NOW).contents
    (item,) = contents.evidence
    wordy = replace(item, item=replace(item.item, text="panjang" * 5000))
    first, second = (index_xlsx(replace(contents, evidence=(wordy,)), NOW) for _ in range(2))
    assert first == second
    assert len(openpyxl.load_workbook(BytesIO(first)).active["C2"].value) == LONGEST_CELL


def test_req_57_the_page_has_no_markup_of_theirs_and_shows_every_character(hostile_bag: Bag) -> None:
    page = _Page(hostile_bag.files["index.html"].decode())
    assert not page.tags & {"script", "img", "svg", "iframe", "object", "form", "b", "link"}
    assert not {name for name in page.attributes if name.startswith("on")}
    for text in (
        '"><script>alert(1)</script>.pdf',
        "<img src=//x onerror=1>",
        "<b>Siti</b>",
        "<svg onload",
        "{{ 7 * 7 }}",
    ):
        assert text in page.text
    assert "\u202e" not in page.text
    assert "laporan \ufffdfdp.exe.pdf" in page.text


def test_the_page_leads_to_what_is_in_the_bag_and_nowhere_else(hostile_bag: Bag) -> None:
    page = _Page(hostile_bag.files["index.html"].decode())
    inside = {target for target in page.targets if not target.startswith("#")}
    assert inside <= set(hostile_bag.files)
    assert {path for path in hostile_bag.files if path.startswith("data/")} <= inside
    assert {target[1:] for target in page.targets if target.startswith("#")} <= page.ids


def test_the_page_shows_one_area_alone_by_its_address(office: Office, browser: Browser, tmp_path: Path) -> None:
    office.approved("I.1")
    office.approved("II.2")
    index = tmp_path / "index.html"
    index.write_bytes(office.bag().files["index.html"])
    page = browser.new_page()
    page.goto(index.as_uri())
    areas = page.locator("section.area")
    assert [area.is_visible() for area in areas.all()] == [True, True]
    page.get_by_role("link", name="II. ").click()
    assert [area.is_visible() for area in areas.all()] == [False, True]
    page.get_by_role("link", name="Tampilkan semua area").click()
    assert [area.is_visible() for area in areas.all()] == [True, True]


def test_the_metadata_is_what_the_schema_in_the_bag_says(hostile_bag: Bag) -> None:
    schema = json.loads(hostile_bag.files["metadata/bukti.schema.json"])
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    assert [error.message for error in validator.iter_errors(hostile_bag.metadata)] == []
    breaks: tuple[dict[str, object], ...] = ({"format": "bukti-zi/bundle/0"}, {"areas": []}, {"more": 1})
    for broken in breaks:
        assert not validator.is_valid({**hostile_bag.metadata, **broken}), broken


def test_the_metadata_keeps_every_text_as_it_is(hostile_bag: Bag) -> None:
    (evidence,) = hostile_bag.evidence
    assert [file["name"] for file in evidence["files"]] == list(HOSTILE)
    assert evidence["note"] == "</p><img src=//x onerror=1>"
    assert set(hostile_bag.files) >= {file["path"] for file in evidence["files"]}


def test_only_people_of_the_evidence_in_the_bag_are_named(office: Office) -> None:
    office.approved("I.1")
    bag = office.bag()
    assert {person["name"] for person in bag.metadata["people"]} == {"Siti Rahmawati", "Hendra Gunawan"}
    told = b"".join(bag.files.values()).decode(errors="replace")
    assert "Dewi Lestari" not in told
    assert "Agus Salim" not in told


def test_read_me_tells_how_in_both_languages_and_names_only_what_is_there(office: Office) -> None:
    office.approved("I.1")
    bag = office.bag()
    text = bag.files["BACA-SAYA.txt"].decode()
    for word in (
        "sha256sum -c",
        "bagit.py --validate",
        "Get-FileHash",
        "Checkpoint-Root",
        "ssh-keygen -Y verify -f allowed_signers -I portal -n bukti-zi -s sig/tagmanifest-sha256.txt.sig",
        "openssl dgst -sha256 -verify ecdsa.pem",
        "openssl pkeyutl -verify",
        "verifikasi.py",
        "CARA MEMERIKSA",
        "HOW TO CHECK",
    ):
        assert word in text
    words = {word.strip(".,;:()") for word in text.split()}
    named = {word for word in words if word.startswith(("audit/", "metadata/", "sig/")) and not word.endswith("/")}
    assert len(named) > 8
    assert named <= set(bag.files)
