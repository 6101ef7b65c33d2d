"""Attacks on the ZIP itself: two programs that read it must not see two different bags."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

from tests.verifiers.bag_maker import Bag
from tests.verifiers.mutations.mutation import Mutation, good, mutation
from tests.verifiers.story import TEAM
from tests.verifiers.zip_writer import Archive, Record, record_of

_PAYLOAD = TEAM.files[0].path
_LINK = 0o120777 << 16
_FOLDER = 0o040755 << 16


def _spoiled(spoil: Callable[[Archive, str], object]) -> Callable[[Bag], bytes]:
    """The archive changed; the second argument is the name of the top folder."""

    def apply(bag: Bag) -> bytes:
        archive = bag.archive()
        spoil(archive, bag.top)
        return bytes(archive)

    return apply


def _cut(apply: Callable[[bytes], bytes]) -> Callable[[Bag], bytes]:
    """The finished bytes changed."""
    return lambda bag: apply(bytes(bag.archive()))


def _added(*records: tuple[str, bytes], attributes: int | None = None) -> Callable[[Bag], bytes]:
    """Members added below the top folder, at the end."""

    def spoil(archive: Archive, top: str) -> None:
        for name, content in records:
            record = record_of(f"{top}/{name}", content)
            if attributes is not None:
                record.central.attributes = attributes
            archive.records.append(record)

    return _spoiled(spoil)


def _payload(spoil: Callable[[Record], object]) -> Callable[[Bag], bytes]:
    """One payload record changed."""
    return _spoiled(lambda archive, _: spoil(archive.named(_PAYLOAD)))


def _set(which: str, **values: object) -> Callable[[Bag], bytes]:
    """Fields of the local header, the central one, or both."""

    def spoil(record: Record) -> None:
        headers = {"local": [record.local], "central": [record.central], "both": [record.local, record.central]}
        for header in headers[which]:
            for name, value in values.items():
                setattr(header, name, value)

    return _payload(spoil)


def _deflated(record: Record, content: bytes) -> None:
    """Packed with method 8 in place of stored."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(content) + packer.flush()
    for header in (record.local, record.central):
        header.method, header.size, header.packed, header.crc32 = 8, len(content), len(packed), zlib.crc32(content)
    record.content = packed


def _two_for_one(archive: Archive, top: str) -> None:
    """A second entry of the directory for the bytes of the first payload file."""
    first = archive.named(_PAYLOAD)
    second = record_of(f"{top}/data/lain.pdf", first.content)
    second.offset = sum(
        30 + len(r.local.name) + len(r.content) for r in archive.records[: archive.records.index(first)]
    )
    second.content = b""
    archive.records.append(second)


def _latin(archive: Archive, top: str) -> None:
    """A member whose name is not UTF-8."""
    record = record_of(f"{top}/data/x", b"")
    record.local.name = record.central.name = f"{top}/data/".encode() + b"\xff\xfe"
    archive.records.append(record)


def _end(data: bytes, at: int, form: str, value: int) -> bytes:
    """A field of the end record, counted from its start."""
    changed = bytearray(data)
    struct.pack_into(form, changed, len(data) - 22 + at, value)
    return bytes(changed)


_ZIP64_OF_NOTHING = struct.pack("<HHQQ", 1, 16, 5, 5)


def _top(name: bytes) -> Callable[[Bag], bytes]:
    """Another top folder."""

    def spoil(archive: Archive, top: str) -> None:
        for record in archive.records:
            for header in (record.local, record.central):
                header.name = header.name.replace(top.encode(), name)

    return _spoiled(spoil)


