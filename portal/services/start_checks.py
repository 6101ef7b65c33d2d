"""What must be true outside the settings before the portal may serve: its code belongs to nobody else, the database has
this code's schema, forgets nothing that it acknowledged, and lets the portal do no more than it needs.

Each complaint is one sentence that names the setting or the place and the remedy. Nothing is changed here.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import URL, Connection, text
from sqlalchemy.exc import DBAPIError

from portal.db import db
from portal.models.grants import find_differences
from portal.models.schema_revision import find_revision, is_of_this_code, newest_revision

CODE = Path(__file__).resolve().parents[1]
DURABLE = ("fsync", "full_page_writes", "synchronous_commit")
"""Settings of PostgreSQL without which an acknowledged upload may be gone after a crash."""

SHOWN = 5
"""How many privileges are named in a complaint."""


class StartRefused(Exception):
    """The portal must not be served; the message has one line for each reason."""


def require_startable() -> None:
    """Raise StartRefused with every reason why the portal must not be served."""
    if problems := find_start_problems():
        raise StartRefused("\n".join(problems))


def find_start_problems(*, any_role: bool = False, code: Path = CODE) -> list[str]:
    """Every reason why the portal must not be served; `any_role` leaves out what the database role may do."""
    problems = [*code_problems(code), *file_problems(db.engine.url)]
    try:
        with db.engine.connect() as connection:
            problems += _database_problems(connection, any_role=any_role)
    except DBAPIError:
        problems.append(
            "PORTAL_DATABASE_URL: basis data tidak terjangkau. Periksa alamatnya dan apakah servernya berjalan."
        )
    return problems


def code_problems(code: Path) -> Iterator[str]:
    """Whoever may write the portal's code is the portal. Windows keeps permissions elsewhere, so nothing is told."""
    if os.name == "nt":
        return
    for path in (code, *sorted(code.rglob("*.py"))):
        if path.stat().st_mode & stat.S_IWOTH:
            yield f"{path}: siapa pun di komputer ini dapat mengubah kode portal. Jalankan: chmod -R o-w {code}"
            return


def file_problems(database: URL) -> Iterator[str]:
    """On one office PC the database is a file, which holds what not everybody at that PC may read."""
    path = Path(database.database or "")
    if database.get_backend_name() != "sqlite" or os.name == "nt" or not path.is_file():
        return
    if path.stat().st_mode & (stat.S_IROTH | stat.S_IWOTH):
        yield f"PORTAL_DATABASE_URL: siapa pun di komputer ini dapat membaca {path}. Jalankan: chmod o-rwx {path}*"


def schema_problems(connection: Connection) -> Iterator[str]:
    """A portal never changes a schema by itself, and never works on one that it does not know."""
    found, needed = find_revision(connection), newest_revision()
    if found == needed:
        return
    if found is None or is_of_this_code(found):
        yield f"Skema basis data {found or 'belum ada'}, yang diperlukan {needed}. Jalankan `portal migrate` dulu."
    else:
        yield (
            f"Skema basis data {found} lebih baru daripada kode ini, yang mengenal sampai {needed}. Pasang versi "
            "portal yang terakhir dipakai dengan basis data ini, atau arahkan PORTAL_DATABASE_URL ke basis data lain."
        )


def durability_problems(connection: Connection) -> Iterator[str]:
    """Only PostgreSQL can be set to forget; SQLite is told on every connection (`portal.db`)."""
    if connection.dialect.name != "postgresql":
        return
    for name in DURABLE:
        if connection.execute(text("SELECT current_setting(:name)"), {"name": name}).scalar_one() == "off":
            yield (
                f"PORTAL_DATABASE_URL: PostgreSQL berjalan dengan {name} = off, sehingga bukti yang sudah diterima "
                f"dapat hilang saat listrik padam. Atur {name} = on di postgresql.conf, lalu muat ulang servernya."
            )


def role_problems(connection: Connection) -> Iterator[str]:
    """The role must be the app's: neither more nor less than the portal needs."""
    if connection.dialect.name != "postgresql":
        return
    excess, missing = find_differences(connection)
    if excess or missing:
        yield (
            "Peran basis data pada PORTAL_DATABASE_URL bukan peran aplikasi"
            f"{_named('; haknya berlebih', excess)}{_named('; haknya kurang', missing)}. Portal tidak dijalankan. "
            "Jalankan `portal database roles`, lalu pakai peran …_app pada PORTAL_DATABASE_URL."
        )


def _database_problems(connection: Connection, *, any_role: bool) -> list[str]:
    """What a role may do is only compared on the schema that this code knows."""
    problems = list(durability_problems(connection))
    wrong_schema = list(schema_problems(connection))
    if not wrong_schema and not any_role:
        problems += role_problems(connection)
    return problems + wrong_schema


def _named(what: str, privileges: list[str]) -> str:
    if not privileges:
        return ""
    more = f" dan {len(privileges) - SHOWN} lagi" if len(privileges) > SHOWN else ""
    return f"{what}: {', '.join(privileges[:SHOWN])}{more}"
