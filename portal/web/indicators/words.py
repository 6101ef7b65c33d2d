"""What the classes mean for people, on the page where one is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from portal.domain.classification import Classification

READERS: Mapping[Classification, tuple[str, ...]] = MappingProxyType(
    {
        Classification.BIASA: (
            "Terbuka di dalam unit kerja: pengunggah dan koordinator semua area serta pemeriksa membacanya setelah "
            "diajukan; pimpinan dan auditor setelah disetujui.",
        ),
        Classification.TERBATAS: (
            "Dibaca oleh pengunggah dan koordinator area ini, pemeriksa, dan auditor yang diberi izin khusus.",
            "Area lain, pimpinan, dan auditor tanpa izin itu hanya melihat bahwa bukti ada dan keadaannya, dan setelah "
            "disetujui salinan yang disamarkan, bila ada. Paket bukti yang sudah mereka segel dan memuat bukti ini "
            "tertutup bagi mereka.",
        ),
        Classification.RAHASIA: (
            "Dibaca oleh orang yang sama seperti Terbatas. Tanda ini untuk bukti yang paling peka, misalnya tentang "
            "pelapor, pengaduan, atau hukuman disiplin.",
        ),
    }
)
"""Who reads evidence of a class, and who only sees that it is there."""
