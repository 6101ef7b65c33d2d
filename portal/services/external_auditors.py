"""The windows of external auditors: who is here from outside, at whose word, until when; and the next window of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, aliased

from portal.domain.actor import Actor
from portal.domain.errors import NotFound
from portal.domain.permissions import Permission
from portal.domain.roles import Role
from portal.domain.second_admin import WARNED_BEFORE
from portal.models import ExternalWindow, Membership, MembershipProposal, Unit, User
from portal.services.membership_days import today_in
from portal.services.memberships import NewMembership, grant_membership
from portal.services.unit_of_work import transaction
from portal.services.visibility import visible_to

SHOWN = 100
SHOWN_FOR = timedelta(days=90)
"""How long a window that is over stays on the page."""

_Sponsor = aliased(User, name="Sponsor")


class WindowState(StrEnum):
    """Where a window stands."""

    AHEAD = "ahead"
    IN_FORCE = "in_force"
    ENDING = "ending"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowView:
    """One window; `today` is the day in its unit, `ended` tells that it was ended before its time, `own` that it is the
    actor's, `sponsored` that he answers for it, `may_extend` that it was not he who proposed it.
    """

    membership_id: UUID
    user_id: UUID
    user_name: str
    user_email: str
    unit_name: str
    area_code: str | None
    below: bool
    restricted: bool
    sponsor_name: str
    first_day: date
    last_day: date
    today: date
    state: WindowState
    ended: bool
    own: bool
    sponsored: bool
    may_extend: bool

    @property
    def next_day(self) -> date:
        """The first day of the window after this one: today where this is over, or was ended before its time."""
        return self.today if self.ended else max(self.today, self.last_day + timedelta(days=1))


def list_windows(*, actor: Actor, now: datetime) -> tuple[WindowView, ...]:
    """The windows of the units that the actor manages, those that end first before the others, past ones last."""
    with transaction(write=False) as session:
        managed = visible_to(actor, Permission.MANAGE_ACCOUNTS)
        found = _views(session, (managed, ExternalWindow.last_day > (now - SHOWN_FOR).date()), actor, now)
    return tuple(sorted(found, key=lambda view: (view.state is WindowState.OVER, view.last_day)))


def get_window(*, actor: Actor, membership_id: UUID, now: datetime) -> WindowView:
    """One window in a unit that the actor manages; raises NotFound for every other."""
    with transaction(write=False) as session:
        return _get(session, actor, membership_id, now)


def find_ending(session: Session, actor: Actor, now: datetime) -> tuple[WindowView, ...]:
    """The windows that end within a week, for those whom it concerns: admins, the sponsor, the auditor himself."""
    concerned = or_(
        Membership.user_id == actor.user_id,
        ExternalWindow.sponsor_id == actor.user_id,
        visible_to(actor, Permission.MANAGE_ACCOUNTS),
    )
    day = timedelta(days=1)  # the unit's day may be one ahead of ours, or one behind
    near = ExternalWindow.last_day.between((now - day).date(), (now + WARNED_BEFORE + day).date())
    return tuple(view for view in _views(session, (concerned, near), actor, now) if view.state is WindowState.ENDING)


def extend_window(*, actor: Actor, membership_id: UUID, until: date, now: datetime) -> UUID:
    """Propose the window after this one, of the same scope and sponsor, up to and including `until`; returns its id.

    Raises NotFound for a window in a unit that the actor does not manage, InvalidInput for days that cannot be.
    """
    with transaction(write=False) as session:
        view = _get(session, actor, membership_id, now)
        unit_code, sponsor = session.execute(
            select(Unit.code, User.email)
            .join(Membership, Membership.unit_id == Unit.id)
            .join(ExternalWindow, ExternalWindow.membership_id == Membership.id)
            .join(User, User.id == ExternalWindow.sponsor_id)
            .where(Membership.id == membership_id)
        ).one()
    wanted = NewMembership(
        role=Role.AUDITOR,
        unit_code=unit_code,
        area_code=view.area_code,
        below=view.below,
        restricted=view.restricted,
        valid_from=view.next_day,
        valid_until=until,
        external=True,
        sponsor=sponsor,
    )
    return grant_membership(actor=actor, user_id=view.user_id, wanted=wanted, now=now)


def _get(session: Session, actor: Actor, membership_id: UUID, now: datetime) -> WindowView:
    managed = visible_to(actor, Permission.MANAGE_ACCOUNTS)
    for view in _views(session, (managed, ExternalWindow.membership_id == membership_id), actor, now):
        return view
    raise NotFound


def _views(
    session: Session, conditions: tuple[ColumnElement[bool], ...], actor: Actor, now: datetime
) -> list[WindowView]:
    query = (
        select(ExternalWindow, Membership, Unit, User, _Sponsor, MembershipProposal.proposed_by)
        .join(Membership, Membership.id == ExternalWindow.membership_id)
        .join(Unit, Unit.id == Membership.unit_id)
        .join(User, User.id == Membership.user_id)
        .join(_Sponsor, _Sponsor.id == ExternalWindow.sponsor_id)
        .outerjoin(MembershipProposal, MembershipProposal.id == Membership.id)
        .where(*conditions)
        .order_by(ExternalWindow.last_day.desc(), ExternalWindow.membership_id)
        .limit(SHOWN)
    )
    return [
        WindowView(
            membership_id=row.Membership.id,
            user_id=row.User.id,
            user_name=row.User.name,
            user_email=row.User.email,
            unit_name=row.Unit.name,
            area_code=row.Membership.area_code,
            below=row.Membership.below,
            restricted=row.Membership.restricted,
            sponsor_name=row.Sponsor.name,
            first_day=row.ExternalWindow.first_day,
            last_day=row.ExternalWindow.last_day,
            today=today_in(row.Unit, now),
            state=_state(row.Membership, row.ExternalWindow, today_in(row.Unit, now)),
            ended=row.Membership.ended_at is not None,
            own=row.User.id == actor.user_id,
            sponsored=row.Sponsor.id == actor.user_id,
            may_extend=row.proposed_by != actor.user_id,
        )
        for row in session.execute(query)
    ]


def _state(membership: Membership, window: ExternalWindow, today: date) -> WindowState:
    if membership.ended_at is not None or window.last_day < today:
        return WindowState.OVER
    if window.first_day > today:
        return WindowState.AHEAD
    return WindowState.ENDING if window.last_day <= today + WARNED_BEFORE else WindowState.IN_FORCE
