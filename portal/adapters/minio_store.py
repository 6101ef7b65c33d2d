"""The object store in a bucket of MinIO or any other S3 server; the only module that knows the `minio` SDK.

Write-once, as far as S3 can promise it: a taken key is refused, and where the bucket has versions two uploads that
race for one key both stay, each read by its own version id. Without versions only the randomness of the keys keeps them
apart, and `check` says so. An ETag is never evidence: our own SHA-256 is. On the way each part has a digest of its own
(signed over http, Content-MD5 over https), and a single part also `x-amz-checksum-sha256`.
"""

from __future__ import annotations

import base64
import re
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property, partial
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO, cast

from minio import Minio
from minio.commonconfig import ENABLED
from minio.error import MinioException, S3Error
from minio.helpers import check_bucket_name
from minio.retention import Retention
from urllib3 import PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError

from portal.adapters.store import (
    Capabilities,
    ExpectedDigest,
    HashingReader,
    Lock,
    ObjectExists,
    ObjectInfo,
    ObjectMissing,
    ObjectReader,
    ObjectRetained,
    Readable,
    RetentionUnsupported,
    StoredObject,
    StoreMisconfigured,
    StoreUnavailable,
    StoreWarning,
    checked_key,
    checked_range,
    is_key,
)
from portal.domain.errors import DomainError, IntegrityMismatch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from minio.datatypes import Object
    from minio.helpers import ObjectWriteResult
    from urllib3 import BaseHTTPResponse

PART_SIZE = 5 << 20
"""Bytes; the smallest part S3 takes. The SDK holds a few in memory, larger ones were no faster, 10,000 make 48 GiB."""

_NULL_VERSION = "null"
"""How a bucket that has versions now calls what was stored before it had them (S3 user guide, versioning)."""

_MISSING = {"NoSuchKey", "NoSuchVersion"}
_DAMAGED_ON_THE_WAY = {"BadDigest", "XAmzContentChecksumMismatch", "XAmzContentSHA256Mismatch"}
_NEEDS_OPERATOR = {
    "AccessDenied",
    "AuthorizationHeaderMalformed",
    "BadRequest",
    "InvalidAccessKeyId",
    "InvalidBucketName",
    "MethodNotAllowed",
    "NoSuchBucket",
    "NotImplemented",
    "PermanentRedirect",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
}
_NO_SUCH_FEATURE = {"NotImplemented", "MethodNotAllowed", "ObjectLockConfigurationNotFoundError"}
_BUCKET_IS_THERE = {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}
# AWS denies what a lock forbids; MinIO calls it an invalid request.
_FORBIDDEN_BY_A_LOCK = {"AccessDenied", "InvalidRequest", "ObjectLocked"}
_CODE_IN_TEXT = re.compile(r"<Code>(\w+)</Code>")


