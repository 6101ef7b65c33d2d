"""No address of the portal takes a form that does not carry the token of the person's own session."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from portal.domain.roles import Role
from portal.models import LogHead, Slot
from portal.services.drafts import start_evidence
from portal.services.people import get_actor_by_email
from portal.services.unit_of_work import transaction
from tests.web.stories.office import open_office
from tests.web.stories.people import add_account, sign_in

EMAIL = "semua@contoh.go.id"
"""Somebody who has every role, so that nothing else refuses first."""


def own_draft(app: Flask) -> dict[str, UUID]:
    """A requirement and a draft of the person's own: addresses for large bodies look at these before the token."""
    with app.app_context():
        with transaction(write=False) as session:
            slot = session.execute(select(Slot).limit(1)).scalar_one()
            wanted = (slot.requirement_id, slot.id)
        now = datetime.now(UTC)
        draft = start_evidence(
            actor=get_actor_by_email(email=EMAIL, now=now), requirement_id=wanted[0], slot_ids=[wanted[1]], now=now
        )
        return {"requirement_id": wanted[0], "evidence_id": draft.evidence_id}


def size_of_the_trail(app: Flask) -> int:
    with app.app_context(), transaction(write=False) as session:
        return session.execute(select(LogHead.size)).scalar_one()


@pytest.mark.parametrize("token", [None, "tidak-berlaku"])
def test_req_55_every_address_that_takes_forms_wants_the_token(app: Flask, token: str | None) -> None:
    open_office(app)
    add_account(app, EMAIL, Role.ADMIN, further=tuple(role for role in Role if role is not Role.ADMIN))
    own = own_draft(app)
    client = sign_in(app, EMAIL).client
    before = size_of_the_trail(app)
    changing = [rule for rule in app.url_map.iter_rules() if (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}]
    taken = []
    for rule in changing:
        values = {name: own.get(name, "x" if name == "token" else uuid4()) for name in rule.arguments}
        path = re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", "{\\1}", rule.rule).format(**values)
        answer = client.post(path, data={"csrf_token": token} if token else {})
        if answer.status_code != 400 or "Formulir ini" not in answer.get_data(as_text=True):
            taken.append(f"{rule.endpoint}: {answer.status}")
    assert not taken, f"these do not ask for the token: {taken}"
    assert len(changing) > 15
    assert size_of_the_trail(app) == before
    assert client.get("/tugas").status_code == 200, "a forged form signed the person out"
