"""What each group of tasks is called, and what its rows lead to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from portal.domain.slot_state import SlotState, Timing
from portal.services.tasks import TaskKind
from portal.web.labels import Tone


@dataclass(frozen=True, slots=True)
class GroupWords:
    """`tile` stands under a count, `title` above the rows; `hint` says what to do; `state` and `timing` are
    the filter of the indicator list that shows all of the group.
    """

    tile: str
    title: str
    hint: str
    icon: str
    tone: Tone
    state: SlotState | None = None
    timing: Timing | None = None


GROUP_WORDS: Mapping[TaskKind, GroupWords] = MappingProxyType(
    {
        TaskKind.ANSWER_RETURN: GroupWords(
            "dikembalikan",
            "Dikembalikan kepada Anda",
            "Baca alasan pemeriksa, lalu buat versi baru.",
            "arrow-return-left",
            Tone.WARNING,
            state=SlotState.RETURNED,
        ),
        TaskKind.FINISH_DRAFT: GroupWords(
            "draf belum diajukan",
            "Draf yang belum diajukan",
            "Lengkapi, lalu ajukan ke pemeriksa.",
            "pencil-square",
            Tone.NEUTRAL,
            state=SlotState.DRAFT,
        ),
        TaskKind.UPLOAD_OVERDUE: GroupWords(
            "terlambat",
            "Terlambat",
            "Tenggatnya sudah lewat dan belum ada bukti.",
            "exclamation-triangle-fill",
            Tone.DESTRUCTIVE,
            timing=Timing.OVERDUE,
        ),
        TaskKind.UPLOAD_DUE_SOON: GroupWords(
            "segera jatuh tempo",
            "Segera jatuh tempo",
            "Tenggatnya dalam 14 hari.",
            "hourglass-split",
            Tone.WARNING,
            timing=Timing.DUE_SOON,
        ),
        TaskKind.UPLOAD_CATCH_UP: GroupWords(
            "susulan",
            "Susulan",
            "Bulannya sebelum rencana aksi ditetapkan, jadi tidak dihitung terlambat.",
            "upload",
            Tone.NEUTRAL,
            timing=Timing.CATCH_UP,
        ),
        TaskKind.UPLOAD_UPCOMING: GroupWords(
            "akan datang",
            "Akan datang",
            "Tenggatnya masih lebih dari 14 hari.",
            "upload",
            Tone.NEUTRAL,
            None,
            Timing.UPCOMING,
        ),
        TaskKind.WAIT_FOR_REVIEW: GroupWords(
            "menunggu pemeriksa",
            "Menunggu pemeriksa",
            "Sudah diajukan; sekarang giliran pemeriksa.",
            "hourglass-split",
            Tone.BRAND,
            state=SlotState.SUBMITTED,
        ),
    }
)
