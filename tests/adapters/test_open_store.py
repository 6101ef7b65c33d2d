"""The store that the settings name, or a clear refusal that names the variable."""

from pathlib import Path
from typing import Any

import pytest

from portal.adapters.local_store import LocalStore
from portal.adapters.minio_store import MinioStore
from portal.adapters.open_store import open_store
from portal.adapters.store import StoreMisconfigured

S3: dict[str, Any] = {"endpoint": "localhost:9000", "bucket": "bukti-zi", "access_key": "a", "secret_key": "b"}


def test_local_is_a_folder_that_is_made_on_the_first_upload(tmp_path: Path) -> None:
    folder = tmp_path / "objects"

    assert isinstance(open_store(kind="local", folder=folder), LocalStore)
    assert not folder.exists()


def test_s3_is_opened_without_asking_the_server(tmp_path: Path) -> None:
    assert isinstance(open_store(kind="s3", folder=tmp_path, secure=False, **S3), MinioStore)


@pytest.mark.parametrize("name", S3)
@pytest.mark.parametrize("value", [None, ""])
def test_what_s3_lacks_is_named_as_its_variable(tmp_path: Path, name: str, value: str | None) -> None:
    with pytest.raises(StoreMisconfigured, match=f"PORTAL_S3_{name.upper()} is missing"):
        open_store(kind="s3", folder=tmp_path, secure=False, **{**S3, name: value})


def test_an_unknown_kind_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(StoreMisconfigured, match="PORTAL_STORE is 'ftp', not one of: local, s3"):
        open_store(kind="ftp", folder=tmp_path)
