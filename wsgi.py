"""The WSGI entry point that servers import; everything else is in `portal`.

Like `portal serve`, it comes to nothing where the portal must not run, whatever server imports it.
"""

from portal import create_app
from portal.logs import log_to_standard_error
from portal.services.start_checks import require_startable

log_to_standard_error()
app = create_app()
with app.app_context():
    require_startable()
