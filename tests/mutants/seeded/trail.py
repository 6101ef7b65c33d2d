"""What is recorded, chained and guarded, and checked while it is read."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

TRAIL = (
    Mutant(
        "trail outside the transaction",
        "the change is kept although its event could not be written",
        "portal/services/unit_of_work.py",
        "    audit.append_recorded(session)\n    session.info[_COMMITTING] = True\n    session.commit()\n",
        "    session.info[_COMMITTING] = True\n    session.commit()\n    audit.append_recorded(session)\n",
        (
            "tests/services/test_audit.py::test_req_19_an_event_that_cannot_be_written_stops_what_it_belongs_to",
            "tests/services/test_audit.py::test_req_16_a_change_and_its_event_are_kept_or_dropped_together",
        ),
    ),
    Mutant(
        "an action without its event",
        "a decision leaves no trace",
        "portal/services/workflow.py",
        "audit.record(\n            session,\n            effect.event,",
        "(lambda *_, **__: None)(\n            session,\n            effect.event,",
        (
            "tests/services/test_workflow.py::test_req_12_of_decisions_made_at_once_one_counts",
            "tests/services/test_workflow.py::test_submission_fixes_the_content_under_its_digest",
        ),
    ),
    Mutant(
        "names in the open part of the trail",
        "a file's name stands in the leaf that auditors get",
        "portal/domain/events/evidence.py",
        "    version_id: str | None\n    name: Personal\n",
        "    version_id: str | None\n    name: str\n",
        ("tests/domain/test_events.py::test_no_field_that_stays_open_can_hold_a_sentence",),
    ),
    Mutant(
        "trail open to UPDATE",
        "SQL rewrites an event",
        "migrations/versions/0002_guard_trail_and_decisions.py",
        '    return [*_never(table, "UPDATE"), *_never_deleted(table, same_key)]',
        "    return _never_deleted(table, same_key)",
        (
            "tests/models/test_guards.py::test_req_17_no_column_of_a_record_is_rewritten",
            "tests/models/test_guards.py::test_every_guard_refuses_what_it_is_there_for",
        ),
    ),
    Mutant(
        "hash not verified while reading",
        "an exchanged file is handed out as the approved one",
        "portal/services/downloads.py",
        "    if reader.sha256 != file.facts.sha256:\n",
        "    if reader.size < 0:\n",
        ("tests/services/test_downloads.py::test_req_37_changed_bytes_never_end_as_a_whole_file_and_are_recorded",),
    ),
    Mutant(
        "hash not verified in a bundle",
        "an exchanged file goes into an auditor's download",
        "portal/services/bundles/delivery.py",
        "ExpectedDigest(sha256=member.bag.sha256 if is_whole else None, size=part.length)",
        "ExpectedDigest(size=part.length)",
        (
            "tests/services/bundles/test_bundle_delivery.py::test_req_37_a_damaged_object_breaks_the_stream_and_is_recorded",
        ),
    ),
    Mutant(
        "downloads leave no trace",
        "nobody can say who read a file",
        "portal/services/reading.py",
        'whatever its class."""\n    _record(event, shown.place, shown.subject, actor, now)\n',
        'whatever its class."""\n',
        ("tests/services/test_reading.py::test_req_21_each_download_is_recorded_with_who_when_and_which_bytes",),
    ),
)
