"""The signer behind a real socket and as a real process: who misbehaves is dropped, and everybody else is served."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from portal.adapters.open_signer import open_signer
from portal.adapters.signer_clients import ProcessSigner, SocketSigner
from portal.adapters.signer_wire import MAX_QUESTION_BYTES
from portal.domain.errors import InvalidInput, SignerRefused, SignerUnavailable
from portal.signer import server
from portal.signer.desk import SigningDesk
from tests.signer.small_log import MANIFEST, checkpoint_of, proof, sign


@pytest.fixture
def path() -> Iterator[Path]:
    """A short one: the address of a unix socket holds 107 bytes."""
    with TemporaryDirectory(prefix="signer-") as folder:
        yield Path(folder) / "socket"


def served(desk: SigningDesk, path: Path, work: Callable[[], None], *, patience: float = 30) -> None:
    """Do the work in a thread while the desk is served."""

    async def run() -> None:
        async with await server.open_server(desk, path, patience=patience):
            await asyncio.to_thread(work)

    asyncio.run(run())


def connected(path: Path) -> socket.socket:
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.settimeout(30)
    client.connect(str(path))
    return client


def test_the_socket_answers_like_the_desk_and_only_user_and_group_may_ask(signer: SigningDesk, path: Path) -> None:
    def work() -> None:
        client = open_signer(str(path))
        assert isinstance(client, SocketSigner)
        assert client.keys() == signer.keys()
        sign(signer, 7)
        note = client.sign_checkpoint(checkpoint=checkpoint_of(12), old_size=7, proof=proof(12))
        assert note == signer.sign_checkpoint(checkpoint=checkpoint_of(12), old_size=0, proof=())
        with pytest.raises(SignerRefused):
            client.sign_bag(tag_manifest=b"rubbish")
        assert path.stat().st_mode & 0o777 == 0o660

    served(signer, path, work)


def test_a_hanging_client_holds_up_nobody(signer: SigningDesk, path: Path) -> None:
    """One sends nothing, one stops in the middle of a question."""

    def work() -> None:
        with connected(path), connected(path) as half:
            half.sendall(b'{"do":')
            assert SocketSigner(path).keys() == signer.keys()

    served(signer, path, work)


def test_a_hanging_client_is_dropped(signer: SigningDesk, path: Path) -> None:
    def work() -> None:
        with connected(path) as silent:
            assert silent.recv(1) == b""

    served(signer, path, work, patience=0.1)


def test_a_huge_question_is_dropped(signer: SigningDesk, path: Path) -> None:
    def work() -> None:
        with connected(path) as huge, pytest.raises(OSError, match=r"reset|pipe"):
            huge.sendall(bytes(MAX_QUESTION_BYTES) * 8)
        assert SocketSigner(path).sign_bag(tag_manifest=MANIFEST) == signer.sign_bag(tag_manifest=MANIFEST)

    served(signer, path, work)


def test_too_many_connections_are_dropped_until_some_end(signer: SigningDesk, path: Path) -> None:
    def work() -> None:
        with ExitStack() as stack:
            for _ in range(server.MAX_CONNECTIONS):
                stack.enter_context(connected(path))
            with pytest.raises(SignerUnavailable):
                SocketSigner(path).keys()
        assert any(answers(path, signer) for _ in range(100))  # the server sees the ends one after another

    served(signer, path, work)


def answers(path: Path, desk: SigningDesk) -> bool:
    try:
        return SocketSigner(path).keys() == desk.keys()
    except SignerUnavailable:
        return False


def test_a_socket_that_a_dead_signer_left_is_taken_over(signer: SigningDesk, path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as dead:
        dead.bind(str(path))
    served(signer, path, lambda: None)


def never() -> None:
    pytest.fail("two listen on one socket")


def test_a_socket_in_use_and_a_file_are_left_alone(signer: SigningDesk, path: Path, tmp_path: Path) -> None:
    def second() -> None:
        with pytest.raises(InvalidInput, match="masih mendengarkan"):
            server.serve(signer, path, on_listening=never)
        assert SocketSigner(path).keys() == signer.keys()

    served(signer, path, second)
    file = tmp_path / "file"
    file.write_text("mine")
    for place in (file, tmp_path / "no folder" / "socket", tmp_path / ("long" * 40)):
        with pytest.raises(InvalidInput, match="tidak dapat dipakai"):
            server.serve(signer, place, on_listening=never)
    assert file.read_text() == "mine"


def test_a_signer_that_is_not_there_is_unavailable(path: Path) -> None:
    with pytest.raises(SignerUnavailable, match="portal signer serve"):
        open_signer(str(path)).keys()


def test_a_process_answers_like_the_desk(signer: SigningDesk) -> None:
    client = open_signer(str(signer.directory))
    assert isinstance(client, ProcessSigner)
    sign(signer, 7)
    note = client.sign_checkpoint(checkpoint=checkpoint_of(12), old_size=7, proof=proof(12))
    assert note == signer.sign_checkpoint(checkpoint=checkpoint_of(12), old_size=0, proof=())
    with pytest.raises(SignerRefused, match="tagmanifest"):
        client.sign_bag(tag_manifest=b"rubbish")


def test_a_process_on_no_keys_says_so(tmp_path: Path) -> None:
    with pytest.raises(SignerUnavailable, match="tidak dapat dipakai"):
        ProcessSigner(tmp_path).keys()


def test_the_process_loads_neither_web_nor_database(signer: SigningDesk) -> None:
    """The smaller it is, the less can reach the keys."""
    code = (
        "import runpy, sys; runpy.run_module('portal.signer', run_name='__main__', alter_sys=True);"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'flask', 'sqlalchemy', 'jinja2', 'minio'}))"
    )
    command = [sys.executable, "-c", code, str(signer.directory)]
    done = subprocess.run(command, input=b'{"do":"keys"}\n', capture_output=True, check=True, timeout=60)
    assert done.stdout.splitlines()[1:] == [b"[]"]
