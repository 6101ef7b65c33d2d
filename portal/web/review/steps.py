"""The decisions that need a page of their own: how each is called in the address, asked for and confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from portal.domain.workflow import Action
from portal.web.labels import Tone
from portal.web.review.forms import ReasonedForm, RefusalForm


@dataclass(frozen=True, slots=True)
class ReasonedStep:
    """`title` heads the page, `consequence` says what the decision brings, `button` sends it, `done` confirms it."""

    action: Action
    form: type[ReasonedForm]
    title: str
    consequence: str
    button: str
    done: str
    tone: Tone


REASONED: Mapping[str, ReasonedStep] = MappingProxyType(
    {
        "kembalikan": ReasonedStep(
            Action.RETURN,
            RefusalForm,
            "Kembalikan bukti",
            "Pengirim melihat alasan ini dengan kata-kata Anda, lalu menjawab dengan versi baru.",
            "Kirim pengembalian",
            "Bukti dikembalikan kepada pengirim.",
            Tone.WARNING,
        ),
        "tolak": ReasonedStep(
            Action.REJECT,
            RefusalForm,
            "Tolak bukti",
            "Bukti ini ditutup. Pengirim hanya dapat menyiapkan bukti yang baru; berkas lama tetap tersimpan.",
            "Tolak bukti",
            "Bukti ditolak dan ditutup.",
            Tone.DESTRUCTIVE,
        ),
        "buka-kembali": ReasonedStep(
            Action.REOPEN,
            ReasonedForm,
            "Buka kembali bukti",
            "Persetujuan dicabut dan pengirim membuat versi baru. Paket yang sudah disegel tidak berubah.",
            "Buka kembali",
            "Bukti dibuka kembali.",
            Tone.WARNING,
        ),
    }
)
