"""Evidence with real bytes for tests of bundles, and a sealed bundle as its parts."""

from __future__ import annotations

import csv
import json
import zipfile
from dataclasses import dataclass
from io import BytesIO, StringIO
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from portal.adapters.signer import Signer
from portal.adapters.store import ObjectStore, new_key
from portal.domain.actor import Actor
from portal.domain.log.leaf import leaf_hash
from portal.domain.log.merkle import Frontier, node_hash
from portal.domain.roles import Role
from portal.domain.workflow import Action
from portal.models import LogLeaf, Revision, StoredFile
from portal.services.bundles.delivery import open_bundle
from portal.services.bundles.scope import BundleScope
from portal.services.bundles.sealing import seal_bundle
from portal.services.downloads import open_file
from portal.services.log_reader import LogEntry, read_entry
from portal.services.sending import ByteRange
from portal.services.unit_of_work import transaction
from tests.builders.world import NOW, World, act, add_draft, add_person, build_world


@dataclass(kw_only=True)
class Office:
    """A world with the people that a bundle needs, the store that holds its files, and the signer of its log."""

    world: World
    store: ObjectStore
    signer: Signer
    sender: Actor
    reviewer: Actor
    lead: Actor
    auditor: Actor

    def file(self, content: bytes = b"%PDF-1.7 isi", name: str = "laporan.pdf") -> StoredFile:
        """The row of a file whose object lies in the store."""
        stored = self.store.put(new_key(), BytesIO(content))
        return StoredFile(
            uploader_id=self.sender.person,
            name=name,
            media_type="application/pdf",
            size=stored.size,
            sha256=stored.sha256,
            crc32=stored.crc32,
            object_key=stored.key,
            version_id=stored.version_id,
            uploaded_at=NOW,
        )

    def submitted(self, key: str = "I.1", *files: StoredFile, month: int = 1) -> UUID:
        revision_id = add_draft(self.world, self.sender, key, months=(month,), files=files or (self.file(),))
        act(self.world, self.sender, Action.SUBMIT, revision_id)
        return revision_id

    def approved(self, key: str = "I.1", *files: StoredFile, month: int = 1, note: str = "") -> UUID:
        revision_id = self.submitted(key, *files, month=month)
        act(self.world, self.reviewer, Action.APPROVE, revision_id, note=note)
        return revision_id

    def read(self, revision_id: UUID, *, actor: Actor | None = None) -> None:
        """Somebody fetches the first file of a revision."""
        with transaction(write=False) as session:
            file_id = session.get_one(Revision, revision_id).files[0].file_id
        opened = open_file(
            actor=actor or self.reviewer,
            revision_id=revision_id,
            file_id=file_id,
            wanted=ByteRange(),
            store=self.store,
            clock=lambda: self.world.clock,
            now=self.world.tick(),
        )
        assert b"".join(opened.chunks)

    def scope(self, area: str | None = None, indicator: str | None = None) -> BundleScope:
        return BundleScope(plan_id=self.world.plan_id, area_code=area, indicator_code=indicator)

    def seal(
        self, scope: BundleScope | None = None, *, actor: Actor | None = None, bundle_id: UUID | None = None
    ) -> UUID:
        return seal_bundle(
            actor=actor or self.auditor,
            scope=scope or self.scope(),
            store=self.store,
            signer=self.signer,
            now=self.world.tick(),
            bundle_id=bundle_id,
        )

    def fetch(self, bundle_id: UUID, *, actor: Actor | None = None, wanted: ByteRange | None = None) -> bytes:
        """All bytes of a download."""
        delivery = open_bundle(
            actor=actor or self.auditor,
            bundle_id=bundle_id,
            wanted=wanted or ByteRange(),
            store=self.store,
            clock=lambda: self.world.clock,
            now=self.world.tick(),
        )
        return b"".join(delivery.chunks)

    def bag(self, scope: BundleScope | None = None, *, actor: Actor | None = None) -> Bag:
        """A bundle sealed now, taken apart."""
        return Bag.of(self.fetch(self.seal(scope, actor=actor), actor=actor))


def open_office(store: ObjectStore, *, restricted: str | None = None) -> Office:
    """A unit with two areas of two indicators, and one person of each role that a bundle needs."""
    world = build_world(restricted=restricted)
    return Office(
        world=world,
        store=store,
        signer=current_app.extensions["portal.signer"],
        sender=add_person(world, Role.UPLOADER, name="Siti Rahmawati"),
        reviewer=add_person(world, Role.TPI_MEMBER, name="Hendra Gunawan"),
        lead=add_person(world, Role.TPI_LEAD, name="Dewi Lestari"),
        auditor=add_person(world, Role.AUDITOR, name="Agus Salim"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Bag:
    """A bundle's files by their path below the top folder."""

    files: dict[str, bytes]

    @classmethod
    def of(cls, content: bytes) -> Bag:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            assert archive.testzip() is None
            return cls(files={name.split("/", 1)[1]: archive.read(name) for name in archive.namelist()})

    @property
    def payload(self) -> set[bytes]:
        return {content for path, content in self.files.items() if path.startswith("data/")}

    @property
    def metadata(self) -> Any:
        return json.loads(self.files["metadata/bukti.json"])

    @property
    def evidence(self) -> list[Any]:
        return [
            evidence
            for area in self.metadata["areas"]
            for component in area["components"]
            for indicator in component["indicators"]
            for requirement in indicator["requirements"]
            for evidence in requirement["evidence"]
        ]

    @property
    def info(self) -> dict[str, str]:
        return dict(line.split(": ", 1) for line in self.files["bag-info.txt"].decode().splitlines())

    @property
    def log(self) -> list[bytes]:
        return self.files["audit/log.jsonl"].splitlines()

    @property
    def bodies(self) -> dict[int, bytes]:
        """The leaves that it shows, by their place in the log."""
        return {json.loads(line)["seq"]: line for line in self.log if not line.startswith(b'{"h"')}

    @property
    def seal(self) -> Any:
        return json.loads(list(self.bodies.values())[-1])

    def root(self, size: int) -> bytes:
        """Root of the first `size` leaves, from the log's lines alone; no subtree may reach across it."""
        position, pieces = 0, list[tuple[int, bytes]]()
        for line in self.log:
            if position == size:
                break
            read = json.loads(line)
            count = read.get("n", 1)
            pieces.append((count, bytes.fromhex(read["h"]) if "h" in read else leaf_hash(line)))
            position += count
            while len(pieces) > 1 and pieces[-2][0] == pieces[-1][0]:
                (_, left), (half, right) = pieces[-2:]
                pieces[-2:] = [(2 * half, node_hash(left, right))]
        return Frontier(size, tuple(piece for _, piece in pieces)).root

    @property
    def heads(self) -> list[Any]:
        return [json.loads(line) for line in self.files["audit/heads.jsonl"].splitlines()]

    @property
    def openings(self) -> list[Any]:
        return [json.loads(line) for line in self.files["audit/openings.jsonl"].splitlines()]

    @property
    def table(self) -> list[list[str]]:
        return list(csv.reader(StringIO(self.files["indeks.csv"].decode("utf-8-sig"), newline="")))


def trail() -> list[LogEntry]:
    """Every event so far, in order."""
    with transaction(write=False) as session:
        return [read_entry(leaf) for leaf in session.execute(select(LogLeaf).order_by(LogLeaf.seq)).scalars()]
