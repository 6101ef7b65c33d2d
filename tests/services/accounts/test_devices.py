"""Where somebody is signed in, as he sees it, and what ends it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from portal.domain.actor import Actor
from portal.domain.errors import InvalidInput, NotFound, Throttled
from portal.domain.events import EventName
from portal.services.devices import end_device, end_devices, list_devices
from portal.services.fresh_password import WRONG, require_fresh_password
from portal.services.invitations import get_invited
from portal.services.password_change import SAME, change_password
from portal.services.sessions import IDLE
from portal.services.throttle import limits_for
from portal.services.users import invite_again
from tests.services.accounts.people import (
    ADMIN,
    NOW,
    PASSWORD,
    SYSTEM,
    UPLOADER,
    actor_of,
    events,
    found,
    person,
    signed_in,
)

LATER = NOW + timedelta(minutes=5)
NEW = "gajah duduk di pohon"


def session_of(token: str) -> UUID:
    live = found(token)
    assert live is not None
    return live.session_id


def change(token: str, old: str = PASSWORD, new: str = NEW) -> str:
    return change_password(actor=actor_of(token), token=token, old=old, new=new, address="10.0.0.1", now=NOW)


def test_one_sees_ones_live_sessions_and_nobody_elses() -> None:
    person()
    person("budi@contoh.go.id")
    signed_in("budi@contoh.go.id", LATER)
    forgotten, token = signed_in(at=LATER - IDLE), signed_in(at=LATER)
    assert found(forgotten, LATER) is None
    own = list_devices(actor=actor_of(token, LATER), now=LATER)
    assert [(device.user_agent, device.address, device.is_this) for device in own] == [("Firefox", "10.0.0.1", True)]
    assert own[0].session_id == session_of(token)


def test_the_list_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.services.devices.MOST_SHOWN", 2)
    person()
    tokens = [signed_in() for _ in range(3)]
    assert len(list_devices(actor=actor_of(tokens[0]), now=NOW)) == 2


def test_req_44_one_session_is_ended_from_another() -> None:
    person()
    lost, token = signed_in(), signed_in()
    end_device(actor=actor_of(token), session_id=session_of(lost), now=NOW)
    assert found(lost) is None
    assert found(token) is not None
    assert events()[-1] is EventName.SESSION_ENDED


def test_a_session_of_somebody_else_looks_like_none() -> None:
    person()
    person("budi@contoh.go.id")
    foreign, token = signed_in("budi@contoh.go.id"), signed_in()
    for session_id in (session_of(foreign), uuid4()):
        with pytest.raises(NotFound):
            end_device(actor=actor_of(token), session_id=session_id, now=NOW)
    assert found(foreign) is not None


def test_req_44_leaving_all_devices_ends_this_one_too() -> None:
    user_id = person()
    tokens = [signed_in(), signed_in()]
    end_devices(actor=actor_of(tokens[0]), user_id=user_id, now=NOW)
    assert [found(token) for token in tokens] == [None, None]
    assert events()[-1] is EventName.SESSIONS_ENDED


def test_an_admin_ends_the_sessions_of_those_whose_accounts_he_manages() -> None:
    person("rina@contoh.go.id", ADMIN)
    near = person()
    far = person("jauh@contoh.go.id", replace(UPLOADER, unit_code="KPU-1503"))
    admin, theirs, foreign = (signed_in(f"{name}@contoh.go.id") for name in ("rina", "siti", "jauh"))
    end_devices(actor=actor_of(admin), user_id=near, now=NOW)
    assert found(theirs) is None
    with pytest.raises(NotFound):
        end_devices(actor=actor_of(admin), user_id=far, now=NOW)
    assert found(foreign) is not None
    with pytest.raises(NotFound):
        end_devices(actor=actor_of(foreign), user_id=near, now=NOW)


def test_req_44_a_new_password_ends_all_other_sessions_and_renews_this_one() -> None:
    user_id = person()
    other, token = signed_in(), signed_in()
    renewed = change(token)
    assert [found(each) for each in (other, token)] == [None, None]
    require_fresh_password(actor_of(renewed), now=NOW)
    with pytest.raises(InvalidInput):
        signed_in()
    assert actor_of(renewed).user_id == user_id
    assert events()[-1] is EventName.PASSWORD_CHANGED


def test_a_new_password_makes_open_links_useless() -> None:
    user_id = person()
    token = signed_in()
    link = invite_again(actor=SYSTEM, user_id=user_id, now=NOW).invitation.token
    change(token)
    with pytest.raises(NotFound):
        get_invited(token=link, now=NOW)


@pytest.mark.parametrize(
    ("old", "new", "field", "sentence"),
    [
        ("salah salah salah", NEW, "old_password", WRONG),
        (PASSWORD, PASSWORD, "password", SAME),
        (PASSWORD, "pendek", "password", "terlalu pendek"),
        (PASSWORD, "x" * 129, "password", "terlalu panjang"),
        (PASSWORD, "siti@contoh.go.id!", "password", "nama atau alamat email"),
    ],
)
def test_what_cannot_be_ones_new_password_changes_nothing(old: str, new: str, field: str, sentence: str) -> None:
    person()
    token = signed_in()
    before = events()
    with pytest.raises(InvalidInput) as refusal:
        change(token, old, new)
    assert refusal.value.field == field
    assert sentence in refusal.value.message
    assert found(token) is not None
    assert events() == before


def test_req_48_the_old_password_cannot_be_guessed_in_a_stolen_session(monkeypatch: pytest.MonkeyPatch) -> None:
    person()
    token = signed_in()
    for _ in range(limits_for(account="", address="")[0].tries):
        with pytest.raises(InvalidInput):
            change(token, "salah salah salah")
    monkeypatch.setattr("portal.services.fresh_password.matches", lambda *_: pytest.fail("hashed"))
    with pytest.raises(Throttled):
        change(token)


def test_a_process_has_no_sessions() -> None:
    with pytest.raises(ValueError, match="not a person"):
        list_devices(actor=Actor.system("test"), now=NOW)
