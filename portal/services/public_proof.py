"""What everybody gets who wants to check something without trusting the portal: verifiers, public keys, and the newest
checkpoint. It says nothing of any person, unit or file.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from portal.adapters.signer import PublicKeys
from portal.domain.key_kind import KeyKind
from portal.services.checkpoints import CheckpointView, find_newest_checkpoint
from portal.services.key_fingerprints import KeyPrint, list_current_key_prints
from portal.services.unit_of_work import transaction
from portal.services.verifiers import Verifier, list_verifiers

KEYS_FILE = "kunci-publik.txt"
CHECKPOINT_FILE = "checkpoint.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicProof:
    """`checkpoint` is None before the first, `keys` are those in use now and `key_files` the same as the tools read
    them, name → content.
    """

    verifiers: tuple[Verifier, ...]
    checkpoint: CheckpointView | None
    keys: tuple[KeyPrint, ...]

    @property
    def key_files(self) -> dict[str, bytes]:
        by_kind = {key.kind: key.key for key in self.keys}
        if len(by_kind) < len(KeyKind):
            return {}
        current = PublicKeys(
            checkpoint=by_kind[KeyKind.CHECKPOINT],
            ssh=by_kind[KeyKind.SSH],
            ecdsa=by_kind[KeyKind.ECDSA],
        )
        return {name: text.encode() for name, text in current.files().items()}

    @property
    def files(self) -> dict[str, bytes]:
        """What can be fetched, by name. One file holds all keys, as both verifiers take it."""
        found = {**self.key_files, **{verifier.name: verifier.content for verifier in self.verifiers}}
        if self.keys:
            found[KEYS_FILE] = _lines(key.key for key in self.keys)
        if self.checkpoint:
            found[CHECKPOINT_FILE] = self.checkpoint.note.encode()
        return found


def get_public_proof() -> PublicProof:
    with transaction(write=False) as session:
        return PublicProof(
            verifiers=list_verifiers(),
            checkpoint=find_newest_checkpoint(session),
            keys=list_current_key_prints(session),
        )


def _lines(texts: Iterable[str]) -> bytes:
    return "".join(f"{text.strip()}\n" for text in texts).encode()
