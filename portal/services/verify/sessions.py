"""Login sessions against the events of logins and logouts, a batch at a time: they can be millions.

When a session was last used is no event, and neither is its end by a time limit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from portal.domain.events import SYSTEM_SCOPE, EventName
from portal.models import LoginSession
from portal.services.log_reader import BATCH
from portal.services.sessions import ADDRESS_LENGTH
from portal.services.verify.findings import FindingCode, Findings
from portal.services.verify.rows import reconcile, row_place
from portal.services.verify.trail import TrailEntry, iter_trail

ENDS_ALL = frozenset(
    {
        EventName.USER_ACTIVATED,
        EventName.USER_DEACTIVATED,
        EventName.SESSIONS_ENDED,
        EventName.SECOND_FACTOR_ENROLLED,
        EventName.SECOND_FACTOR_ENDED,
    }
)
"""Events about a person with which all earlier sessions of his end."""
ENDS_ALL_OF_HOLDER = frozenset(
    {EventName.MEMBERSHIP_GRANTED, EventName.EXTERNAL_AUDITOR_GRANTED, EventName.MEMBERSHIP_ENDED}
)
"""The same about a membership, whose holder they name."""
RENEWS = frozenset({EventName.PASSWORD_CONFIRMED, EventName.PASSWORD_CHANGED})
"""Events with which a session has another token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFact:
    session: str | None
    user: UUID
    started_at: datetime
    confirmed_at: datetime
    address: str | None


class SessionCheck:
    """Takes the events of `sys` one by one; `finish` compares what is left and counts."""

    def __init__(self, session: Session, findings: Findings) -> None:
        self._session, self._findings = session, findings
        self._logins: dict[str, SessionFact] = {}
        self._unfound: dict[str, SessionFact] = {}  # by a token that no row has: a later event may name its successor
        self._explained = 0

    def tell(self, told: TrailEntry) -> None:
        entry = told.entry
        if entry.name is EventName.LOGIN_SUCCEEDED:
            address = told.texts.get("ip")
            self._logins[_token(told)] = SessionFact(
                session=told.texts.get("sid"),
                user=entry.obj,
                started_at=entry.at,
                confirmed_at=entry.at,
                address=address[:ADDRESS_LENGTH] if address else None,
            )
            if len(self._logins) >= BATCH:
                self._check_logins()
        elif entry.name in RENEWS:
            self._renew(told)
            if entry.name is EventName.PASSWORD_CHANGED:
                self._check_all_ended(entry.obj, entry.at, but=told.texts.get("sid"))
        elif entry.name is EventName.SESSION_ENDED:
            self._check_end(told.texts.get("session"), entry.at)
        elif entry.name is EventName.LOGGED_OUT:
            self._check_end(told.texts.get("sid"), entry.at)
        elif entry.name in ENDS_ALL:
            self._check_all_ended(entry.obj, entry.at)
        elif entry.name in ENDS_ALL_OF_HOLDER and (holder := told.id("user")):
            self._check_all_ended(holder, entry.at)

    def finish(self) -> None:
        self._check_logins()
        reconcile(self._findings, "login_session", expected=self._unfound, found={})
        if self._explained != self._session.execute(select(func.count()).select_from(LoginSession)).scalar_one():
            self._find_unexplained()

    def _check_logins(self) -> None:
        query = select(LoginSession).where(LoginSession.token_sha256.in_(self._logins))
        found = {
            row.token_sha256: SessionFact(
                session=str(row.id),
                user=row.user_id,
                started_at=row.started_at,
                confirmed_at=row.confirmed_at,
                address=row.address,
            )
            for row in self._session.execute(query).scalars()
        }
        self._explained += len(found)
        self._unfound |= {token: fact for token, fact in self._logins.items() if token not in found}
        expected = {token: self._logins[token] for token in found}
        reconcile(self._findings, "login_session", expected=expected, found=found)
        self._logins = {}
        self._session.expunge_all()

    def _renew(self, told: TrailEntry) -> None:
        """Expect the session under its new token; one that still had the old one was given it back."""
        replaced = _replaced(told)
        known = self._logins.pop(replaced, None) or self._unfound.pop(replaced, None)
        if known:
            self._logins[_token(told)] = replace(known, confirmed_at=told.entry.at)
        else:
            place = f"{row_place('login_session', told.texts.get('sid'))}, token_sha256"
            self._findings.add(FindingCode.ROW_CHANGED, place, expected=_token(told), found=replaced)

    def _check_end(self, session_id: str | None, at: datetime) -> None:
        try:
            query = select(LoginSession.ended_at).where(LoginSession.id == UUID(str(session_id)))
        except ValueError:
            return  # an opening that is gone or was changed is a finding of the replay
        for ended_at in self._session.execute(query).scalars():
            place = f"{row_place('login_session', session_id)}, ended_at"
            self._findings.compare(FindingCode.ROW_CHANGED, place, expected=at, found=ended_at)

    def _check_all_ended(self, user: UUID, at: datetime, *, but: str | None = None) -> None:
        """That the sessions of a person ended by then, except for the one with the id `but`."""
        query = select(LoginSession.id, LoginSession.ended_at).where(
            LoginSession.user_id == user,
            LoginSession.started_at < at,
            or_(LoginSession.ended_at.is_(None), LoginSession.ended_at > at),
        )
        for row in self._session.execute(query):
            if str(row.id) == but:
                continue
            place = f"{row_place('login_session', row.id)}, ended_at"
            self._findings.add(FindingCode.ROW_CHANGED, place, expected=f"paling lambat {at}", found=row.ended_at)

    def _find_unexplained(self) -> None:
        """Only when the numbers differ: then it is worth the memory."""
        tokens: set[str] = set()
        for told in _logins(self._session):
            tokens.discard(_replaced(told))
            tokens.add(_token(told))
        query = select(LoginSession.id, LoginSession.token_sha256, LoginSession.user_id)
        for row in self._session.execute(query.execution_options(yield_per=BATCH)):
            if row.token_sha256 not in tokens:
                place = row_place("login_session", row.id)
                self._findings.add(FindingCode.ROW_UNEXPLAINED, place, expected=None, found=f"akun {row.user_id}")


def _logins(session: Session) -> Iterable[TrailEntry]:
    names = RENEWS | {EventName.LOGIN_SUCCEEDED}
    return (told for told in iter_trail(session, SYSTEM_SCOPE) if told.entry.name in names)


def _token(told: TrailEntry) -> str:
    return told.text("token_sha256") or ""


def _replaced(told: TrailEntry) -> str:
    return told.text("replaced_sha256") or ""
