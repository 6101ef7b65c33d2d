"""What only a store behind a network has: versions, retention, credentials, and a server that can go away."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO

import psutil
import pytest
from minio import Minio
from minio.commonconfig import COMPLIANCE, ENABLED, GOVERNANCE
from minio.versioningconfig import SUSPENDED, VersioningConfig

from portal.adapters.minio_store import PART_SIZE, MinioStore, _http_client
from portal.adapters.store import (
    Capabilities,
    ExpectedDigest,
    Lock,
    ObjectExists,
    ObjectMissing,
    ObjectRetained,
    RetentionUnsupported,
    StoreMisconfigured,
    StoreUnavailable,
    StoreWarning,
    new_key,
)
from portal.domain.errors import IntegrityMismatch
from tests.adapters.streams import CutStream, GeneratedStream, content
from tests.fixtures.missing_services import require_service
from tests.fixtures.stores import store_on
from tests.servers import rclone
from tests.servers.s3 import S3Server

BUCKET = "shared-bucket"


def behind_our_back(server: S3Server) -> Minio:
    """Return a bare client, as somebody with the same credentials would use."""
    return Minio(server.endpoint, server.access_key, server.secret_key, secure=server.secure)


def kill(server: S3Server) -> None:
    """End the process of a server that this test started, without giving it time to say good-bye."""
    port = int(server.endpoint.rpartition(":")[2])
    children = psutil.Process().children(recursive=True)
    (owner,) = [each for each in children if any(port == conn.laddr.port for conn in each.net_connections("tcp"))]
    owner.kill()
    owner.wait(10)


@pytest.fixture
def tomorrow() -> datetime:
    """An end of retention that this run will not see."""
    return datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)


@pytest.fixture(params=["minio", "rclone"])
def server(request: pytest.FixtureRequest) -> S3Server:
    """Each make of server."""
    made: S3Server = request.getfixturevalue(f"{request.param}_server")
    return made


def test_a_new_bucket_on_minio_has_versions_and_retention(minio_store: MinioStore) -> None:
    assert minio_store.check() == ()
    assert minio_store.capabilities == Capabilities(versions=True, retention=True)


def test_a_server_without_versions_and_locks_is_noticed(rclone_store: MinioStore, tomorrow: datetime) -> None:
    assert rclone_store.check() == (StoreWarning.NO_VERSIONS, StoreWarning.NO_RETENTION)
    assert rclone_store.capabilities == Capabilities(versions=False, retention=False)
    stored = rclone_store.put(new_key(), BytesIO(b"x"))
    assert stored.version_id is None
    with pytest.raises(RetentionUnsupported):
        rclone_store.retain(stored.key, version_id=None, until=tomorrow)


def test_a_bucket_that_was_made_without_lock_works_and_is_warned_of(minio_server: S3Server, tomorrow: datetime) -> None:
    bucket = f"plain-{new_key()}"
    behind_our_back(minio_server).make_bucket(bucket)
    store = store_on(minio_server, bucket=bucket)

    stored = store.put(new_key(), BytesIO(b"x"))

    assert stored.version_id is None
    assert store.capabilities == Capabilities(versions=False, retention=False)
    assert store.check() == (StoreWarning.NO_VERSIONS, StoreWarning.NO_RETENTION)
    with pytest.raises(RetentionUnsupported):
        store.retain(stored.key, version_id=None, until=tomorrow)


def test_versions_that_are_switched_off_later_are_noticed_at_the_next_upload(minio_server: S3Server) -> None:
    bucket = f"plain-{new_key()}"
    client = behind_our_back(minio_server)
    client.make_bucket(bucket)
    client.set_bucket_versioning(bucket, VersioningConfig(ENABLED))
    store = store_on(minio_server, bucket=bucket)
    assert store.check() == (StoreWarning.NO_RETENTION,)

    client.set_bucket_versioning(bucket, VersioningConfig(SUSPENDED))

    with pytest.raises(StoreMisconfigured, match="no longer keeps versions"):
        store.put(new_key(), BytesIO(b"x"))


def test_what_was_stored_before_the_bucket_had_versions_is_still_read(minio_server: S3Server) -> None:
    bucket = f"plain-{new_key()}"
    client = behind_our_back(minio_server)
    client.make_bucket(bucket)
    stored = store_on(minio_server, bucket=bucket).put(new_key(), BytesIO(b"old"))

    client.set_bucket_versioning(bucket, VersioningConfig(ENABLED))
    client.put_object(bucket, stored.key, BytesIO(b"forged"), 6)
    store = store_on(minio_server, bucket=bucket)

    with store.open(stored.key, version_id=stored.version_id) as reader:
        assert reader.read(10) == b"old"
    assert (stored.key, None, 3) in [(each.key, each.version_id, each.size) for each in store.list_objects()]


def test_a_read_gets_its_own_version_after_somebody_overwrote_the_key(minio_server: S3Server) -> None:
    store = store_on(minio_server, bucket=f"{BUCKET}-{new_key()}")
    stored = store.put(new_key(), BytesIO(b"genuine"))
    bucket = store._bucket

    behind_our_back(minio_server).put_object(bucket, stored.key, BytesIO(b"forged!"), 7)

    with store.open(stored.key, version_id=stored.version_id) as reader:
        assert reader.read(100) == b"genuine"
    with store.open(stored.key, version_id=stored.version_id, offset=3, length=2) as reader:
        assert reader.read(100) == b"ui"
    assert len(list(store.list_objects())) == 2


def test_a_read_gets_its_own_version_after_somebody_deleted_the_key(minio_server: S3Server) -> None:
    store = store_on(minio_server, bucket=f"{BUCKET}-{new_key()}")
    stored = store.put(new_key(), BytesIO(b"genuine"))

    behind_our_back(minio_server).remove_object(store._bucket, stored.key)

    with store.open(stored.key, version_id=stored.version_id) as reader:
        assert reader.read(100) == b"genuine"
    assert [each.version_id for each in store.list_objects()] == [stored.version_id]


def test_a_read_without_the_recorded_version_is_refused_where_there_are_versions(minio_store: MinioStore) -> None:
    stored = minio_store.put(new_key(), BytesIO(b"x"))

    with pytest.raises(ObjectMissing):
        minio_store.open(stored.key)


def test_retention_refuses_deletion_and_shortening(minio_store: MinioStore, tomorrow: datetime) -> None:
    stored = minio_store.put(new_key(), BytesIO(b"kept"))
    minio_store.retain(stored.key, version_id=stored.version_id, until=tomorrow)
    minio_store.retain(stored.key, version_id=stored.version_id, until=tomorrow + timedelta(days=1))

    with pytest.raises(ObjectRetained):
        minio_store.delete(stored.key, version_id=stored.version_id)
    with pytest.raises(ObjectRetained):
        minio_store.retain(stored.key, version_id=stored.version_id, until=tomorrow)

    with minio_store.open(stored.key, version_id=stored.version_id) as reader:
        assert reader.read(100) == b"kept"


@pytest.mark.parametrize(("lock", "mode"), [(Lock.GOVERNANCE, GOVERNANCE), (Lock.COMPLIANCE, COMPLIANCE)])
def test_the_retention_is_what_the_server_then_tells(
    minio_server: S3Server, tomorrow: datetime, lock: Lock, mode: str
) -> None:
    store = store_on(minio_server)
    stored = store.put(new_key(), BytesIO(b"kept"))

    store.retain(stored.key, version_id=stored.version_id, until=tomorrow, lock=lock)

    told = behind_our_back(minio_server).get_object_retention(store._bucket, stored.key, stored.version_id)
    assert told is not None
    assert (told.mode, told.retain_until_date) == (mode, tomorrow)


def test_an_object_that_is_missing_cannot_be_retained(minio_store: MinioStore, tomorrow: datetime) -> None:
    with pytest.raises(ObjectMissing):
        minio_store.retain(new_key(), version_id="11111111-1111-4111-8111-111111111111", until=tomorrow)


@pytest.mark.parametrize("wrong", ["access_key", "secret_key"])
def test_wrong_credentials_are_for_the_operator(server: S3Server, wrong: str) -> None:
    credentials = {"access_key": server.access_key, "secret_key": server.secret_key} | {wrong: "not-the-right-one"}
    store = MinioStore(endpoint=server.endpoint, bucket=BUCKET, secure=False, **credentials)

    with pytest.raises(StoreMisconfigured):
        store.check()
    with pytest.raises(StoreMisconfigured):
        store.put(new_key(), BytesIO(b"x"))
    with pytest.raises(StoreMisconfigured):
        store.stat(new_key())
    with pytest.raises(StoreMisconfigured):
        list(store.list_objects())


def test_a_bucket_that_is_removed_while_we_run_is_for_the_operator(server: S3Server) -> None:
    store = store_on(server, bucket=f"{BUCKET}-{new_key()}")
    store.check()
    behind_our_back(server).remove_bucket(store._bucket)

    with pytest.raises(StoreMisconfigured):
        store.check()
    with pytest.raises(StoreMisconfigured):
        store.put(new_key(), BytesIO(b"x"))


@pytest.mark.parametrize(
    ("endpoint", "bucket"),
    [("http://localhost:9000", BUCKET), ("localhost:9000/path", BUCKET), ("localhost:9000", "B_")],
)
def test_settings_that_cannot_be_are_refused_at_the_start(endpoint: str, bucket: str) -> None:
    with pytest.raises(StoreMisconfigured):
        MinioStore(endpoint=endpoint, bucket=bucket, access_key="a", secret_key="b", secure=False)


def test_two_stores_that_start_at_once_share_one_bucket(
    minio_server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = f"{BUCKET}-{new_key()}"
    first, second = store_on(minio_server, bucket=bucket), store_on(minio_server, bucket=bucket)
    first.check()
    monkeypatch.setattr(second._client, "bucket_exists", lambda _: False)  # it looked before the first had made it

    stored = second.put(new_key(), BytesIO(b"x"))

    assert first.stat(stored.key, version_id=stored.version_id).size == 1


@pytest.fixture
def own_server() -> Iterator[S3Server]:
    """A server for this test alone, which may kill it."""
    require_service("rclone", rclone.why_missing())
    with rclone.running() as started:
        yield started


def test_a_gone_server_is_reported_by_every_method(own_server: S3Server, tomorrow: datetime) -> None:
    store, key = store_on(own_server), new_key()
    store.check()
    kill(own_server)

    with pytest.raises(StoreUnavailable):
        store.put(key, BytesIO(b"x"))
    with pytest.raises(StoreUnavailable):
        store.open(key)
    with pytest.raises(StoreUnavailable):
        store.stat(key)
    with pytest.raises(StoreUnavailable):
        store.delete(key)
    with pytest.raises(StoreUnavailable):
        list(store.list_objects())
    with pytest.raises(StoreUnavailable):
        store.check()
    with pytest.raises(StoreUnavailable):
        store_on(own_server).retain(key, version_id=None, until=tomorrow)


def test_a_failing_server_is_asked_three_times_and_no_more() -> None:
    requests: list[str] = []

    class Failing(BaseHTTPRequestHandler):
        """Answers every request with 503 and notes it."""

        def do_GET(self) -> None:
            requests.append(self.path)
            self.send_error(HTTPStatus.SERVICE_UNAVAILABLE)

        def log_message(self, *_args: object) -> None:
            """Stay silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Failing) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        store = store_on(S3Server(f"127.0.0.1:{server.server_port}", access_key="a", secret_key="b"))
        with pytest.raises(StoreUnavailable):
            store.check()
        server.shutdown()
        thread.join()

    assert len(requests) == 3


