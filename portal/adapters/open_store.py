"""Makes the store that the settings name. It reads no settings itself: callers hand it the values."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from portal.adapters.local_store import LocalStore
from portal.adapters.store import StoreMisconfigured

if TYPE_CHECKING:
    from pathlib import Path

    from portal.adapters.store import ObjectStore


class StoreKind(StrEnum):
    """The values of PORTAL_STORE."""

    LOCAL = "local"
    S3 = "s3"


def open_store(
    *,
    kind: StoreKind | str,
    folder: Path,
    reserve: int = 0,
    endpoint: str | None = None,
    bucket: str | None = None,
    access_key: str | None = None,
    secret_key: str | None = None,
    secure: bool = True,
) -> ObjectStore:
    """Return the store without asking a server; `check()` does that. Raises StoreMisconfigured, naming the variable."""
    if kind == StoreKind.LOCAL:
        return LocalStore(folder, reserve=reserve)
    if kind != StoreKind.S3:
        raise StoreMisconfigured(f"PORTAL_STORE is {kind!r}, not one of: {', '.join(StoreKind)}")
    from portal.adapters.minio_store import MinioStore  # slow to import, and a local store needs none of it

    return MinioStore(
        endpoint=_given("PORTAL_S3_ENDPOINT", endpoint),
        bucket=_given("PORTAL_S3_BUCKET", bucket),
        access_key=_given("PORTAL_S3_ACCESS_KEY", access_key),
        secret_key=_given("PORTAL_S3_SECRET_KEY", secret_key),
        secure=secure,
    )


def _given(name: str, value: str | None) -> str:
    if not value:
        raise StoreMisconfigured(f"{name} is missing")
    return value
