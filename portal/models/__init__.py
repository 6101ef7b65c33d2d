"""The tables, one concept a file: columns, relationships and small read-only properties. No rule, no query."""

import portal.models.sqlite_authorizer  # noqa: F401  # it listens to every new connection
from portal.models.anchor import LogAnchor
from portal.models.bundle import Bundle, BundleCompletion, BundleMember, BundleRevision
from portal.models.checkpoint import LogCheckpoint, SigningKey
from portal.models.classification_change import ClassificationChange
from portal.models.decision import Decision, Reopening
from portal.models.evidence import Evidence, SlotClaim
from portal.models.external_window import ExternalWindow
from portal.models.invitation import Invitation
from portal.models.linked_identity import LinkedIdentity
from portal.models.log import LogHead, LogLeaf, LogOpening, LogSubtree, ScopeHead
from portal.models.login_session import LoginSession
from portal.models.login_throttle import LoginThrottle
from portal.models.membership import Membership
from portal.models.membership_proposal import MembershipProposal
from portal.models.pending_login import PendingLogin
from portal.models.plan import Area, Component, Indicator, Plan, Requirement, ReviewTier
from portal.models.revision import (
    Contributor,
    Redaction,
    Revision,
    RevisionFile,
    RevisionLink,
    RevisionSlot,
)
from portal.models.second_factor import RecoveryCode, SecondFactor
from portal.models.slot import Slot
from portal.models.stored_file import StoredFile
from portal.models.unit import Unit
from portal.models.user import User

__all__ = [
    "Area",
    "Bundle",
    "BundleCompletion",
    "BundleMember",
    "BundleRevision",
    "ClassificationChange",
    "Component",
    "Contributor",
    "Decision",
    "Evidence",
    "ExternalWindow",
    "Indicator",
    "Invitation",
    "LinkedIdentity",
    "LogAnchor",
    "LogCheckpoint",
    "LogHead",
    "LogLeaf",
    "LogOpening",
    "LogSubtree",
    "LoginSession",
    "LoginThrottle",
    "Membership",
    "MembershipProposal",
    "PendingLogin",
    "Plan",
    "RecoveryCode",
    "Redaction",
    "Reopening",
    "Requirement",
    "ReviewTier",
    "Revision",
    "RevisionFile",
    "RevisionLink",
    "RevisionSlot",
    "ScopeHead",
    "SecondFactor",
    "SigningKey",
    "Slot",
    "SlotClaim",
    "StoredFile",
    "Unit",
    "User",
]
