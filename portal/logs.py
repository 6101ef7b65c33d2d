"""What a server writes of itself: one JSON object a line on standard error, without secrets and without personal data.

A person is an id, an exception its type and the lines of code that it passed; what somebody typed, and so what an
exception says of it, stays out. The trail, which tells who did what, is another thing.
"""

from __future__ import annotations

import json
import logging
import logging.config
import re
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from flask import g, has_request_context, request

LONGEST_MESSAGE = 2000

_ADDRESS = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b|(?<![\w:])[0-9a-fA-F:]*:[0-9a-fA-F]{0,4}:[0-9a-fA-F:.]+(?![\w:])")
_EMAIL = re.compile(r"[^\s<>\"'@]+@[^\s<>\"'@]+")
_HERE = Path(__file__).parent


class JsonLines(logging.Formatter):
    """A record as one line; whatever stands in it is encoded, so nobody can write a line of his own."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        said: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _impersonal(record.getMessage()),
            **_request_facts(),
        }
        if record.exc_info and record.exc_info[1]:
            said["error"] = list(_told(record.exc_info[1]))
        return json.dumps(said)


def log_to_standard_error() -> None:
    """Let everything in this process log this way; for servers, while commands speak to people."""
    logging.config.dictConfig(SERVER_LOGGING)


SERVER_LOGGING: dict[str, object] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": f"{__name__}.{JsonLines.__name__}"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"level": "WARNING", "handlers": ["stderr"]},
    "loggers": {
        "portal": {"level": "INFO"},
        "gunicorn.error": {"level": "WARNING", "handlers": [], "propagate": True},
    },
}
"""For `logging.config.dictConfig`."""


def _impersonal(message: str) -> str:
    return _EMAIL.sub("[email]", _ADDRESS.sub("[address]", message))[:LONGEST_MESSAGE]


def _request_facts() -> dict[str, object]:
    """Which view was called, and by whom as far as that is known already; nothing is asked for it."""
    if not has_request_context():
        return {}
    facts: dict[str, object] = {"method": request.method, "endpoint": request.endpoint}
    person = getattr(getattr(g.get("_login_user"), "actor", None), "user_id", None)
    return facts | ({"person": str(person)} if person else {})


def _told(error: BaseException) -> Iterator[dict[str, object]]:
    """The exception and those behind it, each with the lines that it passed."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        frames = traceback.extract_tb(current.__traceback__)
        yield {"type": type(current).__name__, "lines": [_place(frame) for frame in frames]}
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)


def _place(frame: traceback.FrameSummary) -> str:
    path = Path(frame.filename)
    name = path.relative_to(_HERE.parent) if path.is_relative_to(_HERE) else Path(*path.parts[-3:])
    return f"{name.as_posix()}:{frame.lineno} {frame.name}"
