"""`portal verify`: whether database, store and trail still say the same. Exit 0: yes; 1: no; 2: could not look."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime

import click

from portal.cli.application import portal_application
from portal.domain.actor import Actor
from portal.services.verify.findings import Finding
from portal.services.verify.verifying import Verification, verify_portal


@click.command("verify")
@click.option("--json", "as_json", is_flag=True, help="Jawab dengan satu objek JSON.")
def verify_command(*, as_json: bool) -> None:
    """Periksa jejak audit, basis data, dan penyimpanan satu terhadap yang lain; tidak ada yang diperbaiki."""
    with portal_application():
        verification = verify_portal(actor=Actor.system("verify"), now=datetime.now(UTC))
    click.echo(_as_json(verification) if as_json else _as_text(verification))
    sys.exit(1 if verification.findings.total else 0)


def _as_json(verification: Verification) -> str:
    findings = verification.findings
    return json.dumps(
        {
            "clean": not findings.total,
            "leaves": verification.leaves,
            "root": verification.root.hex(),
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
    findings = verification.findings
    lines = [f"Log: {verification.leaves} catatan, akar {verification.root.hex()}."]
    for finding in findings.kept:
        lines += _told(finding)
    hidden = findings.total - len(findings.kept)
    if hidden:
        lines.append(f"… dan {hidden} temuan lain dari jenis yang sama.")
    lines.append(
        f"{findings.total} temuan. Jangan ubah apa pun; simpan keluaran ini dan hubungi auditor."
        if findings.total
        else "Tidak ada temuan."
    )
    return "\n".join(lines)


def _told(finding: Finding) -> list[str]:
    return [
        f"TEMUAN {finding.code.value}: {finding.place}",
        f"  {finding.sentence}",
        f"  seharusnya: {finding.expected}",
        f"  yang ada:   {finding.found}",
    ]
