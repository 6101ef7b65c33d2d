"""Who is signed in, as the pages and guards see it. The session behind it lives in the database and is the accounts
service's business; this module reads no cookie and no row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flask_login import current_user

from portal.domain.actor import Actor
from portal.domain.roles import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A person with a live session: what Flask-Login calls the user.

    `session_token` is the random id in the signed cookie, `timezone` the zone of the person's unit (IANA name); who
    `must_enrol` is led to setting up his second factor, whatever he opens.
    """

    session_token: str
    name: str
    email: str
    unit_name: str
    actor: Actor
    timezone: str = "Asia/Jakarta"
    must_enrol: bool = False

    is_authenticated: ClassVar[bool] = True
    is_active: ClassVar[bool] = True
    is_anonymous: ClassVar[bool] = False

    def get_id(self) -> str:
        """What Flask-Login keeps in the signed cookie."""
        return self.session_token

    @property
    def roles(self) -> tuple[Role, ...]:
        """The roles of all grants in force, each once, in the order of the enum."""
        held = {grant.role for grant in self.actor.grants}
        return tuple(role for role in Role if role in held)


def find_signed_in() -> SignedIn | None:
    """The person of this request, or None."""
    person = current_user._get_current_object()  # the proxy itself is never an instance of SignedIn
    return person if isinstance(person, SignedIn) else None


def get_signed_in() -> SignedIn:
    """The person of this request; only for endpoints that the guards keep from anonymous visitors."""
    person = find_signed_in()
    if person is None:
        raise RuntimeError("no one is signed in: the endpoint is public and must not ask for the person")
    return person


def current_actor() -> Actor:
    """The actor that a view hands to a service."""
    return get_signed_in().actor
