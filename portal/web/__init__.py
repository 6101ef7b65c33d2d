"""The web layer: translates HTTP to service calls and back, and decides nothing itself."""

from __future__ import annotations

from flask import Flask

from portal.web.assets import init_assets
from portal.web.background import init_background
from portal.web.blueprints import BLUEPRINTS
from portal.web.errors import init_error_handlers
from portal.web.extensions import init_extensions
from portal.web.form_limits import init_form_limits
from portal.web.guards import init_guards
from portal.web.security_headers import init_security_headers
from portal.web.templating import init_templating


def init_web(app: Flask) -> None:
    """Wire the whole web layer into the application."""
    init_form_limits(app)
    init_security_headers(app)
    init_guards(app)  # before CSRF: who is no longer signed in is sent to the login page, not to an error
    init_extensions(app)
    init_background(app)
    init_assets(app)
    init_templating(app)
    init_error_handlers(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
