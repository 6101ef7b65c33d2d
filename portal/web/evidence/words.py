"""What the last look says about a draft, and where it leads to mend it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from portal.services.readiness import Remark


@dataclass(frozen=True, slots=True)
class RemarkWords:
    """`sentence` tells what was found; `anchor` is the part of the draft page where it is mended."""

    sentence: str
    anchor: str


REMARKS: Mapping[Remark, RemarkWords] = MappingProxyType(
    {
        Remark.NO_CONTENT: RemarkWords("Belum ada berkas atau tautan.", "berkas"),
        Remark.NO_DOCUMENT_DATE: RemarkWords("Tanggal dokumen belum diisi. Boleh kosong bila tidak ada.", "keterangan"),
        Remark.DATE_IN_FUTURE: RemarkWords("Tanggal dokumen di masa depan.", "keterangan"),
        Remark.DATE_LONG_AGO: RemarkWords("Tanggal dokumen jauh sebelum bulan yang dipilih.", "keterangan"),
        Remark.NOTHING_NEW: RemarkWords("Berkas dan tautannya masih sama dengan versi yang dikembalikan.", "berkas"),
        Remark.RESTRICTED: RemarkWords(
            "Bukti ini memuat data pribadi. Pastikan tidak ada NIK, alamat, atau nama pelapor yang masih terbaca pada "
            "salinan yang disamarkan, juga pada nama berkasnya.",
            "berkas",
        ),
    }
)
