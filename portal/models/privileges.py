"""What the portal's own connection may do with the rows of each table: one rule, which SQLite's authorizer and
PostgreSQL's grants both follow.

Everything that is not named here may be read and added to, and nothing else, so a new table is append-only until
somebody decides otherwise. Guards hold in the database besides, against whoever is let in.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from portal.db import Base


class Privilege(StrEnum):
    """As SQL names it."""

    SELECT = "SELECT"
    INSERT = "INSERT"
    UPDATE = "UPDATE"
    DELETE = "DELETE"


CHANGED = frozenset(
    {
        "evidence",  # locked, for which PostgreSQL asks the same privilege
        "invitation",
        "log_head",
        "login_session",
        "login_throttle",
        "membership",
        "membership_proposal",
        "pending_login",
        "recovery_code",
        "requirement",  # its class; guards keep the rest
        "revision",
        "revision_file",
        "revision_link",
        "scope_head",
        "second_factor",
        "slot",
        "unit",
        "user",
    }
)
"""Tables whose rows the portal changes or locks."""

REMOVED = frozenset(
    {"login_throttle", "pending_login", "redaction", "revision_file", "revision_link", "revision_slot", "slot_claim"}
)
"""Tables from which the portal removes rows."""

HIDDEN_FROM_READER: Mapping[str, frozenset[str]] = {
    "invitation": frozenset({"token_sha256"}),
    "login_session": frozenset({"token_sha256"}),
    "pending_login": frozenset({"token_sha256"}),
    "recovery_code": frozenset({"code_sha256"}),
    "second_factor": frozenset({"secret"}),
    "user": frozenset({"password_hash"}),
}
"""Columns that somebody who only reads has no business with."""


def privileges_on(table: str) -> frozenset[Privilege]:
    """What the portal may do with the rows of `table`; one that no model knows is only read."""
    if table not in Base.metadata.tables:
        return frozenset({Privilege.SELECT})
    granted = {Privilege.SELECT, Privilege.INSERT}
    if table in CHANGED:
        granted.add(Privilege.UPDATE)
    if table in REMOVED:
        granted.add(Privilege.DELETE)
    return frozenset(granted)
