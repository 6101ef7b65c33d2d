"""Redacted copies: who reads them, when, and what of the originals comes along."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

COPIES = (
    Mutant(
        "copies before they were judged",
        "other areas read a redacted copy as soon as it is handed in",
        "portal/domain/policy.py",
        "            _clause(SENDERS, in_unit, is_approved),\n",
        "            _clause(SENDERS, in_unit, has_been_submitted),\n",
        ("tests/services/test_redactions.py::test_copies_are_read_by_more_people_than_their_originals",),
    ),
    Mutant(
        "original given out as a copy",
        "whoever reads the copies gets the original, too",
        "portal/domain/policy.py",
        "(find_grant(actor, Permission.SEE_REDACTED, subject) if is_copy else None)",
        "find_grant(actor, Permission.SEE_REDACTED, subject)",
        ("tests/services/test_redactions.py::test_copies_are_read_by_more_people_than_their_originals",),
    ),
    Mutant(
        "copies for everybody",
        "the page of the copies asks nobody who he is",
        "portal/services/redacted_page.py",
        "if not files or not is_permitted(actor, Permission.SEE_REDACTED, case.subject):",
        "if not files:",
        ("tests/services/test_redactions.py::test_copies_are_read_by_more_people_than_their_originals",),
    ),
    Mutant(
        "link to copies that one may not see",
        "an indicator's page tells of copies that are closed to its reader",
        "portal/services/indicator_page.py",
        "if row.has_copies and sees_copies_alone(actor, subject):",
        "if row.has_copies and not may_see_revision(actor, subject):",
        (
            "tests/services/test_redactions.py::test_the_indicator_leads_to_copies_just_who_sees_nothing_else",
            "tests/matrix/test_agreement.py::test_req_04_indicator_and_trail_show_what_the_evidence_shows",
        ),
    ),
)
