"""Second factors and recovery codes as the events of the scope `sys` say they are, against their tables.

A login that waits for its code lives for minutes and opens nothing by itself: its table is nobody's business here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.events import EventName
from portal.models import RecoveryCode, SecondFactor
from portal.services.verify.findings import Findings
from portal.services.verify.rows import reconcile
from portal.services.verify.trail import TrailEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorFact:
    """`secret_sha256` is the SHA-256 of the stored secret."""

    user: UUID
    secret_sha256: str | None
    last_step: int
    enrolled_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeFact:
    factor: UUID
    code_sha256: str
    issued_at: datetime
    used_at: datetime | None = None
    voided_at: datetime | None = None


class FactorCheck:
    """Takes the events of `sys` one by one; `finish` compares the two tables with them."""

    def __init__(self, session: Session, findings: Findings) -> None:
        self._session, self._findings = session, findings
        self.factors: dict[UUID, FactorFact] = {}
        self.codes: dict[UUID, CodeFact] = {}

    def tell(self, told: TrailEntry) -> None:
        if handler := _HANDLERS.get(told.entry.name):
            handler(self, told)

    def finish(self) -> None:
        reconcile(self._findings, "second_factor", expected=self.factors, found=_factors(self._session))
        reconcile(self._findings, "recovery_code", expected=self.codes, found=_codes(self._session))

    def issue(self, factor: UUID, told: TrailEntry) -> None:
        """New codes in place of the unused ones."""
        self.void(factor, told.entry.at)
        listed = told.entry.data.get("codes")
        for fact in listed if isinstance(listed, list) else []:
            match fact:
                case {"code": str(code), "sha256": str(hashed)}:
                    self.codes[UUID(code)] = CodeFact(factor=factor, code_sha256=hashed, issued_at=told.entry.at)

    def void(self, factor: UUID, at: datetime) -> None:
        for key, code in self.codes.items():
            if code.factor == factor and code.used_at is None and code.voided_at is None:
                self.codes[key] = replace(code, voided_at=at)


def _enrolled(check: FactorCheck, told: TrailEntry) -> None:
    if factor := told.id("factor"):
        check.factors[factor] = FactorFact(
            user=told.entry.obj,
            secret_sha256=told.text("secret_sha256"),
            last_step=told.number("step"),
            enrolled_at=told.entry.at,
        )
        check.issue(factor, told)


def _ended(check: FactorCheck, told: TrailEntry) -> None:
    factor = told.id("factor")
    if factor and (known := check.factors.get(factor)):
        check.factors[factor] = replace(known, ended_at=told.entry.at)
        check.void(factor, told.entry.at)


def _codes_renewed(check: FactorCheck, told: TrailEntry) -> None:
    if factor := told.id("factor"):
        check.issue(factor, told)


def _passed(check: FactorCheck, told: TrailEntry) -> None:
    factor = told.id("factor")
    if factor and (known := check.factors.get(factor)):
        check.factors[factor] = replace(known, last_step=told.number("step"))


def _code_used(check: FactorCheck, told: TrailEntry) -> None:
    code = told.id("code")
    if code and (known := check.codes.get(code)):
        check.codes[code] = replace(known, used_at=told.entry.at)


_HANDLERS: Mapping[EventName, Callable[[FactorCheck, TrailEntry], None]] = MappingProxyType(
    {
        EventName.SECOND_FACTOR_ENROLLED: _enrolled,
        EventName.SECOND_FACTOR_ENDED: _ended,
        EventName.RECOVERY_CODES_RENEWED: _codes_renewed,
        EventName.SECOND_FACTOR_PASSED: _passed,
        EventName.RECOVERY_CODE_USED: _code_used,
    }
)


def _factors(session: Session) -> dict[UUID, FactorFact]:
    return {
        row.id: FactorFact(
            user=row.user_id,
            secret_sha256=sha256(row.secret.encode()).hexdigest(),
            last_step=row.last_step,
            enrolled_at=row.enrolled_at,
            ended_at=row.ended_at,
        )
        for row in session.execute(select(SecondFactor)).scalars()
    }


def _codes(session: Session) -> dict[UUID, CodeFact]:
    return {
        row.id: CodeFact(
            factor=row.factor_id,
            code_sha256=row.code_sha256,
            issued_at=row.issued_at,
            used_at=row.used_at,
            voided_at=row.voided_at,
        )
        for row in session.execute(select(RecoveryCode)).scalars()
    }
