"""The proof that one leaf is in the log of a signed checkpoint, as one text (C2SP tlog-proof).

Owns the spelling. The proof itself is `merkle`'s, the note `note`'s.
"""

import base64
from collections.abc import Sequence

HEADER = "c2sp.org/tlog-proof@v1"


def tlog_proof_text(*, index: int, proof: Sequence[bytes], note: str) -> str:
    """Leaf `index` (from 0), its inclusion proof from the leaf upwards, and the whole signed note it leads to."""
    hashes = "".join(f"{base64.b64encode(each).decode()}\n" for each in proof)
    return f"{HEADER}\nindex {index}\n{hashes}\n{note}"
