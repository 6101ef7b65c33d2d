"""`portal verify`: whether database, store and trail still say the same. Exit 0: yes; 1: no; 2: could not look."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType

import click
from flask import current_app

from portal.cli.application import portal_application
from portal.cli.schema import require_newest_schema
from portal.domain.actor import Actor
from portal.services.verify.checkpoints import Witness
from portal.services.verify.findings import Finding
from portal.services.verify.verifying import Unestablished, Verification, verify_portal

SENTENCES: Mapping[Unestablished, str] = MappingProxyType(
    {
        Unestablished.NO_CHECKPOINT: "Belum ada checkpoint bertanda tangan: log yang ditulis ulang seluruhnya tidak "
        "akan tampak di sini. Jalankan `portal checkpoint sign`.",
        Unestablished.KEY_NOT_RECORDED: "Kunci penanda tangan belum tercatat di jejak audit (sesudah rotasi?). "
        "Jalankan `portal checkpoint sign`, lalu periksa lagi.",
        Unestablished.NO_SIGNER: "Penanda tangan tidak dapat ditanya, jadi ingatannya tidak dibandingkan. Periksa "
        "PORTAL_SIGNER, atau beri checkpoint tercetak dengan --printed.",
        Unestablished.NO_STORE: "Penyimpanan tidak terjangkau, jadi berkas-berkasnya tidak diperiksa. Ulangi nanti.",
    }
)


class PrintedCheckpoint(click.ParamType[Witness]):
    """`SIZE ROOT` as it stands on paper; spaces within the root, as they are printed in groups, do not matter."""

    name = "checkpoint"

    def convert(self, value: str | Witness, param: click.Parameter | None, ctx: click.Context | None) -> Witness:
        if isinstance(value, Witness):
            return value
        found = re.fullmatch(r"\s*([0-9]{1,18})\s+((?:[0-9a-fA-F]\s*){64})", value)
        if not found:
            self.fail("tulis ukuran dan akar log seperti tercetak, misalnya --printed '457 2e9c27a3…'.", param, ctx)
        root = bytes.fromhex("".join(found[2].split()))
        return Witness(who="checkpoint tercetak", size=int(found[1]), root=root)


@click.command("verify")
@click.option("--deep", is_flag=True, help="Baca juga setiap bita dari setiap berkas.")
@click.option("--printed", type=PrintedCheckpoint(), metavar="'UKURAN AKAR'", help="Bandingkan dengan cetakan ini.")
@click.option("--json", "as_json", is_flag=True, help="Jawab dengan satu objek JSON.")
def verify_command(*, deep: bool, printed: Witness | None, as_json: bool) -> None:
    """Periksa jejak audit, basis data, dan penyimpanan satu terhadap yang lain; tidak ada yang diperbaiki."""
    with portal_application():
        require_newest_schema()
        verification = verify_portal(
            actor=Actor.system("verify"),
            store=current_app.extensions["portal.store"],
            signer=current_app.extensions["portal.signer"],
            deep=deep,
            printed=printed,
            now=datetime.now(UTC),
        )
    click.echo(_as_json(verification, deep=deep) if as_json else _as_text(verification))
    sys.exit(_exit_code(verification))


def _exit_code(verification: Verification) -> int:
    if verification.findings.total:
        return 1
    return 2 if Unestablished.NO_STORE in verification.unestablished else 0


def _as_json(verification: Verification, *, deep: bool) -> str:
    findings = verification.findings
    return json.dumps(
        {
            "clean": not findings.total,
            "leaves": verification.leaves,
            "root": verification.root.hex(),
            "checkpoints": verification.checkpoints,
            "objects": verification.objects.objects,
            "bytes_read": verification.objects.bytes_read,
            "deep": deep,
            "unestablished": [each.value for each in verification.unestablished],
            "findings": findings.total,
            "counts": {code.value: count for code, count in sorted(findings.counts.items())},
            "kept": [
                {
                    "code": finding.code.value,
                    "place": finding.place,
                    "expected": finding.expected,
                    "found": finding.found,
                    "sentence": finding.sentence,
                }
                for finding in findings.kept
            ],
        },
        ensure_ascii=False,
    )


def _as_text(verification: Verification) -> str:
    findings, objects = verification.findings, verification.objects
    lines = [
        f"Log: {verification.leaves} catatan, akar {verification.root.hex()}, {verification.checkpoints} checkpoint.",
        f"Penyimpanan: {objects.objects} objek diperiksa, {objects.bytes_read} bita dibaca.",
        *(f"BELUM PASTI: {SENTENCES[each]}" for each in verification.unestablished),
    ]
    for finding in findings.kept:
        lines += _told(finding)
    if hidden := findings.total - len(findings.kept):
        lines.append(f"… dan {hidden} temuan lain dari jenis yang sama.")
    ending = "Jangan ubah apa pun; simpan keluaran ini dan hubungi auditor."
    lines.append(f"{findings.total} temuan. {ending}" if findings.total else "Tidak ada temuan.")
    return "\n".join(lines)


def _told(finding: Finding) -> list[str]:
    return [
        f"TEMUAN {finding.code.value}: {finding.place}",
        f"  {finding.sentence}",
        f"  seharusnya: {finding.expected}",
        f"  yang ada:   {finding.found}",
    ]
