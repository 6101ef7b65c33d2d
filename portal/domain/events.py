"""The catalogue of the audit trail: one frozen dataclass per event, past tense, closed fields, codes and ids but
never sentences.

`type` is the event's name in the leaf and never changes once written. Fields of type `Personal` (names, notes,
addresses) enter the leaf as a salted commitment and their value goes to an opening; all others enter as they are.
Who, when, role and scope are the recorder's business.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from functools import cache
from typing import ClassVar, NewType, get_type_hints
from uuid import UUID

from portal.domain.classification import Classification
from portal.domain.key_kind import KeyKind
from portal.domain.reading import ReadPage
from portal.domain.review import ReturnReason
from portal.domain.roles import Role

Personal = NewType("Personal", str)
"""Free text, most of it about or by a person: never in the leaf itself, so that it can be erased without breaking the
tree (UU 27/2022).
"""

SYSTEM_SCOPE = "sys"


def indicator_scope(unit_code: str, year: int, indicator_code: str) -> str:
    """The scope of one indicator's chain, for instance `KPU-1502/2025/II.1.3`."""
    return f"{unit_code}/{year}/{indicator_code}"


class EventName(StrEnum):
    """All names that a leaf can carry."""

    UNIT_ADDED = "unit.added"
    PLAN_IMPORTED = "plan.imported"
    PIC_ASSIGNED = "slot.pic_assigned"
    CLASSIFICATION_CHANGED = "requirement.classification_changed"
    USER_INVITED = "user.invited"
    PASSWORD_RESET_REQUESTED = "user.password_reset_requested"  # noqa: S105  # the name of an event
    USER_ACTIVATED = "user.activated"
    USER_DEACTIVATED = "user.deactivated"
    USER_REACTIVATED = "user.reactivated"
    MEMBERSHIP_GRANTED = "membership.granted"
    EXTERNAL_AUDITOR_GRANTED = "membership.external_granted"
    MEMBERSHIP_PROPOSED = "membership.proposed"
    MEMBERSHIP_REFUSED = "membership.refused"
    MEMBERSHIP_WITHDRAWN = "membership.withdrawn"
    MEMBERSHIP_ENDED = "membership.ended"
    LOGIN_SUCCEEDED = "login.succeeded"
    LOGIN_THROTTLED = "login.throttled"
    CODE_ASKED = "login.code_asked"
    SECOND_FACTOR_PASSED = "login.second_factor_passed"
    RECOVERY_CODE_USED = "login.recovery_code_used"
    PROVIDER_ACCEPTED = "login.provider_accepted"
    LOGGED_OUT = "login.ended"
    SESSION_ENDED = "login.ended_elsewhere"
    SESSIONS_ENDED = "login.all_ended"
    PASSWORD_CHANGED = "user.password_changed"  # noqa: S105  # the name of an event
    PASSWORD_CONFIRMED = "login.password_confirmed"  # noqa: S105  # the name of an event
    IDENTITY_LINKED = "user.identity_linked"
    SECOND_FACTOR_ENROLLED = "second_factor.enrolled"
    SECOND_FACTOR_ENDED = "second_factor.ended"
    RECOVERY_CODES_RENEWED = "second_factor.codes_renewed"
    EVIDENCE_STARTED = "evidence.started"
    FILE_UPLOADED = "evidence.file_uploaded"
    FILE_REUSED = "evidence.file_reused"
    FILE_REMOVED = "evidence.file_removed"
    COPY_MARKED = "evidence.copy_marked"
    COPY_UNMARKED = "evidence.copy_unmarked"
    LINK_ADDED = "evidence.link_added"
    LINK_REMOVED = "evidence.link_removed"
    REVISION_DRAFTED = "evidence.revision_drafted"
    DRAFT_DISCARDED = "evidence.discarded"
    EVIDENCE_SUBMITTED = "evidence.submitted"
    EVIDENCE_WITHDRAWN = "evidence.withdrawn"
    EVIDENCE_APPROVED = "evidence.approved"
    EVIDENCE_RETURNED = "evidence.returned"
    EVIDENCE_REJECTED = "evidence.rejected"
    EVIDENCE_REOPENED = "evidence.reopened"
    FILE_READ = "evidence.file_read"
    PAGE_READ = "evidence.page_read"
    TRAIL_READ = "indicator.trail_read"
    BUNDLE_SEALED = "bundle.sealed"
    BUNDLE_DOWNLOADED = "bundle.downloaded"
    DOWNLOAD_CUT_OFF = "download.cut_off"
    FIXITY_FAILED = "fixity.failed"
    KEY_INTRODUCED = "key.introduced"
    KEY_ROTATED = "key.rotated"
    LOG_CONTINUED = "log.continued"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFact:
    """One file as the trail states it. `crc32` is 8 hex digits, `size` is in bytes."""

    file: UUID
    sha256: str
    crc32: str
    size: int
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCodeFact:
    """One recovery code as the trail states it: by its id and the SHA-256 (64 hex) of its 80 random bits."""

    code: UUID
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of the catalogue; `obj` is the object the event is about."""

    type: ClassVar[EventName]
    obj: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitAdded(Event):
    type = EventName.UNIT_ADDED
    code: str
    under: str | None
    timezone: str
    name: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanImported(Event):
    """`content` is every row of the plan as it was stored (services.plan_content), so that each can be compared with it
    for ever.
    """

    type = EventName.PLAN_IMPORTED
    unit: str
    year: int
    document_sha256: str
    indicators: int
    requirements: int
    slots: int
    content: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class PicAssigned(Event):
    """`obj` is the slot; `pic` None takes the PIC away."""

    type = EventName.PIC_ASSIGNED
    month: date
    pic: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassificationChanged(Event):
    """`obj` is the requirement; its changes are numbered from 1. The first one's `before` is the imported class."""

    type = EventName.CLASSIFICATION_CHANGED
    number: int
    before: Classification
    after: Classification
    membership: UUID
    reason: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class UserInvited(Event):
    """`token_sha256` is the hash of the invitation's token, which works for `valid_minutes` and supersedes earlier
    ones.
    """

    type = EventName.USER_INVITED
    invitation: UUID
    token_sha256: str
    valid_minutes: int
    email: Personal
    name: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordResetRequested(Event):
    """Somebody who need not be the user `obj` asked for a link, which was mailed to the user. Fields as in
    UserInvited.
    """

    type = EventName.PASSWORD_RESET_REQUESTED
    invitation: UUID
    token_sha256: str
    valid_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UserActivated(Event):
    """`password_sha256` is the SHA-256 of the stored, salted password hash: nobody can guess from it, and nobody can
    put another one in its place unnoticed.
    """

    type = EventName.USER_ACTIVATED
    invitation: UUID
    password_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDeactivated(Event):
    type = EventName.USER_DEACTIVATED


