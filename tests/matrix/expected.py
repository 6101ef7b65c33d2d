"""What docs/authorisation.yml says must be answered: a small interpreter of its words, which knows nothing of the
portal's own policy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from tests.matrix.authorisation import Address, Holding, Kind, authorisation
from tests.matrix.facts import SUBMITTED_ONCE, Account, Evidence, Login, Place, Proposal, Sealed, Seat, Thing, Version

Object: TypeAlias = Evidence | Version | Thing | Sealed | Account | Seat | Proposal | Login | None


class Outcome(StrEnum):
    """How a request is answered."""

    ALLOWED = "allowed"
    LOGIN = "sent to the login page"
    FORBIDDEN = "refused for the role, whatever the address names"
    MISSING = "answered like what does not exist"
    REFUSED = "refused with a reason, for something the person knows"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a word of the table is judged on."""

    kind: Kind
    holding: Holding
    place: Place
    version: Version | None


def _in_unit(asked: Asked) -> bool:
    if asked.holding.unit == asked.place.unit:
        return True
    return asked.holding.below and asked.holding.unit == "above"


def _in_area(asked: Asked) -> bool:
    return _in_unit(asked) and asked.holding.area in {None, asked.place.area}


def _state(asked: Asked) -> str | None:
    return asked.version.state if asked.version else None


WORDS: Mapping[str, Callable[[Asked], bool]] = {
    "unit": _in_unit,
    "own area": _in_area,
    "scope": _in_area,
    "everywhere": lambda _asked: True,
    "once submitted": lambda asked: _state(asked) in SUBMITTED_ONCE,
    "approved only": lambda asked: _state(asked) == "approved",
    "unless restricted": lambda asked: not asked.place.restricted,
    "restricted only by explicit leave": lambda asked: asked.holding.restricted or not asked.place.restricted,
    "in one's own tier": lambda asked: asked.version is not None and asked.holding.role in asked.version.seats,
    "no hand in it": lambda asked: asked.version is None or asked.kind.name not in asked.version.hands,
    "not decided yet": lambda asked: asked.version is None or asked.kind.name not in asked.version.deciders,
}


def holds(kind: Kind, right: str, place: Place, version: Version | None = None) -> bool:
    """Whether somebody has a right of the table for something."""
    return any(
        all(WORDS[word](Asked(kind, holding, place, version)) for word in way)
        for holding in kind.in_force
        for way in authorisation().rights[right].ways(holding.role)
    )


def has_role_for(kind: Kind, right: str) -> bool:
    """Whether any role of the person has a cell in the line of the right."""
    return any(authorisation().rights[right].cells.get(holding.role) for holding in kind.in_force)


def sees(kind: Kind, version: Version) -> bool:
    """Whether a version's content is shown to somebody."""
    right = "see_evidence" if version.state in SUBMITTED_ONCE else "see_draft"
    return holds(kind, right, version.place, version)


def reads_copies(kind: Kind, version: Version) -> bool:
    """Whether the redacted copies of a version are shown to somebody, with all the rest of it or without."""
    return bool(version.copies) and (sees(kind, version) or holds(kind, "see_redacted", version.place, version))


def _reads_copies(kind: Kind, object_: Object) -> bool:
    version = object_.handed_in if isinstance(object_, Evidence) else object_
    return isinstance(version, Version) and reads_copies(kind, version)


def _has_copies(_kind: Kind, object_: Object) -> bool:
    assert isinstance(object_, Evidence)
    return bool(object_.newest.copies)


def _sees(kind: Kind, object_: Object) -> bool:
    if isinstance(object_, Evidence):
        return any(sees(kind, version) for version in object_.versions if version.state != "discarded")
    assert isinstance(object_, Version)
    return sees(kind, object_)


def _reads_all(kind: Kind, object_: Object) -> bool:
    assert isinstance(object_, Sealed)
    return all(sees(kind, version) for version in object_.holds)


def _managed(kind: Kind, object_: Object) -> list[bool]:
    """For each unit where the person has a role, whether `kind` manages its accounts; roles that have ended count only
    when there is no other.
    """
    assert isinstance(object_, Account)
    held = authorisation().people[object_.kind].holds
    lasting = [holding for holding in held if holding.window != "ended"]
    return [holds(kind, "manage_accounts", Place(unit=holding.unit)) for holding in lasting or held]


def _is_own(kind: Kind, object_: Object) -> bool:
    assert isinstance(object_, Sealed | Login | Proposal)
    return object_.owner == kind.name


def _not_oneself(kind: Kind, object_: Object) -> bool:
    assert isinstance(object_, Account | Seat | Proposal)
    return object_.kind != kind.name


def _is_no_visitor(_kind: Kind, object_: Object) -> bool:
    assert isinstance(object_, Account)
    return not any(holding.window in {"before", "inside"} for holding in authorisation().people[object_.kind].holds)


CONDITIONS: Mapping[str, Callable[[Kind, Object], bool]] = {
    "sees it": _sees,
    "was submitted": lambda _kind, object_: isinstance(object_, Version) and object_.was_submitted,
    "reads its copies": _reads_copies,
    "has copies": _has_copies,
    "own": _is_own,
    "proposed by another": lambda kind, object_: not _is_own(kind, object_),
    "is no external auditor": _is_no_visitor,
    "reads all in it": _reads_all,
    "is complete": lambda _kind, object_: isinstance(object_, Sealed) and object_.is_complete,
    "manages one unit": lambda kind, object_: any(_managed(kind, object_)),
    "manages all units": lambda kind, object_: all(_managed(kind, object_)),
    "not oneself": _not_oneself,
    "is active": lambda _kind, object_: isinstance(object_, Account) and object_.is_active,
}
"""The words of `allowed` and `known` that are no rights."""


def expected(kind: Kind, address: Address, object_: Object) -> Outcome:
    """The answer that the file says; `object_` None is an address that names nothing."""
    if not kind.may_sign_in and address.who != "everybody":
        return Outcome.LOGIN
    if address.guard and not has_role_for(kind, address.guard):
        return Outcome.FORBIDDEN
    if object_ is None or (_all(address.allowed, kind, object_) and _stands(address, object_)):
        return Outcome.ALLOWED
    if address.known is not None and _all(address.known, kind, object_):
        return Outcome.REFUSED
    return Outcome.MISSING


def _all(conditions: tuple[str, ...], kind: Kind, object_: Object) -> bool:
    return all(_holds(condition, kind, object_) for condition in conditions)


def _holds(condition: str, kind: Kind, object_: Object) -> bool:
    if condition in CONDITIONS:
        return CONDITIONS[condition](kind, object_)
    assert object_ is not None
    if isinstance(object_, Account | Login):
        raise TypeError(f"{condition} says nothing of {object_}")
    version = object_ if isinstance(object_, Version) else object_.newest if isinstance(object_, Evidence) else None
    return holds(kind, condition, object_.place, version)


def _stands(address: Address, object_: Object) -> bool:
    standing = object_.name if isinstance(object_, Evidence | Thing) else getattr(object_, "state", None)
    return address.states is None or standing in address.states
