"""The layout of an evidence bundle: a BagIt 1.0 bag (RFC 8493) with plain, speaking names.

Owns the names of folders and files, the four BagIt files and the order in which the ZIP holds them. It reads no
content: what it needs of a file is its size and digests, known since the upload.
"""

import re
import unicodedata
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from portal.domain.bundle.safe_path import MAX_PATH_LENGTH, require_distinct, require_safe

MAX_SLUG_LENGTH = 48
MAX_TOP_LENGTH = 50
MAX_BAG_PATH_LENGTH = MAX_PATH_LENGTH - MAX_TOP_LENGTH - len("/")
"""Longest path inside the bag, so that it stays safe below the top folder."""

PAYLOAD_FOLDER = "data/"
SIGNATURE_FOLDER = "sig/"
"""Signatures cover the tag manifest, so they cannot be listed in it."""

BAGIT = "bagit.txt"
BAG_INFO = "bag-info.txt"
MANIFEST = "manifest-sha256.txt"
TAG_MANIFEST = "tagmanifest-sha256.txt"
BAGIT_FILES = (BAGIT, BAG_INFO, MANIFEST, TAG_MANIFEST)

_AREA_LENGTH, _INDICATOR_LENGTH, _UNIT_LENGTH = 28, 30, 24
_POSITIONS = range(1, 10_000)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_EXTENSION = re.compile(r"[a-z0-9]{1,8}")
_INDICATOR_CODE = re.compile(r"[A-Za-z0-9]{1,4}(?:\.[A-Za-z0-9]{1,4}){0,4}")


class InvalidBag(ValueError):
    """Entries that do not make a bag; nothing of it was written."""


@dataclass(frozen=True, slots=True)
class BagFile:
    """A file of the bag: path below the bag's top folder, size in bytes, lower-case hex SHA-256, CRC-32.

    Raises UnsafePath or InvalidBag for values that cannot stand in a manifest.
    """

    path: str
    size: int
    sha256: str
    crc32: int

    def __post_init__(self) -> None:
        require_safe(self.path)
        if len(self.path) > MAX_BAG_PATH_LENGTH:
            raise InvalidBag(f"{self.path!r} is longer than {MAX_BAG_PATH_LENGTH} characters")
        if self.size < 0 or not _SHA256.fullmatch(self.sha256):
            raise InvalidBag(f"{self.path!r} has no proper size and SHA-256")

    @classmethod
    def of(cls, path: str, content: bytes) -> "BagFile":
        """The entry of a small file whose content is at hand."""
        return cls(path, len(content), sha256(content).hexdigest(), zlib.crc32(content))

    @property
    def is_payload(self) -> bool:
        """Evidence; every other file of the bag is a tag file (RFC 8493 §2.2)."""
        return self.path.startswith(PAYLOAD_FOLDER)


@dataclass(frozen=True, slots=True)
class BagInfo:
    """What `bag-info.txt` says of the bag (RFC 8493 §2.2.2). The checkpoint is that of the audit log, if sealed."""

    source_organization: str
    bagging_date: date
    external_identifier: str
    software_agent: str
    profile_identifier: str | None = None
    checkpoint_size: int | None = None
    checkpoint_root: str | None = None


def slug(text: str, limit: int = MAX_SLUG_LENGTH) -> str:
    """The text as a name: ASCII lower-case letters and digits, hyphens for all else; `berkas` when nothing is left."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^a-z0-9]+", "-", ascii_text.lower()).strip("-")[:limit].rstrip("-") or "berkas"


def top_directory(*, unit: str, year: int, size: int) -> str:
    """Name of the bag's only top folder: unit code, plan year, and the size of the audit log at the sealing."""
    name = f"bukti-zi_{slug(unit, _UNIT_LENGTH)}_{year}_{size}"
    if not 0 <= year <= 9999 or size < 0 or len(name) > MAX_TOP_LENGTH:
        raise InvalidBag(f"no top folder can be named {name!r}")
    return name


