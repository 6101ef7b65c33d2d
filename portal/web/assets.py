"""The style sheets, scripts and images of the pages, each under a name that holds its own hash.

A changed file has a changed address, so browsers keep every asset for a year and an update shows at once. The files
are few and small: they are read and compressed once, at the start, and served from memory.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from flask import Flask, Response, abort, current_app, request

from portal.web.guards import public

FOLDER = Path(__file__).parent / "static"
ENDPOINT = "asset"
PATH = "/static/"
_EXTENSION = "portal.assets"
_HASH_LENGTH = 12
_NOT_SERVED = frozenset({".toml"})


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: `address` is its name with the hash in it, `body` its bytes, `zipped` the same with gzip."""

    address: str
    media_type: str
    body: bytes
    zipped: bytes


def read_asset(path: Path) -> Asset:
    body = path.read_bytes()
    digest = hashlib.sha256(body).hexdigest()[:_HASH_LENGTH]
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Asset(f"{path.stem}.{digest}{path.suffix}", media_type, body, gzip.compress(body, 9, mtime=0))


def init_assets(app: Flask) -> None:
    """Read every asset and serve them below `PATH`."""
    files = sorted(path for path in FOLDER.iterdir() if path.is_file() and path.suffix not in _NOT_SERVED)
    app.extensions[_EXTENSION] = {path.name: read_asset(path) for path in files}
    app.add_url_rule(f"{PATH}<name>", ENDPOINT, serve_asset)


def asset_url(name: str) -> str:
    """The address of the asset that is called `name` in the folder; raises KeyError for an unknown one.

    Built without Flask's router, which is absent on the page that refuses a wrong host name.
    """
    return PATH + _assets()[name].address


@public("style, script and icons, the same for everybody")
def serve_asset(name: str) -> Response:
    """One asset by its hashed name, gzipped for browsers that take it."""
    asset = next((known for known in _assets().values() if known.address == name), None)
    if asset is None:
        abort(404)
    zips = request.accept_encodings["gzip"] > 0
    response = Response(asset.zipped if zips else asset.body, mimetype=asset.media_type)
    if zips:
        response.content_encoding = "gzip"
    response.vary.add("Accept-Encoding")
    response.cache_control.public = True
    response.cache_control.max_age = 365 * 24 * 60 * 60
    response.cache_control.immutable = True
    return response


def _assets() -> dict[str, Asset]:
    return cast("dict[str, Asset]", current_app.extensions[_EXTENSION])
