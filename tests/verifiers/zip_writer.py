"""A second writer of stored ZIP files, whose every record can be spoiled before it is written.

Keeps members in memory; large files are the business of the test that needs them.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

REGULAR_FILE = 0o100644 << 16
_UTF8 = 0x0800


@dataclass(kw_only=True)
class Header:
    """What one of the two headers of a member says. `extra` is the extra field, `attributes` count in the directory
    only.
    """

    name: bytes
    size: int
    packed: int
    crc32: int
    method: int = 0
    flags: int = _UTF8
    extra: bytes = b""
    comment: bytes = b""
    attributes: int = REGULAR_FILE


@dataclass(kw_only=True)
class Record:
    """A member: its two headers and the bytes between. `before` are stray bytes in front of it."""

    local: Header
    central: Header
    content: bytes
    before: bytes = b""
    offset: int | None = None


@dataclass(kw_only=True)
class Archive:
    """All records, and what is written around them. `count` overrides the number in the end record."""

    records: list[Record]
    before: bytes = b""
    between: bytes = b""
    after: bytes = b""
    comment: bytes = b""
    count: int | None = None
    order: Callable[[list[Record]], list[Record]] = field(default=lambda records: records)

    def named(self, ending: str) -> Record:
        """The record whose name ends so."""
        return next(record for record in self.records if record.central.name.decode().endswith(ending))

    def __bytes__(self) -> bytes:
        body = bytearray(self.before)
        for record in self.records:
            body += record.before
            if record.offset is None:
                record.offset = len(body)
            body += _local(record.local) + record.content
        body += self.between
        start = len(body)
        for record in self.order(list(self.records)):
            body += _central(record.central, record.offset or 0)
        count = len(self.records) if self.count is None else self.count
        return bytes(body) + _end(count, start, len(body) - start, self.comment) + self.after


def archive_of(members: Iterable[tuple[str, bytes]]) -> Archive:
    """The archive of these members in this order, with nothing wrong in it."""
    return Archive(records=[record_of(name, content) for name, content in members])


def record_of(name: str, content: bytes, *, attributes: int = REGULAR_FILE) -> Record:
    facts = {"name": name.encode(), "size": len(content), "packed": len(content), "crc32": zlib.crc32(content)}
    return Record(local=_header(facts, attributes), central=_header(facts, attributes), content=content)


def _header(facts: Mapping[str, object], attributes: int) -> Header:
    return Header(**facts, attributes=attributes)  # type: ignore[arg-type]  # one mapping for both headers


def _local(header: Header) -> bytes:
    fixed = (20, header.flags, header.method, 0, 0x21, header.crc32, header.packed, header.size)
    lengths = (len(header.name), len(header.extra))
    return struct.pack("<4sHHHHHLLLHH", b"PK\3\4", *fixed, *lengths) + header.name + header.extra


def _central(header: Header, offset: int) -> bytes:
    fixed = (3 << 8 | 20, 20, header.flags, header.method, 0, 0x21, header.crc32, header.packed, header.size)
    lengths = (len(header.name), len(header.extra), len(header.comment))
    place = (0, 0, header.attributes, offset)
    record = struct.pack("<4sHHHHHHLLLHHHHHLL", b"PK\1\2", *fixed, *lengths, *place)
    return record + header.name + header.extra + header.comment


def _end(count: int, start: int, size: int, comment: bytes) -> bytes:
    if max(count, 0) < 0xFFFF:
        return struct.pack("<4sHHHHLLH", b"PK\5\6", 0, 0, count, count, size, start, len(comment)) + comment
    large = struct.pack("<4sQHHLLQQQQ", b"PK\6\6", 44, 3 << 8 | 45, 45, 0, 0, count, count, size, start)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, start + size, 1)
    shown = (0xFFFF, 0xFFFF, size, start, len(comment))
    return large + locator + struct.pack("<4sHHHHLLH", b"PK\5\6", 0, 0, *shown) + comment