CONTAINERS: tuple[Mutation, ...] = (
    good("top folder of another name", _top(b"paket-1")),
    mutation("top folder of 130 characters", _top(b"a" * 130), "name"),
    mutation("top folder that is not ASCII", _top("é".encode()), "name"),
    mutation("a few bytes that begin like an end record", lambda _: b"PK\5\6\0\0", "zip"),
    mutation("a few bytes that begin like a member", lambda _: b"PK\3\4", "zip"),
    mutation("bytes before the start", _spoiled(lambda a, _: setattr(a, "before", b"#!/bin/sh\n")), "zip"),
    mutation("bytes before the start, offsets as before", _cut(lambda data: b"MZ" + data), "zip"),
    mutation("bytes after the end", _spoiled(lambda a, _: setattr(a, "after", b"\n")), "zip"),
    mutation("a whole ZIP after the end", _cut(lambda data: data + data), "zip"),
    mutation("a comment", _spoiled(lambda a, _: setattr(a, "comment", b"sah")), "zip"),
    mutation("bytes between the members", _payload(lambda r: setattr(r, "before", b"xx")), "zip"),
    mutation("bytes before the directory", _spoiled(lambda a, _: setattr(a, "between", b"xx")), "zip"),
    mutation("cut in the middle", _cut(lambda data: data[: len(data) // 2]), "zip"),
    mutation("cut by one byte", _cut(lambda data: data[:-1]), "zip"),
    mutation("no members", _spoiled(lambda a, _: a.records.clear()), "zip"),
    mutation("directory in another order", _spoiled(lambda a, _: setattr(a, "order", lambda r: r[::-1])), "zip"),
    mutation(
        "one member less in the end record", _spoiled(lambda a, _: setattr(a, "count", len(a.records) - 1)), "zip"
    ),
    mutation(
        "one member more in the end record", _spoiled(lambda a, _: setattr(a, "count", len(a.records) + 1)), "zip"
    ),
    mutation(
        "a member that the directory does not know", _spoiled(lambda a, _: setattr(a, "order", lambda r: r[:-1])), "zip"
    ),
    mutation(
        "members counted as 65,535 without a zip64 record",
        _cut(lambda d: _end(_end(d, 8, "<H", 0xFFFF), 10, "<H", 0xFFFF)),
        "zip",
    ),
    mutation("a zip64 record that counts 2^60", _spoiled(lambda a, _: setattr(a, "count", 1 << 60)), "zip"),
    mutation("a directory that begins at 4 GiB", _cut(lambda d: _end(d, 16, "<L", 0xFFFFFFFE)), "zip"),
    mutation("a directory as long as the file and more", _cut(lambda d: _end(d, 12, "<L", 0x7FFFFFFF)), "zip"),
    mutation("a directory of length 0", _cut(lambda d: _end(d, 12, "<L", 0)), "zip"),
    mutation("an archive of several disks", _cut(lambda d: _end(d, 4, "<H", 1)), "zip"),
    mutation("local header with another name", _set("local", name=b"x" * 3), "zip"),
    mutation("local header with another CRC", _set("local", crc32=1), "zip"),
    mutation("local header with another size", _set("local", size=1), "zip"),
    mutation("local header with another method", _set("local", method=8), "zip"),
    mutation("local header with other flags", _set("local", flags=0), "zip"),
    mutation("directory with another CRC", _set("central", crc32=1), "zip"),
    mutation("directory with another size", _set("central", size=1, packed=1), "zip"),
    mutation("packed and unpacked sizes differ", _set("both", size=1), "zip"),
    mutation("sizes of 4 GiB", _set("both", size=0xFFFFFFFE, packed=0xFFFFFFFE), "zip"),
    mutation(
        "sizes that point to a zip64 field that is not there", _set("both", size=0xFFFFFFFF, packed=0xFFFFFFFF), "zip"
    ),
    mutation("an offset beyond the end", _payload(lambda r: setattr(r, "offset", 0xFFFFFFF0)), "zip"),
    mutation("compressed", _payload(lambda r: _deflated(r, r.content)), "zip"),
    mutation("a compression bomb", _payload(lambda r: _deflated(r, bytes(1 << 22))), "zip"),
    mutation("encrypted", _set("both", flags=0x0801), "zip"),
    mutation("a data descriptor", _set("both", flags=0x0808), "zip"),
    mutation("a comment on a member", _set("central", comment=b"sah"), "zip"),
    mutation("an extra field with another name", _set("both", extra=struct.pack("<HH4s", 0x7075, 4, b"evil")), "zip"),
    mutation("a zip64 field that is not needed", _set("both", extra=_ZIP64_OF_NOTHING), "zip"),
    mutation("half an extra field", _set("both", extra=b"\1"), "zip"),
    mutation("an extra field in the local header alone", _set("local", extra=_ZIP64_OF_NOTHING), "zip"),
    mutation("an extra field in the directory alone", _set("central", extra=_ZIP64_OF_NOTHING), "zip"),
    mutation("a file marked as a folder", _added(("data/x", b""), attributes=0o100644 << 16 | 0x10), "zip"),
    good("attributes of a system without modes", _set("central", attributes=0)),
    mutation("a folder entry", _added(("data/", b""), attributes=_FOLDER), "zip"),
    mutation("a second top folder", _spoiled(lambda a, _: a.records.append(record_of("lain/x.txt", b""))), "zip"),
    mutation("a member beside the top folder", _spoiled(lambda a, _: a.records.append(record_of("x.txt", b""))), "zip"),
    mutation("two directory entries for one member", _spoiled(_two_for_one), "zip"),
    mutation("a link", _added(("data/tautan.pdf", b"/etc/passwd"), attributes=_LINK), "name"),
    mutation("a device", _added(("data/perangkat", b""), attributes=0o060644 << 16), "name"),
    mutation("a name twice", _added((_PAYLOAD, b"%PDF lain")), "name"),
    mutation("two names that differ in case", _added((_PAYLOAD.upper(), b"%PDF lain")), "name"),
    mutation("a file that is also a folder", _added(("bagit.txt/x", b"")), "name"),
    *(
        mutation(f"an unsafe name: {name!r}", _added((name, b"x")), "name")
        for name in (
            *("../x", "data/../x", "data/./x", "data//x", "/etc/x", "data\\x", "C:x", "data/.tersembunyi", "data/x."),
            *("data/a b", "data/a%0Ab", "data/a\nb", "data/a\0b", "data/é", "data/\u202efdp.exe", "data/" + "x" * 125),
        )
    ),
    mutation("a name that is no UTF-8", _spoiled(_latin), "name"),
)
