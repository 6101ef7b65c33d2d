"""Sealed bundles against the events that sealed them: scope, digests, the log's head at that moment, and every member.

The payload manifest and the order of the ZIP are computed again from the rows; whether the objects hold those bytes is
`objects.py`'s question.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.bundle.layout import MANIFEST, TAG_MANIFEST, BagFile, manifest_text, top_directory, zip_order
from portal.domain.events import EventName
from portal.models import Bundle, BundleMember, BundleRevision, LogCheckpoint, Plan, RevisionFile, StoredFile, Unit
from portal.services.bundles.documents import HEADS
from portal.services.bundles.members import bundle_plan
from portal.services.verify.findings import FindingCode, Findings
from portal.services.verify.people import Term
from portal.services.verify.rows import reconcile, row_place, unreadable_told
from portal.services.verify.trail import TrailEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleFact:
    """A seal, as event and row both have it; `log_root` is 64 hex."""

    unit: str | None
    year: int
    area_code: str | None
    indicator_code: str | None
    manifest_sha256: str | None
    heads_sha256: str | None
    log_size: int
    log_root: str | None
    files: int
    left_out: int
    sealed_by: UUID | None
    sealed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberFact:
    """An evidence file in a bundle, as the row of the file itself has it."""

    size: int
    crc32: int
    sha256: str
    object_key: str
    version_id: str | None


class BundleCheck:
    """Takes the seals of the scope `sys`; `roots` are the log's roots by size, `terms` the memberships by id."""

    def __init__(
        self, session: Session, findings: Findings, *, roots: Mapping[int, bytes], terms: Mapping[UUID, Term]
    ) -> None:
        self._session, self._findings, self._roots, self._terms = session, findings, roots, terms
        self._sealed: dict[UUID, BundleFact] = {}
        self._seqs: dict[UUID, int] = {}

    def tell(self, told: TrailEntry) -> None:
        if told.entry.name is not EventName.BUNDLE_SEALED:
            return
        fact = BundleFact(
            unit=told.text("unit"),
            year=told.number("year"),
            area_code=told.text("area_code"),
            indicator_code=told.text("indicator_code"),
            manifest_sha256=told.text("manifest_sha256"),
            heads_sha256=told.text("heads_sha256"),
            log_size=told.number("log_size"),
            log_root=told.text("log_root"),
            files=told.number("files"),
            left_out=told.number("left_out"),
            sealed_by=told.entry.person,
            sealed_at=told.entry.at,
        )
        self._sealed[told.entry.obj], self._seqs[told.entry.obj] = fact, told.entry.seq
        self._check_root(told.entry.seq, fact)

    def finish(self) -> None:
        rows: list[tuple[Bundle, BundleFact]] = []
        with unreadable_told(self._findings, "paket bukti"):
            rows = self._rows()
            found = {row.id: fact for row, fact in rows}
            reconcile(self._findings, "bundle", expected=self._sealed, found=found)
        for row, fact in rows:
            with unreadable_told(self._findings, row_place("bundle", row.id)):
                self._check_sealer(row)
                _check_members(self._session, self._findings, row, fact)
                self._check_checkpoint(row)

    def _check_root(self, seq: int, fact: BundleFact) -> None:
        """The seal names a head that the log had before it."""
        root = self._roots.get(fact.log_size) if fact.log_size <= seq else None
        self._findings.compare(
            FindingCode.SEAL_ROOT_WRONG,
            f"catatan {seq} (bundle.sealed), akar log {fact.log_size}",
            expected=root.hex() if root else None,
            found=fact.log_root,
        )

    def _check_checkpoint(self, row: Bundle) -> None:
        """The checkpoint that it was finished under is one of the log's; before there were any, it was the head."""
        if row.completion is None:
            return
        expected: str | None = row.log_root
        if row.completion.checkpoint_size != row.log_size:
            kept = self._session.get(LogCheckpoint, row.completion.checkpoint_size)
            expected = kept.root if kept else None
        place = f"{row_place('bundle_completion', row.id)}, checkpoint_root"
        self._findings.compare(FindingCode.ROW_CHANGED, place, expected=expected, found=row.completion.checkpoint_root)

    def _rows(self) -> list[tuple[Bundle, BundleFact]]:
        query = (
            select(Bundle, Plan.year, Unit.code)
            .outerjoin(Plan, Plan.id == Bundle.plan_id)
            .outerjoin(Unit, Unit.id == Plan.unit_id)
        )
        return [(row.Bundle, _fact(row.Bundle, row.code, row.year)) for row in self._session.execute(query)]

    def _check_sealer(self, row: Bundle) -> None:
        term = self._terms.get(row.membership_id)
        if row.id in self._seqs and not (term and term.covers(self._seqs[row.id], row.sealed_by)):
            place = f"{row_place('bundle', row.id)}, membership_id"
            expected = f"peran yang dimiliki {row.sealed_by} saat itu"
            self._findings.add(FindingCode.ROW_CHANGED, place, expected=expected, found=row.membership_id)


