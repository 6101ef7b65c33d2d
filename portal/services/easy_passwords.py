"""Which passwords somebody guesses first: those on a list of common ones, and those made of one such word, or of words
that this office suggests, with digits and signs around them.

No rule of composition: what is refused is refused for being known.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

SHORTEST_WORD = 5
"""A shorter common password, such as a first name, says little of a long one that holds it."""

FEWEST_SIGNS = 4
"""Different characters in a password."""

_LOOKALIKES = str.maketrans("@0134578$!", "aoieastbsi")
_REPEATED = re.compile(r"(.+?)\1*")


def is_easy(plain: str) -> bool:
    """Whether a password is guessed early; `plain` is without blanks, in small letters."""
    word = word_in(plain)
    return (
        len(set(plain)) < FEWEST_SIGNS
        or plain in common_passwords()
        or word in common_words()
        or _is_made_of(word, words_of_this_place())
    )


def word_in(plain: str) -> str:
    """The letters of a password without what is put around and in place of them: `p@ssw0rd2026!` is `password`. A word
    that is said several times is that word.
    """
    inner = re.sub(r"^[^a-z]+|[^a-z]+$", "", plain).translate(_LOOKALIKES)
    letters = "".join(sign for sign in inner if sign.isalpha())
    repeated = _REPEATED.fullmatch(letters)
    return repeated[1] if repeated else ""


@cache
def common_passwords() -> frozenset[str]:
    """The packaged lists, as they are."""
    return _lines("django-common-passwords.txt") | _lines("of-this-place.txt")


@cache
def common_words() -> frozenset[str]:
    """The words in common passwords, where they are long enough to tell something."""
    words = {word_in(password) for password in common_passwords()}
    return frozenset(word for word in words if len(word) >= SHORTEST_WORD)


@cache
def words_of_this_place() -> frozenset[str]:
    return _lines("words-of-this-place.txt")


def _is_made_of(text: str, words: frozenset[str]) -> bool:
    """Whether the text can be cut into such words; at each place at which one can end, the next may begin."""
    ends = {0}
    for end in range(1, len(text) + 1):
        if any(text[start:end] in words for start in ends):
            ends.add(end)
    return bool(text) and len(text) in ends


def _lines(name: str) -> frozenset[str]:
    text = resources.files("portal").joinpath("data/passwords", name).read_text(encoding="utf-8")
    plain = (line.casefold().replace(" ", "") for line in text.splitlines() if not line.startswith("# "))
    return frozenset(line for line in plain if line)
