"""Known passwords are refused however they are dressed up, and passphrases of unrelated words are not."""

from __future__ import annotations

import tomllib
from hashlib import sha256
from importlib import resources

import pytest

from portal.domain.errors import InvalidInput
from portal.services.easy_passwords import common_passwords, common_words, is_easy, word_in, words_of_this_place
from portal.services.passwords import check_password


@pytest.mark.parametrize(
    "password",
    [
        "1q2w3e4r5t6y",
        "123456789012",
        "password2026!",
        "P@ssw0rd2026!",
        "passwordpassword",
        "Password Password 1",
        "sunshine-2026!!",
        "!!!liverpool2026",
        "rahasia123456",
        "KPU Merangin 2026",
        "kpumeranginjambi",
        "MenujuWBK2026",
        "zona integritas!",
        "admin-kpu-jambi-1",
        "reformasi birokrasi",
        "aaaaaaaaaaaa",
        "abababababab",
    ],
)
def test_req_51_what_is_guessed_first_is_refused(password: str) -> None:
    with pytest.raises(InvalidInput, match="mudah ditebak"):
        check_password(password)


@pytest.mark.parametrize(
    "password",
    [
        "kuda hijau terbang pelan",
        "gajah duduk di pohon",
        "meja biru berlari cepat",
        "correct horse battery staple",
        "Tr0ub4dor&3-xkcd",
        "bukti sapi terbang",
        "xK9#mQ2$vL7pW",
        "8402915736021846",
        "пароль из нескольких слов",
    ],
)
def test_unrelated_words_and_random_signs_are_taken(password: str) -> None:
    check_password(password)


@pytest.mark.parametrize(
    ("password", "word"),
    [
        ("p@ssw0rd2026!", "password"),
        ("!!merangin99", "merangin"),
        ("kpukpukpu", "kpu"),
        ("123456", ""),
        ("", ""),
        ("m3rd3ka99", "merdeka"),
    ],
)
def test_the_word_is_what_is_left_without_decoration(password: str, word: str) -> None:
    assert word_in(password) == word


def test_req_51_the_lists_are_of_a_size_that_counts() -> None:
    assert len(common_passwords()) > 19_000
    assert len(common_words()) > 5_000
    assert {"kpu", "merangin", "jambi", "wbk", "wbbm", "bukti", "zona", "integritas"} <= words_of_this_place()


def test_the_list_of_others_is_as_they_made_it() -> None:
    folder = resources.files("portal").joinpath("data/passwords")
    for asset in tomllib.loads(folder.joinpath("vendor.toml").read_text(encoding="utf-8"))["asset"]:
        assert sha256(folder.joinpath(asset["file"]).read_bytes()).hexdigest() == asset["sha256"]


def test_the_longest_password_is_judged_at_once() -> None:
    """Cutting a text into words takes no more steps than it has pairs of places."""
    assert is_easy("kpu" * 42)
    assert not is_easy("zi" * 60 + "x" + "qwzrtplk")
