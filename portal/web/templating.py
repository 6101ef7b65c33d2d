"""What every template can use: filters for dates and numbers, labels, icons, asset addresses, and who is signed in.

Templates decide nothing: they ask `can()` for a hint and `label()` for a word.
"""

from __future__ import annotations

from pathlib import Path

from flask import Flask, current_app
from jinja2 import StrictUndefined
from markupsafe import Markup

from portal.domain.permissions import Permission
from portal.domain.policy import may_ever
from portal.web import dates
from portal.web.assets import asset_url
from portal.web.identity import find_signed_in
from portal.web.labels import Tone, label
from portal.web.navigation import navigation_for

PRODUCT = "Portal Bukti ZI"


def init_templating(app: Flask) -> None:
    """Find the shared templates and register filters and globals. A misspelt name in a template is an error."""
    app.template_folder = str(Path(__file__).parent / "templates")
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        moment=dates.format_moment,
        short_moment=dates.format_short_moment,
        day=dates.format_day,
        short_day=dates.format_short_day,
        month=dates.format_month,
        number=dates.format_number,
        file_size=dates.format_size,
    )
    app.jinja_env.globals.update(
        PRODUCT=PRODUCT,
        Permission=Permission,
        Tone=Tone,
        asset_url=asset_url,
        can=can,
        days_left=dates.format_days_left,
        icon=icon,
        label=label,
        navigation_for=navigation_for,
        signed_in_person=find_signed_in,
        warns_of_plain_http=warns_of_plain_http,
    )


def can(permission: Permission) -> bool:
    """Whether a role of the signed-in person could hold `permission`: a hint for links and menus."""
    person = find_signed_in()
    return person is not None and may_ever(person.actor, permission)


def warns_of_plain_http() -> bool:
    """Whether this page tells an admin that the portal is reached without TLS."""
    settings = current_app.extensions.get("portal.settings")
    return bool(settings and settings.leaves_this_machine_unencrypted) and can(Permission.MANAGE_ACCOUNTS)


def icon(name: str) -> Markup:
    """A symbol of icons.svg, in the size and colour of the text; it always stands beside a word."""
    return Markup('<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>').format(
        asset_url("icons.svg"), name
    )
