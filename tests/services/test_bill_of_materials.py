"""The list of what the portal is made of: valid, whole, and of licences that an office may use."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from portal.cli import main
from portal.services.bill_of_materials import Component, list_components

ROOT = Path(__file__).parents[2]
LOCKED = {each["name"]: each for each in tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]}
COMPONENTS = list_components()
PACKAGES = [each for each in COMPONENTS if each.sha256 is None]

ALLOWED = (
    "MIT", "BSD", "Apache", "PSF", "Python Software Foundation", "ZPL", "0BSD",
    "MPL", "Mozilla",  # certifi: file by file, unchanged
    "LGPL-3.0-only",  # psycopg: used as a library of its own
)  # fmt: skip
"""How the licences begin that may be shipped beside ours (MIT)."""


def test_req_66_the_document_is_valid_cyclonedx() -> None:
    written = CliRunner().invoke(main, ["sbom"])
    assert written.exit_code == 0, written.output
    assert JsonStrictValidator(SchemaVersion.V1_5).validate_str(written.stdout) is None
    assert len(json.loads(written.stdout)["components"]) == len(COMPONENTS)


def test_req_66_every_package_is_the_locked_one_with_its_hashes() -> None:
    for each in PACKAGES:
        locked = LOCKED[each.name]
        assert each.version == locked["version"], each
        files = [*locked.get("wheels", ()), *([locked["sdist"]] if "sdist" in locked else [])]
        assert files, f"{each.name} has no file in the lock"
        assert all(file["hash"].startswith("sha256:") for file in files), each.name


def test_req_66_what_the_portal_names_is_in_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = {each.split(";")[0].split(">")[0].split("[")[0].strip() for each in project["dependencies"]}
    missing = named - {each.name for each in PACKAGES}
    assert not missing, f"needed, but not in the list: {missing}"


def test_tools_of_the_developers_are_not_in_it() -> None:
    assert not {"pytest", "ruff", "hypothesis", "mypy"} & {each.name for each in COMPONENTS}


@pytest.mark.parametrize("each", COMPONENTS, ids=lambda each: each.name)
def test_every_licence_may_be_shipped(each: Component) -> None:
    assert each.licence.startswith(ALLOWED), f"{each.name} {each.version}: {each.licence}"


def test_the_table_names_each_licence() -> None:
    lines = CliRunner().invoke(main, ["sbom", "--licences"]).stdout.splitlines()
    assert len(lines) == len(COMPONENTS)
    assert next(line for line in lines if line.startswith("flask ")).endswith("BSD-3-Clause")
