"""The plan of a stored ZIP file: every byte is a function of the entries (path, size, CRC-32) and one moment.

Owns where each record and member stands, so length and any range of the file are known before a byte is read. It
reads no content: a range is given as literal bytes and slices of members, which the caller fetches.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from portal.domain.bundle.safe_path import require_distinct
from portal.domain.bundle.zip_records import InvalidZip, ZipEntry, central_header, end_records, local_header, timestamp

_JOINED_BYTES = 64 * 1024  # records are small; handed out one by one they would cost a system call each


@dataclass(frozen=True, slots=True)
class MemberSlice:
    """`length` bytes from `offset` on of the content of entry number `entry` (from 0, in the plan's order)."""

    entry: int
    offset: int
    length: int


Segment: TypeAlias = bytes | MemberSlice


@dataclass(frozen=True, slots=True)
class ZipPlan:
    """A planned ZIP file of `total_size` bytes. Make it with `plan_zip`.

    The file is cut into parts: part i < n is entry i with its local header, part n + i its central header, and part
    2n the end records. `starts` holds where each part starts, eight bytes a part.
    """

    entries: tuple[ZipEntry, ...]
    stamp: bytes
    starts: Sequence[int]
    total_size: int

    def segments(self, start: int = 0, stop: int | None = None) -> Iterator[Segment]:
        """The bytes from `start` up to, not including, `stop` (default: the end), in order, none empty.

        Raises InvalidZip for a range that is not within the file, at the call and not at the first byte.
        """
        stop = self.total_size if stop is None else stop
        if not 0 <= start <= stop <= self.total_size:
            raise InvalidZip(f"bytes {start} to {stop} are not within the {self.total_size} of the file")
        return _joined(self._clipped(start, stop))

    def _clipped(self, start: int, stop: int) -> Iterator[Segment]:
        part = bisect_right(self.starts, start) - 1
        position = self.starts[part]
        while position < stop:
            for segment in self._part(part):
                length = _length(segment)
                yield from _cut(segment, max(start - position, 0), min(stop - position, length))
                position += length
            part += 1

    def _part(self, part: int) -> tuple[Segment, ...]:
        count = len(self.entries)
        if part == 2 * count:
            return (_end_records(self.starts),)
        number = part % count
        entry = self.entries[number]
        if part < count:
            return local_header(entry, self.stamp), MemberSlice(number, 0, entry.size)
        return (central_header(entry, self.stamp, self.starts[number]),)


def plan_zip(entries: Iterable[ZipEntry], moment: datetime) -> ZipPlan:
    """The ZIP file of these entries, in their order, every member dated with the aware `moment`.

    Raises InvalidZip without entries, UnsafePath when two paths are the same to a system that ignores case.
    """
    planned, stamp = tuple(entries), timestamp(moment)
    if not planned:
        raise InvalidZip("a ZIP file without members")
    require_distinct(entry.path for entry in planned)
    starts = array("Q", [0])
    for entry in planned:
        starts.append(starts[-1] + len(local_header(entry, stamp)) + entry.size)
    for number, entry in enumerate(planned):
        starts.append(starts[-1] + len(central_header(entry, stamp, starts[number])))
    return ZipPlan(planned, stamp, starts, starts[-1] + len(_end_records(starts)))


def _end_records(starts: Sequence[int]) -> bytes:
    count = len(starts) // 2
    return end_records(count=count, directory_start=starts[count], directory_size=starts[-1] - starts[count])


def _length(segment: Segment) -> int:
    return len(segment) if isinstance(segment, bytes) else segment.length


def _cut(segment: Segment, start: int, stop: int) -> Iterator[Segment]:
    """The segment's bytes from `start` up to `stop`; nothing when there are none."""
    if start >= stop:
        return
    if isinstance(segment, bytes):
        yield segment[start:stop]
    else:
        yield MemberSlice(segment.entry, segment.offset + start, stop - start)


def _joined(segments: Iterable[Segment]) -> Iterator[Segment]:
    """The same bytes with literals that follow one another put together, up to about 64 KiB."""
    literal = bytearray()
    for segment in segments:
        if isinstance(segment, bytes):
            literal += segment
        if literal and (len(literal) >= _JOINED_BYTES or isinstance(segment, MemberSlice)):
            yield bytes(literal)
            literal.clear()
        if isinstance(segment, MemberSlice):
            yield segment
    if literal:
        yield bytes(literal)
