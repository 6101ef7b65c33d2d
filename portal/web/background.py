"""Work that a request leaves behind: its answer neither waits for it nor tells by its time what became of it.

One thread of this process does it in turn. What is waiting when the process is killed is lost, so only what somebody
can ask for again belongs here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import BoundedSemaphore

from flask import Flask

MOST_WAITING = 50

log = logging.getLogger(__name__)


class Background:
    """The thread of one application; it begins with the first work, and so after a server has forked."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="background")
        self._room = BoundedSemaphore(MOST_WAITING)

    def run(self, work: Callable[[], None]) -> Future[None] | None:
        """Do the work later, in an application context of its own; None when too much is waiting already."""
        if not self._room.acquire(blocking=False):
            log.error("background work was dropped: %d are waiting", MOST_WAITING)
            return None
        return self._thread.submit(self._done, work)

    def _done(self, work: Callable[[], None]) -> None:
        try:
            with self._app.app_context():
                work()
        except Exception:
            log.exception("background work failed")
        finally:
            self._room.release()


def init_background(app: Flask) -> None:
    """Give the application its thread: `app.extensions["portal.background"]`."""
    app.extensions["portal.background"] = Background(app)
