"""A bundle of the portal is genuine to the verifier, which shares no code with it; and spoiled, it is not."""

from __future__ import annotations

import json
import unicodedata
from io import BytesIO
from pathlib import Path
from uuid import UUID
from zipfile import ZipFile

import pytest

from portal.domain.classification import Classification
from portal.domain.workflow import Action
from portal.services.classifying import change_classification
from portal.services.drafts import Draft, answer_revision, start_evidence
from portal.services.links import add_link
from portal.services.uploads import OfferedFile, add_files
from tests.builders.bundles import Bag, Office
from tests.builders.documents import pdf
from tests.builders.world import act
from tests.fixtures.missing_services import require_service
from tests.verifiers.guide import (
    BAGIT,
    BODY,
    CHECKPOINT,
    ECDSA,
    PROGRAMS,
    SHA256SUM,
    SSH,
    UNPACK,
    VERIFY,
    lay_keys,
    run,
    why_missing,
)
from tests.verifiers.loaded import verifikasi
from tests.verifiers.zip_writer import archive_of

DECOMPOSED = unicodedata.normalize("NFD", "Catatan pérsetujuan – “sah”")
"""Letters and accents apart, as macOS names files."""


def drafted(office: Office, key: str, *names: str, slot: int = 0) -> Draft:
    """A draft whose files came through the service, as people send them."""
    requirement_id = office.world.requirements[key]
    slots = office.world.slots[requirement_id][slot : slot + 1]
    draft = start_evidence(actor=office.sender, requirement_id=requirement_id, slot_ids=slots, now=office.world.tick())
    send(office, draft.revision_id, *names)
    return draft


def send(office: Office, revision_id: UUID, *names: str) -> None:
    report = add_files(
        actor=office.sender,
        revision_id=revision_id,
        files=[OfferedFile(name, BytesIO(pdf(name))) for name in names],
        store=office.store,
        limit=1 << 20,
        now=office.world.tick(),
    )
    assert not report.refused


def approve(office: Office, revision_id: UUID, note: str = "") -> None:
    act(office.world, office.sender, Action.SUBMIT, revision_id)
    office.read(revision_id)
    act(office.world, office.reviewer, Action.APPROVE, revision_id, note=note)


def classify(office: Office, key: str, seen: Classification, wanted: Classification) -> None:
    change_classification(
        actor=office.lead,
        requirement_id=office.world.requirements[key],
        seen=seen,
        wanted=wanted,
        reason="Alasan.",
        now=office.world.tick(),
    )


@pytest.fixture
def busy(office: Office) -> Office:
    """An office with evidence of every kind: with links, answered, restricted from the first or later, with another
    class than at its start, taken back, and still under review.
    """
    first = drafted(office, "I.1", f"{DECOMPOSED}.pdf", "Undangan.pdf")
    link = {"url": "https://contoh.go.id/a?b=c", "note": DECOMPOSED}
    add_link(actor=office.sender, revision_id=first.revision_id, now=office.world.tick(), **link)
    approve(office, first.revision_id, note=DECOMPOSED)
    second = drafted(office, "I.2", "Versi satu.pdf")
    act(office.world, office.sender, Action.SUBMIT, second.revision_id)
    act(office.world, office.reviewer, Action.RETURN, second.revision_id, note="Belum distempel")
    answer = answer_revision(actor=office.sender, evidence_id=second.evidence_id, now=office.world.tick())
    send(office, answer.revision_id, "Versi dua.pdf")
    approve(office, answer.revision_id)
    approve(office, drafted(office, "II.1", "Terbatas.pdf").revision_id)
    classify(office, "II.1", Classification.TERBATAS, Classification.BIASA)
    approve(office, drafted(office, "II.2", "Dirahasiakan kemudian.pdf", slot=2).revision_id)
    classify(office, "II.2", Classification.BIASA, Classification.RAHASIA)
    back = drafted(office, "II.2", "Dibuka kembali.pdf")
    approve(office, back.revision_id)
    act(office.world, office.lead, Action.REOPEN, back.revision_id, note="Salah dokumen")
    drafted(office, "I.1", "Belum diajukan.pdf", slot=1)
    return office


