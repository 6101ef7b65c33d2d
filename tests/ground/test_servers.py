"""The test servers are real, are the ones that this run started, and are gone afterwards."""

import io
import socket
from typing import TYPE_CHECKING

import psycopg
import pytest
from minio import Minio

from tests.servers import rclone
from tests.servers.postgres import PostgresServer
from tests.servers.process import ServerFailed, free_port, running_process
from tests.servers.s3 import S3Server

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser


def client_of(server: S3Server) -> Minio:
    return Minio(server.endpoint, access_key=server.access_key, secret_key=server.secret_key, secure=server.secure)


@pytest.mark.parametrize("fixture", ["minio_server", "rclone_server"])
def test_an_s3_server_gives_back_what_was_put(fixture: str, request: pytest.FixtureRequest) -> None:
    client = client_of(request.getfixturevalue(fixture))
    client.make_bucket("ground")
    client.put_object("ground", "key", io.BytesIO(b"isi"), 3)
    answer = client.get_object("ground", "key")
    assert answer.read() == b"isi"
    answer.close()
    answer.release_conn()


def test_a_postgres_database_is_a_copy_of_its_template_and_goes_away(postgres_server: PostgresServer) -> None:
    with postgres_server.database() as template:
        with postgres_server.connect(template) as connection:
            connection.execute("CREATE TABLE copied (id integer)")
        with postgres_server.database(template=template) as name, postgres_server.connect(name) as connection:
            assert connection.execute("SELECT count(*) FROM copied").fetchone() == (0,)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        postgres_server.connect(name)


def test_the_browser_opens_a_page(browser: "Browser") -> None:
    context = browser.new_context()
    page = context.new_page()
    page.set_content("<h1>Portal Bukti ZI</h1>")
    assert page.get_by_role("heading").inner_text() == "Portal Bukti ZI"
    context.close()


def test_a_server_has_ended_when_its_block_ends() -> None:
    with rclone.running() as server:
        port = int(server.endpoint.rpartition(":")[2])
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
        pass


def test_a_server_that_ends_at_once_is_reported_with_its_last_words(tmp_path: "Path") -> None:
    command = ["/bin/sh", "-c", "echo no room left; exit 3"]
    with (
        pytest.raises(ServerFailed, match=r"ended with 3:\nno room left"),
        running_process(command, port=free_port(), env={}, log=tmp_path / "log"),
    ):
        pass


def test_a_port_answered_by_somebody_else_does_not_count_as_up(
    rclone_server: S3Server, tmp_path: "Path", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.servers.process.START_SECONDS", 0.5)
    port = int(rclone_server.endpoint.rpartition(":")[2])
    with (
        pytest.raises(ServerFailed, match=f"did not listen on port {port}"),
        running_process(["/bin/sh", "-c", "read never; sleep 60"], port=port, env={}, log=tmp_path / "log"),
    ):
        pass
