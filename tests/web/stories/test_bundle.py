"""The auditor's part over HTTP: choose, seal, fetch, check with other people's programs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from datetime import UTC, date, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from markupsafe import escape
from playwright.sync_api import Browser
from sqlalchemy import select

import portal
from portal.domain.actor import Actor
from portal.domain.errors import IntegrityMismatch
from portal.domain.roles import Role
from portal.models import BundleMember, LogLeaf, Membership, User
from portal.services.key_fingerprints import list_current_key_prints
from portal.services.log_reader import read_entry
from portal.services.memberships import NewMembership, end_membership, grant_membership
from portal.services.unit_of_work import transaction
from tests.builders.bundles import Bag
from tests.builders.signers import HookedSigner, be_away
from tests.verifiers.page_driver import give, open_page, press
from tests.web.stories.office import approved_evidence, open_office
from tests.web.stories.people import Person, add_account, sign_in

VERIFIER = Path(portal.__file__).parent / "data" / "verifiers" / "verifikasi.py"


@pytest.fixture
def office(app: Flask) -> Flask:
    """The Merangin plan with people, two approved evidences (one of them Terbatas) and an auditor."""
    open_office(app)
    add_account(app, "agus@contoh.go.id", Role.AUDITOR, name="Agus Salim")
    approved_evidence(app, "I.1.1", name="=HYPERLINK(1) SK Tim.pdf")
    approved_evidence(app, "II.2.1", name="Rekap absen.pdf")  # Terbatas: attendance by fingerprint
    return app


def seal(app: Flask, email: str = "agus@contoh.go.id") -> Person:
    """Somebody who has just sealed a bundle of the whole plan."""
    person = sign_in(app, email)
    person.open("/paket")
    person.send("/paket")
    assert "Unduh paket" in person.text
    return person


def fetch(person: Person, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    answer = person.client.get(person.link("/unduh"), headers=headers)
    return answer.status_code, answer.get_data(), dict(answer.headers)


def extracted(content: bytes, folder: Path) -> Path:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert archive.testzip() is None
        archive.extractall(folder)
        (top,) = {name.split("/", 1)[0] for name in archive.namelist()}
    return folder / top


def test_the_bag_passes_other_peoples_programs(office: Flask, tmp_path: Path) -> None:
    _, content, headers = fetch(seal(office))
    assert headers["Content-Length"] == str(len(content))
    bag = extracted(content, tmp_path)
    check = [sys.executable, "-m", "bagit", "--validate", str(bag)]
    assert subprocess.run(check, check=False, capture_output=True).returncode == 0
    for manifest in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        assert subprocess.run(["sha256sum", "-c", "--quiet", manifest], cwd=bag, check=False).returncode == 0
    changed = next((bag / "data").rglob("*.pdf"))
    changed.write_bytes(changed.read_bytes()[:-1] + b"X")
    assert subprocess.run(check, check=False, capture_output=True).returncode != 0


def test_it_holds_the_approved_originals_and_says_what_is_left_out(office: Flask, tmp_path: Path) -> None:
    auditor = sign_in(office, "agus@contoh.go.id")
    assert "tidak diberi izin membaca klasifikasi ini" in auditor.open("/paket")
    bag = extracted(fetch(seal(office))[1], tmp_path)
    metadata = json.loads((bag / "metadata/bukti.json").read_bytes())
    files = [
        file
        for area in metadata["areas"]
        for component in area["components"]
        for indicator in component["indicators"]
        for requirement in indicator["requirements"]
        for evidence in requirement["evidence"]
        for file in evidence["files"]
    ]
    assert [file["name"] for file in files] == ["=HYPERLINK(1) SK Tim.pdf"]
    rule = "restricted_only_if_granted"
    assert metadata["left_out"] == [{"classification": "terbatas", "evidence": 1, "rule": rule}]
    assert sha256((bag / files[0]["path"]).read_bytes()).hexdigest() == files[0]["sha256"]
    assert "'=HYPERLINK(1) SK Tim.pdf" in (bag / "indeks.csv").read_text(encoding="utf-8-sig")
    assert b"Rekap absen" not in b"".join(
        path.read_bytes() for path in bag.rglob("*") if path.suffix != ".pdf" and path.is_file()
    )


def test_who_was_granted_it_gets_the_restricted_evidence_too(office: Flask, tmp_path: Path) -> None:
    add_account(office, "maya@contoh.go.id", Role.AUDITOR, restricted=True)
    bag = extracted(fetch(seal(office, "maya@contoh.go.id"))[1], tmp_path)
    assert len(list((bag / "data").rglob("*.pdf"))) == 2
    assert json.loads((bag / "metadata/bukti.json").read_bytes())["left_out"] == []


def test_the_log_in_the_bag_has_the_root_that_it_names(office: Flask) -> None:
    bag = Bag.of(fetch(seal(office))[1])
    assert bag.root(int(bag.info["Checkpoint-Size"])).hex() == bag.info["Checkpoint-Root"]
    *scopes, of_seal = (json.loads(body)["ev"]["scope"] for body in bag.bodies.values())
    assert scopes
    assert all(scope.startswith("KPU-1502/2025/") for scope in scopes)
    assert of_seal == "sys"


def test_the_openings_are_those_of_the_evidence_in_the_bag(office: Flask) -> None:
    bag = Bag.of(fetch(seal(office))[1])
    assert {opening["field"] for opening in bag.openings} == {"name", "note"}
    for opening in bag.openings:
        data = json.loads(bag.bodies[opening["seq"]])["ev"]["data"]
        value = bytes.fromhex(opening["salt"]) + opening["value"].encode()
        assert data[f"{opening['field']}_c"] == sha256(value).hexdigest()


def test_req_40_both_verifiers_find_it_genuine_with_the_keys_and_what_the_page_shows(
    office: Flask, browser: Browser, tmp_path: Path
) -> None:
    person = seal(office)
    shown = re.search(r"<dt>Checkpoint</dt><dd>(.*?)</dd>", person.text, re.DOTALL)
    assert shown
    printed = " ".join(re.sub(r"<[^>]+>", " ", shown[1]).split())
    content, keys = fetch(person)[1], write_keys(office, tmp_path)
    bundle = tmp_path / "paket.zip"
    bundle.write_bytes(content)
    command = [sys.executable, str(VERIFIER), str(bundle), *(f"--kunci={key}" for key in keys), "--json", "--cetak"]
    for checkpoint, verdict in ((printed, "genuine"), (printed[:-4] + "0000", "not_genuine")):
        done = subprocess.run([*command, checkpoint], check=False, capture_output=True, timeout=60)
        assert json.loads(done.stdout)["verdict"] == verdict, done.stdout.decode()
        with open_page(browser) as page:
            give(page, content, keys=[key.read_text(encoding="utf-8") for key in keys], printed=checkpoint)
            assert press(page).verdict == verdict


def write_keys(app: Flask, folder: Path) -> list[Path]:
    """The public keys as files, as the office gives them away."""
    files = app.extensions["portal.signer"].keys().files()
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    return [folder / name for name in files]


def test_ssh_keygen_and_openssl_verify_its_signatures_as_the_read_me_says(office: Flask, tmp_path: Path) -> None:
    bag = extracted(fetch(seal(office))[1], tmp_path)
    write_keys(office, bag)
    read_me = (bag / "BACA-SAYA.txt").read_text(encoding="utf-8")
    commands = {line.strip() for line in read_me.splitlines() if line.strip().startswith(("ssh-keygen", "openssl"))}
    assert len(commands) == 3
    tag_manifest, body = "tagmanifest-sha256.txt", "sig/checkpoint.body"
    original = (bag / tag_manifest).read_bytes()
    for spoiled in ("nothing", tag_manifest, body):
        if spoiled != "nothing":
            (bag / spoiled).write_bytes((bag / spoiled).read_bytes()[:-1] + b"?")
        for command in commands:
            # The shell is part of what the reader types: it feeds ssh-keygen.
            done = subprocess.run(command, shell=True, cwd=bag, check=False, capture_output=True)  # noqa: S602
            assert (done.returncode != 0) == (spoiled in command), (command, done.stderr.decode())
        if spoiled == tag_manifest:
            (bag / tag_manifest).write_bytes(original)


def test_one_whose_signer_went_away_is_finished_from_its_page(office: Flask) -> None:
    office.extensions["portal.signer"] = HookedSigner(office.extensions["portal.signer"], {"sign_bag": be_away})
    person = sign_in(office, "agus@contoh.go.id")
    person.open("/paket")
    person.send("/paket")
    assert "belum selesai dibuat" in person.text
    assert "Unduh paket" not in person.text
    person.send("/selesaikan")
    assert "belum selesai dibuat" not in person.text
    assert len(Bag.of(fetch(person)[1]).payload) == 1


def test_without_a_signer_no_bundle_is_begun_and_the_page_says_that_it_is_not_there(office: Flask) -> None:
    office.extensions["portal.signer"] = HookedSigner(office.extensions["portal.signer"], {"keys": be_away})
    person = sign_in(office, "agus@contoh.go.id")
    person.open("/paket")
    person.send("/paket", expect=503)
    assert "penanda tangan checkpoint" in person.text
    assert "Paket yang Anda buat" not in person.open("/paket")


def test_any_part_of_it_can_be_fetched_and_the_parts_are_the_whole(office: Flask) -> None:
    person = seal(office)
    _, whole, headers = fetch(person)
    assert fetch(person)[1] == whole
    cut = len(whole) // 3
    status, first, _ = fetch(person, Range=f"bytes=0-{cut - 1}")
    assert status == 206
    status, rest, answered = fetch(person, Range=f"bytes={cut}-", **{"If-Range": headers["ETag"]})
    assert status == 206
    assert answered["Content-Range"] == f"bytes {cut}-{len(whole) - 1}/{len(whole)}"
    assert first + rest == whole
    assert fetch(person, Range="bytes=-5")[1] == whole[-5:]
    assert fetch(person, Range=f"bytes={cut}-", **{"If-Range": '"another"'})[1] == whole
    for tag in (f"W/{headers['ETag']}", "Tue, 24 Nov 2026 00:00:00 GMT"):
        assert fetch(person, Range=f"bytes={cut}-", **{"If-Range": tag})[0] == 200, tag
    for several in ("bytes=0-1,5-6", "bytes=5-2", "pages=1-2", "bytes=x"):
        assert fetch(person, Range=several)[:2] == (200, whole), several
    status, _, answered = fetch(person, Range=f"bytes={len(whole)}-")
    assert (status, answered["Content-Range"]) == (416, f"bytes */{len(whole)}")
    head = person.client.head(person.link("/unduh"))
    assert (head.status_code, head.headers["Content-Length"], head.get_data()) == (200, str(len(whole)), b"")


def test_it_leaves_as_an_attachment_that_nothing_keeps_or_opens(office: Flask) -> None:
    _, _, headers = fetch(seal(office))
    assert headers["Content-Disposition"].startswith('attachment; filename="bukti-zi_kpu-1502_2025_')
    assert headers["Content-Type"] == "application/zip"
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Accept-Ranges"] == "bytes"
    assert headers["X-Accel-Buffering"] == "no"
    assert re.fullmatch(r'"[0-9a-f-]{40,}"', headers["ETag"])


def test_the_sealed_page_shows_what_an_auditor_writes_down(office: Flask, tmp_path: Path) -> None:
    person = seal(office)
    shown = re.sub(r"<[^>]+>|\s", "", person.text)
    bag = extracted(fetch(person)[1], tmp_path)
    assert sha256((bag / "manifest-sha256.txt").read_bytes()).hexdigest() in shown
    info = dict(line.split(": ", 1) for line in (bag / "bag-info.txt").read_text().splitlines())
    assert f"{info['Checkpoint-Size']}{info['Checkpoint-Root']}" in shown
    with office.app_context(), transaction(write=False) as session:
        prints = [key.fingerprint for key in list_current_key_prints(session)]
    assert len(prints) == 3
    for fingerprint in prints:
        assert escape(fingerprint) in person.text


def test_an_auditor_of_some_areas_is_offered_just_those(office: Flask) -> None:
    """With one area it is chosen for him; with two he chooses first."""
    add_account(office, "satu@contoh.go.id", Role.AUDITOR, area="I")
    one = sign_in(office, "satu@contoh.go.id")
    one.open("/paket")
    assert "Buat paket" in one.text
    assert 'value="II"' not in one.text
    assert "II.2.1" not in one.text
    one.send("/paket")
    assert ", area I" in one.text
    assert one.client.get("/paket?area=II").status_code == 404
    user_id = add_account(office, "dua@contoh.go.id", Role.AUDITOR, area="I")
    with office.app_context():
        second = NewMembership(
            role=Role.AUDITOR, unit_code="KPU-1502", area_code="II", restricted=False, valid_from=date(2020, 1, 1)
        )
        grant_membership(actor=Actor.system("test"), user_id=user_id, wanted=second, now=datetime.now(UTC))
    two = sign_in(office, "dua@contoh.go.id")
    two.open("/paket")
    assert "Pilih areanya dulu" in two.text
    assert "Buat paket" not in two.text
    assert "Buat paket" in two.open("/paket?area=I&indikator=")


def test_an_indicator_left_over_from_another_area_falls_away(office: Flask) -> None:
    person = sign_in(office, "agus@contoh.go.id")
    page = person.open("/paket?area=I&indikator=II.2.1")
    assert person.page.status_code == 200
    assert "1 bukti, 1 berkas" in page
    assert person.client.get("/paket?area=IX").status_code == 404
    assert person.client.get("/paket?rencana=x&area=%00&halaman=-9").status_code < 500


def test_a_scope_without_anything_is_refused_in_words(office: Flask) -> None:
    person = sign_in(office, "agus@contoh.go.id")
    page = person.open("/paket?area=VI")
    assert "Belum ada berkas yang dapat dibawa" in page
    assert "Buat paket" not in page
    person.open("/paket")
    person.send("/paket", {"area": "VI"}, expect=400)
    assert "jadi paketnya tidak dibuat" in person.text


def test_after_the_window_has_closed_nothing_is_sent(office: Flask) -> None:
    """The session that could fetch it a moment before has ended with the membership."""
    person = seal(office)
    assert fetch(person)[0] == 200
    with office.app_context():
        with transaction(write=False) as session:
            held = session.execute(select(Membership.id).join(User).where(User.email == "agus@contoh.go.id"))
            membership_id = held.scalar_one()
        end_membership(actor=Actor.system("test"), membership_id=membership_id, now=datetime.now(UTC))
    status, content, _ = fetch(person)
    assert status == 303
    assert b"PK\x03\x04" not in content


def test_a_changed_object_breaks_the_download_and_is_recorded(office: Flask) -> None:
    person = seal(office)
    with office.app_context(), transaction(write=False) as session:
        member = session.execute(select(BundleMember).where(BundleMember.file_id.is_not(None))).scalars().first()
        assert member is not None
        key, size = member.object_key, member.size
    (stored,) = [
        path for path in Path(office.extensions["portal.settings"].store_dir).rglob(f"*{key}*") if path.is_file()
    ]
    stored.chmod(0o600)
    stored.write_bytes(b"x" * size)
    answer = person.client.get(person.link("/unduh"), buffered=False)
    received: list[bytes] = []
    with pytest.raises(IntegrityMismatch):
        received.extend(answer.iter_encoded())
    assert sum(map(len, received)) < int(answer.headers["Content-Length"])
    with office.app_context(), transaction(write=False) as session:
        names = [read_entry(leaf).name for leaf in session.execute(select(LogLeaf)).scalars()]
    assert "fixity.failed" in names


def test_nobody_else_gets_it(office: Flask) -> None:
    address = seal(office).page.request.path
    for email in ("dewi@contoh.go.id", "siti@contoh.go.id"):
        assert sign_in(office, email).client.get(f"{address}/unduh").status_code in {403, 404}
