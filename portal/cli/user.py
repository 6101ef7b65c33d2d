"""`portal user`: accounts from the server's own console, the way to the first admin, and past the second one in an
emergency. Each is an event of the trail.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TypedDict, Unpack

import click
from flask import current_app

from portal.cli.application import CannotRun, portal_application
from portal.domain.actor import Actor
from portal.domain.errors import InvalidInput
from portal.domain.roles import Role
from portal.services.invitations import LIFETIME
from portal.services.memberships import NewMembership, grant_membership
from portal.services.people import get_user_id_by_email
from portal.services.second_factor import reset_factor
from portal.services.users import Invited, invite_again, invite_user

DAY = click.DateTime(["%Y-%m-%d"])


@click.group("user")
def user_group() -> None:
    """Pengguna."""


class MembershipOptions(TypedDict):
    """What the options below hand to a command."""

    role: str
    unit_code: str
    area_code: str | None
    below: bool
    restricted: bool
    external: bool
    sponsor: str | None
    valid_from: datetime | None
    valid_until: datetime | None


_OPTIONS = (
    click.option("--role", required=True, type=click.Choice([role.value for role in Role]), help="Peran."),
    click.option("--unit", "unit_code", required=True, metavar="KODE", help="Kode unit kerja."),
    click.option("--area", "area_code", metavar="KODE", help="Hanya area ini, misalnya II."),
    click.option("--below", is_flag=True, help="Berlaku juga untuk semua unit di bawahnya."),
    click.option("--restricted", is_flag=True, help="Boleh membaca bukti Terbatas dan Rahasia (auditor)."),
    click.option("--external", is_flag=True, help="Auditor dari luar kantor: perlu --sponsor dan --until, ≤ 90 hari."),
    click.option("--sponsor", metavar="EMAIL", help="Orang di unit itu yang bertanggung jawab (auditor eksternal)."),
    click.option("--from", "valid_from", type=DAY, help="Hari pertama, YYYY-MM-DD."),
    click.option("--until", "valid_until", type=DAY, help="Hari terakhir, YYYY-MM-DD."),
)


def membership_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of a membership."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@user_group.command("add")
@click.argument("email")
@click.option("--name", required=True, help="Nama lengkap.")
@membership_options
def add_user_command(email: str, name: str, **options: Unpack[MembershipOptions]) -> None:
    """Tambahkan pengguna EMAIL dengan satu peran, dan cetak tautan sekali pakai untuk membuat kata sandi."""
    wanted = _membership(options)
    with portal_application():
        try:
            invited = invite_user(
                actor=Actor.system("cli"), email=email, name=name, membership=wanted, now=datetime.now(UTC)
            )
        except InvalidInput as refused:
            raise CannotRun(f"{refused.field}: {refused.message} Tidak ada yang disimpan.") from refused
        _print_link(invited, f"Pengguna {email} ditambahkan.")


@user_group.command("grant")
@click.argument("email")
@membership_options
def grant_membership_command(email: str, **options: Unpack[MembershipOptions]) -> None:
    """Berikan satu peran lagi kepada pengguna EMAIL: berlaku seketika, tanpa admin kedua, dan tercatat."""
    wanted = _membership(options)
    with portal_application():
        try:
            user_id = get_user_id_by_email(email=email)
            grant_membership(actor=Actor.system("cli"), user_id=user_id, wanted=wanted, now=datetime.now(UTC))
        except InvalidInput as refused:
            raise CannotRun(f"{refused.field}: {refused.message} Tidak ada yang disimpan.") from refused
        click.echo(f"Peran {wanted.role.value} di {wanted.unit_code} diberikan kepada {email}.")


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


def _membership(options: MembershipOptions) -> NewMembership:
    return NewMembership(
        role=Role(options["role"]),
        unit_code=options["unit_code"],
        area_code=options["area_code"],
        below=options["below"],
        restricted=options["restricted"],
        external=options["external"],
        sponsor=options["sponsor"],
        valid_from=_day(options["valid_from"]),
        valid_until=_day(options["valid_until"]),
    )


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None
