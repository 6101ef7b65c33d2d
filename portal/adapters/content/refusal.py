"""Why a content is refused. A reason ends a sentence that begins with the file's name, and says how to mend it."""

from __future__ import annotations

BROKEN = "berkas ini rusak atau isinya bukan jenis itu. Buka dulu di komputer, simpan ulang, lalu unggah lagi."
LOCKED = (
    "berkas ini dikunci dengan kata sandi, jadi pemeriksa tidak dapat membukanya. Hapus kuncinya, lalu unggah lagi."
)
MACRO = "dokumen ini memuat makro. Simpan sebagai dokumen biasa tanpa makro, lalu unggah lagi."
SWOLLEN = "isi dokumen ini tidak wajar besarnya. Simpan ulang dokumennya, lalu unggah lagi."
TOO_MANY_PIXELS = "gambar ini terlalu besar. Kecilkan ukurannya, lalu unggah lagi."
TWO_IN_ONE = "berkas ini memuat arsip ZIP yang tersembunyi. Simpan ulang tanpa arsip itu, lalu unggah lagi."
NOT_UTF8 = "teks ini bukan UTF-8. Simpan ulang dengan penyandian UTF-8."


class Unacceptable(Exception):
    """The content is not what the name says, or could harm who opens it; the message is one of the above."""
