"""Compares the rows of a table with what the events say they must be, column by column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from portal.services.verify.findings import FindingCode, Findings

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Key = TypeVar("Key")
Fact = TypeVar("Fact", bound="DataclassInstance")

WORDS: Mapping[str, str] = MappingProxyType(
    {
        "area": "area",
        "bundle": "paket bukti",
        "bundle_completion": "penyelesaian paket bukti",
        "bundle_member": "isi paket bukti",
        "classification_change": "perubahan klasifikasi",
        "component": "komponen",
        "contributor": "penyusun",
        "decision": "keputusan",
        "evidence": "bukti",
        "external_window": "masa auditor eksternal",
        "indicator": "indikator",
        "invitation": "undangan",
        "linked_identity": "tautan akun penyedia identitas",
        "login_session": "sesi masuk",
        "membership": "peran",
        "membership_proposal": "usulan peran",
        "plan": "rencana aksi",
        "recovery_code": "kode pemulihan",
        "redaction": "tanda salinan yang disamarkan",
        "reopening": "pembukaan kembali",
        "requirement": "bukti fisik",
        "review_tier": "jenjang pemeriksaan",
        "revision": "versi bukti",
        "revision_file": "berkas dalam versi bukti",
        "revision_link": "tautan dalam versi bukti",
        "second_factor": "verifikasi dua langkah",
        "signing_key": "kunci",
        "slot": "bulan target",
        "slot_claim": "bulan yang terisi",
        "stored_file": "berkas",
        "unit": "unit",
        "user": "akun",
    }
)
"""What people call the rows of a table."""


def row_place(table: str, key: object, *, within: str = "") -> str:
    """How findings name a row, for instance `keputusan 3f… (tabel decision)`."""
    parts = key if isinstance(key, tuple) else (key,)
    place = f"{WORDS[table]} {' / '.join(str(part) for part in parts)} (tabel {table})"
    return f"{within}: {place}" if within else place


def reconcile(
    findings: Findings, table: str, *, expected: Mapping[Key, Fact], found: Mapping[Key, Fact], within: str = ""
) -> None:
    """Add a finding for each row that no event explains, each that an event says and that is gone, and each column
    that is not what the events say. Both sides are by the same key; `within` says where, as findings put it.
    """
    for key in expected.keys() | found.keys():
        place = row_place(table, key, within=within)
        if key not in found:
            findings.add(FindingCode.ROW_MISSING, place, expected=_told(expected[key]), found=None)
        elif key not in expected:
            findings.add(FindingCode.ROW_UNEXPLAINED, place, expected=None, found=_told(found[key]))
        else:
            _compare_columns(findings, place, expected[key], found[key])


@contextmanager
def unreadable_told(findings: Findings, place: str) -> Iterator[None]:
    """Turn a value that its column's type cannot read, such as a state that does not exist or, in SQLite, bytes in
    place of a text, into a finding.
    """
    try:
        yield
    except (LookupError, ValueError, TypeError, AttributeError) as error:
        findings.add(FindingCode.ROW_UNREADABLE, place, expected="nilai yang ditulis portal", found=error)


def _compare_columns(findings: Findings, place: str, expected: Fact, found: Fact) -> None:
    for column in fields(expected):
        findings.compare(
            FindingCode.ROW_CHANGED,
            f"{place}, {column.name}",
            expected=getattr(expected, column.name),
            found=getattr(found, column.name),
        )


def _told(fact: DataclassInstance) -> str:
    return ", ".join(f"{column.name} {value}" for column in fields(fact) if (value := getattr(fact, column.name)))