def test_no_request_waits_longer_than_half_a_minute() -> None:
    timeout = _http_client().connection_pool_kw["timeout"]

    assert timeout.connect_timeout <= 30
    assert timeout.read_timeout <= 30


def test_a_server_that_goes_away_in_the_middle_of_a_download_is_reported(own_server: S3Server) -> None:
    store = store_on(own_server)
    stored = store.put(new_key(), GeneratedStream(64 << 20))

    with store.open(stored.key) as reader:
        assert reader.read(10) == content(10)
        kill(own_server)
        with pytest.raises(StoreUnavailable):
            list(reader)


def test_a_server_that_goes_away_in_the_middle_of_an_upload_acknowledges_nothing(own_server: S3Server) -> None:
    class KillsTheServer(GeneratedStream):
        """Ends the server once the first part is on its way."""

        is_killed = False

        def read(self, size: int, /) -> bytes:
            if self._position > PART_SIZE and not self.is_killed:
                self.is_killed = True
                kill(own_server)
            return super().read(size)

    with pytest.raises(StoreUnavailable):
        store_on(own_server).put(new_key(), KillsTheServer(20 << 20))


@pytest.mark.parametrize("size", [3, PART_SIZE + 3])
def test_what_the_server_holds_otherwise_than_sent_is_taken_away_again(
    server: S3Server, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    store = store_on(server)
    put_object = store._client.put_object

    def put_less(bucket: str, key: str, data: BytesIO, *_args: object, **_options: object) -> object:
        """Lose the last byte on the way, checksum header and all."""
        received = b"".join(iter(lambda: data.read(size), b""))
        return put_object(bucket, key, BytesIO(received[:-1]), len(received) - 1)

    monkeypatch.setattr(store._client, "put_object", put_less)

    with pytest.raises(IntegrityMismatch):
        store.put(new_key(), GeneratedStream(size))

    assert list(store.list_objects()) == []


def test_minio_refuses_a_part_that_changes_on_the_way(minio_store: MinioStore, monkeypatch: pytest.MonkeyPatch) -> None:
    put_object = minio_store._client.put_object
    monkeypatch.setattr(
        minio_store._client,
        "put_object",
        lambda bucket, key, _data, length, metadata: put_object(
            bucket, key, BytesIO(b"???"), length, metadata=metadata
        ),
    )

    with pytest.raises(IntegrityMismatch, match="XAmzContentChecksumMismatch"):
        minio_store.put(new_key(), BytesIO(b"abc"))

    assert list(minio_store.list_objects()) == []


def test_a_taken_key_is_refused_before_the_stream_is_touched(minio_store: MinioStore) -> None:
    stored = minio_store.put(new_key(), BytesIO(b"x"))
    stream = BytesIO(b"second")

    with pytest.raises(ObjectExists):
        minio_store.put(stored.key, stream, expected=ExpectedDigest(size=6))

    assert stream.tell() == 0


def test_two_uploads_that_race_for_one_key_both_stay_where_there_are_versions(minio_store: MinioStore) -> None:
    key = new_key()
    versions: dict[str | None, bytes] = {}

    class Second:
        """Stores under the same key in the middle of the first upload, which has seen a free key."""

        def read(self, _size: int, /) -> bytes:
            if versions:
                return b""
            versions[minio_store.put(key, BytesIO(b"second")).version_id] = b"second"
            return b"first"

    versions[minio_store.put(key, Second()).version_id] = b"first"

    assert len(versions) == 2
    for version_id, expected in versions.items():
        with minio_store.open(key, version_id=version_id) as reader:
            assert reader.read(100) == expected


def test_a_cut_upload_leaves_no_parts_on_the_server(minio_server: S3Server) -> None:
    store, key = store_on(minio_server), new_key()
    client = behind_our_back(minio_server)
    started: list[int] = []

    def count_uploads() -> int:
        # The SDK has no public call for it, and MinIO lists the uploads of one key only.
        return len(client._list_multipart_uploads(store._bucket, prefix=key).uploads)

    class Cut(CutStream):
        """Counts the uploads on the server just before the cut."""

        def read(self, size: int, /) -> bytes:
            if self._position == self._size:
                started.append(count_uploads())
            return super().read(size)

    with pytest.raises(ConnectionResetError):
        store.put(key, Cut(12 << 20))

    assert (started, count_uploads()) == ([1], 0)


def test_objects_of_others_in_the_bucket_are_not_listed(server: S3Server) -> None:
    store = store_on(server)
    stored = store.put(new_key(), BytesIO(b"x"))
    client = behind_our_back(server)
    for name in ("backup.tar", "folder/other", stored.key + ".bak"):
        client.put_object(store._bucket, name, BytesIO(b"?"), 1)

    assert [each.key for each in store.list_objects()] == [stored.key]
