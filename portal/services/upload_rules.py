"""What an installation asks of a file beside its kind: room for the indicator, for the person's day, and no virus.

Every refusal names the file, says that the others are kept, and what to do; nothing that was stored is touched.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.adapters.scanner import Scanner, ScannerUnavailable, Verdict
from portal.domain.errors import InvalidInput
from portal.models import Evidence, Requirement, Revision, RevisionFile, StoredFile

DAY = timedelta(hours=24)
GIGA = 1 << 30

VIRUS = "pemeriksa virus menolak berkas ini. Berkas tidak disimpan; laporkan kepada pengelola komputer Anda."
NOT_LOOKED_AT = (
    "pemeriksa virus tidak dapat melihat seluruh isi berkas ini, jadi berkas tidak diterima. Bagi menjadi "
    "beberapa berkas yang lebih kecil, lalu unggah lagi."
)
SCANNER_AWAY = (
    "pemeriksa virus sedang tidak dapat dihubungi, jadi berkas ini belum diterima. Draf tetap ada; unggah lagi nanti."
)
DAY_FULL = (
    "batas unggahan Anda untuk 24 jam, {limit} GB, sudah tercapai. Yang sudah tersimpan tetap ada; lanjutkan besok, "
    "atau hubungi admin bila batasnya perlu dinaikkan."
)
INDICATOR_FULL = (
    "berkas untuk indikator ini sudah mencapai batasnya, {limit} GB. Yang sudah tersimpan tetap ada; kecilkan "
    "berkasnya, atau hubungi admin bila batasnya perlu dinaikkan."
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadRules:
    """`day_bytes` are those of one person in 24 hours; without a `scanner` nothing is scanned."""

    indicator_bytes: int = 20 * GIGA
    day_bytes: int = 5 * GIGA
    scanner: Scanner | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """Bytes that are stored already, for the indicator and by the person within the day."""

    indicator: int
    day: int

    def plus(self, size: int) -> Used:
        return Used(indicator=self.indicator + size, day=self.day + size)


def count_used(session: Session, *, indicator_id: UUID, uploader_id: UUID, now: datetime) -> Used:
    """What counts against the rules; bytes that several evidences share count once for their indicator."""
    of_indicator = (
        select(RevisionFile.file_id)
        .join(Revision, Revision.id == RevisionFile.revision_id)
        .join(Evidence, Evidence.id == Revision.evidence_id)
        .join(Requirement, Requirement.id == Evidence.requirement_id)
        .where(Requirement.indicator_id == indicator_id)
    )
    of_person = (StoredFile.uploader_id == uploader_id, StoredFile.uploaded_at > now - DAY)
    total = func.coalesce(func.sum(StoredFile.size), 0)
    return Used(
        indicator=int(session.execute(select(total).where(StoredFile.id.in_(of_indicator))).scalar_one()),
        day=int(session.execute(select(total).where(*of_person)).scalar_one()),
    )


def refuse_beyond(name: str, used: Used, rules: UploadRules) -> None:
    """Raise InvalidInput when `used`, this file counted, is more than the rules allow."""
    if used.day > rules.day_bytes:
        raise InvalidInput("files", f"{name}: {DAY_FULL.format(limit=_giga(rules.day_bytes))}")
    if used.indicator > rules.indicator_bytes:
        raise InvalidInput("files", f"{name}: {INDICATOR_FULL.format(limit=_giga(rules.indicator_bytes))}")


def refuse_virus(name: str, stream: BinaryIO, scanner: Scanner | None) -> None:
    """Raise InvalidInput unless the scanner, where there is one, has looked at all of the file and found nothing."""
    if scanner is None:
        return
    try:
        verdict = scanner.scan(stream)
    except ScannerUnavailable as error:
        log.error("a file was refused because the scanner cannot be believed: %s", error)  # noqa: TRY400  # its sentence says it all
        raise InvalidInput("files", f"{name}: {SCANNER_AWAY}") from error
    if verdict is not Verdict.CLEAN:
        log.warning("a file was refused as %s", verdict)
        raise InvalidInput("files", f"{name}: {VIRUS if verdict is Verdict.INFECTED else NOT_LOOKED_AT}")


def _giga(size: int) -> str:
    return f"{size / GIGA:.1f}".replace(".", ",").removesuffix(",0")
