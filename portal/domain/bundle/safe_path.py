"""Which paths may stand in a bundle: those that every system unpacks under the same name.

Owns the rule for one path and for a set of paths. It makes no name; `layout` does, and the ZIP planner asks here.
"""

import re
from collections.abc import Iterable

MAX_PATH_LENGTH = 180
"""Windows allows 260 characters; the rest is left for the folder into which the auditor unpacks."""

# No spaces, percent signs, backslashes or line breaks: tools read those differently (RFC 8493 §2.1.3 and §5.1).
_COMPONENT = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?")
_RESERVED_ON_WINDOWS = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)


class UnsafePath(ValueError):
    """A path that some system would refuse, rename, or unpack over another file."""


def require_safe(path: str) -> None:
    """Raise UnsafePath unless the path, with `/` between its parts, is relative, short and plain ASCII."""
    if len(path) > MAX_PATH_LENGTH:
        raise UnsafePath(f"{path!r} has {len(path)} characters, more than {MAX_PATH_LENGTH}")
    for component in path.split("/"):
        if not _COMPONENT.fullmatch(component) or _RESERVED_ON_WINDOWS.fullmatch(component):
            raise UnsafePath(f"{path!r} has a part that is not safe on every system: {component!r}")


def require_distinct(paths: Iterable[str]) -> None:
    """Raise UnsafePath when two paths differ at most in case, or when one is a folder of another."""
    files: set[str] = set()
    folders: set[str] = set()
    for path in paths:
        folded = path.lower()
        if folded in files:
            raise UnsafePath(f"{path!r} stands twice in the bundle, at least for systems that ignore case")
        files.add(folded)
        folders.update(_folders(folded))
    if both := files & folders:
        raise UnsafePath(f"{min(both)!r} would be a file and a folder")


def _folders(path: str) -> Iterable[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path
