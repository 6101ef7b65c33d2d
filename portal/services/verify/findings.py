"""What a verification finds: where, what ought to be there, what is there, in words for people who read no code.

Counts every finding, and keeps only so many of each kind: a log of millions that was rewritten must not fill the
memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

KEPT_OF_A_KIND = 100
LONGEST_VALUE = 120
"""Characters of a value that a finding tells."""

NOTHING = "tidak ada"


class FindingCode(StrEnum):
    """Kinds of findings; the values are stable, for scripts."""

    LEAF_MISSING = "leaf_missing"
    LEAF_UNREADABLE = "leaf_unreadable"
    LEAF_HASH_WRONG = "leaf_hash_wrong"
    LEAF_MISPLACED = "leaf_misplaced"
    CHAIN_BROKEN = "chain_broken"
    EVENT_UNKNOWN = "event_unknown"
    LOG_HEAD_WRONG = "log_head_wrong"
    SCOPE_HEAD_WRONG = "scope_head_wrong"
    SUBTREE_WRONG = "subtree_wrong"
    OPENING_WRONG = "opening_wrong"
    OPENING_MISSING = "opening_missing"
    OPENING_ORPHANED = "opening_orphaned"
    EVENT_IMPOSSIBLE = "event_impossible"
    SCOPE_UNKNOWN = "scope_unknown"
    ROW_MISSING = "row_missing"
    ROW_UNEXPLAINED = "row_unexplained"
    ROW_CHANGED = "row_changed"
    ROW_UNREADABLE = "row_unreadable"
    DIGEST_WRONG = "digest_wrong"
    SEAL_ROOT_WRONG = "seal_root_wrong"
    CHECKPOINT_UNREADABLE = "checkpoint_unreadable"
    CHECKPOINT_UNSIGNED = "checkpoint_unsigned"
    KEY_FOREIGN = "key_foreign"
    LOG_CUT = "log_cut"
    LOG_REWRITTEN = "log_rewritten"
    GUARD_MISSING = "guard_missing"
    BUNDLE_UNSIGNED = "bundle_unsigned"
    OBJECT_MISSING = "object_missing"
    OBJECT_SIZE_WRONG = "object_size_wrong"
    OBJECT_CHANGED = "object_changed"
    GUARD_CHANGED = "guard_changed"
    SCHEMA_CHANGED = "schema_changed"


SENTENCES: Mapping[FindingCode, str] = MappingProxyType(
    {
        FindingCode.LEAF_MISSING: "Catatan hilang dari log: nomornya meloncat.",
        FindingCode.LEAF_UNREADABLE: "Isi catatan bukan dalam bentuk baku yang ditulis portal.",
        FindingCode.LEAF_HASH_WRONG: "Isi catatan tidak sesuai dengan hash yang tersimpan: salah satunya diubah.",
        FindingCode.LEAF_MISPLACED: "Catatan tersimpan di tempat lain daripada yang disebut isinya.",
        FindingCode.CHAIN_BROKEN: "Rantai catatan putus: catatan ini tidak menyambung dengan yang sebelumnya.",
        FindingCode.EVENT_UNKNOWN: "Catatan ini bukan peristiwa yang dikenal portal, atau isiannya lain.",
        FindingCode.LOG_HEAD_WRONG: "Kepala log tidak sesuai dengan catatan-catatannya: ada yang dihapus, disisipkan, "
        "atau diubah.",
        FindingCode.SCOPE_HEAD_WRONG: "Kepala rantai tidak sesuai dengan catatan-catatan rantai itu.",
        FindingCode.SUBTREE_WRONG: "Akar subpohon yang tersimpan tidak sesuai dengan catatan-catatan di bawahnya.",
        FindingCode.OPENING_WRONG: "Teks tertutup bukan teks yang dicatat: teks atau garamnya diubah.",
        FindingCode.OPENING_MISSING: "Teks tertutup dari catatan ini tidak ada lagi.",
        FindingCode.OPENING_ORPHANED: "Ada teks tertutup yang tidak disebut catatan mana pun.",
        FindingCode.EVENT_IMPOSSIBLE: "Catatan ini menyebut langkah yang tidak mungkin dilakukan lewat portal.",
        FindingCode.SCOPE_UNKNOWN: "Ada rantai catatan untuk indikator yang tidak ada di basis data.",
        FindingCode.ROW_MISSING: "Jejak audit menyebut data ini, tetapi barisnya tidak ada di basis data.",
        FindingCode.ROW_UNEXPLAINED: "Baris ini ada di basis data tanpa satu pun catatan yang menjelaskannya.",
        FindingCode.ROW_CHANGED: "Isi baris ini lain daripada yang dicatat: diubah di luar portal.",
        FindingCode.ROW_UNREADABLE: "Ada baris dengan nilai yang tidak pernah ditulis portal.",
        FindingCode.DIGEST_WRONG: "Isi versi ini bukan lagi isi yang diajukan dan diperiksa.",
        FindingCode.SEAL_ROOT_WRONG: "Segel paket bukti menyebut akar log yang bukan akar log ini: log diganti.",
        FindingCode.CHECKPOINT_UNREADABLE: "Checkpoint yang tersimpan bukan checkpoint yang dibuat penanda tangan.",
        FindingCode.CHECKPOINT_UNSIGNED: "Checkpoint tidak ditandatangani oleh kunci yang berlaku saat itu.",
        FindingCode.KEY_FOREIGN: "Kunci terbaru di jejak audit bukan milik penanda tangan: disisipkan, atau direktori "
        "kunci dipulihkan dari salinan lama.",
        FindingCode.LOG_CUT: "Log lebih pendek daripada yang pernah ditandatangani: ekornya dipotong, atau basis data "
        "dipulihkan dari salinan lama.",
        FindingCode.LOG_REWRITTEN: "Log bukan lagi log yang ditandatangani: catatannya ditulis ulang.",
        FindingCode.GUARD_MISSING: "Penjaga di basis data dilepas: ada yang bekerja di sana melewati portal.",
        FindingCode.BUNDLE_UNSIGNED: "Paket bukti tidak ditandatangani kunci portal: isi atau tanda tangannya diganti.",
        FindingCode.OBJECT_MISSING: "Berkas ini tidak ada lagi di penyimpanan.",
        FindingCode.OBJECT_SIZE_WRONG: "Ukuran berkas di penyimpanan lain: dipotong atau ditukar.",
        FindingCode.OBJECT_CHANGED: "Isi berkas di penyimpanan bukan isi yang dicatat.",
        FindingCode.GUARD_CHANGED: "Penjaga di basis data diganti, atau bukan buatan portal: ia dapat membiarkan atau "
        "membuat perubahan diam-diam.",
        FindingCode.SCHEMA_CHANGED: "Susunan basis data lain daripada yang dibuat migrasi portal.",
    }
)
"""What each kind means, in one sentence for an auditor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`place` says where, `expected` what ought to be there by everything else, `found` what is there."""

    code: FindingCode
    place: str
    expected: str
    found: str

    @property
    def sentence(self) -> str:
        return SENTENCES[self.code]


@dataclass(slots=True)
class Findings:
    """Collects findings; `kept` holds the first ones of each kind, `counts` the number of all."""

    kept: list[Finding] = field(default_factory=list)
    counts: Counter[FindingCode] = field(default_factory=Counter)

    def add(self, code: FindingCode, place: str, *, expected: object, found: object) -> None:
        self.counts[code] += 1
        if self.counts[code] <= KEPT_OF_A_KIND:
            self.kept.append(Finding(code=code, place=place, expected=_spoken(expected), found=_spoken(found)))

    def compare(self, code: FindingCode, place: str, *, expected: object, found: object) -> None:
        """Add a finding if the two differ."""
        if expected != found:
            self.add(code, place, expected=expected, found=found)

    @property
    def total(self) -> int:
        return self.counts.total()


def _spoken(value: object) -> str:
    """A value as a finding tells it, on one line and not too long."""
    if value is None:
        return NOTHING
    text = value.hex() if isinstance(value, bytes) else " ".join(str(value).split())
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"
