"""The bag's own documents, each as bytes by its path, made from a snapshot and its proof: no database, no
clock, no store.

`metadata/bukti.json` is the authoritative one; index.html, indeks.csv and indeks.xlsx show the same to people.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from jinja2 import Environment, StrictUndefined, Template

from portal.domain.bundle.shown_text import visible
from portal.services.bundles.log_proof import LogProof
from portal.services.bundles.metadata import grouped, metadata_document
from portal.services.bundles.snapshot import Snapshot
from portal.services.bundles.tables import index_csv, index_xlsx
from portal.services.bundles.trail import heads_document, openings_document
from portal.services.checkpoints import CheckpointView

LOG, HEADS, OPENINGS = "audit/log.jsonl", "audit/heads.jsonl", "audit/openings.jsonl"
PROFILE = "urn:uuid:8f0d2c5e-6c0b-4a55-9d0f-6b1f6f2a7c02"
"""The identifier of bagit-profile.json."""
VERIFIERS = ("verifikasi.html", "verifikasi.py")
LOCALE = "id"


def bundle_documents(snapshot: Snapshot, proof: LogProof, sealed_at: datetime) -> dict[str, bytes]:
    """Every document but the log, which is too long for memory, and the four files of BagIt, which list the rest."""
    return {
        "BACA-SAYA.txt": _written("BACA-SAYA.txt"),
        "bagit-profile.json": _written("bagit-profile.json"),
        HEADS: heads_document(snapshot.heads),
        OPENINGS: openings_document(snapshot.trail.openings),
        "indeks.csv": index_csv(snapshot.contents),
        "indeks.xlsx": index_xlsx(snapshot.contents, sealed_at),
        "index.html": index_html(snapshot, proof.checkpoint, sealed_at),
        "metadata/bukti.json": metadata_document(snapshot, proof.checkpoint, sealed_at),
        "metadata/bukti.schema.json": _written("bukti.schema.json"),
        **proof.documents,
        **_verifiers(),
    }


def index_html(snapshot: Snapshot, checkpoint: CheckpointView, sealed_at: datetime) -> bytes:
    """A page without script or remote parts, to be read from disk; dates in the unit's own zone."""
    zone = ZoneInfo(snapshot.contents.place.timezone)
    page = _template().render(
        place=snapshot.contents.place,
        restricted=snapshot.contents.restricted,
        names=snapshot.names,
        log_size=checkpoint.size,
        log_root=checkpoint.root,
        files=len(snapshot.contents.files),
        areas=[
            [grouped(own, lambda e: e.item.position) for own in grouped(items, lambda e: e.item.indicator_code)]
            for items in grouped(snapshot.contents.evidence, lambda e: e.item.area_position)
        ],
        sealed_at=sealed_at,
        moment=lambda at: format_datetime(at, "d MMMM y 'pukul' HH.mm z", tzinfo=zone, locale=LOCALE),
        day=lambda on: format_date(on, "d MMMM y", locale=LOCALE),
        number=lambda n: format_decimal(n, locale=LOCALE),
        month=lambda on: format_date(on, "MMMM y", locale=LOCALE),
    )
    return page.encode()


def _written(name: str) -> bytes:
    """A document that is the same in every bag."""
    return resources.files("portal").joinpath("data/bundle", name).read_bytes()


def _verifiers() -> dict[str, bytes]:
    """Copies for convenience: a verifier that came with the bag proves nothing of it."""
    folder = resources.files("portal").joinpath("data/verifiers")
    return {name: folder.joinpath(name).read_bytes() for name in VERIFIERS}


@cache
def _template() -> Template:
    source = _written("index.html.j2").decode()
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: visible(value) if type(value) is str else value,
    )
    return environment.from_string(source)
