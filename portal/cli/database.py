"""`portal database`: the roles of a PostgreSQL database."""

from __future__ import annotations

import re

import click
from flask import current_app

from portal.cli.application import CannotRun, portal_application
from portal.db import db
from portal.models.database_roles import DatabaseRoles, set_up_roles
from portal.models.grants import grant_privileges
from portal.models.schema_owner import administrator_connection

PREFIX = re.compile(r"[a-z][a-z0-9_]{0,40}")
"""With the longest ending it stays below the 63 bytes at which PostgreSQL cuts a name."""


@click.group("database")
def database_group() -> None:
    """Basis data."""


@database_group.command("roles")
@click.option("--prefix", default="portal", show_default=True, help="Awalan nama peran, satu untuk tiap basis data.")
def roles_command(prefix: str) -> None:
    """Buat peran pemilik, aplikasi, dan pembaca di PostgreSQL, lalu bagi haknya. Aman diulang.

    Memakai PORTAL_MIGRATION_DATABASE_URL (atau PORTAL_DATABASE_URL) dengan akun yang boleh membuat peran.
    """
    if not PREFIX.fullmatch(prefix):
        raise CannotRun("--prefix: hanya huruf kecil, angka dan garis bawah, diawali huruf, paling panjang 41 tanda.")
    roles = DatabaseRoles(prefix)
    with portal_application():
        if not _is_postgresql():
            raise CannotRun("Hanya PostgreSQL yang mengenal peran; pada SQLite tidak ada yang perlu dibuat.")
        owner_url = current_app.extensions["portal.settings"].migration_database_url
        with administrator_connection(db.engine, owner_url) as connection:
            set_up_roles(connection, roles)
            grant_privileges(connection)
    click.echo(
        f"Peran siap: {roles.owner} memiliki basis data, {roles.app} untuk PORTAL_DATABASE_URL, {roles.reader} untuk "
        "membaca saja. Beri kata sandi dengan \\password di psql bila server memintanya."
    )


def _is_postgresql() -> bool:
    return db.engine.dialect.name == "postgresql"
