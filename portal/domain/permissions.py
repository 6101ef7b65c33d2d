"""The closed list of what can be permitted. Who holds each is in `policy.py`."""

from enum import StrEnum


class Permission(StrEnum):
    """Verb and object of one permission; every endpoint and every service names one of these."""

    SEE_PLAN = "see_plan"
    SEE_DRAFT = "see_draft"
    EDIT_DRAFT = "edit_draft"
    SEE_STATE = "see_state"
    SEE_EVIDENCE = "see_evidence"
    SEE_REDACTED = "see_redacted"
    SEE_TRAIL = "see_trail"
    DECIDE = "decide"
    REOPEN = "reopen"
    SEAL_BUNDLE = "seal_bundle"
    SEE_CHECKPOINT = "see_checkpoint"
    ASSIGN_PIC = "assign_pic"
    RAISE_CLASSIFICATION = "raise_classification"
    LOWER_CLASSIFICATION = "lower_classification"
    MANAGE_PLAN = "manage_plan"
    MANAGE_ACCOUNTS = "manage_accounts"