def member_path(
    *,
    area_position: int,
    area_name: str,
    indicator_code: str,
    indicator_text: str,
    position: int,
    original_name: str,
    sha256: str,
    extension: str,
) -> str:
    """Path of one evidence file: `data/01_<area>/I.1.1_<indicator>/01_<name>_<sha8>.<ext>`.

    `position` counts the files of the indicator from 1 and so keeps paths apart; the numbers in front keep the
    decree's order, which Roman numerals would not. `extension` is that of the checked media type, without a dot.
    """
    if not _INDICATOR_CODE.fullmatch(indicator_code) or not _EXTENSION.fullmatch(extension):
        raise InvalidBag(f"no path can hold indicator {indicator_code!r} and extension {extension!r}")
    if area_position not in _POSITIONS or position not in _POSITIONS or not _SHA256.fullmatch(sha256):
        raise InvalidBag(f"no path can hold positions {area_position} and {position} and SHA-256 {sha256!r}")
    area = f"{area_position:02d}_{slug(area_name, _AREA_LENGTH)}"
    indicator = f"{indicator_code}_{slug(indicator_text, _INDICATOR_LENGTH)}"
    before, after = f"{PAYLOAD_FOLDER}{area}/{indicator}/{position:02d}_", f"_{sha256[:8]}.{extension}"
    room = min(MAX_SLUG_LENGTH, MAX_BAG_PATH_LENGTH - len(before) - len(after))
    return before + slug(_without_extension(original_name, extension), room) + after


def bagit_text() -> str:
    """`bagit.txt`, the bag declaration (RFC 8493 §2.1.1)."""
    return "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


def bag_info_text(info: BagInfo, payload: Iterable[BagFile]) -> str:
    """`bag-info.txt` (RFC 8493 §2.2.2), with the Payload-Oxum, bytes and number of files, counted here."""
    sizes = [file.size for file in payload]
    lines = {
        "Source-Organization": info.source_organization,
        "Bagging-Date": info.bagging_date.isoformat(),
        "External-Identifier": info.external_identifier,
        "Payload-Oxum": f"{sum(sizes)}.{len(sizes)}",
        "Bag-Software-Agent": info.software_agent,
        "BagIt-Profile-Identifier": info.profile_identifier,
        "Checkpoint-Size": info.checkpoint_size,
        "Checkpoint-Root": info.checkpoint_root,
    }
    # Joining the words keeps a line break in a unit's name from starting a line of its own.
    return "".join(f"{label}: {' '.join(str(value).split())}\n" for label, value in lines.items() if value is not None)


def manifest_text(files: Iterable[BagFile]) -> str:
    """A manifest (RFC 8493 §2.1.3): digest, two spaces, path; sorted by path. `sha256sum -c` reads it as well."""
    return "".join(f"{file.sha256}  {file.path}\n" for file in sorted(files, key=_bytewise))


def bagit_files(info: BagInfo, payload: Sequence[BagFile], tags: Sequence[BagFile]) -> dict[str, bytes]:
    """Content of the four BagIt files by name, in the order of BAGIT_FILES.

    `tags` are all other files, signatures left out or not: the tag manifest never lists `sig/`.
    Raises InvalidBag or UnsafePath when the entries do not make a bag.
    """
    _require_bag(payload, tags)
    content = {
        BAGIT: bagit_text().encode(),
        BAG_INFO: bag_info_text(info, payload).encode(),
        MANIFEST: manifest_text(payload).encode(),
    }
    listed = [file for file in tags if not file.path.startswith(SIGNATURE_FOLDER)]
    own = [BagFile.of(name, data) for name, data in content.items()]
    return {**content, TAG_MANIFEST: manifest_text([*own, *listed]).encode()}


def zip_order(files: Iterable[BagFile]) -> list[BagFile]:
    """The four BagIt files, then the other tag files, payload last; each bytewise.

    So a reader can check the signature before the evidence itself has arrived.
    """
    return sorted(files, key=_rank)


def _rank(file: BagFile) -> tuple[int, bytes]:
    if file.path in BAGIT_FILES:
        return BAGIT_FILES.index(file.path), b""
    return len(BAGIT_FILES) + file.is_payload, _bytewise(file)


def _bytewise(file: BagFile) -> bytes:
    return file.path.encode("ascii")


def _require_bag(payload: Sequence[BagFile], tags: Sequence[BagFile]) -> None:
    if not payload:
        raise InvalidBag("a bag without evidence proves nothing")
    misplaced = [file.path for file in payload if not file.is_payload] + [file.path for file in tags if file.is_payload]
    if misplaced:
        raise InvalidBag(f"{PAYLOAD_FOLDER} is for evidence and for nothing else, so not as given: {misplaced[0]!r}")
    require_distinct([*BAGIT_FILES, *(file.path for file in (*payload, *tags))])


def _without_extension(name: str, extension: str) -> str:
    stem, _, suffix = name.rpartition(".")
    return stem if stem and suffix.lower() == extension else name
