"""Why something stays out of a bundle, in words."""

from __future__ import annotations

from collections.abc import Mapping

from portal.domain.slot_state import SlotState

REASONS: Mapping[SlotState, str] = {
    SlotState.MISSING: "karena buktinya belum diajukan",
    SlotState.DRAFT: "karena buktinya masih disusun",
    SlotState.SUBMITTED: "karena buktinya menunggu keputusan pemeriksa",
    SlotState.RETURNED: "karena buktinya dikembalikan dan belum diajukan lagi",
    SlotState.REOPENED: "karena persetujuannya dibuka kembali",
}
"""All states but APPROVED, whose evidence is in it."""
