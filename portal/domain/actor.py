"""Who acts: a person with the grants in force at the moment, or a named process of the portal itself.

Grants are loaded for one moment, so the policy needs no clock. This module owns no rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.domain.roles import Role

NIL = UUID(int=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One membership in force.

    `unit_path` is the unit's place in the tree, for instance `/KPU/KPU-15/KPU-1502/`; `area` is an area code such as
    `II` or None for all areas; `below` extends the grant to all units under that path; `restricted` is the explicit
    leave to read Terbatas and Rahasia evidence that an auditor needs.
    """

    membership_id: UUID
    role: Role
    unit_path: str
    area: str | None = None
    below: bool = False
    restricted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a request came from. Address and session enter the trail as commitments only; `confirmed_at` is when the
    session's person last gave the password.
    """

    address: str
    session: str
    confirmed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A person (`user_id`) or a process (`process`), never both."""

    user_id: UUID | None = None
    process: str | None = None
    grants: tuple[Grant, ...] = ()
    origin: Origin | None = None

    def __post_init__(self) -> None:
        if (self.user_id is None) == (self.process is None):
            raise ValueError("an actor is either a person or a process")

    @classmethod
    def system(cls, process: str) -> Actor:
        """The portal's own process on the server, with an admin's grant over every unit."""
        return cls(
            process=process,
            grants=(Grant(membership_id=NIL, role=Role.ADMIN, unit_path="/", below=True),),
        )

    @property
    def code(self) -> str:
        """The form in which the trail names the actor: `u:<uuid>` or `system:<process>`."""
        return f"system:{self.process}" if self.process else f"u:{self.user_id}"

    @property
    def person(self) -> UUID:
        """The user id of a human actor; a process may not do what needs one."""
        if self.user_id is None:
            raise ValueError(f"{self.code} is not a person")
        return self.user_id
