"""`portal serve`: the production server of this platform. It migrates nothing and refuses another schema."""

from __future__ import annotations

import socket
import sys

import click

from portal.cli.application import CannotRun, portal_application
from portal.services.start_checks import find_start_problems


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Alamat yang didengarkan.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65535), help="Nomor port.")
def serve_command(host: str, port: int) -> None:
    """Jalankan portal."""
    serve(host=host, port=port)


def serve(*, host: str, port: int, any_role: bool = False) -> None:
    """Serve until stopped; raises CannotRun before anything listens. Only a demo may serve by `any_role`."""
    require_free_address(host, port)
    with portal_application():
        if problems := find_start_problems(any_role=any_role):
            raise CannotRun("\n".join(problems))
    click.echo(f"Portal dapat dibuka di http://{_in_address(host)}:{port} (hentikan dengan Ctrl+C).", err=True)
    if sys.platform == "win32":
        from portal.cli.server.waitress_server import serve_with_waitress

        serve_with_waitress(host, port)
    else:
        from portal.cli.server.gunicorn_server import serve_with_gunicorn

        serve_with_gunicorn(f"{_in_address(host)}:{port}")


def require_free_address(host: str, port: int) -> None:
    """Raise CannotRun when nobody could listen there: the server itself would only try again and then give up."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except (OSError, UnicodeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CannotRun(
            f"Alamat {host!r} port {port} tidak dapat dipakai ({reason}). Pilih yang lain dengan --host dan --port."
        ) from error


def _in_address(host: str) -> str:
    """The host as it stands in an address (RFC 3986 §3.2.2)."""
    return f"[{host}]" if ":" in host else host
