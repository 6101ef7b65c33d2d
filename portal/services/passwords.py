"""Passwords: what is accepted, and argon2id (RFC 9106) to store and check them.

Hashing takes a tenth of a second and 64 MB, so it never happens inside a transaction and only a few at once in a
process.
"""

from __future__ import annotations

import threading
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from portal.domain.errors import InvalidInput
from portal.services.easy_passwords import is_easy

SHORTEST = 12
LONGEST = 128
CONCURRENT_HASHES = 4

_hasher = PasswordHasher()
_turn = threading.BoundedSemaphore(CONCURRENT_HASHES)


def check_password(password: str, *, context: tuple[str, ...] = ()) -> None:
    """Raise InvalidInput unless the password may be used; `context` are words about the person, such as the e-mail."""
    if len(password) < SHORTEST:
        raise InvalidInput("password", f"Kata sandi terlalu pendek: pakai sekurang-kurangnya {SHORTEST} huruf.")
    if len(password) > LONGEST:
        raise InvalidInput("password", f"Kata sandi terlalu panjang: paling banyak {LONGEST} huruf.")
    plain = _plain(password)
    if is_easy(plain):
        raise InvalidInput("password", "Kata sandi ini mudah ditebak. Pakai beberapa kata yang tidak berhubungan.")
    if any(len(word) >= 4 and _plain(word) in plain for part in context for word in (part, *part.split("@"))):
        raise InvalidInput("password", "Kata sandi tidak boleh memuat nama atau alamat email Anda.")


def hash_password(password: str) -> str:
    with _turn:
        return _hasher.hash(_normal(password))


def matches(password: str, stored: str | None) -> bool:
    """Whether the password is the one behind `stored`; without one (unknown account) the same work is done for
    nothing.
    """
    nobody = _hash_of_nobody()  # always: made only for unknown accounts, the first of them would answer later
    with _turn:
        try:
            _hasher.verify(stored or nobody, _normal(password))
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None


@cache
def _hash_of_nobody() -> str:
    return _hasher.hash("nobody has this password")


def _normal(password: str) -> str:
    """The same characters however a keyboard composed them; half characters, which UTF-8 cannot hold, are replaced."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "replace").decode("utf-8")


def _plain(text: str) -> str:
    return _normal(text).casefold().replace(" ", "")
