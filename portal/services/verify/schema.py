"""The database's own rules against those that the migrations made: a guard that is gone, or that still has its name and
refuses nothing, a trigger, view or column that nobody of ours put there.

It shows what an attacker left lying about; whoever puts everything back before the check is seen by what he changed.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.models.migrated_schema import expected_triggers, found_triggers, schema_differences
from portal.services.verify.findings import FindingCode, Findings

_BEFORE = 30
"""Characters that are told before the place where two definitions part."""


def check_schema(session: Session, findings: Findings) -> None:
    connection = session.connection()
    expected, found = expected_triggers(connection.dialect.name), found_triggers(connection)
    if missing := sorted(expected.keys() - found.keys()):
        findings.add(
            FindingCode.GUARD_MISSING,
            "penjaga basis data",
            expected=f"{len(expected)} terpasang",
            found=f"{len(missing)} tidak terpasang: {', '.join(missing)}",
        )
    for name in sorted(found):
        _compare(findings, name, expected.get(name), found[name])
    for difference in schema_differences(connection):
        findings.add(
            FindingCode.SCHEMA_CHANGED, "skema basis data", expected="seperti dibuat migrasi", found=difference
        )


def _compare(findings: Findings, name: str, expected: str | None, found: str) -> None:
    """Definitions are long: tell them from where they part."""
    pairs = enumerate(zip(expected or "", found, strict=False))
    start = max(next((at for at, (one, other) in pairs if one != other), 0) - _BEFORE, 0)
    findings.compare(
        FindingCode.GUARD_CHANGED,
        f"penjaga {name}",
        expected=expected and expected[start:],
        found=found[start:],
    )