def _fact(row: Bundle, unit: str | None, year: int | None) -> BundleFact:
    return BundleFact(
        unit=unit,
        year=year or -1,
        area_code=row.area_code,
        indicator_code=row.indicator_code,
        manifest_sha256=row.manifest_sha256,
        heads_sha256=row.heads_sha256,
        log_size=row.log_size,
        log_root=row.log_root,
        files=row.files,
        left_out=row.left_out,
        sealed_by=row.sealed_by,
        sealed_at=row.sealed_at,
    )


def _check_members(session: Session, findings: Findings, row: Bundle, fact: BundleFact) -> None:
    """Name, order, manifests and payload of the bundle's members, as far as rows can tell; a bundle that was never
    finished has none.
    """
    query = select(BundleMember).where(BundleMember.bundle_id == row.id).order_by(BundleMember.position)
    members = session.execute(query).scalars().all()
    files = [BagFile(each.path, each.size, each.sha256, each.crc32) for each in members]
    place = row_place("bundle", row.id)

    def compare(column: str, expected: object, found: object) -> None:
        findings.compare(FindingCode.ROW_CHANGED, f"{place}, {column}", expected=expected, found=found)

    hashes = {file.path: file.sha256 for file in files}
    payload = [file for file in files if file.is_payload]
    listed = [file for file in files if not file.is_payload and file.path != TAG_MANIFEST and not _is_signature(file)]
    compare("name", top_directory(unit=fact.unit or "", year=fact.year, size=row.log_size), row.name)
    if row.completion is None:
        compare("jumlah isi", 0, len(members))
        return
    compare("evidence_size", sum(file.size for file in payload), row.evidence_size)
    compare("size", bundle_plan(row.name, files, row.sealed_at).total_size, row.completion.size)
    compare("urutan isi", [file.path for file in zip_order(files)], [file.path for file in files])
    compare("nomor isi", list(range(len(members))), [each.position for each in members])
    compare("jumlah berkas", row.files, len(payload))
    compare(MANIFEST, row.manifest_sha256, _digest(payload))
    compare(f"{MANIFEST} (isi)", row.manifest_sha256, hashes.get(MANIFEST))
    compare(f"{TAG_MANIFEST} (isi)", _digest(listed), hashes.get(TAG_MANIFEST))
    compare(HEADS, row.heads_sha256, hashes.get(HEADS))
    _check_payload(session, findings, row.id, members)


def _is_signature(file: BagFile) -> bool:
    return file.path.startswith("sig/")


def _digest(files: Sequence[BagFile]) -> str:
    return sha256(manifest_text(files).encode()).hexdigest()


def _check_payload(session: Session, findings: Findings, bundle_id: UUID, members: Sequence[BundleMember]) -> None:
    """Each evidence file is the one that its row says, and the files are those of the bundle's revisions."""
    query = select(StoredFile).where(StoredFile.id.in_({each.file_id for each in members if each.file_id}))
    stored = {row.id: row for row in session.execute(query).scalars()}
    reconcile(
        findings,
        "bundle_member",
        expected={
            (bundle_id, each.path): _member(stored[each.file_id])
            for each in members
            if each.file_id and each.file_id in stored
        },
        found={(bundle_id, each.path): _member(each) for each in members if each.path.startswith("data/")},
    )
    revisions = (
        select(RevisionFile.file_id)
        .join(BundleRevision, BundleRevision.revision_id == RevisionFile.revision_id)
        .where(BundleRevision.bundle_id == bundle_id)
    )
    findings.compare(
        FindingCode.ROW_CHANGED,
        f"{row_place('bundle', bundle_id)}, versi bukti di dalamnya",
        expected=sorted(str(each.file_id) for each in members if each.file_id),
        found=sorted(str(file_id) for file_id in session.execute(revisions).scalars()),
    )


def _member(row: StoredFile | BundleMember) -> MemberFact:
    return MemberFact(
        size=row.size, crc32=row.crc32, sha256=row.sha256, object_key=row.object_key, version_id=row.version_id
    )
