"""Room and viruses: what an installation refuses beside the kind of a file, and that the rest stays."""

from __future__ import annotations

import shutil
from collections import namedtuple
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import pytest
from sqlalchemy import func, select

from portal.adapters.local_store import LocalStore
from portal.adapters.scanner import Clamd, ScannerUnavailable, Verdict
from portal.domain.roles import Role
from portal.models import StoredFile
from portal.services.unit_of_work import transaction
from portal.services.upload_rules import DAY, NOT_LOOKED_AT, SCANNER_AWAY, VIRUS, UploadRules
from portal.services.uploads import STORE_FULL, OfferedFile, UploadReport, add_files
from tests.adapters.test_scanner import EICAR
from tests.builders.drafts import LIMIT, file_names, start
from tests.builders.world import World, add_person, build_world

pytestmark = pytest.mark.usefixtures("app_context")


class Office:
    """Somebody with a draft, who uploads under the rules that a test gives."""

    def __init__(self, store: LocalStore) -> None:
        self.world: World = build_world()
        self.sender, self.store = add_person(self.world, Role.UPLOADER), store
        self.draft = start(self.world, self.sender)

    def add(self, rules: UploadRules, **files: bytes) -> UploadReport:
        offered = [OfferedFile(f"{name}.txt", BytesIO(content)) for name, content in files.items()]
        return add_files(
            actor=self.sender, revision_id=self.draft.revision_id, files=offered, store=self.store,
            limit=LIMIT, now=self.world.tick(), rules=rules,
        )  # fmt: skip


@pytest.fixture
def office(local_store: LocalStore) -> Office:
    return Office(local_store)


@pytest.mark.parametrize(
    ("rules", "told"),
    [(UploadRules(day_bytes=10), "24 jam"), (UploadRules(indicator_bytes=10), "untuk indikator ini")],
)
def test_req_24_what_goes_beyond_a_limit_is_named_and_what_fits_is_kept(
    office: Office, rules: UploadRules, told: str
) -> None:
    report = office.add(rules, satu=b"12345", besar=b"123456", dua=b"1234")
    assert report.kept == ("satu.txt", "dua.txt")
    (refused,) = report.refused
    assert refused.startswith("besar.txt: ")
    assert told in refused
    assert "tetap ada" in refused
    assert len(list(office.store.list_objects())) == 2, "what is refused is not stored"
    assert office.add(rules, lagi=b"12").refused


def test_req_24_a_new_day_has_room_again_and_an_indicator_has_not(office: Office) -> None:
    assert office.add(UploadRules(), satu=b"12345").kept
    office.world.clock += DAY
    assert office.add(UploadRules(day_bytes=5), dua=b"54321").kept
    assert office.add(UploadRules(indicator_bytes=10), tiga=b"1").refused
    office.draft = start(office.world, office.sender, "I.2")
    assert office.add(UploadRules(indicator_bytes=10), empat=b"1").kept


def test_req_24_what_others_upload_does_not_use_up_ones_day(office: Office) -> None:
    assert office.add(UploadRules(), satu=b"12345").kept
    office.sender = add_person(office.world, Role.UPLOADER)
    assert office.add(UploadRules(day_bytes=5), dua=b"54321").kept


def test_req_24_uploads_stop_before_the_disk_is_full(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.store = LocalStore(tmp_path / "besar", reserve=1000)
    usage = namedtuple("usage", "total used free")  # what shutil gives
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(2000, 995, 1005))
    report = office.add(UploadRules(), muat=b"12345", besar=b"123456")
    assert report.kept == ("muat.txt",)
    assert report.refused == (f"besar.txt: {STORE_FULL}",)


class Saying:
    """A scanner that says of everything what it was made with."""

    def __init__(self, verdict: Verdict | None) -> None:
        self.verdict = verdict

    def scan(self, stream: BinaryIO) -> Verdict:
        stream.read()
        if self.verdict is None:
            raise ScannerUnavailable("away")
        return self.verdict


@pytest.mark.parametrize(
    ("verdict", "told"),
    [(Verdict.INFECTED, VIRUS), (Verdict.UNSCANNABLE, NOT_LOOKED_AT), (None, SCANNER_AWAY)],
)
def test_req_30_nothing_is_kept_that_the_scanner_did_not_call_clean(
    office: Office, verdict: Verdict | None, told: str
) -> None:
    """So nothing unscanned can be downloaded, decided on or bundled: it was never there."""
    report = office.add(UploadRules(scanner=Saying(verdict)), laporan=b"isi")
    assert report.refused == (f"laporan.txt: {told}",)
    assert file_names(office.draft.revision_id) == []
    assert not list(office.store.list_objects())
    with transaction(write=False) as session:
        assert session.execute(select(func.count()).select_from(StoredFile)).scalar_one() == 0
    assert office.add(UploadRules(scanner=Saying(Verdict.CLEAN)), laporan=b"isi").kept == ("laporan.txt",)


def test_req_30_a_real_scanner_keeps_a_virus_out_and_the_others_go_on(office: Office, clamd_address: str) -> None:
    report = office.add(UploadRules(scanner=Clamd(clamd_address)), baik=b"isi", jahat=EICAR, lagi=b"lain")
    assert report.kept == ("baik.txt", "lagi.txt")
    assert report.refused == (f"jahat.txt: {VIRUS}",)
