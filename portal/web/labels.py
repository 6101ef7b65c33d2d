"""Every word that the interface has for a code: states, actions, roles, classes, events, refusals.

Database and trail hold codes only; nothing outside this module turns one into a word. Colour is never the only sign:
each label has a word, an icon and a tone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from portal.domain.anchor import AnchorKind, AnchorOutcome
from portal.domain.classification import Classification
from portal.domain.errors import Denial
from portal.domain.events import EventName
from portal.domain.key_kind import KeyKind
from portal.domain.plan import Recurrence
from portal.domain.reading import ReadPage
from portal.domain.review import ReturnReason, Verdict
from portal.domain.roles import Role
from portal.domain.slot_state import SlotState, Timing
from portal.domain.workflow import Action, State
from portal.services.external_auditors import WindowState
from portal.services.proposal_list import ProposalState
from portal.services.user_list import AccountState


class Tone(StrEnum):
    """Role of a colour, as a class of the style sheet: `tone-…`."""

    BRAND = "brand"
    POSITIVE = "positive"
    DESTRUCTIVE = "destructive"
    WARNING = "warning"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Label:
    """`word` begins a line; `icon` is a symbol of icons.svg; `hint` is the sentence beside it, for a state who acts
    next and for a class who may read.
    """

    word: str
    icon: str = "info-circle-fill"
    tone: Tone = Tone.NEUTRAL
    hint: str = ""


STATES: Mapping[StrEnum, Label] = {
    State.DRAFT: Label("Draf", "pencil-square", Tone.NEUTRAL, "Pengunggah melengkapi lalu mengajukan"),
    State.SUBMITTED: Label("Menunggu verifikasi", "hourglass-split", Tone.BRAND, "Pemeriksa memutuskan"),
    State.APPROVED: Label("Disetujui", "check-circle-fill", Tone.POSITIVE, "Selesai"),
    State.RETURNED: Label("Dikembalikan", "arrow-return-left", Tone.WARNING, "Pengunggah memperbaiki"),
    State.REJECTED: Label("Ditolak", "x-circle-fill", Tone.DESTRUCTIVE, "Pengunggah menyiapkan bukti baru"),
    State.WITHDRAWN: Label("Ditarik kembali", "arrow-left", Tone.NEUTRAL, "Pengunggah membuat versi baru"),
    State.REOPENED: Label("Dibuka kembali", "arrow-counterclockwise", Tone.WARNING, "Pengunggah membuat versi baru"),
    State.DISCARDED: Label("Draf dibuang", "trash3", Tone.NEUTRAL, "Tidak ada yang perlu dilakukan"),
}

SLOT_STATES: Mapping[StrEnum, Label] = {
    SlotState.MISSING: Label("Belum ada bukti", "circle", Tone.NEUTRAL, "Pengunggah menyiapkan bukti"),
    SlotState.DRAFT: STATES[State.DRAFT],
    SlotState.SUBMITTED: STATES[State.SUBMITTED],
    SlotState.RETURNED: STATES[State.RETURNED],
    SlotState.REOPENED: STATES[State.REOPENED],
    SlotState.APPROVED: STATES[State.APPROVED],
}

TIMINGS: Mapping[StrEnum, Label] = {
    Timing.UPCOMING: Label("Belum jatuh tempo", "calendar-event"),
    Timing.DUE_SOON: Label("Segera jatuh tempo", "clock-history", Tone.WARNING),
    Timing.OVERDUE: Label("Terlambat", "exclamation-triangle-fill", Tone.DESTRUCTIVE, "Belum diajukan, tenggat lewat"),
    Timing.CATCH_UP: Label("Susulan", "calendar-event", Tone.NEUTRAL, "Tenggat sebelum rencana berlaku"),
    Timing.ON_TIME: Label("Tepat waktu", "check-lg", Tone.POSITIVE),
    Timing.LATE: Label("Diajukan terlambat", "clock-history", Tone.WARNING),
}

RECURRENCES: Mapping[StrEnum, Label] = {
    Recurrence.ONCE: Label("Satu kali", "calendar-event"),
    Recurrence.LISTED: Label("Pada bulan yang disebut", "calendar-event"),
    Recurrence.RANGE: Label("Satu kali dalam rentang bulan", "calendar-event"),
    Recurrence.MONTHLY: Label("Setiap bulan", "calendar-event"),
}

ACTIONS: Mapping[StrEnum, Label] = {
    Action.SUBMIT: Label("Ajukan ke pemeriksa", "upload", Tone.BRAND),
    Action.DISCARD: Label("Buang draf", "trash3", Tone.DESTRUCTIVE),
    Action.WITHDRAW: Label("Tarik kembali", "arrow-left", Tone.NEUTRAL),
    Action.APPROVE: Label("Setujui", "check-lg", Tone.POSITIVE),
    Action.RETURN: Label("Kembalikan", "arrow-return-left", Tone.WARNING),
    Action.REJECT: Label("Tolak", "x-circle-fill", Tone.DESTRUCTIVE),
    Action.REOPEN: Label("Buka kembali", "arrow-counterclockwise", Tone.WARNING),
}

VERDICTS: Mapping[StrEnum, Label] = {
    Verdict.APPROVE: STATES[State.APPROVED],
    Verdict.RETURN: STATES[State.RETURNED],
    Verdict.REJECT: STATES[State.REJECTED],
}

RETURN_REASONS: Mapping[StrEnum, Label] = {
    ReturnReason.INCOMPLETE: Label("Dokumen tidak lengkap"),
    ReturnReason.UNREADABLE: Label("Berkas tidak terbaca"),
    ReturnReason.WRONG_DOCUMENT: Label("Dokumen tidak sesuai dengan yang diminta"),
    ReturnReason.WRONG_PERIOD: Label("Periode atau tanggal tidak sesuai"),
    ReturnReason.NOT_SIGNED: Label("Belum ditandatangani atau distempel"),
    ReturnReason.LINK_UNREACHABLE: Label("Tautan tidak dapat dibuka"),
    ReturnReason.PERSONAL_DATA_VISIBLE: Label("Data pribadi masih terlihat"),
    ReturnReason.OTHER: Label("Alasan lain"),
}

ROLES: Mapping[StrEnum, Label] = {
    Role.UPLOADER: Label("Pengunggah", "upload"),
    Role.AREA_COORDINATOR: Label("Koordinator Area", "people"),
    Role.TPI_MEMBER: Label("Anggota TPI", "list-check"),
    Role.TPI_LEAD: Label("Ketua TPI", "list-check"),
    Role.AUDITOR: Label("Auditor", "search"),
    Role.LEADER: Label("Pimpinan", "person-circle"),
    Role.ADMIN: Label("Admin", "people"),
}

ACCOUNT_STATES: Mapping[StrEnum, Label] = {
    AccountState.INVITED: Label("Diundang", "hourglass-split", Tone.BRAND),
    AccountState.ACTIVE: Label("Aktif", "check-circle-fill", Tone.POSITIVE),
    AccountState.DEACTIVATED: Label("Nonaktif", "dash-circle", Tone.NEUTRAL),
}

PROPOSAL_STATES: Mapping[StrEnum, Label] = {
    ProposalState.OPEN: Label("Menunggu admin lain", "hourglass-split", Tone.BRAND),
    ProposalState.CONFIRMED: Label("Disetujui", "check-circle-fill", Tone.POSITIVE),
    ProposalState.REFUSED: Label("Ditolak", "x-circle-fill", Tone.DESTRUCTIVE),
    ProposalState.WITHDRAWN: Label("Ditarik kembali", "arrow-left"),
    ProposalState.LAPSED: Label("Kedaluwarsa", "clock-history"),
}

WINDOW_STATES: Mapping[StrEnum, Label] = {
    WindowState.AHEAD: Label("Belum mulai", "calendar-event"),
    WindowState.IN_FORCE: Label("Berlaku", "check-circle-fill", Tone.POSITIVE),
    WindowState.ENDING: Label("Segera berakhir", "clock-history", Tone.WARNING),
    WindowState.OVER: Label("Berakhir", "dash-circle"),
}

_RESTRICTED = "Hanya area ini, pemeriksa, dan auditor yang diberi izin"
CLASSIFICATIONS: Mapping[StrEnum, Label] = {
    Classification.BIASA: Label("Biasa", "file-earmark-text", Tone.NEUTRAL, "Dapat dibaca di seluruh unit kerja"),
    Classification.TERBATAS: Label("Terbatas", "lock-fill", Tone.WARNING, _RESTRICTED),
    Classification.RAHASIA: Label("Rahasia", "lock-fill", Tone.DESTRUCTIVE, _RESTRICTED),
}

DENIALS: Mapping[StrEnum, Label] = {
    Denial.OUT_OF_SCOPE: Label("Halaman atau tindakan ini di luar peran dan wilayah Anda."),
    Denial.CONTRIBUTED: Label("Anda ikut mengunggah bukti ini, jadi tidak dapat memutuskannya."),
    Denial.ALREADY_COUNTED: Label("Anda sudah memberi keputusan atas bukti ini. Satu orang dihitung satu kali."),
    Denial.OTHER_TIER: Label("Saat ini giliran pemeriksa lain. Keputusan Anda belum diperlukan atau sudah lewat."),
}

EVENTS: Mapping[StrEnum, Label] = {
    EventName.UNIT_ADDED: Label("Unit kerja ditambahkan", "plus-lg"),
    EventName.PLAN_IMPORTED: Label("Rencana aksi diimpor", "list-check"),
    EventName.PIC_ASSIGNED: Label("Penanggung jawab ditetapkan", "person-circle"),
    EventName.CLASSIFICATION_CHANGED: Label("Klasifikasi diubah", "lock-fill", Tone.WARNING),
    EventName.USER_INVITED: Label("Pengguna diundang", "plus-lg"),
    EventName.PASSWORD_RESET_REQUESTED: Label("Tautan kata sandi baru dikirim lewat surel", "link-45deg"),
    EventName.USER_ACTIVATED: Label("Akun diaktifkan", "person-circle"),
    EventName.USER_DEACTIVATED: Label("Akun dinonaktifkan", "dash-circle"),
    EventName.USER_REACTIVATED: Label("Akun diaktifkan kembali", "person-circle"),
    EventName.MEMBERSHIP_GRANTED: Label("Peran diberikan", "people"),
    EventName.EXTERNAL_AUDITOR_GRANTED: Label("Akses auditor eksternal diberikan", "people"),
    EventName.MEMBERSHIP_PROPOSED: Label("Peran diusulkan", "hourglass-split", Tone.BRAND),
    EventName.MEMBERSHIP_REFUSED: Label("Usulan peran ditolak", "x-circle-fill", Tone.DESTRUCTIVE),
    EventName.MEMBERSHIP_WITHDRAWN: Label("Usulan peran ditarik kembali", "arrow-left"),
    EventName.MEMBERSHIP_ENDED: Label("Peran diakhiri", "dash-circle"),
    EventName.LOGIN_SUCCEEDED: Label("Masuk ke portal", "box-arrow-right"),
    EventName.LOGIN_THROTTLED: Label("Percobaan masuk dibatasi", "exclamation-triangle-fill", Tone.WARNING),
    EventName.CODE_ASKED: Label("Kata sandi benar, menunggu kode", "hourglass-split"),
    EventName.SECOND_FACTOR_PASSED: Label("Kode dari ponsel diterima", "check-circle-fill"),
    EventName.RECOVERY_CODE_USED: Label("Kode pemulihan dipakai", "lock-fill", Tone.WARNING),
    EventName.PROVIDER_ACCEPTED: Label("Dikenali penyedia identitas", "check-circle-fill"),
    EventName.IDENTITY_LINKED: Label("Akun penyedia identitas ditautkan", "link-45deg"),
    EventName.LOGGED_OUT: Label("Keluar dari portal", "box-arrow-right"),
    EventName.SESSION_ENDED: Label("Sesi di perangkat lain diakhiri", "box-arrow-right"),
    EventName.SESSIONS_ENDED: Label("Semua sesi diakhiri", "box-arrow-right"),
    EventName.PASSWORD_CHANGED: Label("Kata sandi diganti", "lock-fill"),
    EventName.PASSWORD_CONFIRMED: Label("Kata sandi dikonfirmasi", "lock-fill"),
    EventName.SECOND_FACTOR_ENROLLED: Label("Verifikasi dua langkah dipasang", "lock-fill"),
    EventName.SECOND_FACTOR_ENDED: Label("Verifikasi dua langkah dicabut", "dash-circle", Tone.WARNING),
    EventName.RECOVERY_CODES_RENEWED: Label("Kode pemulihan diganti", "lock-fill"),
    EventName.EVIDENCE_STARTED: Label("Bukti mulai disusun", "pencil-square"),
    EventName.FILE_UPLOADED: Label("Berkas diunggah", "upload"),
    EventName.FILE_REUSED: Label("Berkas yang sudah ada dilampirkan", "link-45deg"),
    EventName.FILE_REMOVED: Label("Berkas dikeluarkan dari draf", "dash-circle"),
    EventName.COPY_MARKED: Label("Berkas ditandai sebagai salinan yang disamarkan", "dash-circle"),
    EventName.COPY_UNMARKED: Label("Tanda salinan dilepas", "dash-circle"),
    EventName.LINK_ADDED: Label("Tautan ditambahkan", "link-45deg"),
    EventName.LINK_REMOVED: Label("Tautan dikeluarkan dari draf", "dash-circle"),
    EventName.REVISION_DRAFTED: Label("Versi baru mulai disusun", "pencil-square"),
    EventName.DRAFT_DISCARDED: Label("Draf dibuang", "trash3"),
    EventName.EVIDENCE_SUBMITTED: Label("Bukti diajukan ke pemeriksa", "hourglass-split", Tone.BRAND),
    EventName.EVIDENCE_WITHDRAWN: Label("Bukti ditarik kembali", "arrow-left"),
    EventName.EVIDENCE_APPROVED: Label("Bukti disetujui", "check-circle-fill", Tone.POSITIVE),
    EventName.EVIDENCE_RETURNED: Label("Bukti dikembalikan", "arrow-return-left", Tone.WARNING),
    EventName.EVIDENCE_REJECTED: Label("Bukti ditolak", "x-circle-fill", Tone.DESTRUCTIVE),
    EventName.EVIDENCE_REOPENED: Label("Bukti dibuka kembali", "arrow-counterclockwise", Tone.WARNING),
    EventName.FILE_READ: Label("Berkas diunduh", "download"),
    EventName.TRAIL_READ: Label("Riwayat dengan isi bukti dibuka", "search"),
    EventName.PAGE_READ: Label("Isi bukti dibuka", "search"),
    EventName.BUNDLE_SEALED: Label("Paket bukti disegel", "box-seam", Tone.BRAND),
    EventName.BUNDLE_DOWNLOADED: Label("Unduhan paket bukti dimulai", "download"),
    EventName.DOWNLOAD_CUT_OFF: Label(
        "Unduhan diputus karena hak akses berakhir", "exclamation-triangle-fill", Tone.WARNING
    ),
    EventName.FIXITY_FAILED: Label("Isi berkas tidak cocok", "exclamation-triangle-fill", Tone.DESTRUCTIVE),
    EventName.KEY_INTRODUCED: Label("Kunci penanda tangan mulai dipakai", "lock-fill"),
    EventName.KEY_ROTATED: Label("Kunci penanda tangan diganti", "lock-fill"),
    EventName.LOG_CONTINUED: Label(
        "Jejak audit dilanjutkan dengan nama baru", "exclamation-triangle-fill", Tone.WARNING
    ),
}

READ_PAGES: Mapping[StrEnum, Label] = {
    ReadPage.EVIDENCE: Label("halaman bukti"),
    ReadPage.DRAFT: Label("draf"),
    ReadPage.REVIEW: Label("halaman pemeriksaan"),
    ReadPage.RECEIPT: Label("tanda terima"),
    ReadPage.COPIES: Label("salinan yang disamarkan"),
    ReadPage.REUSE: Label("pilihan berkas untuk bukti lain"),
}

ANCHOR_KINDS: Mapping[StrEnum, Label] = {
    AnchorKind.PAPER: Label("Halaman tercetak", "printer", Tone.NEUTRAL, "Disimpan auditor di luar kantor ini"),
    AnchorKind.MAIL: Label("Surel auditor", "inbox", Tone.NEUTRAL, "Tersimpan di kotak surat auditor"),
    AnchorKind.STORE: Label("Penyimpanan terkunci", "lock-fill", Tone.NEUTRAL, "Tidak dapat dihapus siapa pun"),
    AnchorKind.TIMESTAMP: Label("Stempel waktu", "clock-history", Tone.NEUTRAL, "Pihak ketiga menyatakan waktunya"),
}

ANCHOR_OUTCOMES: Mapping[StrEnum, Label] = {
    AnchorOutcome.ANCHORED: Label("Tersimpan", "check-circle-fill", Tone.POSITIVE),
    AnchorOutcome.FAILED: Label(
        "Gagal", "exclamation-triangle-fill", Tone.DESTRUCTIVE, "Dicoba lagi pada putaran berikut"
    ),
}

KEY_KINDS: Mapping[StrEnum, Label] = {
    KeyKind.CHECKPOINT: Label("Kunci checkpoint", "lock-fill"),
    KeyKind.SSH: Label("Kunci tanda tangan paket (SSH)", "lock-fill"),
    KeyKind.ECDSA: Label("Kunci tanda tangan paket (ECDSA)", "lock-fill"),
}

# One map per enum: members of different enums with the same value are equal, so a common map would mix them up.
LABELS: Mapping[type[StrEnum], Mapping[StrEnum, Label]] = MappingProxyType(
    {
        State: STATES,
        SlotState: SLOT_STATES,
        Timing: TIMINGS,
        Recurrence: RECURRENCES,
        Action: ACTIONS,
        Verdict: VERDICTS,
        ReturnReason: RETURN_REASONS,
        Role: ROLES,
        AccountState: ACCOUNT_STATES,
        AnchorKind: ANCHOR_KINDS,
        AnchorOutcome: ANCHOR_OUTCOMES,
        Classification: CLASSIFICATIONS,
        Denial: DENIALS,
        EventName: EVENTS,
        ReadPage: READ_PAGES,
        KeyKind: KEY_KINDS,
        ProposalState: PROPOSAL_STATES,
        WindowState: WINDOW_STATES,
    }
)


def label(code: StrEnum) -> Label:
    """The label of an enum member; raises KeyError for one that has no words."""
    return LABELS[type(code)][code]
