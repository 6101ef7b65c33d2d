"""The benchmarks' office is one that a portal starts on, and what they upload is accepted as people's files are."""

from pathlib import Path

from bench.office import CHUNK, film, local_settings, portal_in
from portal.adapters.content import check_content
from portal.services.start_checks import find_start_problems


def test_a_portal_starts_on_it(tmp_path: Path) -> None:
    with portal_in(local_settings(tmp_path)):
        assert not find_start_problems()


def test_the_film_has_the_wanted_size_and_is_accepted(tmp_path: Path) -> None:
    size = CHUNK + 5
    path = film(tmp_path / "rapat.mp4", size)
    assert path.stat().st_size == size
    with path.open("rb") as stream:
        assert check_content(path.name, stream) == "video/mp4"