class MinioStore:
    """Objects in one bucket, which is created with object lock when it is not there. The constructor asks no server."""

    def __init__(self, *, endpoint: str, bucket: str, access_key: str, secret_key: str, secure: bool) -> None:
        """`endpoint` is `host[:port]`. Raises StoreMisconfigured for an endpoint or bucket name that cannot be."""
        try:
            check_bucket_name(bucket, strict=True)
            self._client = Minio(endpoint, access_key, secret_key, secure=secure, http_client=_http_client())
        except ValueError as error:
            raise StoreMisconfigured(str(error)) from error
        self._bucket_name = bucket

    @cached_property
    def _bucket(self) -> str:
        """The bucket's name, once the bucket is there."""
        with _s3_errors(self._bucket_name):
            if not self._bucket_exists():
                self._make_bucket()
        return self._bucket_name

    @cached_property
    def capabilities(self) -> Capabilities:
        """What bucket and server can do, found out at the first use; retention needs versions in S3."""
        with _s3_errors(self._bucket):
            versions = self._has_versions()
            return Capabilities(versions=versions, retention=versions and self._has_lock())

    def put(
        self, key: str, stream: Readable, *, expected: ExpectedDigest | None = None, limit: int | None = None
    ) -> StoredObject:
        """See `ObjectStore.put`. A server lost between the upload and our look at it leaves an object without a row."""
        self._refuse_taken(checked_key(key))
        reader = HashingReader(stream, expected=expected, limit=limit)
        start = reader.read(PART_SIZE + 1)
        with _s3_errors(key):
            if len(start) > PART_SIZE:
                result = self._put_parts(key, _Rejoined(start, reader), expected)
            else:
                result = self._put_single(key, start, reader)
        version_id = self._version_of(result)
        self._confirm(key, version_id, reader, is_single=len(start) <= PART_SIZE)
        return StoredObject(key, version_id, reader.size, reader.sha256, reader.crc32)

    def open(
        self, key: str, *, version_id: str | None = None, offset: int = 0, length: int | None = None
    ) -> ObjectReader:
        """See `ObjectStore.open`."""
        checked_key(key)
        checked_range(offset, length)
        source = self._response(key, version_id, offset, length)
        return ObjectReader(source, length=length, errors=partial(_s3_errors, key))

    def stat(self, key: str, *, version_id: str | None = None) -> ObjectInfo:
        """See `ObjectStore.stat`."""
        return _info(self._head(checked_key(key), version_id))

    def list_objects(self) -> Iterator[ObjectInfo]:
        """See `ObjectStore.list_objects`. What a cut upload left is never listed: the server drops its parts itself."""
        versions = self.capabilities.versions
        with _s3_errors(self._bucket):
            for each in self._client.list_objects(self._bucket, recursive=True, include_version=versions):
                if is_key(each.object_name or "") and not each.is_delete_marker:
                    yield _info(each)

    def delete(self, key: str, *, version_id: str | None = None) -> None:
        """See `ObjectStore.delete`."""
        asked = self._asked_version(checked_key(key), version_id)
        with _s3_errors(key), self._lock_errors(key, asked):
            self._client.remove_object(self._bucket, key, version_id=asked)

    def retain(self, key: str, *, version_id: str | None, until: datetime, lock: Lock = Lock.GOVERNANCE) -> None:
        """See `ObjectStore.retain`. Raises ObjectRetained where the lock already ends later."""
        if not self.capabilities.retention:
            raise RetentionUnsupported(checked_key(key))
        asked = self._asked_version(checked_key(key), version_id)
        retention = Retention(lock.upper(), until.astimezone(UTC))
        with _s3_errors(key), self._lock_errors(key, asked):
            self._client.set_object_retention(self._bucket, key, retention, version_id=asked)

    def check(self) -> tuple[StoreWarning, ...]:
        """Look for the bucket, which takes a reachable server and right credentials. It writes nothing."""
        capabilities = self.capabilities
        with _s3_errors(self._bucket):
            if not self._bucket_exists():
                raise StoreMisconfigured(f"bucket {self._bucket} is gone")
        lacking = {StoreWarning.NO_VERSIONS: capabilities.versions, StoreWarning.NO_RETENTION: capabilities.retention}
        return tuple(warning for warning, is_there in lacking.items() if not is_there)

    def _bucket_exists(self) -> bool:
        try:
            return bool(self._client.bucket_exists(self._bucket_name))
        except MinioException as error:
            # The SDK itself reads only some servers' way of saying so.
            _raise_unless(error, {"NoSuchBucket"})
            return False

    def _make_bucket(self) -> None:
        try:
            self._client.make_bucket(self._bucket_name, object_lock=True)
        except MinioException as error:
            _raise_unless(error, _BUCKET_IS_THERE)  # another process was faster

    def _has_versions(self) -> bool:
        try:
            return self._client.get_bucket_versioning(self._bucket).status == ENABLED
        except MinioException as error:
            _raise_unless(error, _NO_SUCH_FEATURE)
            return False

    def _has_lock(self) -> bool:
        try:
            self._client.get_object_lock_config(self._bucket)
        except MinioException as error:
            _raise_unless(error, _NO_SUCH_FEATURE)
            return False
        return True

    def _refuse_taken(self, key: str) -> None:
        """Look at the newest version: an object in our way is refused before the stream is touched."""
        try:
            with _s3_errors(key):
                self._client.stat_object(self._bucket, key)
        except ObjectMissing:
            return
        raise ObjectExists(key)

    def _put_single(self, key: str, data: bytes, reader: HashingReader) -> ObjectWriteResult:
        headers = {"x-amz-checksum-sha256": _base64(reader.sha256), "x-amz-sdk-checksum-algorithm": "SHA256"}
        return self._client.put_object(
            self._bucket,
            key,
            BytesIO(data),
            len(data),
            metadata=cast("dict[str, str | list[str] | tuple[str]]", headers),
        )

    def _put_parts(self, key: str, stream: Readable, expected: ExpectedDigest | None) -> ObjectWriteResult:
        """Upload in parts; an error of the stream, a mismatch at its end among them, makes the SDK abort the upload.

        A size that is known beforehand spares the SDK two copies of each part.
        """
        size = -1 if expected is None or expected.size is None else expected.size
        return self._client.put_object(
            self._bucket, key, cast("BinaryIO", stream), size, part_size=PART_SIZE, num_parallel_uploads=1
        )

    def _version_of(self, result: ObjectWriteResult) -> str | None:
        if not self.capabilities.versions:
            return None
        if result.version_id in (None, _NULL_VERSION):
            raise StoreMisconfigured(f"bucket {self._bucket} no longer keeps versions")
        return result.version_id

    def _confirm(self, key: str, version_id: str | None, reader: HashingReader, *, is_single: bool) -> None:
        """Ask the server what it holds now; what is not what we sent is taken away again."""
        held = self._head(key, version_id)
        checksum = (held.metadata or {}).get("x-amz-checksum-sha256")
        is_same = not is_single or checksum in (None, _base64(reader.sha256))
        if held.size != reader.size or not is_same:
            self.delete(key, version_id=version_id)
            raise IntegrityMismatch(f"{key}: the server holds {held.size} bytes, sent were {reader.size}")

    def _head(self, key: str, version_id: str | None) -> Object:
        asked = self._asked_version(key, version_id)
        with _s3_errors(key):
            return self._client.stat_object(
                self._bucket, key, version_id=asked, extra_headers={"x-amz-checksum-mode": "ENABLED"}
            )

    def _response(self, key: str, version_id: str | None, offset: int, length: int | None) -> _Response | BytesIO:
        if length == 0:  # which the SDK would take for everything
            self._head(key, version_id)
            return BytesIO()
        asked = self._asked_version(key, version_id)
        with _s3_errors(key):
            try:
                return _Response(self._client.get_object(self._bucket, key, offset, length or 0, version_id=asked))
            except MinioException as error:
                _raise_unless(error, {"InvalidRange"})
                return BytesIO()

    def _asked_version(self, key: str, version_id: str | None) -> str | None:
        """What to ask the server for, so that a read never slips to a newer version than the recorded one."""
        if self.capabilities.versions:
            return version_id or _NULL_VERSION
        if version_id is not None:
            raise ObjectMissing(f"{key} version {version_id}: this bucket has no versions")
        return None

    @contextmanager
    def _lock_errors(self, key: str, version_id: str | None) -> Iterator[None]:
        try:
            yield
        except MinioException as error:
            _raise_unless(error, _FORBIDDEN_BY_A_LOCK)
            if self.capabilities.retention and self._client.get_object_retention(self._bucket, key, version_id):
                raise ObjectRetained(key) from error
            raise


