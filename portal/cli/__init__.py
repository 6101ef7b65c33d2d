"""The `portal` command: one file per group of commands, each of which only translates between a terminal and a service.

Results go to stdout, complaints to stderr; exit 2 means that nothing was done.
"""

from __future__ import annotations

import os

import click

from portal.cli.anchor import anchor_command, print_command
from portal.cli.bundle import bundle_group
from portal.cli.check import check_command
from portal.cli.checkpoint import checkpoint_group
from portal.cli.click_messages import speak_indonesian
from portal.cli.database import database_group
from portal.cli.demo import demo_command
from portal.cli.plan import import_plan_command
from portal.cli.sbom import sbom_command
from portal.cli.schema import migrate_command
from portal.cli.serve import serve_command
from portal.cli.signer import signer_group
from portal.cli.sweep import sweep_command
from portal.cli.unit import unit_group
from portal.cli.user import user_group
from portal.cli.verify import verify_command

PRIVATE = 0o077
"""What a command writes is for the account that it runs as: database, objects, keys and bundles are nobody else's."""


@click.group()
def main() -> None:
    """Portal Bukti ZI: perintah untuk petugas server."""
    os.umask(PRIVATE)


main.add_command(check_command)
main.add_command(demo_command)
main.add_command(database_group)
main.add_command(migrate_command)
main.add_command(sbom_command)
main.add_command(serve_command)
main.add_command(sweep_command)
main.add_command(import_plan_command)
main.add_command(bundle_group)
main.add_command(checkpoint_group)
checkpoint_group.add_command(anchor_command)
checkpoint_group.add_command(print_command)
main.add_command(signer_group)
main.add_command(unit_group)
main.add_command(user_group)
main.add_command(verify_command)
speak_indonesian(main)
