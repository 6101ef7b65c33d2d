"""Signed checkpoints: asks the signer for the log's newest head, checks what it answers, and keeps the note.

The signer is asked outside any transaction. The public keys that an answer is checked with are those that the trail
knows: who holds none of his own learns nothing from that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters.signer import Signer
from portal.domain.errors import SignerRefused
from portal.domain.log.checkpoint import Checkpoint
from portal.domain.log.note import InvalidNote, SignedNote, VerifierKey
from portal.models import LogCheckpoint
from portal.services import audit
from portal.services.log_reader import get_head
from portal.services.log_tree import LogTree
from portal.services.signing_keys import introduce_keys, verifiers_at
from portal.services.unit_of_work import transaction

TRIES = 3
"""Another process may sign in between; then there is a newer state to start from."""

FORGETFUL = (
    "Penanda tangan lupa: yang terakhir diingatnya berukuran {signed}, padahal portal menyimpan checkpoint berukuran "
    "{kept} darinya. Direktori kunci agaknya dipulihkan dari salinan lama. Simpan checkpoint itu dengan "
    "`portal checkpoint show`, lalu jalankan `portal signer remember`."
)
SHORTENED = (
    "Jejak audit kini berukuran {size}, lebih pendek daripada yang pernah ditandatangani ({printed}). Basis data "
    "dipotong atau dipulihkan dari salinan lama. Tidak ada yang ditandatangani; cari salinan yang lebih baru."
)
WRONG_ANSWER = (
    "Jawaban penanda tangan bukan checkpoint yang diminta, atau tidak ditandatangani kunci yang tercatat. "
    "Tidak ada yang disimpan. Periksa PORTAL_SIGNER dan siapa yang mengganti kuncinya."
)
REPLACED = (
    "Checkpoint berukuran {size} di basis data bukan yang ditandatangani: catatannya diubah. Jalankan `portal verify`."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointView:
    """A checkpoint that was signed; `root` is 64 hex digits, `note` the signed note as it was made."""

    origin: str
    size: int
    root: str
    note: str
    signed_at: datetime

    @property
    def printed(self) -> str:
        """`SIZE ROOT`: what stands on paper."""
        return f"{self.size} {self.root}"


@dataclass(frozen=True, slots=True)
class _Question:
    """What the signer is to sign, how it follows from what it signed last, and who must have signed the answer."""

    checkpoint: Checkpoint
    old_size: int
    proof: tuple[bytes, ...]
    verifiers: tuple[VerifierKey, ...]


def find_newest_checkpoint(session: Session) -> CheckpointView | None:
    query = select(LogCheckpoint).order_by(LogCheckpoint.size.desc()).limit(1)
    row = session.execute(query).scalar_one_or_none()
    return _view(row) if row else None


def list_checkpoints(session: Session) -> list[CheckpointView]:
    """All of them, smallest first, those under an earlier name of the log too."""
    return [_view(row) for row in session.execute(select(LogCheckpoint).order_by(LogCheckpoint.size)).scalars()]


def sign_checkpoint(*, signer: Signer, now: datetime) -> CheckpointView:
    """A signed checkpoint that covers every event committed before the call; the same again when there is no newer one.

    Raises SignerUnavailable, and SignerRefused when log, signer and kept checkpoints do not agree.
    """
    for _ in range(TRIES - 1):
        last = signer.last_signed()
        try:
            return _sign(signer, last, now)
        except SignerRefused:
            if signer.last_signed() == last:
                raise
    return _sign(signer, signer.last_signed(), now)


def _sign(signer: Signer, last: Checkpoint | None, now: datetime) -> CheckpointView:
    keys = signer.keys()
    introduce_keys(keys=keys, last=last, now=now)
    with transaction(write=False) as session:
        questions = _questions(session, keys.verifier.name, last)
    return [_keep(question, _answer(signer, question), now) for question in questions][-1]


def _questions(session: Session, origin: str, last: Checkpoint | None) -> list[_Question]:
    """The newest head of our log, and before it what was signed last, when that note never arrived here.

    Raises SignerRefused when log, kept checkpoints and the signer's memory cannot be of one past.
    """
    head, newest = get_head(session), find_newest_checkpoint(session)
    kept = newest.size if newest and newest.origin == origin else 0
    signed = last.size if last and last.origin == origin else 0
    if kept > signed:
        raise SignerRefused(FORGETFUL.format(kept=kept, signed=signed))
    if last and last.size > head.size:
        raise SignerRefused(SHORTENED.format(size=head.size, printed=last.printed))
    questions = []
    if last and kept < signed < head.size and (verifiers := verifiers_at(session, signed, newest=kept)):
        questions.append(_Question(last, signed, (), verifiers))
        kept = signed
    old_size = last.size if last else 0
    proof = LogTree(session, head.size).consistency_proof(old_size) if old_size else ()
    verifiers = verifiers_at(session, head.size, newest=kept)
    return [*questions, _Question(Checkpoint(origin, head.size, head.root), old_size, proof, verifiers)]


def _answer(signer: Signer, question: _Question) -> str:
    """The signed note; raises SignerRefused when it is not what was asked for, or not signed by the keys we know."""
    note = signer.sign_checkpoint(checkpoint=question.checkpoint, old_size=question.old_size, proof=question.proof)
    try:
        parsed = SignedNote.parse(note)
    except InvalidNote as error:
        raise SignerRefused(WRONG_ANSWER) from error
    if parsed.text != question.checkpoint.text or not all(map(parsed.is_signed_by, question.verifiers)):
        raise SignerRefused(WRONG_ANSWER)
    return note


def _keep(question: _Question, note: str, now: datetime) -> CheckpointView:
    """Store the note unless it is stored already; raises SignerRefused when another stands in its place."""
    checkpoint = question.checkpoint
    with transaction() as session:
        audit.hold_log(session)  # else two processes with the same note would both find the place empty
        row = session.get(LogCheckpoint, checkpoint.size)
        if row is None:
            row = LogCheckpoint(
                size=checkpoint.size, origin=checkpoint.origin, root=checkpoint.root.hex(), note=note, signed_at=now
            )
            session.add(row)
        if row.note != note:
            raise SignerRefused(REPLACED.format(size=checkpoint.size))
        return _view(row)


def _view(row: LogCheckpoint) -> CheckpointView:
    return CheckpointView(origin=row.origin, size=row.size, root=row.root, note=row.note, signed_at=row.signed_at)
