"""Assets are ours to vouch for: hashes, licences, weight, and addresses that change with the contents."""

import gzip
import hashlib
import re
import tomllib

import pytest
from flask import Flask

from portal.web.assets import FOLDER, asset_url, read_asset

FIRST_VISIT_LIMIT = 90 * 1024
OURS = {"portal.css", "portal.js", "file-check.js", "favicon.svg"}
VENDORED = tomllib.loads((FOLDER / "vendor.toml").read_text(encoding="utf-8"))["asset"]


@pytest.mark.parametrize("asset", VENDORED, ids=lambda asset: asset["file"])
def test_vendored_files_are_what_their_makers_sent(asset: dict[str, str]) -> None:
    digest = hashlib.sha256((FOLDER / asset["file"]).read_bytes()).hexdigest()
    assert digest == asset["sha256"], f"{asset['file']} differs from {asset['name']} {asset['version']}"
    assert asset["licence"] in {"MIT", "0BSD"}


def test_req_59_every_asset_is_ours_or_listed_as_vendored() -> None:
    unlisted = {path.name for path in FOLDER.iterdir()} - OURS - {asset["file"] for asset in VENDORED} - {"vendor.toml"}
    assert not unlisted, f"in static/ but neither ours nor in vendor.toml: {unlisted}"


def test_a_first_visit_is_light(bare_app: Flask) -> None:
    client = bare_app.test_client()
    page = client.get("/tidak-ada", headers={"Accept-Encoding": "gzip"})
    addresses = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', page.text))
    with bare_app.test_request_context():
        addresses |= {asset_url("icons.svg"), asset_url("htmx.min.js")}  # most pages have an icon, some use htmx
    answers = {path: client.get(path, headers={"Accept-Encoding": "gzip"}) for path in addresses}
    assert all(answer.status_code == 200 for answer in answers.values()), answers
    weights = {path: len(answer.data) for path, answer in answers.items()}
    total = sum(weights.values()) + len(gzip.compress(page.data))
    assert len(weights) >= 5
    assert total <= FIRST_VISIT_LIMIT, f"{total} bytes: {weights}"


def test_an_asset_is_kept_for_a_year_and_read_with_and_without_gzip(bare_app: Flask) -> None:
    with bare_app.test_request_context():
        address = asset_url("portal.css")
    client = bare_app.test_client()
    plain, zipped = client.get(address), client.get(address, headers={"Accept-Encoding": "br, gzip"})
    assert plain.data == (FOLDER / "portal.css").read_bytes()
    assert "Content-Encoding" not in plain.headers
    assert gzip.decompress(zipped.data) == plain.data
    for answer in (plain, zipped):
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert answer.mimetype == "text/css"
        assert "Set-Cookie" not in answer.headers


def test_the_address_changes_with_the_contents(tmp_path_factory: pytest.TempPathFactory) -> None:
    one, two = (tmp_path_factory.mktemp("static") / "a.min.css" for _ in range(2))
    one.write_text("a{}")
    two.write_text("b{}")
    assert read_asset(one).address != read_asset(two).address
    assert re.fullmatch(r"a\.min\.[0-9a-f]{12}\.css", read_asset(one).address)


@pytest.mark.parametrize(
    "path", ["portal.css", "vendor.toml", "portal.000000000000.css", "..%2f__init__.py", "../__init__.py"]
)
def test_only_hashed_names_are_served(bare_app: Flask, path: str) -> None:
    assert bare_app.test_client().get(f"/static/{path}").status_code == 404


@pytest.mark.parametrize("name", ["portal.css", "portal.js", "icons.svg", "favicon.svg"])
def test_req_59_our_files_load_nothing_from_elsewhere(name: str) -> None:
    text = (FOLDER / name).read_text(encoding="utf-8")
    found = re.findall(r"url\(|@import|(?:href|src)=\"http|fetch\(|import\(|eval\(|innerHTML|\.style\b", text)
    assert not found, f"{name}: {found}"
