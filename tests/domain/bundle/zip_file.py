"""A planned ZIP as a file: in memory, or virtual with members far larger than memory."""

import io
import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from portal.domain.bundle.zip_plan import ZipPlan, plan_zip
from portal.domain.bundle.zip_records import ZipEntry

MOMENT = datetime(2025, 12, 1, 3, 4, 6, tzinfo=UTC)


def entry_of(path: str, content: bytes) -> ZipEntry:
    return ZipEntry(path, len(content), zlib.crc32(content))


def plan_of(members: Mapping[str, bytes]) -> ZipPlan:
    return plan_zip([entry_of(path, content) for path, content in members.items()], MOMENT)


def bytes_of(plan: ZipPlan, contents: Sequence[bytes], start: int = 0, stop: int | None = None) -> bytes:
    """The planned bytes, put together as a download would send them."""
    return b"".join(
        segment
        if isinstance(segment, bytes)
        else contents[segment.entry][segment.offset : segment.offset + segment.length]
        for segment in plan.segments(start, stop)
    )


class VirtualZip(io.RawIOBase):
    """A ZIP file to read and seek in that exists nowhere: members without given content are all zeros."""

    def __init__(self, plan: ZipPlan, contents: Mapping[int, bytes]) -> None:
        super().__init__()
        self._plan, self._contents, self._position = plan, contents, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._position = (
            offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._plan.total_size}[whence]
        )
        return self._position

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # typeshed's type is private
        stop = min(self._position + len(buffer), self._plan.total_size)
        data = b"".join(
            segment if isinstance(segment, bytes) else self._slice(segment.entry, segment.offset, segment.length)
            for segment in self._plan.segments(min(self._position, stop), stop)
        )
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)

    def _slice(self, entry: int, offset: int, length: int) -> bytes:
        return self._contents[entry][offset : offset + length] if entry in self._contents else bytes(length)
