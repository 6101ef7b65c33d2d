"""The entries of the main menu and who sees them. Being in the menu permits nothing: the service decides."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request

from portal.domain.permissions import Permission
from portal.domain.policy import may_ever
from portal.web.identity import SignedIn


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """One entry: `endpoint` is its first page; it counts as open on every page of the same blueprint."""

    text: str
    endpoint: str
    permission: Permission

    @property
    def is_open(self) -> bool:
        return request.blueprint == self.endpoint.split(".", 1)[0]


ITEMS = (
    NavigationItem("Tugas", "tasks.index", Permission.SEE_PLAN),
    NavigationItem("Indikator", "indicators.index", Permission.SEE_PLAN),
    NavigationItem("Antrean pemeriksaan", "review.queue", Permission.DECIDE),
    NavigationItem("Paket bukti", "bundles.index", Permission.SEAL_BUNDLE),
    NavigationItem("Checkpoint", "anchors.index", Permission.SEE_CHECKPOINT),
    NavigationItem("Pengguna", "accounts.index", Permission.MANAGE_ACCOUNTS),
)


def navigation_for(person: SignedIn) -> list[NavigationItem]:
    """The entries of the installed features that one of the person's roles can use."""
    return [
        item
        for item in ITEMS
        if item.endpoint in current_app.view_functions and may_ever(person.actor, item.permission)
    ]
