"""Questions and answers as bytes: both ends agree, and whatever arrives is answered with a refusal, never a crash."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.adapters.open_signer import open_signer
from portal.adapters.signer_wire import MAX_QUESTION_BYTES, WireSigner, answer
from portal.domain.errors import SignerRefused, SignerUnavailable
from portal.domain.log.checkpoint import Checkpoint
from portal.signer.desk import SigningDesk
from tests.fixtures.signer import ORIGIN
from tests.signer.small_log import MANIFEST, checkpoint_of, proof, sign


@pytest.fixture
def client(signer: SigningDesk) -> WireSigner:
    return WireSigner(lambda question: answer(signer, question))


def test_the_far_end_says_what_the_desk_says(signer: SigningDesk, client: WireSigner) -> None:
    assert client.keys() == signer.keys()
    assert client.last_signed() is None
    sign(signer, 7)
    note = client.sign_checkpoint(checkpoint=checkpoint_of(12), old_size=7, proof=proof(12))
    assert client.last_signed() == signer.last_signed() == checkpoint_of(12)
    assert note == signer.sign_checkpoint(checkpoint=checkpoint_of(12), old_size=0, proof=())
    assert client.sign_bag(tag_manifest=MANIFEST) == signer.sign_bag(tag_manifest=MANIFEST)


def test_refusals_arrive_as_they_were_said(signer: SigningDesk, client: WireSigner) -> None:
    sign(signer, 7)
    with pytest.raises(SignerRefused, match="tidak terbukti melanjutkan"):
        client.sign_checkpoint(checkpoint=checkpoint_of(12), old_size=7, proof=())
    (signer.directory / "ssh.key").chmod(0o444)
    with pytest.raises(SignerUnavailable, match=r"ssh\.key"):
        client.keys()


def test_a_question_that_is_too_long_is_not_sent(client: WireSigner) -> None:
    with pytest.raises(SignerRefused, match="terlalu besar"):
        client.sign_bag(tag_manifest=MANIFEST * (MAX_QUESTION_BYTES // len(MANIFEST)))


def question(**changed: object) -> bytes:
    """One that would be signed, but for what is changed."""
    sound = {"do": "sign_checkpoint", "checkpoint": checkpoint_of(1).text, "old_size": 0, "proof": []}
    return json.dumps({**sound, **changed}).encode()


MALFORMED = [
    b"",
    b"{}",
    b"[]",
    b"null",
    b"NaN",
    b"\xff",
    b"[" * 100_000,
    b"9" * 100_000,
    b'{"do":"keys"',
    b'{"do":"destroy"}',
    b'{"do":["keys"]}',
    b'{"do":"sign_checkpoint"}',
    b'{"do":"sign_bag","tag_manifest":7}',
    b'{"do":"sign_bag","tag_manifest":"\\ud800"}',
    b'{"do":"sign_bag","tag_manifest":"*"}',
    question(checkpoint=""),
    question(checkpoint="\ud800\n1\n"),
    question(proof=[7]),
    question(proof={}),
    question(old_size="0"),
]


def test_malformed_questions_are_refused(signer: SigningDesk) -> None:
    for line in MALFORMED:
        assert json.loads(answer(signer, line)).keys() == {"refused"}, line[:80]
    assert signer.last_signed() is None
    assert json.loads(answer(signer, question())).keys() == {"note"}


@given(line=st.binary(max_size=200) | st.text(max_size=100).map(lambda text: json.dumps({"do": text}).encode()))
def test_any_bytes_are_answered_with_one_line(line: bytes) -> None:
    class Nobody:
        def __getattr__(self, name: str) -> object:
            pytest.fail(f"{name} was asked for by {line!r}")

    answered = answer(Nobody(), line)  # type: ignore[arg-type]  # no question in here may reach a signer
    assert json.loads(answered).keys() == {"refused"}
    assert answered.endswith(b"\n")


@pytest.mark.parametrize(
    "line", [b"", b"{}", b"null", b"rubbish", b'{"checkpoint":7}', b'{"note":null}', b'{"ssh":""}']
)
def test_an_unreadable_answer_is_no_answer(line: bytes) -> None:
    client = WireSigner(lambda _: line)
    asked = (
        client.keys,
        client.last_signed,
        lambda: client.sign_checkpoint(checkpoint=Checkpoint(ORIGIN, 1, bytes(32)), old_size=0, proof=()),
        lambda: client.sign_bag(tag_manifest=MANIFEST),
    )
    for ask in asked:
        with pytest.raises(SignerUnavailable, match="tidak dapat dibaca"):
            ask()


def test_keys_that_are_no_keys_are_no_answer() -> None:
    client = WireSigner(lambda _: b'{"checkpoint":"x","ssh":"","ecdsa":""}')
    with pytest.raises(SignerUnavailable, match="tidak dapat dibaca"):
        client.keys()


def test_without_a_setting_every_question_says_what_to_do() -> None:
    with pytest.raises(SignerUnavailable, match="portal signer init"):
        open_signer("").keys()
