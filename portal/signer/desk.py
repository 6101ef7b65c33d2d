"""The desk where everything is signed: what it signs depends on the request, the keys and its own memory alone.

It satisfies `adapters.signer.Signer`. Web application and database administrator together cannot make it sign another
past: a checkpoint is signed only with a proof that it extends the last one signed here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from portal.adapters.signer import SSH_NAMESPACE, BagSignatures, PublicKeys
from portal.domain.errors import InvalidInput, SignerRefused, SignerUnavailable
from portal.domain.log.checkpoint import Checkpoint
from portal.domain.log.merkle import verify_consistency
from portal.domain.log.note import InvalidNote, NoteSignature, SignedNote, VerifierKey
from portal.signer.key_directory import KeyRing, create_keys, read_keys, replace_keys
from portal.signer.signed_notes import CONTINUED, SignedNotes
from portal.signer.sshsig import sshsig

_TAG_MANIFEST = re.compile(rb"(?:[0-9a-f]{64}  [A-Za-z0-9._/-]{1,255}\n)+")


@dataclass(frozen=True, slots=True)
class _Last:
    """The newest note of the memory, and what it says."""

    number: int
    note: str
    checkpoint: Checkpoint


class SigningDesk:
    """A signer on a key directory. Nothing is kept between two calls but what lies in the directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._notes = SignedNotes(directory / "signed")

    @classmethod
    def create(cls, directory: Path, *, origin: str, after: str | None = None) -> SigningDesk:
        """A new directory with new keys; `after` is the last trusted note of a lost log, which this log will continue:
        its first checkpoint must extend that one. Raises InvalidInput.
        """
        if after is not None and _checkpoint(after, "after").origin == origin:
            raise InvalidInput("origin", "Log baru memerlukan nama baru: kunci lama tidak dapat lagi dipercaya.")
        create_keys(directory, origin=origin)
        desk = cls(directory)
        if after is not None:
            desk._notes.add(CONTINUED, after)
        return desk

    def keys(self) -> PublicKeys:
        return read_keys(self.directory).public

    def last_signed(self) -> Checkpoint | None:
        last = self._last(read_keys(self.directory))
        return last.checkpoint if last else None

    def sign_checkpoint(self, *, checkpoint: Checkpoint, old_size: int, proof: tuple[bytes, ...]) -> str:
        keys = read_keys(self.directory)
        last = self._last(keys)
        if last and last.checkpoint == checkpoint:
            return last.note
        _require_extension(keys, checkpoint, last.checkpoint if last else None, old_size, proof)
        return self._add(last, _signed(checkpoint, keys))

    def sign_bag(self, *, tag_manifest: bytes) -> BagSignatures:
        if not _TAG_MANIFEST.fullmatch(tag_manifest):
            raise SignerRefused("Yang diminta ditandatangani bukan tagmanifest sebuah paket bukti.")
        keys = read_keys(self.directory)
        return BagSignatures(
            ssh=sshsig(tag_manifest, namespace=SSH_NAMESPACE, key=keys.ssh),
            ecdsa=keys.ecdsa.sign(tag_manifest, ec.ECDSA(hashes.SHA256(), deterministic_signing=True)),
        )

    def rotate(self) -> PublicKeys:
        """Replace all keys. From now on checkpoints are signed by the new checkpoint key and the one before it.

        Raises SignerRefused until a checkpoint has been signed since the last time: a key that signed nothing together
        with its successor would leave the two without a link.
        """
        keys = read_keys(self.directory)
        last = self._last(keys)
        if len(keys.checkpoint) > 1 and not (last and _is_signed(last.note, keys.verifiers[:1])):
            raise SignerRefused("Kunci baru saja diganti. Jalankan `portal checkpoint sign` sebelum menggantinya lagi.")
        replace_keys(self.directory)
        return self.keys()

    def remember(self, note: str) -> Checkpoint:
        """Take back into the memory a note that this signer signed before its directory was restored from a backup.

        Raises InvalidInput unless it is signed by the current keys and newer than all that is remembered.
        """
        keys = read_keys(self.directory)
        last, checkpoint = self._last(keys), _checkpoint(note, "note")
        if not _is_signed(note, keys.verifiers) or (last and checkpoint.size <= last.checkpoint.size):
            raise InvalidInput("note", "Checkpoint ini tidak ditandatangani kunci ini, atau tidak lebih baru.")
        self._add(last, note)
        return checkpoint

    def _add(self, last: _Last | None, note: str) -> str:
        self._notes.add((last.number if last else CONTINUED) + 1, note)
        return note

    def _last(self, keys: KeyRing) -> _Last | None:
        """A note that our keys did not sign is nothing to go on from, but for that of the log which ours continues."""
        found = self._notes.last()
        if found is None:
            return None
        number, note = found
        with suppress(InvalidNote):
            if number == CONTINUED or _is_signed(note, keys.verifiers):
                return _Last(number, note, Checkpoint.parse(SignedNote.parse(note).text))
        raise SignerUnavailable("Catatan terakhir penanda tangan rusak atau bukan miliknya. Pulihkan direktori kunci.")


def _require_extension(
    keys: KeyRing, checkpoint: Checkpoint, last: Checkpoint | None, old_size: int, proof: tuple[bytes, ...]
) -> None:
    """Raise SignerRefused unless the checkpoint is of our log and proven to extend the last one."""
    if checkpoint.origin != keys.origin or not checkpoint.size:
        raise SignerRefused(f"Kunci ini hanya menandatangani checkpoint log {keys.origin} yang tidak kosong.")
    if last is None:
        extends = old_size == 0 and not proof
    else:
        extends = old_size == last.size and verify_consistency(
            old_size=last.size, old_root=last.root, new_size=checkpoint.size, new_root=checkpoint.root, proof=proof
        )
    if not extends:
        known = last.printed if last else "belum ada"
        raise SignerRefused(
            f"Checkpoint {checkpoint.printed} tidak terbukti melanjutkan yang terakhir ditandatangani ({known}). "
            "Jejak audit mungkin dipotong, diubah, atau dipulihkan dari salinan lama. Tidak ada yang ditandatangani; "
            "jalankan `portal verify` dan simpan kedua nilai ini."
        )


def _signed(checkpoint: Checkpoint, keys: KeyRing) -> str:
    text = checkpoint.text
    signatures = (
        NoteSignature(verifier.name, verifier.key_id, private.sign(text.encode()))
        for verifier, private in zip(keys.verifiers, keys.checkpoint, strict=True)
    )
    return str(SignedNote(text, tuple(signatures)))


def _is_signed(note: str, keys: Sequence[VerifierKey]) -> bool:
    """Whether one of the keys signed it; raises InvalidNote."""
    return any(map(SignedNote.parse(note).is_signed_by, keys))


def _checkpoint(note: str, field: str) -> Checkpoint:
    try:
        return Checkpoint.parse(SignedNote.parse(note).text)
    except InvalidNote as error:
        raise InvalidInput(
            field, "Bukan checkpoint: perlu catatan bertanda tangan, persis seperti disimpan."
        ) from error
