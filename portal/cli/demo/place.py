"""Where the demo lives: a folder of its own under `instance/demo/`, with its settings, accounts, database, objects,
signer, public keys and bundle.

Another database or store named by the environment is used instead of the local ones; each database has its own folder.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from portal.config import INSTANCE, PREFIX, Settings, load_settings, read_environment
from portal.signer.desk import SigningDesk

NAMED_BY_ENVIRONMENT = (
    "database_url", "migration_database_url", "store", "store_dir",
    "s3_endpoint", "s3_bucket", "s3_access_key", "s3_secret_key", "s3_secure",
)  # fmt: skip
LOG_ORIGIN = "bukti-zi.kpu-1502/demo"


@dataclass(frozen=True, slots=True)
class DemoPlace:
    """The demo's folder and what stands in it."""

    folder: Path

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    @property
    def accounts(self) -> Path:
        return self.folder / "accounts.json"

    @property
    def bundle(self) -> Path:
        return self.folder / "paket-bukti.zip"

    @property
    def signer(self) -> Path:
        return self.folder / "signer"

    @property
    def public_keys(self) -> Path:
        return self.folder / "kunci"


def open_place(*, port: int) -> DemoPlace:
    """The folder for the database that the environment names, with settings by which every command reaches the demo."""
    named = {name: value for name, value in read_environment().items() if name in NAMED_BY_ENVIRONMENT}
    base = INSTANCE / "demo"
    database = named.get("database_url")
    place = DemoPlace(base / sha256(str(database).encode()).hexdigest()[:12] if database else base)
    place.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not place.signer.exists():
        SigningDesk.create(place.signer, origin=LOG_ORIGIN)
    secret = _known_secret(place) or secrets.token_urlsafe(48)
    write_private(place.config, _toml(_own_values(place, secret, port) | named))
    return place


def renew_signer(place: DemoPlace) -> None:
    """New keys: the old signer remembers the log of a database that is no longer there, and would sign no other."""
    shutil.rmtree(place.signer)
    SigningDesk.create(place.signer, origin=LOG_ORIGIN)


def write_public_keys(place: DemoPlace) -> tuple[Path, ...]:
    """The keys as the auditor gets them from the office, and not out of the bundle; in the order of their names."""
    place.public_keys.mkdir(exist_ok=True)
    files = SigningDesk(place.signer).keys().files()
    for name, content in files.items():
        (place.public_keys / name).write_text(content, encoding="utf-8")
    return tuple(place.public_keys / name for name in sorted(files))


def settings_of(place: DemoPlace) -> Settings:
    """The settings in the demo's file, as another command would read them."""
    return load_settings({f"{PREFIX}CONFIG": str(place.config)})


@contextmanager
def private_file(path: Path) -> Iterator[int]:
    """A file that only its owner may read, replaced as a whole."""
    partial = path.with_name(f"{path.name}.part")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
    partial.replace(path)


def write_private(path: Path, text: str) -> None:
    with private_file(path) as descriptor:
        os.write(descriptor, text.encode())


def _known_secret(place: DemoPlace) -> str | None:
    """The secret of an earlier run, so that its sessions go on."""
    return settings_of(place).secret_key if place.config.exists() else None


def _own_values(place: DemoPlace, secret: str, port: int) -> dict[str, object]:
    return {
        "secret_key": secret,
        "public_url": f"http://127.0.0.1:{port}",
        "database_url": f"sqlite:///{place.folder / 'portal.sqlite3'}",
        "store_dir": str(place.folder / "objects"),
        "signer": str(place.signer),
        "second_factor": "optional",  # whoever tries the demo has no phone for each of its people
    }


def _toml(values: dict[str, object]) -> str:
    """JSON strings are TOML strings as well."""
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items())
