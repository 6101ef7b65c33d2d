"""Steps of the workflow: four eyes, tiers, what was shown, and what is sent twice."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

DECIDING = (
    Mutant(
        "four eyes only in the database",
        "the service lets a contributor decide; the trigger is alone",
        "portal/domain/policy.py",
        "return actor.user_id not in subject.contributors",
        "return True",
        ("tests/services/test_workflow.py::test_req_07_nobody_decides_on_what_he_had_a_hand_in",),
    ),
    Mutant(
        "four eyes only in the service",
        "SQL of somebody's own lets an uploader decide; the trigger is gone",
        "migrations/versions/0002_guard_trail_and_decisions.py",
        '    Guard("decision", "four_eyes", "INSERT", _SENT_BY_NEW_REVIEWER.format(person="reviewer_id")),\n',
        "",
        (
            "tests/models/test_guards.py::test_req_07_one_hand_in_a_revision_is_enough_to_be_kept_from_judging_it",
            "tests/models/test_guards.py::test_req_07_the_uploader_cannot_decide_alter_or_delete_by_his_own_sql",
        ),
    ),
    Mutant(
        "role of the tier not asked",
        "a coordinator decides in the TPI's tier",
        "portal/domain/policy.py",
        "return grant.role in subject.tier_roles",
        "return True",
        ("tests/services/test_workflow.py::test_req_14_tiers_are_passed_in_order_by_different_people",),
    ),
    Mutant(
        "one person, two tiers",
        "whoever approved in one tier approves in the next",
        "portal/domain/policy.py",
        "return actor.user_id not in subject.decided_by",
        "return True",
        ("tests/services/test_workflow.py::test_req_14_tiers_are_passed_in_order_by_different_people",),
    ),
    Mutant(
        "digest not compared",
        "a decision counts for content that the reviewer was not shown",
        "portal/services/workflow.py",
        "if command.seen_state is not case.revision.state or command.seen_digest != case.revision.digest:",
        "if command.seen_state is not case.revision.state:",
        ("tests/services/test_workflow.py::test_req_13_who_saw_something_else_is_told_so",),
    ),
    Mutant(
        "state not compared",
        "who saw another state acts on this one",
        "portal/services/workflow.py",
        "if command.seen_state is not case.revision.state or command.seen_digest != case.revision.digest:",
        "if command.seen_digest != case.revision.digest:",
        ("tests/services/test_workflow.py::test_req_13_who_saw_something_else_is_told_so",),
    ),
    Mutant(
        "compare-and-set and its lock dropped",
        "of two decisions at once both count",
        "portal/services/workflow.py",
        ", lock=True)\n        _refuse_stale(case, command)\n",
        ")\n",
        ("tests/services/test_workflow.py::test_req_12_of_decisions_made_at_once_one_counts",),
    ),
    Mutant(
        "decision on another digest in the database",
        "the trigger does not look at the digest",
        "migrations/versions/0002_guard_trail_and_decisions.py",
        "AND r.tier = NEW.tier AND r.digest = NEW.revision_digest)",
        "AND r.tier = NEW.tier)",
        ("tests/models/test_guards.py::test_every_guard_refuses_what_it_is_there_for",),
    ),
    Mutant(
        "content open after submission",
        "files are put into what a reviewer is looking at",
        "portal/services/draft_change.py",
        "    if case.revision.state is not State.DRAFT:\n",
        "    if case.revision.state is State.APPROVED:\n",
        (
            "tests/services/test_uploads.py::test_a_draft_that_was_submitted_meanwhile_gets_no_file",
            "tests/services/test_uploads.py::test_req_17_a_file_is_not_taken_out_of_what_was_submitted",
        ),
    ),
    Mutant(
        "sent twice, two bundles",
        "the button pressed twice seals twice",
        "portal/services/bundles/sealing.py",
        "    if bundle_id and _is_sealed(actor, bundle_id, scope):\n        return bundle_id\n",
        "    bundle_id = None\n",
        ("tests/services/bundles/test_bundle_finishing.py::test_req_15_the_button_pressed_twice_makes_one_bundle",),
    ),
    Mutant(
        "sent twice, two memberships",
        "a form sent twice grants twice",
        "portal/services/memberships.py",
        "    require_alone(session, terms)\n    refuse_twice(session, terms, unit)\n",
        "    require_alone(session, terms)\n",
        ("tests/services/accounts/test_managing.py::test_req_15_the_same_role_for_the_same_days_is_given_once",),
    ),
)
