"""Every kind of finding has its sentence and a test that provokes it; many of a kind are counted and not all kept."""

from __future__ import annotations

from pathlib import Path

from portal.services.verify.findings import SENTENCES, FindingCode, Findings


def test_every_kind_of_finding_is_said_in_a_sentence() -> None:
    assert set(SENTENCES) == set(FindingCode)
    assert {code for code, sentence in SENTENCES.items() if not sentence.endswith(".")} == set()


def test_every_kind_of_finding_is_provoked_by_a_test() -> None:
    own = Path(__file__)
    tests = "".join(path.read_text() for path in own.parent.glob("test_*.py") if path != own)
    missing = {code.value for code in FindingCode if f"C.{code.name}" not in tests}
    assert not missing, f"no attack of {own.parent.name} is seen by these: {missing}"


def test_many_findings_of_a_kind_are_counted_and_not_all_kept() -> None:
    findings = Findings()
    for number in range(250):
        findings.add(FindingCode.LEAF_MISSING, f"catatan {number}", expected="x" * 500, found=b"\x01\x02")
    assert (findings.total, len(findings.kept)) == (250, 100)
    assert (len(findings.kept[0].expected), findings.kept[0].found) == (120, "0102")
