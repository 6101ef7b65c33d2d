"""`portal serve`: the production server of this platform. It migrates nothing and refuses another schema."""

from __future__ import annotations

import socket
import sys
from collections.abc import Mapping

import click
from flask import Flask

from portal import create_app
from portal.cli.application import CannotRun, portal_application
from portal.logs import SERVER_LOGGING, log_to_standard_error
from portal.services.start_checks import find_start_problems

WORKERS = 2
THREADS = 32
"""Few threads are taken by a few slow phones, and then the site stands still."""

TIMEOUT_SECONDS = 120


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
        _serve_with_waitress(host, port)
    else:
        _serve_with_gunicorn(host, port)


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


def _serve_with_waitress(host: str, port: int) -> None:
    from waitress import serve as waitress_serve

    log_to_standard_error()
    waitress_serve(create_app(), host=host, port=port, threads=THREADS)


def _serve_with_gunicorn(host: str, port: int) -> None:
    from gunicorn.app.base import BaseApplication

    class Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
        """gunicorn with the settings given here and from nowhere else."""

        def load_config(self) -> None:
            for name, value in _gunicorn_settings(host, port).items():
                self.cfg.set(name, value)

        def load(self) -> Flask:
            return create_app()

    Server().run()


def _gunicorn_settings(host: str, port: int) -> Mapping[str, object]:
    """Access is not logged here: addresses are personal data, and the trail has what must be kept."""
    return {
        "bind": f"{_in_address(host)}:{port}",
        "worker_class": "gthread",
        "workers": WORKERS,
        "threads": THREADS,
        "timeout": TIMEOUT_SECONDS,
        "graceful_timeout": 30,
        "accesslog": None,
        "forwarded_allow_ips": "",  # which proxies are believed is PORTAL_PROXY_HOPS' business alone
        "loglevel": "warning",
        "logconfig_dict": SERVER_LOGGING,
        "control_socket_disable": True,
    }
