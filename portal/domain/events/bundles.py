"""Events of bundles, and of bytes that were not sent as they should be."""

from __future__ import annotations

from dataclasses import dataclass

from portal.domain.events.base import Event
from portal.domain.events.names import EventName


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleSealed(Event):
    """`manifest_sha256` is the digest of the bag's payload manifest, `heads_sha256` that of the heads of all
    indicators in scope, which `area_code` and `indicator_code` narrow.
    """

    type = EventName.BUNDLE_SEALED
    unit: str
    year: int
    area_code: str | None
    indicator_code: str | None
    manifest_sha256: str
    heads_sha256: str
    log_size: int
    log_root: str
    files: int
    left_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleDownloaded(Event):
    """A download of the bytes from `start` up to, not including, `stop` began; written before the first byte leaves."""

    type = EventName.BUNDLE_DOWNLOADED
    start: int
    stop: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadCutOff(Event):
    """A download was broken off, because whoever took it had lost his access since it began; `obj` is the bundle or the
    stored file, `sent` the number of bytes that had been handed over to be sent.
    """

    type = EventName.DOWNLOAD_CUT_OFF
    sent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FixityFailed(Event):
    """`obj` is the stored file whose bytes are not what the record says, or the bundle with a document of that kind."""

    type = EventName.FIXITY_FAILED
    expected_sha256: str
    found_sha256: str | None
