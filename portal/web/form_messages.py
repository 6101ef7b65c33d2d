"""The sentences of WTForms and Flask-WTF in Indonesian: WTForms ships no such catalogue.

Keys are the msgids of `wtforms.pot`; a test compares them with the installed version.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

MESSAGES: Mapping[str, str] = MappingProxyType(
    {
        "Invalid field name '%s'.": "Nama isian “%s” tidak dikenal.",
        "Field must be equal to %(other_name)s.": "Isian ini harus sama dengan %(other_name)s.",
        "Field must be at least %(min)d character long.": "Isi paling sedikit %(min)d karakter.",
        "Field must be at least %(min)d characters long.": "Isi paling sedikit %(min)d karakter.",
        "Field cannot be longer than %(max)d character.": "Isi paling banyak %(max)d karakter.",
        "Field cannot be longer than %(max)d characters.": "Isi paling banyak %(max)d karakter.",
        "Field must be exactly %(max)d character long.": "Isi tepat %(max)d karakter.",
        "Field must be exactly %(max)d characters long.": "Isi tepat %(max)d karakter.",
        "Field must be between %(min)d and %(max)d characters long.": "Isi antara %(min)d dan %(max)d karakter.",
        "Number must be at least %(min)s.": "Isi angka paling kecil %(min)s.",
        "Number must be at most %(max)s.": "Isi angka paling besar %(max)s.",
        "Number must be between %(min)s and %(max)s.": "Isi angka antara %(min)s dan %(max)s.",
        "Date must be at least %(min)s.": "Isi tanggal paling awal %(min)s.",
        "Date must be at most %(max)s.": "Isi tanggal paling akhir %(max)s.",
        "Date must be between %(min)s and %(max)s.": "Isi tanggal antara %(min)s dan %(max)s.",
        "This field is required.": "Bagian ini wajib diisi.",
        "Invalid input.": "Isian ini tidak dapat dibaca. Periksa kembali penulisannya.",
        "Invalid email address.": "Tulis alamat email yang lengkap, misalnya nama@kpu.go.id.",
        "Invalid IP address.": "Tulis alamat IP yang benar.",
        "Invalid Mac address.": "Tulis alamat MAC yang benar.",
        "Invalid URL.": "Tulis tautan lengkap yang diawali https://.",
        "Invalid UUID.": "Kode ini tidak dikenal. Muat ulang halaman lalu coba lagi.",
        "Invalid value, must be one of: %(values)s.": "Pilih salah satu: %(values)s.",
        "Invalid value, can't be any of: %(values)s.": "Isian ini tidak boleh salah satu dari: %(values)s.",
        "This field cannot be edited.": "Bagian ini tidak dapat diubah.",
        "This field is disabled and cannot have a value.": "Bagian ini tidak dipakai dan tidak dapat diisi.",
        "Invalid CSRF Token.": "Halaman ini sudah tidak berlaku. Muat ulang halaman lalu kirim lagi.",
        "CSRF token missing.": "Halaman ini sudah tidak berlaku. Muat ulang halaman lalu kirim lagi.",
        "CSRF failed.": "Halaman ini sudah tidak berlaku. Muat ulang halaman lalu kirim lagi.",
        "CSRF token expired.": "Halaman ini sudah tidak berlaku. Muat ulang halaman lalu kirim lagi.",
        "Invalid Choice: could not coerce.": "Pilihan ini tidak dikenal. Pilih dari daftar.",
        "Choices cannot be None.": "Daftar pilihan kosong.",
        "Not a valid choice.": "Pilihan ini tidak dikenal. Pilih dari daftar.",
        "Invalid choice(s): one or more data inputs could not be coerced.": (
            "Ada pilihan yang tidak dikenal. Pilih dari daftar."
        ),
        "'%(value)s' is not a valid choice for this field.": "“%(value)s” tidak ada dalam daftar pilihan.",
        "'%(value)s' are not valid choices for this field.": "“%(value)s” tidak ada dalam daftar pilihan.",
        "Not a valid datetime value.": "Tulis tanggal dan jam yang benar, misalnya 23-11-2026 11:05.",
        "Not a valid date value.": "Tulis tanggal yang benar: hari, bulan, dan tahun.",
        "Not a valid time value.": "Tulis jam yang benar, misalnya 11:05.",
        "Not a valid week value.": "Tulis minggu yang benar.",
        "Not a valid integer value.": "Isi dengan bilangan bulat, misalnya 12.",
        "Not a valid decimal value.": "Isi dengan angka, misalnya 12.5.",
        "Not a valid float value.": "Isi dengan angka, misalnya 12.5.",
        # Flask-WTF, file fields
        "File does not have an approved extension: {extensions}": (
            "Jenis berkas ini tidak diterima. Pilih berkas {extensions}."
        ),
        "File does not have an approved extension.": "Jenis berkas ini tidak diterima.",
    }
)


class IndonesianMessages:
    """The translations object that WTForms asks; an unknown sentence comes back as it was."""

    def gettext(self, message: str) -> str:
        return MESSAGES.get(message, message)

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        message = singular if count == 1 else plural
        return MESSAGES.get(message, message)