class _Rejoined:
    """The first bytes of a stream that were read to see how long it is, and then the rest of it."""

    def __init__(self, start: bytes, rest: Readable) -> None:
        self._start = start
        self._rest = rest

    def read(self, size: int, /) -> bytes:
        chunk, self._start = self._start[:size], self._start[size:]
        return chunk or self._rest.read(size)


class _Response:
    """The body of a GET, whose connection goes back when it is closed."""

    def __init__(self, response: BaseHTTPResponse) -> None:
        self._response = response

    def read(self, size: int, /) -> bytes:
        return self._response.read(size)

    def close(self) -> None:
        self._response.close()
        self._response.release_conn()


def _http_client() -> PoolManager:
    """A pool that gives up in bounded time: three tries, 5 s to connect, 30 s of silence. It trusts the system's CA."""
    return PoolManager(
        maxsize=64,  # as many as the threads of a web process, or connections would be thrown away
        cert_reqs="CERT_REQUIRED",
        timeout=Timeout(connect=5, read=30),
        retries=Retry(
            total=2, backoff_factor=0.2, status_forcelist=[500, 502, 503, 504], respect_retry_after_header=False
        ),
    )


def _info(held: Object) -> ObjectInfo:
    if held.object_name is None or held.size is None or held.last_modified is None:
        raise StoreUnavailable(f"an incomplete answer about {held.object_name}")
    version_id = None if held.version_id == _NULL_VERSION else held.version_id
    return ObjectInfo(held.object_name, version_id, held.size, held.last_modified.astimezone(UTC))


def _base64(sha256: str) -> str:
    return base64.b64encode(bytes.fromhex(sha256)).decode()


@contextmanager
def _s3_errors(name: str) -> Iterator[None]:
    """Turn what server, network and SDK say into the errors of the port."""
    try:
        yield
    except MinioException as error:
        raise _translated(name, _code(error)) from error
    except HTTPError as error:
        raise StoreUnavailable(f"{name}: {error}") from error


def _translated(name: str, code: str) -> DomainError:
    kinds: tuple[tuple[set[str], type[DomainError]], ...] = (
        (_MISSING, ObjectMissing),
        (_DAMAGED_ON_THE_WAY, IntegrityMismatch),
        (_NEEDS_OPERATOR, StoreMisconfigured),
    )
    kind = next((kind for codes, kind in kinds if code in codes), StoreUnavailable)
    return kind(f"{name}: {code}")


def _raise_unless(error: MinioException, codes: set[str]) -> None:
    if _code(error) not in codes:
        raise error


def _code(error: MinioException) -> str:
    """The S3 error code; the SDK leaves it in the text where a server labels its XML `text/xml`, as rclone does."""
    if isinstance(error, S3Error):
        return error.code or "unknown"
    found = _CODE_IN_TEXT.search(str(error))
    return found[1] if found else str(error)[:200]
