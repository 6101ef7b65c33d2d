"""Signed checkpoints against the log, and their keys against the trail; then what lies outside the database: the
signer's own memory, and a checkpoint that somebody has on paper.

Only the latter two show a log that was cut or made anew by somebody who could change everything in the database.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters.signer import PublicKeys, Signer
from portal.domain.errors import SignerRefused, SignerUnavailable
from portal.domain.events import EventName
from portal.domain.log.checkpoint import Checkpoint
from portal.domain.log.note import InvalidNote, SignedNote
from portal.models import LogCheckpoint, SigningKey
from portal.services.signing_keys import verifiers_at
from portal.services.verify.findings import FindingCode, Findings
from portal.services.verify.replay import ReplayedLog
from portal.services.verify.rows import reconcile, unreadable_told
from portal.services.verify.trail import TrailEntry

_KEY_EVENTS = frozenset({EventName.KEY_INTRODUCED, EventName.KEY_ROTATED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """A size of the log and its root (32 bytes) that somebody outside the database vouches for; `who` in words."""

    who: str
    size: int
    root: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SignerMemory:
    """What the signer says: its keys, and what it signed last."""

    keys: PublicKeys
    last: Checkpoint | None

    @property
    def witnesses(self) -> tuple[Witness, ...]:
        last = self.last
        return (Witness(who="penanda tangan", size=last.size, root=last.root),) if last else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFact:
    kind: str | None
    key: str | None
    from_size: int


class KeyCheck:
    """Takes the events about keys; `finish` compares them with the table."""

    def __init__(self, session: Session, findings: Findings) -> None:
        self._session, self._findings = session, findings
        self._keys: dict[UUID, KeyFact] = {}
        self._group: tuple[int, object] = (-1, None)
        self._from_size = 0

    def tell(self, told: TrailEntry) -> None:
        """Keys that were introduced together are in use from the size that the log had before the first of them."""
        entry = told.entry
        if entry.name not in _KEY_EVENTS and entry.name is not EventName.LOG_CONTINUED:
            return
        if self._group != (entry.seq - 1, entry.at):
            self._from_size = entry.seq
        self._group = (entry.seq, entry.at)
        if entry.name in _KEY_EVENTS:
            self._keys[entry.obj] = KeyFact(kind=told.text("kind"), key=told.text("key"), from_size=self._from_size)

    def finish(self) -> None:
        with unreadable_told(self._findings, "kunci"):
            found = {
                row.id: KeyFact(kind=row.kind.value, key=row.key, from_size=row.from_size)
                for row in self._session.execute(select(SigningKey)).scalars()
            }
            reconcile(self._findings, "signing_key", expected=self._keys, found=found)


def ask_signer(signer: Signer) -> SignerMemory | None:
    """What the signer remembers; None when it cannot be asked. No transaction may be open."""
    try:
        return SignerMemory(keys=signer.keys(), last=signer.last_signed())
    except (SignerUnavailable, SignerRefused):
        return None


def checkpoint_sizes(session: Session) -> list[int]:
    """The sizes of the log whose roots the stored checkpoints name, as far as they are any."""
    found: Iterable[object] = session.execute(select(LogCheckpoint.size)).scalars()  # SQLite may hold anything
    return [size for size in found if isinstance(size, int)]


def check_checkpoints(session: Session, findings: Findings, log: ReplayedLog) -> int:
    """Check every stored checkpoint; returns how many there are."""
    checked = newest = 0
    with unreadable_told(findings, "checkpoint"):
        for row in session.execute(select(LogCheckpoint).order_by(LogCheckpoint.size)).scalars().all():
            checked += 1
            with unreadable_told(findings, _place(row)):
                _check_note(session, findings, row, newest=newest)
                check_witness(findings, log, Witness(who=_place(row), size=row.size, root=_root(row)))
                newest = row.size
    return checked


def check_witness(findings: Findings, log: ReplayedLog, witness: Witness) -> None:
    """The log has at least this size, and had this root then."""
    if witness.size > log.size:
        findings.add(
            FindingCode.LOG_CUT, witness.who, expected=f"log dengan {witness.size} catatan", found=f"{log.size} catatan"
        )
        return
    findings.compare(
        FindingCode.LOG_REWRITTEN,
        f"{witness.who}, akar log {witness.size}",
        expected=witness.root,
        found=log.roots.get(witness.size),
    )


def check_keys(session: Session, findings: Findings, memory: SignerMemory) -> bool:
    """Compare the signer's keys with the trail's current ones; whether the trail knows them, as it does not between a
    rotation and the next checkpoint. A key that came after the signer's own is not the signer's.
    """
    is_known = True
    for kind, key in memory.keys.by_kind().items():
        query = select(SigningKey.key).where(SigningKey.kind == kind).order_by(SigningKey.from_size.desc())
        recorded = session.execute(query).scalars().all()
        if not recorded or recorded[0] == key:
            continue
        if key in recorded:
            findings.add(FindingCode.KEY_FOREIGN, f"kunci {kind.value}", expected=key, found=recorded[0])
        else:
            is_known = False
    return is_known


def _check_note(session: Session, findings: Findings, row: LogCheckpoint, *, newest: int) -> None:
    place = _place(row)
    try:
        note = SignedNote.parse(row.note)
        said = Checkpoint.parse(note.text)
    except InvalidNote as error:
        findings.add(FindingCode.CHECKPOINT_UNREADABLE, place, expected="checkpoint bertanda tangan", found=error)
        return
    findings.compare(
        FindingCode.CHECKPOINT_UNREADABLE,
        place,
        expected=f"{said.origin} {said.printed}",
        found=f"{row.origin} {row.size} {row.root}",
    )
    try:
        verifiers = verifiers_at(session, row.size, newest=newest)
    except InvalidNote:
        verifiers = ()  # a key that was changed in the database
    missing = [str(key) for key in verifiers if not note.is_signed_by(key)]
    if missing or not verifiers:
        findings.add(
            FindingCode.CHECKPOINT_UNSIGNED,
            place,
            expected=f"tanda tangan {missing[0] if missing else 'kunci yang tercatat'}",
            found=", ".join(signature.name for signature in note.signatures),
        )


def _place(row: LogCheckpoint) -> str:
    return f"checkpoint {row.size}"


def _root(row: LogCheckpoint) -> bytes:
    try:
        return bytes.fromhex(row.root)
    except ValueError:
        return row.root.encode()
