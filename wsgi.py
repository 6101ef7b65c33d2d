"""The WSGI entry point that servers import; everything else is in `portal`."""

from portal import create_app

app = create_app()
