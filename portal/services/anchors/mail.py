"""The checkpoint in the auditors' mailboxes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portal.adapters.mailer import Attachment, Mail, Mailer, MailFailed
from portal.domain.anchor import AnchorKind
from portal.services.anchors.place import AnchorFailed, Kept
from portal.services.checkpoints import CheckpointView

TEXT = """Surel ini dikirim otomatis oleh Portal Bukti ZI. Simpanlah; jangan dihapus.

Catatan audit : {origin}
SIZE          : {size}
ROOT          : {root}

Selama surel ini Anda simpan, catatan audit yang ditulis ulang akan ketahuan: paket bukti apa pun yang memuat
kejadian sebanyak ini harus menghasilkan akar yang sama. Ketik SIZE dan ROOT ke isian checkpoint tercetak di
verifikasi.html, atau jalankan:

    python verifikasi.py PAKET.zip --kunci KUNCI --cetak "{size} {root}"

Checkpoint lengkap dengan tanda tangannya terlampir.
"""


@dataclass(frozen=True, slots=True)
class MailPlace:
    """`further` are mailboxes beside those of the auditors, such as that of the inspectorate."""

    mailer: Mailer
    further: tuple[str, ...]

    kind = AnchorKind.MAIL

    @property
    def target(self) -> str:
        return self.mailer.host

    def keep(self, checkpoint: CheckpointView, *, auditors: tuple[str, ...], now: datetime) -> Kept:  # noqa: ARG002  # the protocol's signature
        """See `Place.keep`. One mailbox is enough; the count tells when some refused."""
        to = tuple(dict.fromkeys((*auditors, *self.further)))
        if not to:
            raise AnchorFailed("Tidak ada penerima: belum ada auditor yang aktif, dan PORTAL_ANCHOR_MAIL_TO kosong.")
        try:
            taken = self.mailer.send(_mail(checkpoint, to))
        except MailFailed as error:
            raise AnchorFailed(f"Server surel tidak menerima: {error}") from error
        return Kept(detail=f"{len(taken)} dari {len(to)} kotak surat")


def _mail(checkpoint: CheckpointView, to: tuple[str, ...]) -> Mail:
    name = f"checkpoint-{checkpoint.size:012d}.txt"
    return Mail(
        to=to,
        subject=f"Checkpoint catatan audit {checkpoint.origin}: {checkpoint.size} kejadian",
        text=TEXT.format(origin=checkpoint.origin, size=checkpoint.size, root=checkpoint.root),
        attachments=(Attachment(name, "text/plain", checkpoint.note.encode()),),
    )
