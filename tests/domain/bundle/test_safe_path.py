"""Paths that unpack under the same name everywhere, and the refusal of all others."""

import pytest

from portal.domain.bundle.safe_path import MAX_PATH_LENGTH, UnsafePath, require_distinct, require_safe


@pytest.mark.parametrize(
    "path", ["a", "bagit.txt", "data/01_sk-tim/I.1.1_sk/01_a_0123abcd.pdf", "sig/x.txt.sig", "a" * MAX_PATH_LENGTH]
)
def test_plain_paths_pass(path: str) -> None:
    require_safe(path)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/etc/passwd",
        "../a",
        "a/../b",
        "a/./b",
        "a//b",
        "a/",
        "C:/a",
        "a\\b",
        "a b",
        "100%",
        "a%0Ab",
        "a\nb",
        "a\r",
        "a\0",
        "é",
        "ａ",
        ".git/x",
        "a./b",
        "a.",
        "-rf",
        "~a",
        "a*",
        "con",
        "data/NUL.txt",
        "aux/x",
        "Com1.pdf",
        "lpt9.x.y",
        "a" * (MAX_PATH_LENGTH + 1),
    ],
    ids=ascii,
)
def test_paths_that_some_system_reads_differently_are_refused(path: str) -> None:
    with pytest.raises(UnsafePath):
        require_safe(path)


def test_reserved_names_are_fine_inside_longer_ones() -> None:
    for path in ("console", "01_con.txt", "data/com10.txt", "null.txt"):
        require_safe(path)


def test_distinct_paths_pass() -> None:
    require_distinct(["a/b", "a/c", "ab", "a.b"])


@pytest.mark.parametrize("paths", [["a", "a"], ["a/B", "A/b"], ["a", "a/b"], ["a/b/c", "A/B"]], ids=str)
def test_paths_that_meet_on_some_disk_are_refused(paths: list[str]) -> None:
    with pytest.raises(UnsafePath):
        require_distinct(paths)
