"""The records of a stored ZIP file, as bytes: APPNOTE.TXT 6.3, §4.3.

Owns the layout of each record and the rule when it needs its zip64 form. Where a record stands in the file is the
business of `zip_plan`; the content of members is the caller's.
"""

import struct
from dataclasses import dataclass
from datetime import UTC, datetime

from portal.domain.bundle.safe_path import require_safe

_UTF8_NAMES = (
    0x0800  # general purpose bit 11; bit 3, a data descriptor, is never set: Java refuses it on stored members
)
_STORED = 0
_VERSION, _VERSION_ZIP64 = 20, 45
_MADE_BY_UNIX = 3 << 8
_MODE = 0o100644 << 16
_SATURATED_16, _SATURATED_32 = 0xFFFF, 0xFFFFFFFF  # "look into the zip64 record instead"
_ZIP64_EXTRA = 0x0001
_MAX_SIZE = 2**43  # 8 TiB, more than an S3 object can have; a million such members still fit into 63 bits

_LOCAL_HEADER = struct.Struct("<4sHHH4sLLLHH")
_CENTRAL_HEADER = struct.Struct("<4sHHHH4sLLLHHHHHLL")
_ZIP64_END = struct.Struct("<4sQHHLLQQQQ")
_ZIP64_LOCATOR = struct.Struct("<4sLQL")
_END = struct.Struct("<4sHHHHLLH")


class InvalidZip(ValueError):
    """Sizes, checksums or a moment that no ZIP file can hold."""


@dataclass(frozen=True, slots=True)
class ZipEntry:
    """A member: its path in the ZIP, its size in bytes and the CRC-32 of its content.

    Raises UnsafePath or InvalidZip, so an entry that exists can be written.
    """

    path: str
    size: int
    crc32: int

    def __post_init__(self) -> None:
        require_safe(self.path)
        if not 0 <= self.size <= _MAX_SIZE or not 0 <= self.crc32 <= _SATURATED_32:
            raise InvalidZip(f"{self.path!r} cannot have size {self.size} and CRC-32 {self.crc32}")


def timestamp(moment: datetime) -> bytes:
    """Time and date fields (§4.4.6) of an aware moment, in UTC, whole two seconds, 1980 to 2107."""
    if moment.tzinfo is None:
        raise InvalidZip("a moment without a time zone would make other bytes on another machine")
    at = moment.astimezone(UTC)
    if not 1980 <= at.year <= 2107:
        raise InvalidZip(f"a ZIP file cannot hold the year {at.year}")
    time = at.hour << 11 | at.minute << 5 | at.second >> 1
    return struct.pack("<HH", time, (at.year - 1980) << 9 | at.month << 5 | at.day)


def local_header(entry: ZipEntry, stamp: bytes) -> bytes:
    """Record in front of a member (§4.3.7), with sizes and CRC-32, so no data descriptor follows the content."""
    name, large = entry.path.encode("ascii"), entry.size >= _SATURATED_32
    extra = _zip64_extra(entry.size, entry.size) if large else b""
    version, size = (_VERSION_ZIP64, _SATURATED_32) if large else (_VERSION, entry.size)
    sizes = (entry.crc32, size, size, len(name), len(extra))
    return _LOCAL_HEADER.pack(b"PK\3\4", version, _UTF8_NAMES, _STORED, stamp, *sizes) + name + extra


def central_header(entry: ZipEntry, stamp: bytes, offset: int) -> bytes:
    """Record of a member in the central directory (§4.3.12); `offset` is where its local header stands."""
    name = entry.path.encode("ascii")
    large = [value for value in (entry.size, entry.size, offset) if value >= _SATURATED_32]
    extra = _zip64_extra(*large) if large else b""
    version, size = _VERSION_ZIP64 if large else _VERSION, min(entry.size, _SATURATED_32)
    lengths = (len(name), len(extra), 0, 0, 0)
    kind = (_MADE_BY_UNIX | version, version, _UTF8_NAMES, _STORED, stamp)
    place = (_MODE, min(offset, _SATURATED_32))
    return _CENTRAL_HEADER.pack(b"PK\1\2", *kind, entry.crc32, size, size, *lengths, *place) + name + extra


def end_records(*, count: int, directory_start: int, directory_size: int) -> bytes:
    """What closes the file: the end of the central directory (§4.3.16), after its zip64 form when a field needs it."""
    shown = (min(count, _SATURATED_16), min(directory_size, _SATURATED_32), min(directory_start, _SATURATED_32))
    end = _END.pack(b"PK\5\6", 0, 0, shown[0], *shown, 0)
    if _SATURATED_16 not in shown[:1] and _SATURATED_32 not in shown[1:]:
        return end
    return _zip64_end(count, directory_start, directory_size) + end


def _zip64_end(count: int, directory_start: int, directory_size: int) -> bytes:
    """The zip64 end of the central directory and its locator (§4.3.14, §4.3.15)."""
    remaining = _ZIP64_END.size - len(b"PK\6\6") - 8  # the record's own size counts neither signature nor itself
    versions = (_MADE_BY_UNIX | _VERSION_ZIP64, _VERSION_ZIP64)
    record = _ZIP64_END.pack(b"PK\6\6", remaining, *versions, 0, 0, count, count, directory_size, directory_start)
    return record + _ZIP64_LOCATOR.pack(b"PK\6\7", 0, directory_start + directory_size, 1)


def _zip64_extra(*values: int) -> bytes:
    """Extra field with the values that do not fit 32 bits, in the order of §4.5.3."""
    return struct.pack(f"<HH{len(values)}Q", _ZIP64_EXTRA, 8 * len(values), *values)
