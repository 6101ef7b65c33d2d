"""`portal user`: accounts from the server's own console, the way to the first admin. Each is an event of the trail."""

from __future__ import annotations

from datetime import UTC, date, datetime

import click
from flask import current_app

from portal.cli.application import CannotRun, portal_application
from portal.domain.actor import Actor
from portal.domain.errors import InvalidInput
from portal.domain.roles import Role
from portal.services.invitations import LIFETIME
from portal.services.memberships import NewMembership
from portal.services.people import get_user_id_by_email
from portal.services.second_factor import reset_factor
from portal.services.users import Invited, invite_again, invite_user

DAY = click.DateTime(["%Y-%m-%d"])


@click.group("user")
def user_group() -> None:
    """Pengguna."""


@user_group.command("add")
@click.argument("email")
@click.option("--name", required=True, help="Nama lengkap.")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]), help="Peran.")
@click.option("--unit", "unit_code", required=True, metavar="KODE", help="Kode unit kerja.")
@click.option("--area", "area_code", metavar="KODE", help="Hanya area ini, misalnya II.")
@click.option("--below", is_flag=True, help="Berlaku juga untuk semua unit di bawahnya.")
@click.option("--restricted", is_flag=True, help="Boleh membaca bukti Terbatas dan Rahasia (auditor).")
@click.option("--from", "valid_from", type=DAY, help="Hari pertama, YYYY-MM-DD.")
@click.option("--until", "valid_until", type=DAY, help="Hari terakhir, YYYY-MM-DD.")
def add_user_command(
    email: str,
    name: str,
    role: str,
    unit_code: str,
    area_code: str | None,
    *,
    below: bool,
    restricted: bool,
    valid_from: datetime | None,
    valid_until: datetime | None,
) -> None:
    """Tambahkan pengguna EMAIL dengan satu peran, dan cetak tautan sekali pakai untuk membuat kata sandi."""
    wanted = NewMembership(
        role=Role(role),
        unit_code=unit_code,
        area_code=area_code,
        below=below,
        restricted=restricted,
        valid_from=_day(valid_from),
        valid_until=_day(valid_until),
    )
    with portal_application():
        try:
            invited = invite_user(
                actor=Actor.system("cli"), email=email, name=name, membership=wanted, now=datetime.now(UTC)
            )
        except InvalidInput as refused:
            raise CannotRun(f"{refused.field}: {refused.message} Tidak ada yang disimpan.") from refused
        _print_link(invited, f"Pengguna {email} ditambahkan.")


@user_group.command("invite")
@click.argument("email")
def invite_user_command(email: str) -> None:
    """Cetak tautan sekali pakai yang baru untuk pengguna EMAIL: yang lama kedaluwarsa, atau kata sandinya lupa."""
    with portal_application():
        try:
            user_id = get_user_id_by_email(email=email)
            invited = invite_again(actor=Actor.system("cli"), user_id=user_id, now=datetime.now(UTC))
        except InvalidInput as refused:
            raise CannotRun(f"{refused.field}: {refused.message} Tidak ada yang disimpan.") from refused
        _print_link(invited, f"Pengguna {email} diundang lagi; tautan sebelumnya tidak berlaku.")


@user_group.command("reset-factor")
@click.argument("email")
def reset_factor_command(email: str) -> None:
    """Cabut verifikasi dua langkah pengguna EMAIL: ponsel dan kode pemulihannya hilang. Semua sesinya berakhir."""
    with portal_application():
        try:
            user_id = get_user_id_by_email(email=email)
            reset_factor(actor=Actor.system("cli"), user_id=user_id, now=datetime.now(UTC))
        except InvalidInput as refused:
            raise CannotRun(f"{refused.field}: {refused.message}") from refused
    click.echo(f"Verifikasi dua langkah {email} dicabut; ia memasangnya lagi sesudah masuk.")


def _print_link(invited: Invited, done: str) -> None:
    """What was done on stderr, the link alone on stdout; its host is the configured one."""
    base = current_app.extensions["portal.settings"].public_url.rstrip("/")
    click.echo(f"{done} Tautan sekali pakai, berlaku {LIFETIME.seconds // 60} menit:", err=True)
    click.echo(f"{base}/undangan/{invited.invitation.token}")


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None