@dataclass(frozen=True, slots=True, kw_only=True)
class UserReactivated(Event):
    type = EventName.USER_REACTIVATED


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipGranted(Event):
    """`obj` is the membership; `valid_from` and `valid_until` are whole days in the unit's zone, the last one
    included. Where `obj` was proposed before, this is the confirmation by the second admin.
    """

    type = EventName.MEMBERSHIP_GRANTED
    user: UUID
    member_role: Role
    unit: str
    member_area: str | None
    below: bool
    restricted: bool
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalAuditorGranted(MembershipGranted):
    """The same for an external auditor; `sponsor` is the person of the unit who answers for the visit."""

    type = EventName.EXTERNAL_AUDITOR_GRANTED
    sponsor: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipProposed(Event):
    """`obj` is the proposal, and the membership once another admin has confirmed it, which he can for `open_days`;
    `sponsor` is set for an external auditor alone.
    """

    type = EventName.MEMBERSHIP_PROPOSED
    user: UUID
    member_role: Role
    unit: str
    member_area: str | None
    below: bool
    restricted: bool
    valid_from: date
    valid_until: date | None
    sponsor: UUID | None
    open_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipRefused(Event):
    """Another admin refused the proposal `obj`."""

    type = EventName.MEMBERSHIP_REFUSED
    user: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipWithdrawn(Event):
    """Its proposer took the proposal `obj` back."""

    type = EventName.MEMBERSHIP_WITHDRAWN
    user: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipEnded(Event):
    type = EventName.MEMBERSHIP_ENDED
    user: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginSucceeded(Event):
    """`obj` is the user, `token_sha256` the hash of the new session's token: a session without such an event is
    forged.
    """

    type = EventName.LOGIN_SUCCEEDED
    token_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginThrottled(Event):
    """`obj` is the throttle window: one leaf a window, however often it is tried."""

    type = EventName.LOGIN_THROTTLED


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeAsked(Event):
    """The password was right. `obj` is the user, who still owes a code; `token_sha256` the hash of the pending login's
    token. Without a login after it, somebody knows the password and lacks the phone.
    """

    type = EventName.CODE_ASKED
    token_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactorPassed(Event):
    """`obj` is the user; `step` the 30 seconds, counted from the epoch, whose code is used up by this."""

    type = EventName.SECOND_FACTOR_PASSED
    factor: UUID
    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCodeUsed(Event):
    """`obj` is the user, who had a code in place of the phone."""

    type = EventName.RECOVERY_CODE_USED
    code: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityLinked(Event):
    """`obj` is the user, whom the identity provider `issuer` knows as `subject` from here on."""

    type = EventName.IDENTITY_LINKED
    identity: UUID
    issuer: str
    subject: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderAccepted(Event):
    """The identity provider vouched for `obj`, the user, in place of a password."""

    type = EventName.PROVIDER_ACCEPTED
    identity: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedOut(Event):
    type = EventName.LOGGED_OUT


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnded(Event):
    """Somebody ended another one of his own sessions, whose id is `session`. `obj` is the user."""

    type = EventName.SESSION_ENDED
    session: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionsEnded(Event):
    """All sessions of the user `obj` ended, by himself or by an admin."""

    type = EventName.SESSIONS_ENDED


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChanged(Event):
    """The person of a session set another password: the session has a new token as in PasswordConfirmed, and all his
    other ones ended. `obj` is the user, `password_sha256` as in UserActivated.
    """

    type = EventName.PASSWORD_CHANGED
    password_sha256: str
    token_sha256: str
    replaced_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordConfirmed(Event):
    """The person of a session gave the password once more. `obj` is the user, `token_sha256` the hash of the session's
    new token, which takes the place of the one with the hash `replaced_sha256`.
    """

    type = EventName.PASSWORD_CONFIRMED
    token_sha256: str
    replaced_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactorEnrolled(Event):
    """`obj` is the user; `secret_sha256` the hash of the secret's 160 random bits, `step` that of the code that showed
    that the phone has it. All sessions of before end.
    """

    type = EventName.SECOND_FACTOR_ENROLLED
    factor: UUID
    secret_sha256: str
    step: int
    codes: tuple[RecoveryCodeFact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactorEnded(Event):
    """`obj` is the user: another phone follows, or the person or an admin took it away. All sessions of before end."""

    type = EventName.SECOND_FACTOR_ENDED
    factor: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCodesRenewed(Event):
    """`obj` is the user; codes of before that were not used work no longer."""

    type = EventName.RECOVERY_CODES_RENEWED
    factor: UUID
    codes: tuple[RecoveryCodeFact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionEvent(Event):
    """Base of events on one revision: `obj` is the evidence, `rev` the number of its revision, from 1."""

    rev: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceStarted(RevisionEvent):
    type = EventName.EVIDENCE_STARTED
    requirement: UUID
    classification: Classification


@dataclass(frozen=True, slots=True, kw_only=True)
class FileUploaded(RevisionEvent):
    type = EventName.FILE_UPLOADED
    fact: FileFact
    object_key: str
    version_id: str | None
    name: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReused(RevisionEvent):
    """A file that is stored already was attached; `uploader` sent it first."""

    type = EventName.FILE_REUSED
    fact: FileFact
    uploader: UUID
    name: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRemoved(RevisionEvent):
    """Taken out of the draft; the object stays."""

    type = EventName.FILE_REMOVED
    file: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyMarked(RevisionEvent):
    """`file` is the redacted copy of `original`, which is in the same revision."""

    type = EventName.COPY_MARKED
    file: UUID
    original: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyUnmarked(RevisionEvent):
    """`file` is a file like any other again."""

    type = EventName.COPY_UNMARKED
    file: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkAdded(RevisionEvent):
    type = EventName.LINK_ADDED
    link: UUID
    url: Personal
    note: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRemoved(RevisionEvent):
    type = EventName.LINK_REMOVED
    link: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionDrafted(RevisionEvent):
    """A new draft began with the content of revision `answers`, marks of copies included."""

    type = EventName.REVISION_DRAFTED
    answers: int
    files: tuple[FileFact, ...]
    links: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftDiscarded(RevisionEvent):
    type = EventName.DRAFT_DISCARDED


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceSubmitted(RevisionEvent):
    """`digest` covers the whole revision; `months` are the first days of the slots' months, in order; `contributors`
    everybody who had a hand in it, sorted, and so may not decide on it.
    """

    type = EventName.EVIDENCE_SUBMITTED
    digest: str
    files: tuple[FileFact, ...]
    links: tuple[UUID, ...]
    months: tuple[date, ...]
    document_date: date | None
    contributors: tuple[UUID, ...]
    note: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceWithdrawn(RevisionEvent):
    type = EventName.EVIDENCE_WITHDRAWN
    note: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionEvent(RevisionEvent):
    """Base of the three verdicts: `digest` is the revision as the reviewer was shown it, `tier` counts from 1."""

    decision: UUID
    membership: UUID
    digest: str
    tier: int
    note: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceApproved(DecisionEvent):
    """`final` tells whether the revision is approved by this, or waits for a further approval."""

    type = EventName.EVIDENCE_APPROVED
    final: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceReturned(DecisionEvent):
    type = EventName.EVIDENCE_RETURNED
    reason: ReturnReason


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRejected(DecisionEvent):
    type = EventName.EVIDENCE_REJECTED
    reason: ReturnReason


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceReopened(RevisionEvent):
    type = EventName.EVIDENCE_REOPENED
    membership: UUID
    note: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRead(RevisionEvent):
    """Base of the events that tell of no change: content was handed out. Written before the first byte leaves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRead(EvidenceRead):
    """Of the file's `size` bytes those from `start` up to, not including, `stop`."""

    type = EventName.FILE_READ
    file: UUID
    start: int
    stop: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRead(EvidenceRead):
    """A page with the content of a restricted revision, and of those before it where the page shows them."""

    type = EventName.PAGE_READ
    page: ReadPage


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailRead(Event):
    """The timeline of an indicator (`obj`) with names, notes or links of its restricted evidence."""

    type = EventName.TRAIL_READ


READS = frozenset({EventName.FILE_READ, EventName.PAGE_READ, EventName.TRAIL_READ})
"""Events that change nothing: whoever follows what became of an evidence may pass them over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleSealed(Event):
    """`manifest_sha256` is the digest of the bag's payload manifest, `heads_sha256` that of the heads of all
    indicators in scope, which `area_code` and `indicator_code` narrow.
    """

    type = EventName.BUNDLE_SEALED
    unit: str
    year: int
    area_code: str | None
    indicator_code: str | None
    manifest_sha256: str
    heads_sha256: str
    log_size: int
    log_root: str
    files: int
    left_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleDownloaded(Event):
    """A download of the bytes from `start` up to, not including, `stop` began; written before the first byte leaves."""

    type = EventName.BUNDLE_DOWNLOADED
    start: int
    stop: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadCutOff(Event):
    """A download was broken off, because whoever took it had lost his access since it began; `obj` is the bundle or the
    stored file, `sent` the number of bytes that had been handed over to be sent.
    """

    type = EventName.DOWNLOAD_CUT_OFF
    sent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FixityFailed(Event):
    """`obj` is the stored file whose bytes are not what the record says, or the bundle with a document of that kind."""

    type = EventName.FIXITY_FAILED
    expected_sha256: str
    found_sha256: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyIntroduced(Event):
    """A public key is used from here on, the first of its kind. `obj` is the key's id, `key` its usual spelling."""

    type = EventName.KEY_INTRODUCED
    kind: KeyKind
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRotated(KeyIntroduced):
    """The same for a key that replaces the one of its kind with the id `replaces`."""

    type = EventName.KEY_ROTATED
    replaces: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class LogContinued(Event):
    """The log goes on under another name, since the keys of the old one are lost or known to others. `obj` is the new
    checkpoint key; `size` and `root` (64 hex) are the last checkpoint of the old name that is trusted.
    """

    type = EventName.LOG_CONTINUED
    origin: str
    old_origin: str
    size: int
    root: str


def catalogue() -> dict[EventName, type[Event]]:
    """Every concrete event by its name."""

    def below(kind: type[Event]) -> Iterator[type[Event]]:
        for child in kind.__subclasses__():
            if "type" in child.__dict__:
                yield child
            yield from below(child)

    return {kind.type: kind for kind in below(Event)}


def personal_fields(kind: type[Event]) -> frozenset[str]:
    """Names of the fields that enter a leaf as commitments."""
    return frozenset(name for name, hint in get_type_hints(kind).items() if hint is Personal)


@cache
def leaf_fields(name: EventName) -> frozenset[str]:
    """The keys of `data` in a leaf of this name: open fields by their name, personal ones with the suffix `_c`."""
    kind = catalogue()[name]
    hidden = personal_fields(kind)
    return frozenset(f"{f.name}_c" if f.name in hidden else f.name for f in fields(kind)) - {"obj", "rev"}


def open_values(event: Event) -> Mapping[str, object]:
    """Field values that enter the leaf as they are, without `obj` and `rev` (they have their own place)."""
    hidden = personal_fields(type(event)) | {"obj", "rev"}
    return {f.name: getattr(event, f.name) for f in fields(event) if f.name not in hidden}


def personal_values(event: Event) -> Mapping[str, str]:
    """Field values of the event that go to openings."""
    return {name: getattr(event, name) for name in sorted(personal_fields(type(event)))}
