"""The server of Linux and macOS: gunicorn's threads, with a limit on how long a client may keep one waiting."""
