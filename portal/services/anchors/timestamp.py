"""A timestamp over the checkpoint by a third party (RFC 3161)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from portal.adapters.timestamps import TimestampFailed, read_certificates, request_timestamp
from portal.domain.anchor import AnchorKind
from portal.services.anchors.place import AnchorFailed, Kept, signed_text
from portal.services.checkpoints import CheckpointView


@dataclass(frozen=True, slots=True)
class TimestampPlace:
    """One authority; `trusted` is the PEM file with the certificates of all of them."""

    url: str
    trusted: Path

    kind = AnchorKind.TIMESTAMP

    @property
    def target(self) -> str:
        return self.url

    def keep(self, checkpoint: CheckpointView, *, auditors: tuple[str, ...], now: datetime) -> Kept:  # noqa: ARG002  # the protocol's signature
        """See `Place.keep`."""
        try:
            certificates = read_certificates(self.trusted)
        except (OSError, ValueError) as error:
            raise AnchorFailed(f"PORTAL_TSA_CA tidak dapat dibaca: {error}") from error
        try:
            stamp = request_timestamp(data=signed_text(checkpoint), url=self.url, trusted=certificates)
        except TimestampFailed as error:
            raise AnchorFailed(f"Tidak ada stempel waktu yang sah: {error}") from error
        return Kept(detail=f"menyatakan {stamp.at:%Y-%m-%d %H:%M:%S} UTC", token=stamp.response)
