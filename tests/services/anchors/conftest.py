"""An office with a signed checkpoint, and the real servers that take it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from portal.domain.roles import Role
from portal.services.checkpoints import CheckpointView, sign_checkpoint
from portal.signer.desk import SigningDesk
from tests.builders.world import World, add_person, build_world, submitted
from tests.fixtures.missing_services import require_service
from tests.servers import authority as authorities
from tests.servers import mail
from tests.servers.authority import Authority
from tests.servers.mail import MailServer


@pytest.fixture
def world(app_context: Flask) -> World:  # noqa: ARG001  # rows need the application
    """Some events, and an auditor in office."""
    world = build_world()
    submitted(world, add_person(world, Role.UPLOADER))
    add_person(world, Role.AUDITOR)
    return world


@pytest.fixture
def checkpoint(world: World, signer: SigningDesk) -> CheckpointView:
    """The newest one, signed."""
    return sign_checkpoint(signer=signer, now=world.tick())


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with mail.running() as server:
        yield server


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[Authority]:
    require_service("openssl", authorities.why_missing())
    with authorities.running(tmp_path / "tsa") as running:
        yield running
