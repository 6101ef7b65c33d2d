"""What the portal is made of, as it is installed here: the packages that it needs and theirs, and the assets of others
that it ships. Told as a CycloneDX 1.5 document.

Reads only what is installed: the hashes of each package are in `uv.lock`, by which it was installed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from portal.domain.canonical_json import JsonValue
from portal.domain.moment import spell_moment

PROJECT = "portal-bukti-zi"
_PORTAL = Path(__file__).parents[1]
VENDORED = (_PORTAL / "web" / "static" / "vendor.toml", _PORTAL / "data" / "passwords" / "vendor.toml")
_LONGEST_NAME = 60
"""Some packages put the licence's whole text where its name belongs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One thing that others made. `licence` is an SPDX expression where `is_spdx`, else the maker's own words;
    `sha256` is known of a single file.
    """

    name: str
    version: str
    licence: str
    is_spdx: bool
    purl: str
    sha256: str | None = None

    def entry(self) -> dict[str, JsonValue]:
        """As CycloneDX spells it (ECMA-424, §4)."""
        licence: JsonValue = {"expression": self.licence} if self.is_spdx else {"license": {"name": self.licence}}
        entry: dict[str, JsonValue] = {
            "type": "library",
            "bom-ref": self.purl,
            "name": self.name,
            "version": self.version,
            "purl": self.purl,
            "licenses": [licence],
        }
        return entry | ({"hashes": [{"alg": "SHA-256", "content": self.sha256}]} if self.sha256 else {})


def list_components() -> tuple[Component, ...]:
    """Every package of others that is needed and installed, by name, then the vendored assets."""
    packages = sorted(_needed(PROJECT).items())
    return (*(_of_package(name, found) for name, found in packages), *_vendored())


def bill_of_materials(*, now: datetime) -> dict[str, JsonValue]:
    """The CycloneDX document; the same components have the same serial number."""
    components = list_components()
    content = "\n".join(f"{each.purl} {each.sha256}" for each in components)
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": uuid5(NAMESPACE_URL, content).urn,
        "version": 1,
        "metadata": {
            "timestamp": spell_moment(now),
            "component": {"type": "application", "name": PROJECT, "version": distribution(PROJECT).version},
        },
        "components": [each.entry() for each in components],
    }


def _needed(root: str) -> dict[str, Distribution]:
    """All that `root` needs here, directly or through others; extras count where somebody asks for them."""
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [(root, "")]
    while waiting:
        name, extra = waiting.pop()
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        package = _installed(name)
        if package is None:
            continue  # an extra of ours that is not installed here
        found[name] = package
        waiting += _requirements(package, extra)
    return {name: package for name, package in found.items() if name != root}


def _requirements(package: Distribution, extra: str) -> Iterator[tuple[str, str]]:
    for line in package.requires or ():
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
            name = canonicalize_name(requirement.name)
            yield from ((name, each) for each in ("", *requirement.extras))


def _installed(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def _of_package(name: str, package: Distribution) -> Component:
    expression = _told(package, "License-Expression")
    return Component(
        name=name,
        version=package.version,
        licence=expression or _named_licence(package),
        is_spdx=bool(expression),
        purl=f"pkg:pypi/{name}@{package.version}",
    )


def _named_licence(package: Distribution) -> str:
    """What its maker calls it; older packages have no expression."""
    classes = [each.split(" :: ")[-1] for each in package.metadata.get_all("Classifier") or () if "License ::" in each]
    field = _told(package, "License")
    return field if field and "\n" not in field and len(field) <= _LONGEST_NAME else ", ".join(classes) or "unknown"


def _told(package: Distribution, field: str) -> str:
    """A field of the package's metadata, or nothing."""
    return str((package.metadata.get_all(field) or [""])[0]).strip()


def _vendored() -> Iterator[Component]:
    for asset in (asset for each in VENDORED for asset in tomllib.loads(each.read_text(encoding="utf-8"))["asset"]):
        yield Component(
            name=asset["file"],
            version=asset["version"],
            licence=asset["licence"],
            is_spdx=True,
            purl=f"pkg:generic/{asset['name']}@{asset['version']}?file_name={asset['file']}",
            sha256=asset["sha256"],
        )
