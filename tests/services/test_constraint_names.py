"""The name of the rule behind a database error; every rule's own name is tested in tests/models."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from portal.domain.errors import ConstraintViolated
from portal.models import Invitation, LoginThrottle, User
from portal.services.unit_of_work import transaction
from tests.builders.world import NOW

pytestmark = pytest.mark.usefixtures("app_context")

NOT_A_GUARD = "guard_decision_four_eyes"
"""Somebody's text that looks like the name of a guard; PostgreSQL repeats it in the detail of its error."""


def invite_twice(session: Session, token: str) -> None:
    user = User(email="siti@contoh.invalid", name="Siti", password_hash=None, created_at=NOW)
    session.add(user)
    session.flush()
    for _ in range(2):
        session.add(Invitation(user_id=user.id, token_sha256=token, issued_at=NOW, expires_at=NOW))
    session.flush()


def test_req_62_the_rule_is_named_and_not_what_somebody_typed() -> None:
    with pytest.raises(ConstraintViolated) as refusal, transaction() as session:
        invite_twice(session, NOT_A_GUARD)
    assert refusal.value.constraint == "uq_invitation_token_sha256"


def test_a_missing_value_has_no_rule_of_ours() -> None:
    with pytest.raises(ConstraintViolated) as refusal, transaction() as session:
        session.add(LoginThrottle(id=uuid4(), key=None, window_started_at=NOW, failures=1))
    assert refusal.value.constraint == "unknown"