def judge(office: Office, content: bytes, folder: Path, *printed: str) -> tuple[str, list[str]]:
    """Verdict and findings in words."""
    place = folder / "paket.zip"
    place.write_bytes(content)
    given = [str(place)]
    for name, text in office.signer.keys().files().items():
        (folder / name).write_text(text)
        given += ["--kunci", str(folder / name)]
    given += ["--cetak", *printed] if printed else []
    report = verifikasi.run(verifikasi.argument_parser().parse_args(given))
    return report.verdict, [f"{f.code} {f.place} {f.message.en} {f.expected} {f.found}" for f in report.findings]


def test_bundles_of_a_unit_an_area_and_an_indicator_are_genuine(busy: Office, tmp_path: Path) -> None:
    for area, indicator in ((None, None), ("I", None), (None, "I.1.2")):
        content = busy.fetch(busy.seal(busy.scope(area, indicator)))
        info = Bag.of(content).info
        printed = f"{info['Checkpoint-Size']} {info['Checkpoint-Root']}"
        assert judge(busy, content, tmp_path, printed) == ("genuine", []), (area, indicator)


def test_a_bundle_says_the_class_at_its_sealing(busy: Office) -> None:
    """And stays genuine, which the others show: of two changes one left evidence out and one let it in."""
    metadata = busy.bag().metadata
    assert [(each["classification"], each["evidence"]) for each in metadata["left_out"]] == [("rahasia", 1)]
    classes = {
        requirement["text"]: requirement["classification"]
        for area in metadata["areas"]
        for component in area["components"]
        for indicator in component["indicators"]
        for requirement in indicator["requirements"]
    }
    assert classes["Laporan II.1"] == "biasa"


def test_a_later_bundle_is_genuine_too_and_fits_what_was_printed_before(busy: Office, tmp_path: Path) -> None:
    before = Bag.of(busy.fetch(busy.seal())).info
    approve(busy, drafted(busy, "II.2", "Susulan.pdf", slot=1).revision_id)
    content = busy.fetch(busy.seal())
    assert judge(busy, content, tmp_path) == ("genuine", [])
    size, root = before["Checkpoint-Size"], before["Checkpoint-Root"]
    assert judge(busy, content, tmp_path, f"{size} {root}") == ("genuine", [])
    verdict, findings = judge(busy, content, tmp_path, f"{size} {'0' * 64}")
    assert (verdict, [finding.split()[0] for finding in findings]) == ("not_genuine", ["printed"])


def test_a_bundle_with_a_changed_note_is_not(busy: Office, tmp_path: Path) -> None:
    files = Bag.of(busy.fetch(busy.seal())).files
    document = json.loads(files["metadata/bukti.json"])
    document["people"][0]["name"] = "Orang Lain"
    files["metadata/bukti.json"] = verifikasi.canonical(document)
    content = bytes(archive_of((f"paket/{path}", data) for path, data in files.items()))
    verdict, findings = judge(busy, content, tmp_path)
    assert verdict == "not_genuine"
    assert [finding.split()[:2] for finding in findings] == [["digest", "metadata/bukti.json"]]


def test_the_programs_of_others_find_a_bundle_and_the_keys_of_the_signer_good(busy: Office, tmp_path: Path) -> None:
    """The commands of docs/verifying.md, with the very files that `portal signer keys` writes."""
    for program in PROGRAMS:
        require_service(program, why_missing(program))
    content = busy.fetch(busy.seal())
    (tmp_path / "paket.zip").write_bytes(content)
    lay_keys(tmp_path, busy.signer.keys().files())
    top = ZipFile(BytesIO(content)).namelist()[0].partition("/")[0]
    for command in (UNPACK, BAGIT, SHA256SUM, SSH, ECDSA, BODY, CHECKPOINT, VERIFY):
        done = run(command, tmp_path, top=top)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    (victim, *_) = (tmp_path / top / "data").rglob("*.pdf")
    victim.write_bytes(victim.read_bytes() + b"x")
    assert run(BAGIT, tmp_path, top=top).returncode != 0
    assert run(SHA256SUM, tmp_path, top=top).returncode != 0
