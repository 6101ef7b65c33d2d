"""Makes the client of the signer that the settings name. It asks nothing yet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from portal.adapters.signer_clients import ProcessSigner, SocketSigner
from portal.adapters.signer_wire import WireSigner
from portal.domain.errors import SignerUnavailable

if TYPE_CHECKING:
    from portal.adapters.signer import Signer


def open_signer(path: str) -> Signer:
    """The client for PORTAL_SIGNER: a key directory, or the socket of a signer that serves, also one that is not there
    yet; without a value every question raises SignerUnavailable, saying what to do.
    """
    if not path:
        return WireSigner(_nobody)
    return ProcessSigner(Path(path)) if Path(path).is_dir() else SocketSigner(Path(path))


def _nobody(_question: bytes) -> bytes:
    raise SignerUnavailable(
        "Penanda tangan belum diatur. Buat kunci dengan `portal signer init`, lalu isi PORTAL_SIGNER "
        "(lihat docs/operations.md)."
    )
