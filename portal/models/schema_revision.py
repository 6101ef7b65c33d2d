"""At which revision of the migrations a database stands, and which one this code needs. Only looks."""

from __future__ import annotations

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from portal.config import MIGRATIONS


def find_revision(connection: Connection) -> str | None:
    """The database's revision, or None where no migration has run."""
    return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str:
    """The one revision that this code needs: the migrations have a single head."""
    (head,) = _scripts().get_heads()
    return head


def is_of_this_code(revision: str) -> bool:
    """Whether this code's migrations lead to `revision`; a newer code's do not."""
    return any(script.revision == revision for script in _scripts().walk_revisions())


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(MIGRATIONS))
