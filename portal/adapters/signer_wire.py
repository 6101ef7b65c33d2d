"""How questions to the signer and its answers are written between two processes: one JSON object each, on one line.

Both ends are here, so that they agree: `ask` writes a question and reads the answer, `answer` does the reverse on the
signer's side. How the bytes travel is for `signer_clients.py` and `portal.signer.server`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import TypeAlias

from portal.adapters.signer import BagSignatures, PublicKeys, Signer
from portal.domain.canonical_json import JsonValue, canonical_json
from portal.domain.errors import SignerRefused, SignerUnavailable
from portal.domain.log.checkpoint import Checkpoint
from portal.domain.log.note import InvalidNote, from_base64, to_base64

MAX_QUESTION_BYTES = 1 << 20
"""Room for the tag manifest of a bag with some five thousand documents beside its evidence."""
MAX_ANSWER_BYTES = 1 << 16

Exchange: TypeAlias = Callable[[bytes], bytes]
"""Carries a question to the signer and brings its answer; raises SignerUnavailable."""


class WireSigner:
    """A Signer on the far side of an exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def keys(self) -> PublicKeys:
        match self._ask({"do": "keys"}):
            case {"checkpoint": str(checkpoint), "ssh": str(ssh), "ecdsa": str(ecdsa)}:
                with suppress(InvalidNote):
                    return PublicKeys(checkpoint=checkpoint, ssh=ssh, ecdsa=ecdsa)
        raise _unreadable()

    def last_signed(self) -> Checkpoint | None:
        match self._ask({"do": "last_signed"}):
            case {"checkpoint": None}:
                return None
            case {"checkpoint": str(text)}:
                return _read_checkpoint(text)
        raise _unreadable()

    def sign_checkpoint(self, *, checkpoint: Checkpoint, old_size: int, proof: tuple[bytes, ...]) -> str:
        hashes: list[JsonValue] = [to_base64(each) for each in proof]
        question: dict[str, JsonValue] = {"checkpoint": checkpoint.text, "old_size": old_size, "proof": hashes}
        match self._ask({"do": "sign_checkpoint", **question}):
            case {"note": str(note)}:
                return note
        raise _unreadable()

    def sign_bag(self, *, tag_manifest: bytes) -> BagSignatures:
        match self._ask({"do": "sign_bag", "tag_manifest": to_base64(tag_manifest)}):
            case {"ssh": str(ssh), "ecdsa": str(ecdsa)}:
                return BagSignatures(ssh=ssh.encode(), ecdsa=_read_bytes(ecdsa))
        raise _unreadable()

    def _ask(self, question: dict[str, JsonValue]) -> object:
        line = canonical_json(question) + b"\n"
        if len(line) > MAX_QUESTION_BYTES:
            raise SignerRefused("Permintaan ke penanda tangan terlalu besar. Segel cakupan yang lebih kecil.")
        match _parse(self._exchange(line)):
            case {"refused": str(sentence)}:
                raise SignerRefused(sentence)
            case {"unavailable": str(sentence)}:
                raise SignerUnavailable(sentence)
            case told:
                return told


def answer(signer: Signer, question: bytes) -> bytes:
    """The line that answers a question, whatever its bytes are."""
    try:
        done = _do(signer, question)
    except (SignerUnavailable, SignerRefused) as error:
        done = {"refused" if isinstance(error, SignerRefused) else "unavailable": str(error)}
    return canonical_json(done) + b"\n"


def _do(signer: Signer, question: bytes) -> dict[str, JsonValue]:
    match _parse(question):
        case {"do": "keys"}:
            keys = signer.keys()
            return {"checkpoint": keys.checkpoint, "ssh": keys.ssh, "ecdsa": keys.ecdsa}
        case {"do": "last_signed"}:
            last = signer.last_signed()
            return {"checkpoint": last.text if last else None}
        case {"do": "sign_checkpoint", "checkpoint": str(text), "old_size": int(old_size), "proof": list(proof)}:
            hashes = tuple(_read_bytes(each) for each in proof)
            checkpoint = _read_checkpoint(text)
            return {"note": signer.sign_checkpoint(checkpoint=checkpoint, old_size=old_size, proof=hashes)}
        case {"do": "sign_bag", "tag_manifest": str(data)}:
            signatures = signer.sign_bag(tag_manifest=_read_bytes(data))
            return {"ssh": signatures.ssh.decode(), "ecdsa": to_base64(signatures.ecdsa)}
    raise SignerRefused("Penanda tangan tidak mengenal permintaan ini.")


def _parse(line: bytes) -> object:
    """The JSON value in a line, None when it holds none."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _read_checkpoint(text: str) -> Checkpoint:
    try:
        return Checkpoint.parse(text)
    except InvalidNote as error:
        raise SignerRefused("Yang dikirim bukan checkpoint.") from error


def _read_bytes(value: object) -> bytes:
    try:
        return from_base64(str(value))
    except InvalidNote as error:
        raise SignerRefused("Yang dikirim bukan base64.") from error


def _unreadable() -> SignerUnavailable:
    return SignerUnavailable("Jawaban penanda tangan tidak dapat dibaca. Periksa PORTAL_SIGNER dan versi keduanya.")
