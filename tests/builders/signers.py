"""The border of the signer, for tests in which something happens there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from portal.adapters.signer import BagSignatures, PublicKeys, Signer
from portal.domain.errors import SignerUnavailable
from portal.domain.log.checkpoint import Checkpoint


@dataclass(frozen=True)
class HookedSigner:
    """The `real` signer; before it answers a question for the first time, what `before` has for it is done."""

    real: Signer
    before: Mapping[str, Callable[[], None]]
    asked: list[str] = field(default_factory=list)

    def keys(self) -> PublicKeys:
        self._ask("keys")
        return self.real.keys()

    def last_signed(self) -> Checkpoint | None:
        """What the real one remembers."""
        self._ask("last_signed")
        return self.real.last_signed()

    def sign_checkpoint(self, *, checkpoint: Checkpoint, old_size: int, proof: tuple[bytes, ...]) -> str:
        """A note of the real one."""
        self._ask("sign_checkpoint")
        return self.real.sign_checkpoint(checkpoint=checkpoint, old_size=old_size, proof=proof)

    def sign_bag(self, *, tag_manifest: bytes) -> BagSignatures:
        """Signatures of the real one."""
        self._ask("sign_bag")
        return self.real.sign_bag(tag_manifest=tag_manifest)

    def _ask(self, question: str) -> None:
        is_first = question not in self.asked
        self.asked.append(question)
        if is_first and question in self.before:
            self.before[question]()


def be_away() -> None:
    """What a signer does that cannot be reached."""
    raise SignerUnavailable("Penanda tangan tidak menjawab.")
