"""`flask db check` on both engines: on a database made by the migrations, the models ask for no further change.

Run by `make check` as `python -m tests.migration_check`; exits with 1 and Alembic's list of differences otherwise.
"""

import tempfile
from pathlib import Path

import flask_migrate

from portal import create_app
from portal.db import db
from tests.fixtures.databases import settings_for, sqlite_url
from tests.servers import postgres


def check(engine: str, database_url: str, folder: Path) -> None:
    """Upgrade the empty database and compare it with the models; raises SystemExit(1) when they differ."""
    app = create_app(settings_for(database_url, folder))
    with app.app_context():
        flask_migrate.upgrade()
        print(f"{engine}: ", end="", flush=True)  # noqa: T201  Alembic's own sentence follows on the line
        flask_migrate.check()
        db.engine.dispose()


def main() -> None:
    with tempfile.TemporaryDirectory() as name, postgres.running() as server:
        folder = Path(name)
        check("SQLite", sqlite_url(folder / "check.sqlite3"), folder)
        check("PostgreSQL", server.url(user=postgres.SUPERUSER), folder)


if __name__ == "__main__":
    main()
