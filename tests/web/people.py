"""Signed-in people for tests of the web ground, without a database behind them."""

from uuid import uuid4

from portal.domain.actor import Actor, Grant
from portal.domain.roles import Role
from portal.web.identity import SignedIn


def make_person(*roles: Role, timezone: str = "Asia/Jakarta") -> SignedIn:
    grants = tuple(Grant(membership_id=uuid4(), role=role, unit_path="/KPU/KPU-1502/") for role in roles)
    return SignedIn(
        session_token=uuid4().hex,
        name="Siti Rahmawati",
        email="siti@kpu-merangin.example",
        unit_name="KPU Kabupaten Merangin",
        actor=Actor(user_id=uuid4(), grants=grants),
        timezone=timezone,
    )
