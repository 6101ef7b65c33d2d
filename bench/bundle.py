"""A bundle as it is sent, every member hashed on its way, against SHA-256 and CRC-32 of the same bytes on one core.

Run it with `uv run python -m bench.bundle [--json] [--quick] [--megabytes N]`.
"""

from __future__ import annotations

import argparse
import hashlib
import zlib
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import UUID

from flask import Flask

from bench.measure import MB, peak_memory, seconds
from bench.office import CHUNK, film, local_settings, portal_in, scratch_folder
from bench.report import Result, publish
from portal.domain.actor import Actor
from portal.domain.roles import Role
from portal.domain.workflow import Action
from portal.models import Revision
from portal.services.bundles.delivery import open_bundle
from portal.services.bundles.scope import BundleScope
from portal.services.bundles.sealing import seal_bundle
from portal.services.sending import ByteRange
from portal.services.unit_of_work import transaction
from portal.services.upload_rules import UploadRules
from portal.services.uploads import OfferedFile, add_files, remove_file
from tests.builders.world import World, act, add_draft, add_person, build_world

FILES = 8
MEMORY_LIMIT_MB = 64.0
NO_LIMITS = UploadRules(indicator_bytes=1 << 50, day_bytes=1 << 50)
"""One sender uploads all of it, on one day."""


def measure(*, megabytes: int) -> list[Result]:
    """Seal a bundle of FILES files of random content and send it to nowhere."""
    with scratch_folder() as folder, portal_in(local_settings(folder)) as app:
        world = build_world(indicators=FILES)
        files = [film(folder / f"{n}.mp4", (megabytes << 20) // FILES) for n in range(FILES)]
        auditor = _approved_office(app, world, files)
        now = datetime.now(UTC)
        store, signer = app.extensions["portal.store"], app.extensions["portal.signer"]
        scope = BundleScope(plan_id=world.plan_id)
        seal = partial(seal_bundle, actor=auditor, scope=scope, store=store, signer=signer, now=now)
        (sealing,) = seconds(seal, repeats=1)
        bundle_id = seal()
        with peak_memory() as memory:
            size, first_byte = _send(app, auditor, bundle_id)
        digest, sending = seconds(lambda: _digest(files), lambda: _send(app, auditor, bundle_id))
    return [
        Result("sha256 and crc32 of the same bytes", size / MB / digest, "MB/s"),
        Result("bundle sent", size / MB / sending, "MB/s", size / MB / digest),
        Result("bundle sent: memory", memory.peak, "MB", MEMORY_LIMIT_MB),
        Result("time to the first byte", first_byte * 1000, "ms", 1000.0),
        Result("sealing", sealing * 1000, "ms"),
    ]


def _approved_office(app: Flask, world: World, files: list[Path]) -> Actor:
    """Every file uploaded, submitted and approved; returns an auditor."""
    sender, reviewer = add_person(world, Role.UPLOADER), add_person(world, Role.TPI_MEMBER)
    for number, path in enumerate(files, start=1):
        revision_id = add_draft(world, sender, f"I.{number}", files=())
        with path.open("rb") as stream:
            report = add_files(
                actor=sender,
                revision_id=revision_id,
                files=[OfferedFile(path.name, stream)],
                store=app.extensions["portal.store"],
                limit=4 << 30,
                now=world.tick(),
                rules=NO_LIMITS,
            )
        assert not report.refused, report.refused
        _drop_placeholder(world, sender, revision_id)
        act(world, sender, Action.SUBMIT, revision_id)
        act(world, reviewer, Action.APPROVE, revision_id)
    return add_person(world, Role.AUDITOR)


def _drop_placeholder(world: World, sender: Actor, revision_id: UUID) -> None:
    """The builder's drafts begin with a file that has no object."""
    with transaction(write=False) as session:
        placeholder = session.get_one(Revision, revision_id).files[0].file_id
    remove_file(actor=sender, revision_id=revision_id, file_id=placeholder, now=world.tick())


def _send(app: Flask, auditor: Actor, bundle_id: UUID) -> tuple[int, float]:
    """Take the whole bundle; returns its size, and the seconds until its first byte."""
    started = datetime.now(UTC)
    delivery = open_bundle(
        actor=auditor,
        bundle_id=bundle_id,
        wanted=ByteRange(),
        store=app.extensions["portal.store"],
        clock=lambda: datetime.now(UTC),
        now=started,
    )
    size, first_byte = 0, 0.0
    for chunk in delivery.chunks:
        first_byte = first_byte or (datetime.now(UTC) - started).total_seconds()
        size += len(chunk)
    assert size == delivery.facts.size
    return size, first_byte


def _digest(files: list[Path]) -> None:
    for path in files:
        sha256, crc32 = hashlib.sha256(), 0
        with path.open("rb") as stream:
            while chunk := stream.read(CHUNK):
                sha256.update(chunk)
                crc32 = zlib.crc32(chunk, crc32)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print a JSON list instead of a table")
    parser.add_argument("--quick", action="store_true", help="about a tenth of the work, rougher figures")
    parser.add_argument("--megabytes", type=int, default=None, help="content of the bundle")
    given = parser.parse_args()
    publish(measure(megabytes=given.megabytes or (64 if given.quick else 1024)), as_json=given.json)
